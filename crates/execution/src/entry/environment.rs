//! What canister code may read about the world, gathered from the subnet's state.
//!
//! In: the subnet's state and a canister (whose prepayment is already taken). Out: [`Environment`] and [`Limits`].

use crate::canister::Canister;
use crate::cycles::{Cycles, StorageUse};
use crate::sandbox::{Environment, Limits};
use crate::subnet::SubnetState;
use std::sync::Arc;

const GIB: u64 = 1 << 30;
const MIB: u64 = 1 << 20;
/// Instructions of canister_inspect_message.
pub const INSPECT_INSTRUCTIONS: u64 = 200_000_000;
/// Memory of all canisters of a subnet.
pub const SUBNET_MEMORY: u64 = 2 << 40;
/// Bytes of a reply to an update.
pub const REPLY_BYTES: u64 = 2 * MIB;
/// Bytes of a reply to a query.
pub const QUERY_REPLY_BYTES: u64 = 3 * MIB;

/// What code of `canister` reads, with `prepaid` cycles taken for its instructions.
pub fn environment(state: &SubnetState, canister: &Canister, prepaid: Cycles) -> Environment {
    Environment {
        canister: canister.id,
        subnet: state.id(),
        node_count: state.config.node_count(),
        time: state.time,
        caller_info: None,
        status: canister.status.number(),
        canister_version: canister.version,
        controllers: canister.settings.controllers.clone(),
        balance: canister.balance,
        prepaid,
        freezing_threshold: canister.freezing_threshold(&state.fees),
        reserved_balance: canister.reserved_balance,
        reserved_cycles_limit: canister.settings.reserved_cycles_limit,
        storage: StorageUse::of_subnet(state.held_storage).of_thread(),
        memory_usage: canister.memory_usage(),
        memory_allocation: canister.settings.memory_allocation,
        freezing_seconds: canister.settings.freezing_threshold,
        compute_allocation: canister.settings.compute_allocation,
        fees: state.fees.clone(),
        root_key: root_key(state, canister),
        environment_variables: canister.settings.environment_variables.clone(),
        signing_keys: state.signing_keys.clone(),
        free_output_slots: Arc::new(canister.queues.free_output_slots()),
        call_context_instructions: 0,
        next_log_index: canister.log.next_index(),
        global_timer: canister.global_timer,
    }
}

/// The root key, for code that imports what reads it: asking for it makes it at its first use.
fn root_key(state: &SubnetState, canister: &Canister) -> Arc<[u8]> {
    match canister.module() {
        Some(module) if module.key_reads.root_key => state.root_key(),
        _ => Arc::default(),
    }
}

/// The limits of a message, task or callback, whose growth also needs room on the subnet.
pub fn message_limits(state: &SubnetState, canister: &Canister, instructions: u64) -> Limits {
    Limits {
        memory_growth_bytes: StorageUse::of_subnet(state.held_storage)
            .of_thread()
            .available(),
        ..limits(canister, instructions)
    }
}

/// The limits of an execution of `canister` with so many instructions; its growth needs no room, because it is thrown away or judged
/// afterwards.
pub fn limits(canister: &Canister, instructions: u64) -> Limits {
    Limits {
        instructions,
        heap_bytes: match canister.width() {
            crate::cycles::fees::Width::Wasm32 => 4 * GIB,
            crate::cycles::fees::Width::Wasm64 => 6 * GIB,
        },
        wasm_memory_limit: Some(canister.settings.wasm_memory_limit).filter(|limit| *limit > 0),
        wasm_memory_threshold: canister.settings.wasm_memory_threshold,
        stable_bytes: 500 * GIB,
        memory_growth_bytes: SUBNET_MEMORY,
        reply_bytes: REPLY_BYTES,
        log_bytes: canister.settings.log_memory_limit as usize,
    }
}
