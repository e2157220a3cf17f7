//! What holds for every text, and for everything that is a small step away from a good configuration.

#[cfg(test)]
mod change;
#[cfg(test)]
mod corpus;

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;
    use runtime_spec::{Process, Resources, Spec};

    use super::change::change;
    use super::corpus::{CORPUS, value};

    /// Reads, checks, writes and reads again.
    fn check(text: &[u8]) {
        match Spec::parse(text) {
            Err(error) => {
                // Whoever reads the message finds the place, and his terminal stays as it is.
                assert!(
                    error.line <= text.split(|byte| *byte == b'\n').count() && error.column <= text.len(),
                    "{error}"
                );
                assert!(!error.to_string().contains(char::is_control), "{error}");
            }
            Ok(spec) => {
                let validated = spec.validate();
                for finding in validated.clone().unwrap_or_else(|invalid| invalid.problems) {
                    assert!(!finding.path.is_empty() && !finding.problem.is_empty(), "{finding}");
                    assert!(!finding.to_string().contains(char::is_control), "{finding:?}");
                }
                let written = serde_json::to_vec(&spec).unwrap();
                let again = Spec::parse(&written).unwrap();
                assert_eq!(again, spec);
                assert_eq!(again.validate(), validated);
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn any_bytes_are_read_or_refused(text in vec(any::<u8>(), 0..200)) {
            check(&text);
        }

        #[test]
        fn any_json_is_read_or_refused(text in r#"[\[\]{}:,"a-z0-9. \n\\-]{0,80}"#) {
            check(text.as_bytes());
        }

        #[test]
        fn changed_configurations_are_read_or_refused(
            index in 0..CORPUS.len(),
            changes in vec((any::<usize>(), any::<usize>()), 1..6),
        ) {
            let mut document = value(index);
            for (place, what) in changes {
                change(&mut document, place, what);
            }
            check(document.to_string().as_bytes());
        }

        #[test]
        fn cut_and_changed_texts_are_read_or_refused(
            index in 0..CORPUS.len(),
            at in any::<prop::sample::Index>(),
            byte in any::<u8>(),
            cut in any::<bool>(),
        ) {
            let mut text = CORPUS[index].1.as_bytes().to_vec();
            let at = at.index(text.len());
            if cut { text.truncate(at) } else { text[at] = byte }
            check(&text);
        }

        #[test]
        fn parts_are_checked_as_in_the_whole(
            index in 0..CORPUS.len(),
            changes in vec((any::<usize>(), any::<usize>()), 1..4),
        ) {
            let mut document = value(index);
            for (place, what) in changes {
                change(&mut document, place, what);
            }
            let Ok(spec) = Spec::parse(document.to_string().as_bytes()) else { return Ok(()) };
            let whole = spec.validate().err().map(|invalid| invalid.problems).unwrap_or_default();
            let of = |prefix: &str| -> Vec<_> {
                whole.iter().filter_map(|problem| problem.path.strip_prefix(prefix)).map(str::to_owned).collect()
            };
            let paths = |result: Result<_, runtime_spec::Invalid>| -> Vec<_> {
                let problems = result.map(|_: Vec<_>| vec![]).unwrap_or_else(|invalid| invalid.problems);
                problems.into_iter().map(|problem| problem.path).collect()
            };
            if let Some(process) = document.get("process").filter(|process| !process.is_null()) {
                let process = Process::parse(process.to_string().as_bytes()).unwrap();
                prop_assert_eq!(paths(process.validate()), of("process."));
            }
            if let Some(resources) = document.pointer("/linux/resources").filter(|resources| !resources.is_null()) {
                let resources = Resources::parse(resources.to_string().as_bytes()).unwrap();
                prop_assert_eq!(paths(resources.validate()), of("linux.resources."));
            }
        }
    }
}
