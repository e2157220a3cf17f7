//! A plan in the making: the places that a group has, and the steps so far.

use std::borrow::Cow;
use std::path::PathBuf;

use steps::Step;

use super::error::{DELEGATION_ADVICE, PlanError};
use super::placement::{ClosedHierarchy, Placement};
use crate::controller::{Controllers, Version};
use crate::file_value::{FileValue, IfMissing};
use crate::operation::GroupOperation;

/// A plan in the making.
#[derive(Debug)]
pub(crate) struct Draft {
    pub(crate) placements: Vec<Placement>,
    pub(crate) closed: Vec<ClosedHierarchy>,
    pub(crate) rootless: bool,
    /// Controllers that some limit needs.
    pub(crate) required: Controllers,
    pub(crate) limits: Vec<Step<GroupOperation>>,
    pub(crate) warnings: Vec<String>,
}

/// Where one controller's files are.
#[derive(Debug, Clone)]
pub(crate) struct Site {
    pub(crate) version: Version,
    pub(crate) directory: PathBuf,
    pub(crate) no_prefix: bool,
}

impl Draft {
    pub(crate) fn new(placements: Vec<Placement>, closed: Vec<ClosedHierarchy>, rootless: bool) -> Self {
        Self { placements, closed, rootless, required: Controllers::empty(), limits: Vec::new(), warnings: Vec::new() }
    }

    /// The place of a controller, which `what` needs from now on.
    pub(crate) fn site(&mut self, controller: Controllers, what: &str) -> Result<Site, PlanError> {
        let Some(placement) = self.placements.iter().find(|placement| placement.controllers.contains(controller))
        else {
            return Err(self.missing(controller, what));
        };
        self.required |= controller;
        Ok(Site { version: placement.version, directory: placement.directory.clone(), no_prefix: placement.no_prefix })
    }

    fn missing(&self, controller: Controllers, what: &str) -> PlanError {
        let what = what.to_owned();
        let advice = if self.rootless { DELEGATION_ADVICE } else { "" };
        if let Some(closed) = self.closed.iter().find(|closed| closed.controllers.contains(controller)) {
            return PlanError::Closed { what, problem: closed.problem.clone(), advice };
        }
        // On a host with v2 alone, that is the hierarchy to name.
        if let [placement] = &self.placements[..]
            && placement.version == Version::V2
        {
            return PlanError::NotOffered {
                what,
                controller: name(controller, Version::V2),
                hierarchy: format!("{}, below {},", placement.hierarchy, placement.top.display()),
                available: placement.controllers.names(Version::V2).collect::<Vec<_>>().join(", "),
                advice,
            };
        }
        let only_v2 = self.placements.iter().all(|placement| placement.version == Version::V2)
            && self.closed.iter().all(|closed| closed.version == Version::V2);
        let available = self.placements.iter().fold(Controllers::empty(), |all, placement| all | placement.controllers);
        let available = self.closed.iter().fold(available, |all, closed| all | closed.controllers);
        PlanError::NoController {
            what,
            controller: name(controller, if only_v2 { Version::V2 } else { Version::V1 }),
            available: available.to_string(),
        }
    }

    pub(crate) fn step(&mut self, operation: GroupOperation, why: impl Into<Cow<'static, str>>) {
        self.limits.push(Step::new(operation, why));
    }

    /// One value into one file.
    pub(crate) fn write(
        &mut self,
        site: &Site,
        file: impl Into<Cow<'static, str>>,
        value: impl ToString + Copy,
        why: impl Into<Cow<'static, str>>,
    ) {
        self.write_all(site, file, vec![value.to_string()], why);
    }

    /// Several values into one file; none makes no step.
    pub(crate) fn write_all(
        &mut self,
        site: &Site,
        file: impl Into<Cow<'static, str>>,
        values: Vec<String>,
        why: impl Into<Cow<'static, str>>,
    ) {
        if !values.is_empty() {
            let (group, file, if_missing) = (site.directory.clone(), file.into(), IfMissing::Refuse);
            self.step(GroupOperation::Write { group, file, values, if_missing }, why);
        }
    }

    /// Values that the kernel checks against each other; one alone is a plain write.
    pub(crate) fn write_together(&mut self, site: &Site, mut writes: Vec<FileValue>, why: &'static str) {
        let group = site.directory.clone();
        if writes.len() > 1 {
            self.step(GroupOperation::WriteTogether { group, writes }, why);
        } else if let Some(FileValue { file, value, if_missing }) = writes.pop() {
            self.step(GroupOperation::Write { group, file, values: vec![value], if_missing }, why);
        }
    }
}

fn name(controller: Controllers, version: Version) -> &'static str {
    controller.names(version).next().unwrap_or("?")
}
