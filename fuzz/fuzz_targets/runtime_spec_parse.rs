//! Any text is read or refused; what is read is written and read again without a change.

#![no_main]

use libfuzzer_sys::fuzz_target;
use runtime_spec::{ContainerProcessState, Features, Process, Resources, Spec, State};

fuzz_target!(|text: &[u8]| {
    match Spec::parse(text) {
        Ok(spec) => {
            let validated = spec.validate();
            let written = serde_json::to_vec(&spec).expect("it is plain data");
            let again = Spec::parse(&written).expect("what is written can be read");
            assert_eq!(again, spec);
            assert_eq!(again.validate(), validated);
            for finding in validated.unwrap_or_else(|invalid| invalid.problems) {
                assert!(!finding.path.is_empty() && !finding.to_string().contains(char::is_control), "{finding:?}");
            }
        }
        Err(error) => assert!(!error.to_string().contains(char::is_control), "{error:?}"),
    }
    if let Ok(process) = Process::parse(text) {
        let _validated = process.validate();
    }
    if let Ok(resources) = Resources::parse(text) {
        let _validated = resources.validate();
    }
    if let Ok(state) = State::parse(text) {
        let written = serde_json::to_vec(&state).expect("it is plain data");
        assert_eq!(State::parse(&written), Ok(state));
    }
    if let Ok(features) = Features::parse(text) {
        let written = serde_json::to_vec(&features).expect("it is plain data");
        assert_eq!(Features::parse(&written), Ok(features));
    }
    let _read = ContainerProcessState::parse(text);
});
