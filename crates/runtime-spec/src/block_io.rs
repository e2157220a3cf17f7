//! Limits of block devices (config-linux.md, Block IO).

use serde::{Deserialize, Serialize};

use crate::lenient::{is_default, nullable};

/// Block devices.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BlockIo {
    /// Relative weight, 10 to 1000.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weight: Option<u16>,
    /// Weight against child groups.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub leaf_weight: Option<u16>,
    /// Weights by device.
    #[serde(default, deserialize_with = "nullable", skip_serializing_if = "is_default")]
    pub weight_device: Vec<WeightDevice>,
    /// Limits of reads in bytes a second.
    #[serde(default, deserialize_with = "nullable", skip_serializing_if = "is_default")]
    pub throttle_read_bps_device: Vec<ThrottleDevice>,
    /// Limits of writes in bytes a second.
    #[serde(default, deserialize_with = "nullable", skip_serializing_if = "is_default")]
    pub throttle_write_bps_device: Vec<ThrottleDevice>,
    /// Limits of reads in operations a second.
    #[serde(
        rename = "throttleReadIOPSDevice",
        default,
        deserialize_with = "nullable",
        skip_serializing_if = "is_default"
    )]
    pub throttle_read_iops_device: Vec<ThrottleDevice>,
    /// Limits of writes in operations a second.
    #[serde(
        rename = "throttleWriteIOPSDevice",
        default,
        deserialize_with = "nullable",
        skip_serializing_if = "is_default"
    )]
    pub throttle_write_iops_device: Vec<ThrottleDevice>,
}

/// The weight at one device.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WeightDevice {
    /// Major number.
    pub major: i64,
    /// Minor number.
    pub minor: i64,
    /// Relative weight.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weight: Option<u16>,
    /// Weight against child groups.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub leaf_weight: Option<u16>,
}

/// A rate at one device.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ThrottleDevice {
    /// Major number.
    pub major: i64,
    /// Minor number.
    pub minor: i64,
    /// The rate.
    pub rate: u64,
}
