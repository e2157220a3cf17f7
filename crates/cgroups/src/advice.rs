//! What to do when the kernel refuses an operation.

use linux::Error;
use rustix::io::Errno;

use crate::controller::Version;
use crate::file_value::FileValue;
use crate::operation::GroupOperation;

/// What a person can do about this failure of the operation, when that is known.
#[must_use]
pub fn advice(operation: &GroupOperation, cause: &Error) -> Option<String> {
    let errno = cause.errno();
    match operation {
        GroupOperation::MakeDirectory { group, mount_point } => making(group, mount_point, errno),
        GroupOperation::InheritCpuset { .. } => (errno == Errno::NOSPC || errno == Errno::INVAL)
            .then(|| "the cpusets above have no processors or memory nodes to inherit".to_owned()),
        GroupOperation::MoveProcesses { from, .. } => matches!(errno, Errno::ACCESS | Errno::PERM).then(|| {
            format!(
                "{} has processes of somebody else; start holm in a scope of its own with `systemd-run --user --scope \
                 -p Delegate=yes -- COMMAND`",
                from.display()
            )
        }),
        GroupOperation::EnableControllers { top, required, .. } => {
            let names = required.names(Version::V2).collect::<Vec<_>>().join(" ");
            match errno {
                Errno::BUSY => Some(format!(
                    "a group between {} and the new one has processes of its own, and so cannot give controllers to others; \
                     they must move into a group below it",
                    top.display()
                )),
                Errno::ACCESS | Errno::PERM | Errno::NOENT => Some(format!(
                    "the controllers `{names}` are not delegated; let root write `[Service]` and `Delegate={names}` into \
                     /etc/systemd/system/user@.service.d/delegate.conf, and start holm in a scope with `systemd-run --user \
                     --scope -p Delegate=yes -- COMMAND`"
                )),
                Errno::OPNOTSUPP => {
                    Some("a group above is threaded, and can have no controllers of memory or devices".to_owned())
                }
                _ => None,
            }
        }
        GroupOperation::Delegate { .. } => None,
        GroupOperation::Write { file, values, .. } => writing(file, values.first().map_or("", String::as_str), errno),
        GroupOperation::WriteFirst { choices, .. } => choices.last().and_then(|choice| writing(&choice.file, &choice.value, errno)),
        GroupOperation::WriteTogether { writes, .. } => {
            // The one whose name stands in the call that failed.
            let failed = |write: &&FileValue| cause.call().contains(write.file.as_ref());
            writes.iter().find(failed).and_then(|write| writing(&write.file, &write.value, errno))
        }
        GroupOperation::CheckUsage { .. } => Some("choose a higher limit, or let the processes give memory back first".to_owned()),
        GroupOperation::AttachDeviceProgram { .. } => match errno {
            Errno::PERM | Errno::ACCESS => Some(
                "device rules of cgroup v2 are BPF programs, which only root of the host may load; in a user namespace \
                 there is no need for them"
                    .to_owned(),
            ),
            Errno::NOSYS | Errno::INVAL => {
                Some("device rules of cgroup v2 need a kernel with CONFIG_CGROUP_BPF".to_owned())
            }
            _ => None,
        },
    }
}

fn making(group: &std::path::Path, mount_point: &std::path::Path, errno: Errno) -> Option<String> {
    match errno {
        Errno::EXIST => Some(format!(
            "another container has this group, or its processes still run: see {}; choose another linux.cgroupsPath, or end them",
            group.join("cgroup.procs").display()
        )),
        Errno::ACCESS | Errno::PERM => Some(
            "this user may make no groups there; without linux.cgroupsPath the group goes where the user may, if anywhere: start \
             holm with `systemd-run --user --scope -p Delegate=yes -- COMMAND`"
                .to_owned(),
        ),
        Errno::ROFS => Some(format!("{} is mounted read-only", mount_point.display())),
        Errno::NOSPC | Errno::AGAIN => Some(
            "a limit on the number of groups is reached: see cgroup.max.descendants and cgroup.max.depth of the groups above"
                .to_owned(),
        ),
        _ => None,
    }
}

fn writing(file: &str, value: &str, errno: Errno) -> Option<String> {
    let text = match (file, errno) {
        ("memory.limit_in_bytes" | "memory.max" | "memory.memsw.limit_in_bytes", Errno::BUSY) => {
            "the group uses more than that already, and it could not be freed: choose a higher limit"
        }
        ("memory.limit_in_bytes" | "memory.memsw.limit_in_bytes", Errno::INVAL) => {
            "memory and swap together (memory.swap) must not be less than memory alone (memory.limit)"
        }
        ("memory.memsw.limit_in_bytes" | "memory.swap.max", Errno::NOENT) => {
            "this kernel does not count swap: boot it with `swapaccount=1`, or leave memory.swap out"
        }
        ("cpuset.cpus" | "cpus", Errno::ACCESS | Errno::INVAL | Errno::NOSPC | Errno::RANGE) => {
            "the processors must be present and allowed to the groups above: see cpuset.cpus there"
        }
        ("cpuset.mems" | "mems", Errno::ACCESS | Errno::INVAL | Errno::NOSPC | Errno::RANGE) => {
            "the memory nodes must be present and allowed to the groups above: see cpuset.mems there"
        }
        ("cpu.cfs_quota_us" | "cpu.cfs_period_us" | "cpu.max" | "cpu.cfs_burst_us" | "cpu.max.burst", Errno::INVAL) => {
            "a period goes from 1000 to 1000000 µs, a quota begins at 1000 µs, a burst is not above the quota, and on cgroup v1 the \
             share of time is not above that of the groups above"
        }
        ("cpu.rt_runtime_us" | "cpu.rt_period_us", Errno::NOENT) => {
            "this kernel does not divide real-time scheduling among groups (CONFIG_RT_GROUP_SCHED)"
        }
        ("cpu.rt_runtime_us" | "cpu.rt_period_us", Errno::INVAL) => {
            "the groups above must have as much real-time scheduling to give: see cpu.rt_runtime_us there"
        }
        ("cpu.idle" | "cpu.cfs_burst_us" | "cpu.max.burst", Errno::NOENT) => "this needs a newer kernel (5.15)",
        ("cpu.shares" | "cpu.weight", Errno::INVAL) => "a group with cpu.idle = 1 has no weight of its own",
        (file, Errno::NOENT) if file.contains("bfq") || file.ends_with(".weight") || file.contains("weight_device") => {
            "no scheduler of block devices with weights is there: `modprobe bfq`, and choose it with `echo bfq > \
             /sys/block/DEVICE/queue/scheduler`, or leave blockIO.weight out"
        }
        (file, Errno::OPNOTSUPP | Errno::INVAL) if file.contains("bfq") || file == "io.weight" => {
            "the device does not use a scheduler with weights: `echo bfq > /sys/block/DEVICE/queue/scheduler`"
        }
        (file, Errno::NODEV | Errno::NXIO) if file.starts_with("blkio.") || file.starts_with("io.") => {
            return Some(format!(
                "there is no block device {}; partitions cannot be limited, only whole devices",
                first_word(value)
            ));
        }
        (file, Errno::NOENT) if file.starts_with("hugetlb.") => {
            "this kernel has no huge pages of that size: see /sys/kernel/mm/hugepages"
        }
        ("net_prio.ifpriomap", Errno::NODEV) => {
            return Some(format!("there is no interface {} in this network namespace", first_word(value)));
        }
        ("devices.allow", Errno::PERM) => {
            "the groups above deny some of these devices: see devices.list there; inside of a container only what it has itself can \
             be allowed"
        }
        ("devices.allow" | "devices.deny", Errno::INVAL) => {
            "the group has children, and so its general rule cannot change"
        }
        (_, Errno::NOENT) => "this kernel has no such limit, or its controller is not enabled in this group",
        (_, Errno::ACCESS | Errno::PERM) => "the file is not this user's to write",
        _ => return None,
    };
    Some(text.to_owned())
}

fn first_word(value: &str) -> &str {
    value.split(' ').next().unwrap_or(value)
}
