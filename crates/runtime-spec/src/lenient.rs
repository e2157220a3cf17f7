//! Reading what generators write: `null` where the specification has nothing.

use serde::{Deserialize, Deserializer};

/// Reads `null` as the default. Generators in Go write it for empty lists, maps and structures.
pub(crate) fn nullable<'de, T, D>(deserializer: D) -> Result<T, D::Error>
where
    T: Deserialize<'de> + Default,
    D: Deserializer<'de>,
{
    Ok(Option::<T>::deserialize(deserializer)?.unwrap_or_default())
}

/// Whether a field has the value that it has when it is absent.
pub(crate) fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}
