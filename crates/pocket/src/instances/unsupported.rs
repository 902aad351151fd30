//! What a request for an instance may ask for and this version does not have.
//!
//! In: a request. Out: nothing, or the refusal with a clear message. Nothing is left out silently but hints without effect.

use crate::reply::Refusal;
use pocket_ic::common::rest::{self, ExtendedSubnetConfigSet};

/// Refuses a request that asks for what is not there.
pub fn refuse(raw: &rest::InstanceConfig) -> Result<(), Refusal> {
    check_log_level(raw.log_level.as_deref())?;
    all_specs(&raw.subnet_config_set).try_for_each(refuse_state)?;
    let features = raw
        .icp_features
        .as_ref()
        .is_some_and(|features| *features != Default::default());
    let refusals = [
        (
            features,
            "icp_features: the system canisters behind them are not part of this server; deploy the canisters that the test needs",
        ),
        (
            raw.state_dir.is_some(),
            "state_dir: keeping an instance's state is not supported by this version",
        ),
        (
            raw.http_gateway_config.is_some(),
            "http_gateway_config: the HTTP gateway is not part of this version",
        ),
        (
            raw.bitcoind_addr.is_some(),
            "bitcoind_addr: there is no Bitcoin adapter in this version",
        ),
        (
            raw.dogecoind_addr.is_some(),
            "dogecoind_addr: there is no Dogecoin adapter in this version",
        ),
    ];
    match refusals.into_iter().find(|(asked, _)| *asked) {
        Some((_, message)) => Err(Refusal::Unreadable(message.into())),
        None => Ok(()),
    }
}

/// The level has no effect here, but a name that is none is an error of the caller.
fn check_log_level(level: Option<&str>) -> Result<(), Refusal> {
    const LEVELS: [&str; 16] = [
        "off", "crit", "critical", "erro", "error", "warn", "warning", "info", "debg", "debug",
        "trce", "trace", "0", "1", "2", "3",
    ];
    match level.map(str::to_ascii_lowercase) {
        Some(level) if !LEVELS.contains(&level.as_str()) => Err(Refusal::Unreadable(format!(
            "Failed to parse log level: {level}"
        ))),
        _ => Ok(()),
    }
}

fn all_specs(set: &ExtendedSubnetConfigSet) -> impl Iterator<Item = &rest::SubnetSpec> {
    let named = [
        &set.nns,
        &set.sns,
        &set.ii,
        &set.fiduciary,
        &set.bitcoin,
        &set.test_threshold_keys,
    ];
    let lists = [
        &set.system,
        &set.application,
        &set.cloud_engine,
        &set.verified_application,
    ];
    named
        .into_iter()
        .flatten()
        .chain(lists.into_iter().flatten())
}

/// Loading a subnet's state is not supported, but a directory that holds none has its own error.
fn refuse_state(spec: &rest::SubnetSpec) -> Result<(), Refusal> {
    let Some(path) = spec.get_state_path() else {
        return match spec.is_supported() {
            true => Ok(()),
            false => Err(Refusal::Unreadable(
                "state_config: loading state from the blob store is not supported".into(),
            )),
        };
    };
    let message = match std::fs::read_dir(&path) {
        Err(error) => format!(
            "The path {} is not a (subnet state) directory: {error}",
            path.display()
        ),
        Ok(mut entries) => match entries.next() {
            None => format!(
                "Provided an empty state directory at path {}.",
                path.display()
            ),
            Some(_) => {
                "state_config: loading the state of a subnet is not supported by this version"
                    .into()
            }
        },
    };
    Err(Refusal::Unreadable(message))
}
