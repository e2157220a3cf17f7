//! Names for what nobody has named.

use linux::Named as _;

use crate::error::Error;

/// Twelve hexadecimal digits that nobody else has.
///
/// # Errors
/// `ENOSYS` in a kernel without a source of randomness.
pub(crate) fn random_name() -> Result<String, Error> {
    let mut bytes = [0_u8; 6];
    rustix::rand::getrandom(&mut bytes, rustix::rand::GetRandomFlags::empty())
        .named(|| "getrandom(6)".to_owned())
        .map_err(Error::call("make a name"))?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_differ() {
        let (one, other) = (random_name().unwrap(), random_name().unwrap());
        assert!(one != other && one.len() == 12);
    }
}
