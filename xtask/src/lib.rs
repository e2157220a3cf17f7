//! The checks of the workspace on itself, shared by `cargo xtask tidy` and the test that runs them.

pub mod tidy;
