//! Limits of block devices as files of the `blkio` (v1) and `io` (v2) controllers.

use super::conversion::blkio_weight_to_io_weight;
use super::draft::{Draft, Site};
use super::error::PlanError;
use crate::controller::{Controllers, Version};
use crate::file_value::FileValue;
use crate::limits::{BlockDevice, Limits, Throttle, WeightDevice};
use crate::operation::GroupOperation;

pub(crate) fn plan(draft: &mut Draft, limits: &Limits) -> Result<(), PlanError> {
    let block = &limits.block;
    let weight = block.weight.filter(|weight| *weight != 0);
    let weights = given(&block.weight_devices);
    let leaf_weight = limits.leaf_weight.filter(|weight| *weight != 0);
    let leaf_weights = given(&limits.leaf_weight_devices);
    let first = [
        ("blockIO.weight", weight.is_some()),
        ("blockIO.leafWeight", leaf_weight.is_some() || !leaf_weights.is_empty()),
        ("blockIO.weightDevice", !weights.is_empty()),
        ("blockIO.throttleReadBpsDevice", !block.read_bytes.is_empty()),
        ("blockIO.throttleWriteBpsDevice", !block.write_bytes.is_empty()),
        ("blockIO.throttleReadIOPSDevice", !block.read_operations.is_empty()),
        ("blockIO.throttleWriteIOPSDevice", !block.write_operations.is_empty()),
    ];
    let Some((what, _)) = first.into_iter().find(|(_, given)| *given) else { return Ok(()) };
    let on_devices = weights.iter().chain(&leaf_weights).map(|device| device.weight);
    for weight in on_devices.chain(weight).chain(leaf_weight) {
        if !(10..=1000).contains(&weight) {
            let (value, problem) = (weight.to_string(), "a weight goes from 10 to 1000".to_owned());
            return Err(PlanError::Value { what: "blockIO.weight".to_owned(), value, problem });
        }
    }
    let site = draft.site(Controllers::IO, what)?;
    match site.version {
        Version::V1 => {
            plan_weights_v1(draft, &site, weight, &weights);
            plan_leaf_weights(draft, &site, leaf_weight, &leaf_weights);
            plan_rates_v1(draft, &site, block);
        }
        Version::V2 if leaf_weight.is_some() || !leaf_weights.is_empty() => {
            return Err(PlanError::Unsupported {
                what: "blockIO.leafWeight",
                reason: "in cgroup v2 a group has either processes or children with controllers, and nothing to weigh",
            });
        }
        Version::V2 => {
            plan_weights_v2(draft, &site, weight, &weights);
            plan_rates_v2(draft, &site, block);
        }
    }
    Ok(())
}

const WEIGHT: &str = "the weight among siblings when the device is busy";
const RATES: &str = "how much the group may do with the device in a second";

/// 0 is absent.
fn given(devices: &[WeightDevice]) -> Vec<&WeightDevice> {
    devices.iter().filter(|device| device.weight != 0).collect()
}

/// `8:16 500`
fn line((major, minor): (i64, i64), value: impl std::fmt::Display) -> String {
    format!("{major}:{minor} {value}")
}

fn choose(draft: &mut Draft, site: &Site, choices: [(&'static str, String); 2]) {
    let choices = choices.into_iter().map(|(file, value)| FileValue::new(file, &value)).collect();
    draft.step(GroupOperation::WriteFirst { group: site.directory.clone(), choices }, WEIGHT);
}

/// The scheduler CFQ is gone since Linux 5.0; BFQ has files of its own.
fn plan_weights_v1(draft: &mut Draft, site: &Site, weight: Option<u16>, devices: &[&WeightDevice]) {
    if let Some(weight) = weight {
        choose(draft, site, ["blkio.weight", "blkio.bfq.weight"].map(|file| (file, weight.to_string())));
    }
    for device in devices {
        let value = line(device.device, device.weight);
        choose(draft, site, ["blkio.weight_device", "blkio.bfq.weight_device"].map(|file| (file, value.clone())));
    }
}

fn plan_leaf_weights(draft: &mut Draft, site: &Site, weight: Option<u16>, devices: &[&WeightDevice]) {
    let why = "the weight of the group's own processes against its children";
    if let Some(weight) = weight {
        draft.write(site, "blkio.leaf_weight", weight, why);
    }
    let values = devices.iter().map(|device| line(device.device, device.weight)).collect();
    draft.write_all(site, "blkio.leaf_weight_device", values, why);
}

fn plan_rates_v1(draft: &mut Draft, site: &Site, block: &BlockDevice) {
    for (file, devices) in [
        ("blkio.throttle.read_bps_device", &block.read_bytes),
        ("blkio.throttle.write_bps_device", &block.write_bytes),
        ("blkio.throttle.read_iops_device", &block.read_operations),
        ("blkio.throttle.write_iops_device", &block.write_operations),
    ] {
        let values = devices.iter().map(|Throttle { device, rate }| line(*device, rate)).collect();
        draft.write_all(site, file, values, RATES);
    }
}

/// BFQ keeps the scale of v1; the other scheduler with weights, io.cost, has that of v2.
fn plan_weights_v2(draft: &mut Draft, site: &Site, weight: Option<u16>, devices: &[&WeightDevice]) {
    if let Some(weight) = weight {
        let converted = blkio_weight_to_io_weight(weight).to_string();
        choose(draft, site, [("io.bfq.weight", weight.to_string()), ("io.weight", converted)]);
    }
    for WeightDevice { device, weight } in devices {
        let converted = blkio_weight_to_io_weight(*weight);
        choose(draft, site, [("io.bfq.weight", line(*device, weight)), ("io.weight", line(*device, converted))]);
    }
}

fn plan_rates_v2(draft: &mut Draft, site: &Site, block: &BlockDevice) {
    let mut values = Vec::new();
    for (key, devices) in [
        ("rbps", &block.read_bytes),
        ("wbps", &block.write_bytes),
        ("riops", &block.read_operations),
        ("wiops", &block.write_operations),
    ] {
        values.extend(devices.iter().map(|Throttle { device, rate }| {
            // v1 takes 0 for "no limit", v2 has a word for it.
            let rate = if *rate == 0 { "max".to_owned() } else { rate.to_string() };
            line(*device, format!("{key}={rate}"))
        }));
    }
    draft.write_all(site, "io.max", values, RATES);
}
