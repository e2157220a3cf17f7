//! Plans for hosts that we do not have: computed from facts that are plain data, without root and without touching the kernel.

#[cfg(test)]
mod configurations;
#[cfg(test)]
mod golden;
#[cfg(test)]
mod hosts;
#[cfg(test)]
mod never_panics;
#[cfg(test)]
mod refusals;
#[cfg(test)]
mod warnings;
