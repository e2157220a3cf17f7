//! Which devices a group may use: rules, what they come to, and the program that decides so.

mod list;
mod program;
mod rule;

pub use list::{DeviceException, DeviceHole, DeviceList};
pub use program::compile;
pub use rule::{DeviceAccess, DeviceKind, DeviceRule};
