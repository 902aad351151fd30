//! Reading the request for an instance.
//!
//! Beside the API's fields a request may have `chainkey: {seed, nodes: {kind: number}}`. Nulls count as absent. What this version
//! cannot do faithfully is refused with a clear message. In: JSON. Out: a configuration.

use super::unsupported;
use crate::app::Defaults;
use crate::body::arguments;
use crate::reply::Refusal;
use chainkey_execution::ids::Time;
use chainkey_execution::subnet::SubnetKind;
use chainkey_instance::{Entropy, InstanceConfig, KeySource, NodeCounts, SubnetSpec};
use pocket_ic::common::rest::{
    self, AutoProgressConfig, CanisterCyclesCostSchedule, ExtendedSubnetConfigSet, InitialTime,
    SubnetInstructionConfig,
};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::time::Duration;

/// How an instance starts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Start {
    /// Time stands still between operations.
    Still,
    /// It follows real time, with at least this pause between rounds.
    Live(Duration),
}

/// A request for an instance.
#[derive(Debug)]
pub struct Request {
    /// What to build.
    pub config: InstanceConfig,
    /// How to start it.
    pub start: Start,
}

/// Our own part of the request.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct Own {
    seed: Option<u64>,
    #[serde(default)]
    nodes: BTreeMap<String, u32>,
    published_test_keys: Option<bool>,
}

/// Reads the body of a request.
pub fn read(body: &[u8], defaults: &Defaults) -> Result<Request, Refusal> {
    let mut value: Value = arguments(body)?;
    let own = own_part(&mut value)?;
    complete(&mut value);
    let raw: rest::InstanceConfig = serde_json::from_value(value).map_err(|error| {
        Refusal::Unreadable(format!("Failed to parse the request body: {error}"))
    })?;
    unsupported::refuse(&raw)?;
    raw.subnet_config_set
        .validate()
        .map_err(Refusal::Unreadable)?;
    let (initial_time, start) = match &raw.initial_time {
        None => (None, Start::Still),
        Some(InitialTime::Timestamp(time)) => (Some(Time(time.nanos_since_epoch)), Start::Still),
        Some(InitialTime::AutoProgress(config)) => (None, Start::Live(delay(config))),
    };
    let seed = own.seed.or(defaults.seed);
    Ok(Request {
        config: InstanceConfig {
            seed: seed.unwrap_or_default(),
            entropy: match seed {
                Some(_) => Entropy::Seed,
                None => Entropy::System,
            },
            subnets: specs(&raw.subnet_config_set),
            nodes: node_counts(defaults, &own)?,
            initial_time,
            keys: match own.published_test_keys {
                None => defaults.keys,
                Some(true) => KeySource::PublishedTestKeys,
                Some(false) => KeySource::Generated,
            },
            mainnet_nns_id: raw.mainnet_nns_subnet_id == Some(true),
        },
        start,
    })
}

/// The pause between rounds of live mode.
pub fn delay(config: &AutoProgressConfig) -> Duration {
    Duration::from_millis(config.artificial_delay_ms.unwrap_or_default())
}

fn own_part(value: &mut Value) -> Result<Own, Refusal> {
    let own = value.as_object_mut().and_then(|map| map.remove("chainkey"));
    match own {
        None | Some(Value::Null) => Ok(Own::default()),
        Some(own) => serde_json::from_value(own)
            .map_err(|error| Refusal::Unreadable(format!("chainkey: {error}"))),
    }
}

fn node_counts(defaults: &Defaults, own: &Own) -> Result<NodeCounts, Refusal> {
    let mut counts = defaults.nodes.clone();
    for (kind, nodes) in &own.nodes {
        counts
            .read(&format!("{kind}={nodes}"))
            .map_err(|error| Refusal::Unreadable(format!("chainkey.nodes: {error}")))?;
    }
    Ok(counts)
}

/// Fills in what clients of other languages leave out.
fn complete(value: &mut Value) {
    const LISTS: [&str; 4] = [
        "system",
        "application",
        "cloud_engine",
        "verified_application",
    ];
    let Some(set) = value
        .get_mut("subnet_config_set")
        .and_then(Value::as_object_mut)
    else {
        return;
    };
    set.retain(|_, value| !value.is_null());
    for list in LISTS {
        set.entry(list).or_insert_with(|| json!([]));
    }
    for value in set.values_mut() {
        match value {
            Value::Array(specs) => specs.iter_mut().for_each(complete_spec),
            single => complete_spec(single),
        }
    }
}

fn complete_spec(value: &mut Value) {
    if let Some(spec) = value.as_object_mut() {
        let absent = |map: &Map<String, Value>, name| map.get(name).is_none_or(Value::is_null);
        for (name, default) in [
            ("state_config", "New"),
            ("instruction_config", "Production"),
            ("cost_schedule", "Normal"),
        ] {
            if absent(spec, name) {
                spec.insert(name.into(), json!(default));
            }
        }
    }
}

fn specs(set: &ExtendedSubnetConfigSet) -> Vec<SubnetSpec> {
    let named = [
        (SubnetKind::Nns, &set.nns),
        (SubnetKind::Sns, &set.sns),
        (SubnetKind::Ii, &set.ii),
        (SubnetKind::Fiduciary, &set.fiduciary),
        (SubnetKind::Bitcoin, &set.bitcoin),
        (SubnetKind::TestThresholdKeys, &set.test_threshold_keys),
    ];
    let lists = [
        (SubnetKind::System, &set.system),
        (SubnetKind::Application, &set.application),
        (SubnetKind::CloudEngine, &set.cloud_engine),
        (SubnetKind::VerifiedApplication, &set.verified_application),
    ];
    let named = named
        .into_iter()
        .filter_map(|(kind, spec)| spec.as_ref().map(|spec| read_spec(kind, spec)));
    let lists = lists
        .into_iter()
        .flat_map(|(kind, specs)| specs.iter().map(move |spec| read_spec(kind, spec)));
    named.chain(lists).collect()
}

fn read_spec(kind: SubnetKind, raw: &rest::SubnetSpec) -> SubnetSpec {
    SubnetSpec {
        benchmarking: raw.get_instruction_config() == SubnetInstructionConfig::Benchmarking,
        free: raw.get_cost_schedule() == CanisterCyclesCostSchedule::Free,
        admins: raw.get_subnet_admins(),
        ..SubnetSpec::new(kind)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(text: &str) -> Result<Request, Refusal> {
        {
            let defaults = Defaults {
                keys: KeySource::default(),
                seed: Some(7),
                ..Defaults::default()
            };
            read(text.as_bytes(), &defaults)
        }
    }

    #[test]
    fn nulls_and_absent_fields_have_defaults() {
        let request = request(
            r#"{"subnet_config_set": {"nns": null, "application": [{"state_config": "New", "dts_flag": "Enabled"}], "system": null}, "icp_features": null}"#,
        )
        .unwrap();
        assert_eq!(
            request.config.subnets,
            [SubnetSpec::new(SubnetKind::Application)]
        );
        assert_eq!(request.config.seed, 7);
        assert_eq!(request.start, Start::Still);
    }

    #[test]
    fn our_own_part_sets_seed_and_nodes() {
        let request = request(
            r#"{"subnet_config_set": {"application": [{}]}, "chainkey": {"seed": 3, "nodes": {"application": 4}}}"#,
        )
        .unwrap();
        assert_eq!(request.config.seed, 3);
        assert_eq!(request.config.entropy, Entropy::Seed);
        assert_eq!(request.config.nodes.of(SubnetKind::Application), 4);
    }

    #[test]
    fn without_a_seed_secrets_come_from_the_system() {
        let text = r#"{"subnet_config_set": {"application": [{}]}}"#;
        let request = read(text.as_bytes(), &Defaults::default()).unwrap();
        assert_eq!(request.config.seed, 0);
        assert_eq!(request.config.entropy, Entropy::System);
    }

    #[test]
    fn refuses_features_that_need_prebuilt_canisters() {
        let refusal = request(
            r#"{"subnet_config_set": {"application": [{}]}, "icp_features": {"icp_token": "DefaultConfig"}}"#,
        )
        .unwrap_err();
        assert!(refusal.to_string().starts_with("icp_features"));
    }

    #[test]
    fn refuses_a_log_level_that_is_none() {
        let refusal =
            request(r#"{"subnet_config_set": {"application": [{}]}, "log_level": "invalid"}"#)
                .unwrap_err();
        assert!(refusal.to_string().starts_with("Failed to parse log level"));
    }

    #[test]
    fn refuses_an_instance_without_subnets() {
        let refusal = request(r#"{"subnet_config_set": {}}"#).unwrap_err();
        assert_eq!(
            refusal.to_string(),
            "ExtendedSubnetConfigSet must contain at least one subnet"
        );
    }
}
