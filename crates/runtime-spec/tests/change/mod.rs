//! Small changes to documents.

use serde_json::{Value, json};

/// Changes one place of a document; both numbers choose among what there is.
pub(crate) fn change(document: &mut Value, place: usize, what: usize) {
    let mut places = Vec::new();
    list(document, &mut Vec::new(), &mut places);
    let path = &places[place % places.len()];
    let (last, outer) = path.split_last().unwrap();
    let Some(container) = outer.iter().try_fold(document, |value, step| step_into(value, step)) else { return };
    let new = [
        Value::Null,
        json!(""),
        json!("a\0b"),
        json!("/"),
        json!("relative"),
        json!(0),
        json!(-1),
        json!(u32::MAX),
        json!(u64::MAX),
        json!(i64::MIN),
        json!(1.5),
        json!([]),
        json!({}),
        json!(true),
        json!([""]),
    ];
    match (container, what % (new.len() + 3)) {
        (Value::Object(members), choice) if choice == new.len() => drop(members.remove(last)),
        (Value::Object(members), choice) if choice == new.len() + 1 => {
            let value = members.remove(last).unwrap_or_default();
            members.insert(format!("{last}\u{1b}x"), value);
        }
        (Value::Array(items), choice) if choice == new.len() => drop(items.remove(last.parse().unwrap())),
        (Value::Array(items), choice) if choice == new.len() + 1 => {
            items.push(items[last.parse::<usize>().unwrap()].clone());
        }
        (Value::Array(items), choice) if choice == new.len() + 2 => items.reverse(),
        (container, choice) => {
            if let (Some(place), Some(value)) = (step_into(container, last), new.get(choice)) {
                *place = value.clone();
            }
        }
    }
}

fn list(value: &Value, path: &mut Vec<String>, places: &mut Vec<Vec<String>>) {
    let members: Vec<(String, &Value)> = match value {
        Value::Object(members) => members.iter().map(|(name, value)| (name.clone(), value)).collect(),
        Value::Array(items) => items.iter().enumerate().map(|(index, value)| (index.to_string(), value)).collect(),
        _ => return,
    };
    for (step, value) in members {
        path.push(step);
        places.push(path.clone());
        list(value, path, places);
        path.pop();
    }
}

fn step_into<'a>(value: &'a mut Value, step: &str) -> Option<&'a mut Value> {
    match value {
        Value::Object(members) => members.get_mut(step),
        Value::Array(items) => items.get_mut(step.parse::<usize>().ok()?),
        _ => None,
    }
}
