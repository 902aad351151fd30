//! What there is to know about the subnet. Methods: subnet_info, subnet_metrics,
//! node_metrics_history, list_canisters.
//!
//! Source: interface specification; the argument types' documentation. In: the subnet's state. Out: the clients' types.

use super::refusal::rejected;
use super::{Invocation, Reply, wire};
use crate::cycles::Cycles;
use crate::error::UserError;
use crate::ids::{CanisterId, NodeId, Time};
use crate::subnet::{BlockCounts, SubnetState};
use candid::{Nat, Principal};
use ic_management_canister_types as types;

/// What the server that the clients know answers: a local network runs no release of the replica.
const REPLICA_VERSION: &str = "0.9.0";
/// The topology is fixed when the network is made, so there is one version of it.
const REGISTRY_VERSION: u64 = 1;

/// The subnet that subnet_info asks for.
pub(super) fn subnet_of_info(payload: &[u8]) -> Result<Principal, UserError> {
    Ok(wire::decode::<types::SubnetInfoArgs>(payload)?.subnet_id)
}

/// The subnet that subnet_metrics asks for.
pub(super) fn subnet_of_metrics(payload: &[u8]) -> Result<Principal, UserError> {
    Ok(wire::decode::<types::SubnetMetricsArgs>(payload)?.subnet_id)
}

/// The subnet that node_metrics_history asks for.
pub(super) fn subnet_of_nodes(payload: &[u8]) -> Result<Principal, UserError> {
    Ok(wire::decode::<types::NodeMetricsHistoryArgs>(payload)?.subnet_id)
}

fn check_subnet(state: &SubnetState, asked: Principal) -> Result<(), UserError> {
    if asked == state.id().0 {
        return Ok(());
    }
    Err(rejected(format!(
        "Provided target subnet ID {asked} does not match current subnet ID {}.",
        state.id()
    )))
}

/// subnet_info
pub(super) fn subnet_info(
    state: &mut SubnetState,
    call: &mut Invocation,
) -> Result<Reply, UserError> {
    let arguments: types::SubnetInfoArgs = call.decode()?;
    check_subnet(state, arguments.subnet_id)?;
    Ok(Reply::Now(wire::encode(&types::SubnetInfoResult {
        replica_version: REPLICA_VERSION.into(),
        registry_version: REGISTRY_VERSION,
    })))
}

/// subnet_metrics
pub(super) fn subnet_metrics(
    state: &mut SubnetState,
    call: &mut Invocation,
) -> Result<Reply, UserError> {
    let arguments: types::SubnetMetricsArgs = call.decode()?;
    check_subnet(state, arguments.subnet_id)?;
    let bytes: u64 = state
        .canisters
        .values()
        .map(|canister| canister.memory_usage())
        .sum();
    let consumed: Cycles = state
        .canisters
        .values()
        .flat_map(|canister| canister.consumed.values().copied())
        .sum();
    Ok(Reply::Now(wire::encode(&types::SubnetMetricsResult {
        block_height: Nat::from(state.round.0),
        num_canisters: Nat::from(state.canisters.len()),
        canister_state_bytes: Nat::from(bytes),
        consumed_cycles_total: Nat::from(consumed.0),
        update_transactions_total: Nat::from(state.executed_messages),
        million_round_instructions_total: Nat::from(
            state.executed_instructions.div_ceil(1_000_000),
        ),
    })))
}

/// node_metrics_history: of rounds whose makers of blocks are known.
pub(super) fn node_metrics_history(
    state: &mut SubnetState,
    call: &mut Invocation,
) -> Result<Reply, UserError> {
    let arguments: types::NodeMetricsHistoryArgs = call.decode()?;
    check_subnet(state, arguments.subnet_id)?;
    let metrics = |(node, counts): (&NodeId, &BlockCounts)| types::NodeMetrics {
        node_id: node.0,
        num_blocks_proposed_total: counts.made,
        num_block_failures_total: counts.failed,
    };
    let history: types::NodeMetricsHistoryResult = state
        .blocks
        .since(Time(arguments.start_at_timestamp_nanos))
        .map(|(time, nodes)| types::NodeMetricsHistoryRecord {
            timestamp_nanos: time.0,
            node_metrics: nodes.iter().map(metrics).collect(),
        })
        .collect();
    Ok(Reply::Now(wire::encode(&history)))
}

/// list_canisters
pub(super) fn list_canisters(
    state: &mut SubnetState,
    call: &mut Invocation,
) -> Result<Reply, UserError> {
    query_canisters(state, call.caller(), &call.payload).map(Reply::Now)
}

/// list_canisters as a query: the ids of all canisters, as ranges without gaps. It is for subnet admins; a local network has
/// none but whoever runs it, so everybody may ask.
pub(super) fn query_canisters(
    state: &SubnetState,
    _: Principal,
    _: &[u8],
) -> Result<Vec<u8>, UserError> {
    let mut ranges: Vec<(CanisterId, CanisterId)> = Vec::new();
    for id in state.canisters.keys() {
        match ranges.last_mut() {
            Some((_, end)) if follows(*end, *id) => *end = *id,
            _ => ranges.push((*id, *id)),
        }
    }
    let canisters = ranges
        .into_iter()
        .map(|(start, end)| types::CanisterIdRange {
            start: start.principal(),
            end: end.principal(),
        })
        .collect();
    Ok(wire::encode(&types::ListCanistersResult { canisters }))
}

fn follows(id: CanisterId, next: CanisterId) -> bool {
    match (id.number(), next.number()) {
        (Some(id), Some(next)) => id.checked_add(1) == Some(next),
        _ => false,
    }
}
