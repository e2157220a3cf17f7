//! What is passed over, and said: nothing that a configuration asks for disappears in silence.

use std::path::Path;

use runtime::{HostFacts, Options, Preparation, Request};
use runtime_spec::Spec;
use serde_json::{Value, json};

use crate::configurations::{rootless, sources, usual, without_limits};
use crate::hosts;

#[track_caller]
fn check(facts: &HostFacts, config: &Value, expected: &[&str]) {
    let spec = Spec::parse(config.to_string().as_bytes()).unwrap();
    let request = Request { id: "web", bundle: Path::new("bundle"), spec: &spec, options: Options::default() };
    let plan = runtime::plan(&request, facts, &sources()).unwrap();
    let found = |part: &&str| plan.warnings.iter().any(|warning| warning.contains(*part));
    assert!(plan.warnings.len() == expected.len() && expected.iter().all(found), "{:#?}", plan.warnings);
    let script = runtime::plan(&request, facts, &sources()).unwrap().script(&request, &Preparation::default());
    assert_eq!(script.matches("# warning: ").count(), expected.len(), "{script}");
}

#[test]
fn the_usual_container_has_none() {
    check(&hosts::root_on_unified(), &usual(), &[]);
    check(&hosts::root_on_old_hybrid(), &usual(), &[]);
    check(&hosts::root_on_legacy(), &usual(), &[]);
}

#[test]
fn capabilities() {
    let mut config = usual();
    config["process"]["capabilities"] = json!({
        "bounding": ["CAP_KILL", "CAP_FLYING", "CAP_CHECKPOINT_RESTORE"], "ambient": ["CAP_KILL"]
    });
    check(
        &hosts::root_on_old_hybrid(),
        &config,
        &[
            "process.capabilities.bounding[1] is \"CAP_FLYING\"",
            "process.capabilities.bounding: this kernel does not know CAP_CHECKPOINT_RESTORE",
            "process.capabilities.ambient: CAP_KILL is not to be had",
        ],
    );
}

#[test]
fn options_of_mounts() {
    let mut config = usual();
    config["mounts"].as_array_mut().unwrap().extend([
        json!({ "destination": "/a", "type": "bind", "source": "/var/data", "options": ["bind", "size=1m"] }),
        json!({ "destination": "b", "type": "tmpfs", "options": ["mand"] }),
    ]);
    check(
        &hosts::root_on_unified(),
        &config,
        &["mounts[7].options: size=1m has no effect", "mounts[8].destination", "mounts[8].options: mand has no effect"],
    );
}

#[test]
fn control_groups() {
    let config = without_limits(usual());
    check(
        &hosts::root_without_groups(),
        &config,
        &["linux.cgroupsPath \"/holm/web\" has no effect: no control groups are mounted"],
    );
    check(
        &hosts::user_with_delegation(),
        &without_limits(rootless(&[(0, 1000, 1)])),
        &["linux.cgroupsPath \"/holm/web\" is taken from the own group on"],
    );
}
