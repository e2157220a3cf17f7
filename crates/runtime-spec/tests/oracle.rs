//! The crate `oci-spec` as oracle: what both read has the same meaning.

#[cfg(test)]
mod change;
#[cfg(test)]
mod corpus;

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;
    use runtime_spec::Spec;
    use serde_json::{Value, json};

    use super::change::change;
    use super::corpus::{CORPUS, value};

    /// A word of the specification, and how the oracle spells it.
    const SPELLED: (&str, &str) = ("SCHED_FLAG_RESET_ON_FORK", "SCHED_RESET_ON_FORK");

    /// What both make of a document; `None` where one of them refuses it.
    fn both(text: &str) -> Option<(Value, Value)> {
        let ours = Spec::parse(text.as_bytes()).ok()?;
        let theirs: oci_spec::runtime::Spec = serde_json::from_str(&text.replace(SPELLED.0, SPELLED.1)).ok()?;
        let theirs = serde_json::to_string(&theirs).unwrap().replace(SPELLED.1, SPELLED.0);
        Some((meaning(serde_json::to_value(ours).unwrap(), ""), meaning(serde_json::from_str(&theirs).unwrap(), "")))
    }

    /// A document without what is the same as absent, and with lists that are sets in order.
    fn meaning(value: Value, name: &str) -> Value {
        match value {
            Value::Object(members) => {
                let members = members.into_iter().map(|(name, value)| {
                    let value = meaning(value, &name);
                    (name, value)
                });
                Value::Object(members.filter(|(name, value)| !is_nothing(value) || name.starts_with("org.")).collect())
            }
            Value::Array(items) => {
                let mut items: Vec<_> = items.into_iter().map(|item| meaning(item, "")).collect();
                // Theirs are sets; ours keep the order and what stands twice, so that a warning can name each.
                if ["bounding", "effective", "inheritable", "permitted", "ambient"].contains(&name) {
                    items.sort_by_key(Value::to_string);
                    items.dedup();
                }
                Value::Array(items)
            }
            other => other,
        }
    }

    fn is_nothing(value: &Value) -> bool {
        value.is_null() || [json!(""), json!([]), json!({}), json!(false), json!(0)].contains(value)
    }

    #[test]
    fn the_corpus_means_the_same() {
        for (name, text) in CORPUS {
            let Some((ours, theirs)) = both(text) else { panic!("{name}: refused") };
            assert_eq!(ours, theirs, "{name}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 4000, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn changed_documents_mean_the_same(
            index in 0..CORPUS.len(),
            changes in vec((any::<usize>(), any::<usize>()), 1..4),
        ) {
            let mut document = value(index);
            for (place, what) in changes {
                change(&mut document, place, what);
            }
            if let Some((ours, theirs)) = both(&document.to_string()) {
                prop_assert_eq!(ours, theirs);
            }
        }
    }
}
