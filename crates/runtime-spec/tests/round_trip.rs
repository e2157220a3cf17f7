//! What is read is written again, and nothing is lost or made up on the way.

#[cfg(test)]
mod corpus;

#[cfg(test)]
mod tests {
    use runtime_spec::{ContainerProcessState, Features, Spec, State, Status};
    use serde::Serialize;
    use serde::de::DeserializeOwned;
    use serde_json::{Value, json};

    use super::corpus::{self, CORPUS};

    #[test]
    fn every_member_is_known_by_its_name() {
        let document = corpus::value(0);
        let spec = Spec::parse(CORPUS[0].1.as_bytes()).unwrap();
        let mut written = serde_json::to_value(&spec).unwrap();
        // These are as without them; they are not written, or written all the same where absent and 0 differ.
        assert_eq!(written.pointer("/linux/resources/memory/disableOOMKiller"), Some(&json!(false)));
        assert_eq!(written, document);
        // Nothing of it is refused or warned about.
        assert_eq!(spec.validate(), Ok(vec![]));
        let members = written.as_object_mut().unwrap();
        members.retain(|name, _| name == "ociVersion");
        assert_eq!(serde_json::from_value::<Spec>(written).unwrap().oci_version, "1.3.0");
    }

    #[test]
    fn the_corpus_is_valid_and_survives() {
        for (index, (name, text)) in CORPUS.iter().enumerate() {
            let spec = Spec::parse(text.as_bytes()).unwrap_or_else(|error| panic!("{name}: {error}"));
            assert_eq!(spec.validate(), Ok(vec![]), "{name}");
            let written = serde_json::to_vec(&spec).unwrap();
            assert_eq!(Spec::parse(&written).unwrap(), spec, "{name}");
            assert_eq!(serde_json::to_value(&spec).unwrap(), without_nothing(corpus::value(index)), "{name}");
        }
    }

    /// A document without what is the same as absent: `null`, empty texts and lists, a switch that is off.
    fn without_nothing(value: Value) -> Value {
        match value {
            Value::Object(members) => {
                let members = members.into_iter().filter(|(name, value)| {
                    let empty = value.is_null() || *value == json!([]) || *value == json!("");
                    // An empty object of hooks stays an object; an annotation may be empty.
                    !empty || name.starts_with("org.")
                });
                Value::Object(members.map(|(name, value)| (name, without_nothing(value))).collect())
            }
            Value::Array(items) => Value::Array(items.into_iter().map(without_nothing).collect()),
            other => other,
        }
    }

    #[test]
    fn unknown_members_are_passed_over_everywhere() {
        for (index, (name, text)) in CORPUS.iter().enumerate() {
            let mut strange = corpus::value(index);
            add_strangers(&mut strange, "");
            let spec = Spec::parse(strange.to_string().as_bytes()).unwrap_or_else(|error| panic!("{name}: {error}"));
            assert_eq!(spec, Spec::parse(text.as_bytes()).unwrap(), "{name}");
            assert!(!serde_json::to_string(&spec).unwrap().contains("stranger"), "{name}: not kept");
        }
    }

    /// Into every object but those whose names are data.
    fn add_strangers(value: &mut Value, name: &str) {
        match value {
            Value::Object(members) => {
                for (name, value) in members.iter_mut() {
                    add_strangers(value, name);
                }
                if !["annotations", "sysctl", "unified", "rdma", "netDevices", "timeOffsets"].contains(&name) {
                    members.insert("stranger".to_owned(), json!({ "of": ["a", "newer", "version"] }));
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|item| add_strangers(item, "")),
            _ => {}
        }
    }

    /// The same document is read and written again.
    fn check<T: Serialize + DeserializeOwned>(document: &Value) {
        let read: T = serde_json::from_value(document.clone()).unwrap();
        assert_eq!(&serde_json::to_value(&read).unwrap(), document);
    }

    #[test]
    fn other_documents_survive() {
        let state = json!({
            "ociVersion": "1.3.0", "id": "web", "status": "running", "pid": 4422, "bundle": "/containers/web",
            "annotations": { "a": "" },
        });
        check::<State>(&state);
        check::<State>(&json!({ "ociVersion": "1.3.0", "id": "web", "status": "stopped", "bundle": "/b" }));
        check::<ContainerProcessState>(&json!({
            "ociVersion": "1.3.0", "fds": ["seccompFd"], "pid": 4422, "metadata": "a=b", "state": state,
        }));
        check::<Features>(&json!({ "ociVersionMin": "1.0.0", "ociVersionMax": "1.3.0" }));
        check::<Features>(&features());
        // What the specification keeps apart: nothing known, and nothing there.
        let features =
            json!({ "ociVersionMin": "1.0.0", "ociVersionMax": "1.3.0", "hooks": [], "linux": { "namespaces": [] } });
        check::<Features>(&features);
    }

    fn features() -> Value {
        json!({
            "ociVersionMin": "1.0.0",
            "ociVersionMax": "1.3.0",
            "hooks": ["prestart", "createRuntime", "createContainer", "startContainer", "poststart", "poststop"],
            "mountOptions": ["bind", "ro"],
            "linux": {
                "namespaces": ["cgroup", "ipc", "mount"],
                "capabilities": ["CAP_CHOWN"],
                "cgroup": { "v1": true, "v2": true, "systemd": false, "systemdUser": false, "rdma": true },
                "seccomp": {
                    "enabled": true,
                    "actions": ["SCMP_ACT_ALLOW"],
                    "operators": ["SCMP_CMP_EQ"],
                    "archs": ["SCMP_ARCH_X86_64"],
                    "knownFlags": ["SECCOMP_FILTER_FLAG_LOG"],
                    "supportedFlags": ["SECCOMP_FILTER_FLAG_LOG"],
                },
                "apparmor": { "enabled": true },
                "selinux": { "enabled": false },
                "intelRdt": { "enabled": true, "schemata": true, "monitoring": false },
                "memoryPolicy": { "modes": ["MPOL_BIND"], "flags": ["MPOL_F_STATIC_NODES"] },
                "mountExtensions": { "idmap": { "enabled": true } },
                "netDevices": { "enabled": true },
            },
            "annotations": { "org.example": "" },
            "potentiallyUnsafeConfigAnnotations": ["com.example.", "org.example.one"],
        })
    }

    #[test]
    fn errors_of_other_documents_say_where() {
        let error = State::parse(br#"{"ociVersion":"1.0.0","id":"a","status":7,"bundle":"/"}"#).unwrap_err();
        assert_eq!((error.path.as_str(), error.line, error.column), ("status", 1, 41));
        let error = Features::parse(b"{\"ociVersionMin\":\"\",\"ociVersionMax\":\"\",\n\"hooks\":[1]}").unwrap_err();
        assert_eq!((error.path.as_str(), error.line), ("hooks[0]", 2));
        let error = ContainerProcessState::parse(br#"{"ociVersion":"","pid":1,"state":{"id":1}}"#).unwrap_err();
        assert_eq!(error.path, "state.id");
        assert_eq!(Status::from_name("stopped"), Status::Stopped);
    }
}
