//! `read/topology` and `_/topology`: the subnets.
//!
//! Each subnet also has its number of nodes as `size`, which clients of other languages read.

use crate::app::App;
use crate::slots::Cost;
use axum::extract::{Path, State};
use axum::response::Response;
use candid::Principal;
use chainkey_execution::ids::CanisterId;
use chainkey_execution::subnet::SubnetKind as Kind;
use chainkey_instance::{SubnetSummary, TopologySummary};
use pocket_ic::common::rest::{
    CanisterCyclesCostSchedule, CanisterIdRange, RawCanisterId, RawPrincipalId, SubnetConfig,
    SubnetInstructionConfig, SubnetKind, Topology,
};
use serde::Serialize;
use std::collections::BTreeMap;

/// The topology with the number of nodes of each subnet.
#[derive(Serialize)]
struct SizedTopology {
    subnet_configs: BTreeMap<Principal, SizedSubnet>,
    default_effective_canister_id: RawCanisterId,
}

#[derive(Serialize)]
struct SizedSubnet {
    #[serde(flatten)]
    config: SubnetConfig,
    size: u32,
}

/// Answers with the topology.
pub async fn handle(State(app): State<App>, Path(id): Path<String>) -> Response {
    app.answer(&id, b"", Cost::Short, |instance, ()| {
        let summary = instance.topology();
        let subnet_configs = summary
            .subnets
            .iter()
            .map(|subnet| {
                let config = subnet_config(subnet);
                let size = subnet.nodes;
                (subnet.id.0, SizedSubnet { config, size })
            })
            .collect();
        Ok(SizedTopology {
            subnet_configs,
            default_effective_canister_id: raw_id(summary.default_canister),
        })
    })
    .await
}

/// The topology in the API's own type.
pub fn raw_topology(summary: &TopologySummary) -> Topology {
    Topology {
        subnet_configs: summary
            .subnets
            .iter()
            .map(|subnet| (subnet.id.0, subnet_config(subnet)))
            .collect(),
        default_effective_canister_id: raw_id(summary.default_canister),
    }
}

fn raw_id(id: CanisterId) -> RawCanisterId {
    RawCanisterId::from(id.principal())
}

fn subnet_config(subnet: &SubnetSummary) -> SubnetConfig {
    let spec = &subnet.spec;
    let admins = spec.admins.as_ref().map(|admins| {
        admins
            .iter()
            .map(|admin| RawPrincipalId::from(*admin))
            .collect()
    });
    SubnetConfig {
        subnet_kind: raw_kind(spec.kind),
        subnet_admins: admins,
        cost_schedule: match spec.free {
            true => CanisterCyclesCostSchedule::Free,
            false => CanisterCyclesCostSchedule::Normal,
        },
        subnet_seed: subnet.seed,
        instruction_config: match spec.benchmarking {
            true => SubnetInstructionConfig::Benchmarking,
            false => SubnetInstructionConfig::Production,
        },
        canister_ranges: subnet
            .ranges
            .iter()
            .map(|range| CanisterIdRange {
                start: raw_id(range.start),
                end: raw_id(range.end),
            })
            .collect(),
    }
}

fn raw_kind(kind: Kind) -> SubnetKind {
    match kind {
        Kind::Nns => SubnetKind::NNS,
        Kind::Sns => SubnetKind::SNS,
        Kind::Ii => SubnetKind::II,
        Kind::Fiduciary => SubnetKind::Fiduciary,
        Kind::Bitcoin => SubnetKind::Bitcoin,
        Kind::TestThresholdKeys => SubnetKind::TestThresholdKeys,
        Kind::System => SubnetKind::System,
        Kind::Application => SubnetKind::Application,
        Kind::CloudEngine => SubnetKind::CloudEngine,
        Kind::VerifiedApplication => SubnetKind::VerifiedApplication,
    }
}
