//! Reading what generators write: `null`, and the empty text, where the specification has nothing.
//!
//! Go's reader takes `null` for any field as the field's zero, and Go's writer leaves out zeros of optional fields; a configuration
//! that went through both must mean the same here. Hence `null` is accepted for whatever may be absent, an empty optional text *is*
//! absent, and what equals its default is not written. Required scalars stay required: no `null`, no guess.

use serde::{Deserialize, Deserializer};

/// Reads `null` as the default: for lists, maps, structures and switches.
pub(crate) fn nullable<'de, T, D>(deserializer: D) -> Result<T, D::Error>
where
    T: Deserialize<'de> + Default,
    D: Deserializer<'de>,
{
    Ok(Option::<T>::deserialize(deserializer)?.unwrap_or_default())
}

/// Reads an optional text; an empty one is the same as none.
pub(crate) fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(Option::<String>::deserialize(deserializer)?.filter(|text| !text.is_empty()))
}

/// Whether a field has the value that it has when it is absent.
pub(crate) fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}
