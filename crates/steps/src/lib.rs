//! The shape that every kernel operation of holm has.
//!
//! A container, a control group or a network is a *plan*: an ordered list of [`Step`]s, computed by a pure function. Each step
//! holds one [`Operation`] (data), which can
//!
//! - apply itself to the kernel ([`Operation::apply`]),
//! - read as shell that a person can run ([`Operation::show`], into a [`Script`]),
//! - name itself in an error (its [`Display`](std::fmt::Display) text: "mount proc on /proc").
//!
//! This crate is pure: it knows the shape, not the kernel.

mod operation;
mod script;

pub use operation::{Failure, Operation, Step, apply_all, show_all};
pub use script::{Script, quote};
