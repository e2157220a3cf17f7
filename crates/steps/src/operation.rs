//! An operation, the step that places it in a plan, and the failure that names it.

use std::borrow::Cow;
use std::fmt;

use crate::Script;

/// One kernel operation as data: it can be applied, read as shell, and named.
///
/// Its `Display` text completes the sentence "could not …", in the infinitive and without a full stop: `mount proc on /proc`.
pub trait Operation: fmt::Display {
    /// What the operation needs besides its own data: open descriptors, the process that it works for.
    type Context;
    /// The failure of the kernel call, with its arguments and errno.
    type Error;

    /// Does it.
    ///
    /// # Errors
    /// The kernel call that refused.
    fn apply(&self, context: &mut Self::Context) -> Result<(), Self::Error>;

    /// Writes the shell commands that do the same.
    fn show(&self, script: &mut Script);
}

/// An operation at its place in a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step<O> {
    /// What is done.
    pub operation: O,
    /// Why it is done here and not earlier or later: the comment above it in the script.
    pub why: Cow<'static, str>,
}

impl<O> Step<O> {
    /// A step and the reason why it stands where it stands.
    pub fn new(operation: impl Into<O>, why: impl Into<Cow<'static, str>>) -> Self {
        Self { operation: operation.into(), why: why.into() }
    }

    /// The same step, its operation wrapped into that of a larger plan.
    pub fn map<P>(self, wrap: impl FnOnce(O) -> P) -> Step<P> {
        Step { operation: wrap(self.operation), why: self.why }
    }
}

/// The step that failed, and the call that the kernel refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure<E> {
    /// What was tried, as the operation names itself.
    pub step: String,
    /// The kernel's refusal.
    pub cause: E,
}

impl<E> fmt::Display for Failure<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "could not {}", self.step)
    }
}

impl<E: std::error::Error + 'static> std::error::Error for Failure<E> {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.cause)
    }
}

/// Applies the steps in their order and stops at the first that fails.
///
/// # Errors
/// The step that failed.
pub fn apply_all<O: Operation>(steps: &[Step<O>], context: &mut O::Context) -> Result<(), Failure<O::Error>> {
    for step in steps {
        step.operation.apply(context).map_err(|cause| Failure { step: step.operation.to_string(), cause })?;
    }
    Ok(())
}

/// Writes the steps as shell, each below the reason for its place.
pub fn show_all<O: Operation>(steps: &[Step<O>], script: &mut Script) {
    for step in steps {
        script.comment(&step.why);
        step.operation.show(script);
    }
}
