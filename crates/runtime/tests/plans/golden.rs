//! The whole plan and its script for each host, compared with texts in `golden/`.
//!
//! After a wanted change: `INSTA_UPDATE=always cargo test -p runtime --test plans`, and read the difference.

use std::fmt::Write as _;
use std::path::Path;

use runtime::{HostFacts, Options, Overlay, Preparation, Request};
use runtime_spec::Spec;
use serde_json::Value;

use crate::configurations::{rootless, sources, usual, with_user_namespace, without_limits};
use crate::hosts;

#[track_caller]
fn check(name: &str, facts: &HostFacts, config: &Value, options: Options) {
    let spec = Spec::parse(config.to_string().as_bytes()).unwrap();
    let request = Request { id: "web", bundle: Path::new("bundle"), spec: &spec, options };
    let plan = runtime::plan(&request, facts, &sources()).unwrap_or_else(|error| panic!("{name}: {error:?}"));
    let mut text = String::new();
    for (heading, lines) in [("warnings", plan.warnings.clone()), ("outline", plan.outline())] {
        writeln!(text, "=== {heading}\n{}", lines.join("\n")).unwrap();
    }
    write!(
        text,
        "=== script\n{}",
        runtime::plan(&request, facts, &sources()).unwrap().script(&request, &Preparation::default())
    )
    .unwrap();
    insta::with_settings!({ snapshot_path => "golden", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!(name, text);
    });
}

#[test]
fn root_on_v2() {
    check("root_on_v2", &hosts::root_on_unified(), &usual(), Options::default());
}

#[test]
fn a_user_with_a_delegated_group_and_ranges_of_ids() {
    let config = rootless(&[(0, 1000, 1), (1, 100_000, 65_536)]);
    check("user_with_delegation", &hosts::user_with_delegation(), &config, Options::default());
}

#[test]
fn a_user_without_a_group_and_with_one_id() {
    let config = without_limits(rootless(&[(0, 1000, 1)]));
    check("user_without_delegation", &hosts::user_without_delegation(), &config, Options::default());
}

#[test]
fn root_on_linux_5_10_with_both_versions_of_control_groups() {
    check("root_on_old_hybrid", &hosts::root_on_old_hybrid(), &usual(), Options::default());
}

#[test]
fn root_on_v1_with_controllers_mounted_together() {
    check("root_on_v1", &hosts::root_on_legacy(), &usual(), Options::default());
}

#[test]
fn root_without_control_groups() {
    check("root_without_groups", &hosts::root_without_groups(), &without_limits(usual()), Options::default());
}

#[test]
fn a_private_user_namespace_over_id_mapped_layers() {
    let overlay = Overlay {
        destination: "/usr".to_owned(),
        lower: vec!["/layers/b".into(), "/layers/a".into()],
        upper: "/holm/web/changes/upper".into(),
        work: "/holm/web/changes/work".into(),
        id_mapped: true,
        user_attributes: true,
    };
    let options = Options { id_mapped_root: true, overlays: vec![overlay], no_pivot: true, ..Options::default() };
    let config = with_user_namespace(usual(), &[(0, 200_000, 65_536)]);
    check("root_with_id_maps", &hosts::root_on_unified(), &config, options);
}
