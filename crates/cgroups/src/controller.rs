//! Controllers by name, and the two versions of the interface (`cgroups(7)`).

use std::fmt;

use bitflags::bitflags;

/// Which interface a hierarchy speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Version {
    /// One hierarchy for each controller or a few of them, `Documentation/admin-guide/cgroup-v1`.
    V1,
    /// The one hierarchy of all controllers, `Documentation/admin-guide/cgroup-v2.rst`.
    V2,
}

bitflags! {
    /// A set of controllers; a single one is a set with one member.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
    pub struct Controllers: u32 {
        /// Processor time.
        const CPU = 1 << 0;
        /// Accounting of processor time, only v1 (on v2 it is part of the core).
        const CPUACCT = 1 << 1;
        /// Processors and memory nodes.
        const CPUSET = 1 << 2;
        /// Memory and swap.
        const MEMORY = 1 << 3;
        /// Device numbers, only v1 (on v2 it is a BPF program).
        const DEVICES = 1 << 4;
        /// Stopping a whole group, only v1 (on v2 it is part of the core).
        const FREEZER = 1 << 5;
        /// Block devices: `blkio` on v1, `io` on v2.
        const IO = 1 << 6;
        /// Number of processes.
        const PIDS = 1 << 7;
        /// Huge pages.
        const HUGETLB = 1 << 8;
        /// Classes of network packets, only v1.
        const NET_CLS = 1 << 9;
        /// Priorities of network packets, only v1.
        const NET_PRIO = 1 << 10;
        /// Performance counters by group.
        const PERF_EVENT = 1 << 11;
        /// Remote direct memory access.
        const RDMA = 1 << 12;
        /// Scalar resources such as encryption ids.
        const MISC = 1 << 13;
        /// Device memory, Linux 6.14.
        const DMEM = 1 << 14;
    }
}

/// Member, name on v1, name on v2.
const NAMES: [(Controllers, &str, &str); 15] = [
    (Controllers::CPU, "cpu", "cpu"),
    (Controllers::CPUACCT, "cpuacct", "cpuacct"),
    (Controllers::CPUSET, "cpuset", "cpuset"),
    (Controllers::MEMORY, "memory", "memory"),
    (Controllers::DEVICES, "devices", "devices"),
    (Controllers::FREEZER, "freezer", "freezer"),
    (Controllers::IO, "blkio", "io"),
    (Controllers::PIDS, "pids", "pids"),
    (Controllers::HUGETLB, "hugetlb", "hugetlb"),
    (Controllers::NET_CLS, "net_cls", "net_cls"),
    (Controllers::NET_PRIO, "net_prio", "net_prio"),
    (Controllers::PERF_EVENT, "perf_event", "perf_event"),
    (Controllers::RDMA, "rdma", "rdma"),
    (Controllers::MISC, "misc", "misc"),
    (Controllers::DMEM, "dmem", "dmem"),
];

impl Controllers {
    /// The controller of that name in either version; `None` for one that this crate does not know.
    #[must_use]
    pub fn by_name(name: &str) -> Option<Self> {
        NAMES.iter().find(|(_, v1, v2)| *v1 == name || *v2 == name).map(|(controller, ..)| *controller)
    }

    /// The known ones among words that are separated by any of `separators`.
    #[must_use]
    pub fn parse(text: &str, separators: &[char]) -> Self {
        text.trim().split(separators).filter_map(Self::by_name).collect()
    }

    /// The names of the members, in the words of that version.
    pub fn names(self, version: Version) -> impl Iterator<Item = &'static str> {
        NAMES.into_iter().filter(move |(controller, ..)| self.contains(*controller)).map(move |(_, v1, v2)| {
            match version {
                Version::V1 => v1,
                Version::V2 => v2,
            }
        })
    }

    /// The members, each as a set of its own.
    pub fn each(self) -> impl Iterator<Item = Self> {
        NAMES.into_iter().map(|(controller, ..)| controller).filter(move |controller| self.contains(*controller))
    }
}

impl fmt::Display for Controllers {
    /// Names of v1 separated by commas; `none` for the empty set.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_empty() {
            return f.write_str("none");
        }
        let mut separator = "";
        for name in self.names(Version::V1) {
            write!(f, "{separator}{name}")?;
            separator = ", ";
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_differ_by_version_only_where_the_kernel_says_so() {
        let all = Controllers::all();
        let differing: Vec<_> =
            all.names(Version::V1).zip(all.names(Version::V2)).filter(|(v1, v2)| v1 != v2).collect();
        assert_eq!(differing, [("blkio", "io")]);
        assert_eq!(all.each().count(), NAMES.len());
        assert_eq!(Controllers::parse("cpu,cpuacct", &[',']), Controllers::CPU | Controllers::CPUACCT);
        assert_eq!(Controllers::parse("memory io frobnicate\n", &[' ']), Controllers::MEMORY | Controllers::IO);
        assert_eq!((Controllers::CPU | Controllers::IO).to_string(), "cpu, blkio");
    }
}
