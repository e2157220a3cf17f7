//! Limits that are a line or two each: processes, huge pages, network, RDMA, devices, and files of v2 by name.

use super::draft::Draft;
use super::error::{DELEGATION_ADVICE, PlanError};
use super::placement::ClosedHierarchy;
use crate::controller::{Controllers, Version};
use crate::devices::DeviceList;
use crate::devices::DeviceRule;
use crate::file_value::IfMissing;
use crate::limits::Limits;
use crate::operation::GroupOperation;

pub(crate) fn plan_processes(draft: &mut Draft, limit: Option<i64>) -> Result<(), PlanError> {
    let Some(limit) = limit else { return Ok(()) };
    let value = match limit {
        ..0 => "max".to_owned(),
        // As runc since 1.4: systemd has no 0, and 1 forbids a second process just as well.
        0 => "1".to_owned(),
        limit => limit.to_string(),
    };
    let site = draft.site(Controllers::PIDS, "pids.limit")?;
    draft.write(&site, "pids.max", &value, "the number of processes and threads");
    Ok(())
}

pub(crate) fn plan_huge_pages(draft: &mut Draft, limits: &[(String, u64)]) -> Result<(), PlanError> {
    for (page_size, limit) in limits {
        check_page_size(page_size)?;
        let site = draft.site(Controllers::HUGETLB, "hugepageLimits")?;
        let suffix = if site.version == Version::V1 { "limit_in_bytes" } else { "max" };
        draft.write(&site, format!("hugetlb.{page_size}.{suffix}"), limit, "huge pages in use");
        let operation = GroupOperation::Write {
            group: site.directory.clone(),
            file: format!("hugetlb.{page_size}.rsvd.{suffix}").into(),
            values: vec![limit.to_string()],
            // Linux 5.7.
            if_missing: IfMissing::Skip,
        };
        draft.step(operation, "huge pages that are promised, where the kernel counts them");
    }
    Ok(())
}

/// The size is a part of a file's name: it must be nothing else.
fn check_page_size(page_size: &str) -> Result<(), PlanError> {
    let digits = page_size.trim_end_matches(|letter: char| letter.is_ascii_uppercase());
    let fits = !digits.is_empty()
        && digits.bytes().all(|byte| byte.is_ascii_digit())
        && matches!(&page_size[digits.len()..], "KB" | "MB" | "GB");
    if fits {
        return Ok(());
    }
    Err(PlanError::Value {
        what: "hugepageLimits.pageSize".to_owned(),
        value: format!("{page_size:?}"),
        problem: "it is a number with KB, MB or GB, such as 2MB".to_owned(),
    })
}

pub(crate) fn plan_network(draft: &mut Draft, limits: &Limits) -> Result<(), PlanError> {
    let class_id = limits.network_class.filter(|class_id| *class_id != 0);
    let only_v2 =
        draft.placements.iter().all(|placement| placement.version == Version::V2) && !draft.placements.is_empty();
    for (what, given) in
        [("network.classID", class_id.is_some()), ("network.priorities", !limits.network_priorities.is_empty())]
    {
        if given && only_v2 {
            let reason = "cgroup v2 marks no packets; nftables can, by `socket cgroupv2`";
            return Err(PlanError::Unsupported { what, reason });
        }
    }
    if let Some(class_id) = class_id {
        let site = draft.site(Controllers::NET_CLS, "network.classID")?;
        draft.write(&site, "net_cls.classid", class_id, "the class of network packets");
    }
    if !limits.network_priorities.is_empty() {
        let site = draft.site(Controllers::NET_PRIO, "network.priorities")?;
        let values = limits.network_priorities.iter().map(|(name, priority)| format!("{name} {priority}")).collect();
        draft.write_all(&site, "net_prio.ifpriomap", values, "the priority of network packets on each interface");
    }
    Ok(())
}

pub(crate) fn plan_rdma(draft: &mut Draft, limits: &Limits) -> Result<(), PlanError> {
    if limits.rdma.is_empty() {
        return Ok(());
    }
    let site = draft.site(Controllers::RDMA, "rdma")?;
    let values = limits.rdma.iter().map(|(device, handles, objects)| {
        let mut value = device.clone();
        for (key, number) in [("hca_handle", handles), ("hca_object", objects)] {
            if let Some(number) = number {
                value.push_str(&format!(" {key}={number}"));
            }
        }
        value
    });
    draft.write_all(&site, "rdma.max", values.collect(), "remote direct memory access");
    Ok(())
}

/// Devices are v1's where it controls them, else v2's, by a program.
pub(crate) fn plan_devices(draft: &mut Draft, rules: &[DeviceRule]) -> Result<(), PlanError> {
    let devices = DeviceList::from_rules(rules)?;
    let unified = draft.placements.iter().find(|placement| placement.version == Version::V2);
    if let Some(placement) = unified.filter(|_| !has_devices(draft)) {
        let group = placement.directory.clone();
        draft.step(GroupOperation::AttachDeviceProgram { group, devices }, "the devices that may be used");
        return Ok(());
    }
    if let (None, Some(closed)) = (unified, closed_unified(draft).filter(|_| !has_devices(draft))) {
        return Err(PlanError::Closed { what: "devices".to_owned(), problem: closed.problem.clone(), advice: "" });
    }
    let site = draft.site(Controllers::DEVICES, "devices")?;
    let mut values = devices.v1_values().into_iter().peekable();
    while let Some((file, value)) = values.next() {
        let mut together = vec![value];
        while let Some((_, value)) = values.next_if(|(next, _)| *next == file) {
            together.push(value);
        }
        let why =
            if file == "devices.deny" { "no device but those that follow" } else { "the devices that may be used" };
        draft.write_all(&site, file, together, why);
    }
    Ok(())
}

/// A closed v1 hierarchy counts: its rules would hold beside any program's.
fn has_devices(draft: &Draft) -> bool {
    draft.placements.iter().any(|placement| placement.controllers.contains(Controllers::DEVICES))
        || draft.closed.iter().any(|closed| closed.controllers.contains(Controllers::DEVICES))
}

fn closed_unified(draft: &Draft) -> Option<&ClosedHierarchy> {
    draft.closed.iter().find(|closed| closed.version == Version::V2)
}

fn no_group(draft: &Draft) -> String {
    closed_unified(draft).map_or("no control groups are mounted".to_owned(), |closed| closed.problem.clone())
}

/// Files of v2 by name, after all else, so that they win.
pub(crate) fn plan_unified(draft: &mut Draft, limits: &Limits) -> Result<(), PlanError> {
    if limits.unified.is_empty() {
        return Ok(());
    }
    let only_v2 = draft.placements.iter().all(|placement| placement.version == Version::V2)
        && draft.closed.iter().all(|closed| closed.version == Version::V2);
    if !only_v2 {
        return Err(PlanError::Unsupported {
            what: "unified",
            reason: "it is for hosts with cgroup v2 alone; this one has v1",
        });
    }
    for (file, value) in &limits.unified {
        let refuse = |problem: &str| PlanError::Value {
            what: "the key of unified".to_owned(),
            value: format!("{file:?}"),
            problem: problem.to_owned(),
        };
        if file.contains('/') {
            return Err(refuse("it is a file name, without a slash"));
        }
        let (prefix, _) = file.split_once('.').ok_or_else(|| refuse("it has the form CONTROLLER.PARAMETER"))?;
        let what = format!("unified.{file}");
        // The core's own files, and those of controllers that this program does not know, need nothing enabled.
        let group = match Controllers::by_name(prefix) {
            Some(controller) => draft.site(controller, &what)?.directory,
            None => match draft.placements.first() {
                Some(placement) => placement.directory.clone(),
                None => return Err(PlanError::Closed { what, problem: no_group(draft), advice: DELEGATION_ADVICE }),
            },
        };
        let values = value.lines().map(str::to_owned).collect();
        let operation =
            GroupOperation::Write { group, file: file.clone().into(), values, if_missing: IfMissing::Refuse };
        draft.step(operation, "asked for by its name");
    }
    Ok(())
}
