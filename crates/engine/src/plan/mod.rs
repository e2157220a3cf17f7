//! From a request and the facts to the files that are the container's own and to a configuration for the runtime. Pure.

mod assemble;
mod closed_paths;
mod configuration_text;
mod ids;
mod limits;
mod mounts;
mod process;
mod root;
#[cfg(test)]
mod tests;

pub(crate) use assemble::{ContainerPlan, Reserved, plan};
pub(crate) use ids::needs_id_range;
