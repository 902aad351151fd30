//! What one execution of canister code takes and gives: pure values.
//!
//! Source: interface specification, "Entry points" and "System API". In: an [`Execution`], that is the canister's Wasm
//! state, the entry point with its context, and everything that the System API may read. Out: an [`Outcome`]. Nothing
//! outside the outcome changes; a trap yields no [`Changes`]. The caller has already taken the prepayment for the
//! instructions out of `balance` and gives back what was not used. Leaves out: queues, call contexts, fees for messages.

use crate::cycles::{Cycles, StorageUse, fees::FeeSchedule};
use crate::ids::{CanisterId, SubnetId, Time};
use crate::memory::{Heap, StableMemory};
use crate::message::{CallerInfo, Reject};
use crate::wasm::{CompiledModule, WasmMethod};
use candid::Principal;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The part of a canister that its own code changes. Cloning is cheap (copy on write).
#[derive(Clone, Debug, Default)]
pub struct WasmState {
    /// Linear memory.
    pub heap: Heap,
    /// Stable memory.
    pub stable: StableMemory,
    /// The mutable globals, in the order of `CompiledModule::mutable_globals`; empty before the first instantiation.
    pub globals: Vec<GlobalValue>,
}

/// The value of a mutable global; floats by their bits.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs, reason = "the names are those of the Wasm value types")]
pub enum GlobalValue {
    I32(i32),
    I64(i64),
    F32(u32),
    F64(u64),
    V128(u128),
}

/// A closure that the code registered with `call_new` or `call_on_cleanup`: a table index and its argument.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Closure {
    /// Index into the function table (32 or 64 bit).
    pub function: u64,
    /// The argument that it gets.
    pub env: u64,
}

/// The function that is entered.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Function {
    /// An exported method.
    Method(WasmMethod),
    /// A closure in the table.
    Closure(Closure),
}

/// Which system task runs.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum SystemTask {
    /// `canister_heartbeat`
    Heartbeat,
    /// `canister_global_timer`
    GlobalTimer,
    /// `canister_on_low_wasm_memory`
    OnLowWasmMemory,
}

#[allow(missing_docs, reason = "the fields are the specification's and say it")]
/// The context in which code runs: it decides which imports may be called and what they answer.
/// Letters as in the specification's table of imports.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Context {
    /// `s`: the start function.
    Start,
    /// `I`: canister_init and canister_post_upgrade.
    Init { caller: Principal, arg: Arc<[u8]> },
    /// `G`: canister_pre_upgrade.
    PreUpgrade { caller: Principal },
    /// `U`: an update method.
    Update(CallInput),
    /// `RQ`: a query method called as an update (replicated).
    ReplicatedQuery(CallInput),
    /// `NRQ`: a query method called as a query; the certificate if there is one.
    Query {
        input: CallInput,
        certificate: Option<Arc<[u8]>>,
    },
    /// `CQ`: a composite query method; the certificate if there is one.
    CompositeQuery {
        input: CallInput,
        certificate: Option<Arc<[u8]>>,
    },
    /// `Ry`/`Rt` (`composite` false) and `CRy`/`CRt`: a reply or reject callback.
    Callback {
        input: CallbackInput,
        composite: bool,
    },
    /// `C` and `CC`: a cleanup callback.
    Cleanup {
        caller: Principal,
        composite: bool,
        deadline: Option<Time>,
    },
    /// `F`: canister_inspect_message.
    Inspect {
        caller: Principal,
        method: String,
        arg: Arc<[u8]>,
    },
    /// `T`: heartbeat, global timer, on_low_wasm_memory.
    Task(SystemTask),
}

/// What a method is called with.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CallInput {
    /// The caller.
    pub caller: Principal,
    /// The argument.
    pub arg: Arc<[u8]>,
    /// Cycles attached and not accepted yet (zero for ingress).
    pub available: Cycles,
    /// The deadline of a best-effort call.
    pub deadline: Option<Time>,
}

/// What a callback is called with.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CallbackInput {
    /// Who called the method that the callback belongs to.
    pub caller: Principal,
    /// The reply's data or the reject.
    pub answer: Result<Arc<[u8]>, Reject>,
    /// Cycles given back by the callee.
    pub refunded: Cycles,
    /// Cycles still available in the call context.
    pub available: Cycles,
    /// Whether the call context was answered already (then `msg_reply` traps).
    pub answered: bool,
    /// The deadline of the call that the call context belongs to.
    pub deadline: Option<Time>,
}

/// Limits of one execution.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
    /// Instructions.
    pub instructions: u64,
    /// Bytes of linear memory: the smaller of the engine's maximum and what `memory_allocation` and the subnet leave.
    pub heap_bytes: u64,
    /// The canister's `wasm_memory_limit` where it applies to this entry point (update, timer, heartbeat, init, post-upgrade).
    pub wasm_memory_limit: Option<u64>,
    /// The canister's `wasm_memory_threshold` (0: none).
    pub wasm_memory_threshold: u64,
    /// Bytes of stable memory.
    pub stable_bytes: u64,
    /// Bytes by which the canister's memory may grow (subnet's available memory and allocation).
    pub memory_growth_bytes: u64,
    /// Bytes of a reply or reject (2 MiB; 3 MiB for queries).
    pub reply_bytes: u64,
    /// Bytes of the log that are kept.
    pub log_bytes: usize,
}

/// Everything that the System API may read about the world, and the account that it draws on.
#[derive(Clone, Debug)]
pub struct Environment {
    /// The canister.
    pub canister: CanisterId,
    /// Its subnet.
    pub subnet: SubnetId,
    /// Nodes of the subnet.
    pub node_count: u32,
    /// Time of the round.
    pub time: Time,
    /// What is vouched for about the caller of the method, if anything is.
    pub caller_info: Option<Arc<CallerInfo>>,
    /// 1 running, 2 stopping, 3 stopped.
    pub status: u32,
    /// The canister version.
    pub canister_version: u64,
    /// Controllers.
    pub controllers: Arc<BTreeSet<Principal>>,
    /// The account, after the prepayment of the instructions.
    pub balance: Cycles,
    /// What the prepayment was; `canister_cycle_balance` shows balance and prepayment as the real one does.
    pub prepaid: Cycles,
    /// Cycles that may not be spent by calls and burning (freezing threshold at this memory usage).
    pub freezing_threshold: Cycles,
    /// Cycles in the reserved balance.
    pub reserved_balance: Cycles,
    /// `reserved_cycles_limit`.
    pub reserved_cycles_limit: Option<Cycles>,
    /// How full the subnet's storage is for this execution.
    pub storage: StorageUse,
    /// Bytes of memory that the canister uses, heap and stable memory included.
    pub memory_usage: u64,
    /// Bytes that the canister reserved (`memory_allocation`; 0: best effort).
    pub memory_allocation: u64,
    /// Freezing threshold in seconds (to compute the threshold at a grown memory).
    pub freezing_seconds: u64,
    /// Percent of compute.
    pub compute_allocation: u64,
    /// Fees of this subnet.
    pub fees: Arc<FeeSchedule>,
    /// The network's root key in DER, empty while there is none.
    pub root_key: Arc<[u8]>,
    /// Environment variables.
    pub environment_variables: Arc<BTreeMap<String, String>>,
    /// Threshold keys that exist in the network, for `cost_sign_with_*`: id as (kind, curve or algorithm, name) -> nodes.
    pub signing_keys: Arc<BTreeMap<KeyName, u32>>,
    /// Free places in the output queue to each receiver; a receiver that is not named has all (500).
    pub free_output_slots: Arc<BTreeMap<CanisterId, usize>>,
    /// The next callback number is chosen by the caller from the order of `Changes::calls`.
    /// Instructions that this call context used before this execution (`performance_counter(1)`).
    pub call_context_instructions: u64,
    /// The canister's log so far: next record index.
    pub next_log_index: u64,
    /// The global timer before this execution (`None`: off), which `global_timer_set` answers.
    pub global_timer: Option<Time>,
}

/// A threshold key's name in the terms of the `cost_sign_*` imports.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct KeyName {
    /// Ecdsa, Schnorr or VetKd.
    pub scheme: KeyScheme,
    /// Number of the curve or algorithm in the imports (ECDSA: 0 secp256k1, 1 secp256r1; Schnorr: 0 bip340, 1 ed25519;
    /// vetKD: 0 bls12_381_g2).
    pub kind: u32,
    /// Such as `key_1`.
    pub name: String,
}

/// The schemes that have keys.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[allow(missing_docs, reason = "the names say it")]
pub enum KeyScheme {
    Ecdsa,
    Schnorr,
    VetKd,
}

/// One execution, ready to run.
#[derive(Clone, Debug)]
pub struct Execution {
    /// The code.
    pub module: Arc<CompiledModule>,
    /// Its state.
    pub state: WasmState,
    /// What is entered.
    pub function: Function,
    /// How.
    pub context: Context,
    /// What the System API reads.
    pub environment: Environment,
    /// Limits.
    pub limits: Limits,
}

/// What an execution came to.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Instructions used, at most the limit.
    pub instructions: u64,
    /// The changes, or why there are none.
    pub result: Result<Changes, Trap>,
    /// Log records; they stay also after a trap.
    pub logs: Vec<LogRecord>,
}

/// What successful code did.
#[derive(Clone, Debug)]
pub struct Changes {
    /// The new Wasm state.
    pub state: WasmState,
    /// The answer given, if any.
    pub answer: Option<Answer>,
    /// Calls made, in order.
    pub calls: Vec<OutgoingCall>,
    /// Cycles accepted from the call context (already in `balance`).
    pub accepted: Cycles,
    /// Cycles burned (already out of `balance`).
    pub burned: Cycles,
    /// The balance afterwards: accepted added; burned, reserved, sent and prepaid for calls subtracted.
    pub balance: Cycles,
    /// Cycles moved to the reserved balance by growth of memory.
    pub newly_reserved: Cycles,
    /// `certified_data_set`.
    pub certified_data: Option<Vec<u8>>,
    /// `global_timer_set`: the new timer (`None`: off).
    pub global_timer: Option<Option<Time>>,
    /// `accept_message` was called (inspect only).
    pub accepted_message: bool,
    /// Whether the heap now leaves less than `wasm_memory_threshold` below `wasm_memory_limit`.
    pub low_wasm_memory: bool,
}

/// `msg_reply` or `msg_reject`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Answer {
    /// The reply's data.
    Reply(Vec<u8>),
    /// The reject message.
    Reject(String),
}

/// A call made with `call_perform`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OutgoingCall {
    /// Whom.
    pub receiver: CanisterId,
    /// The method.
    pub method: String,
    /// The argument.
    pub payload: Vec<u8>,
    /// Attached cycles (already out of `balance`).
    pub cycles: Cycles,
    /// The reply callback.
    pub on_reply: Closure,
    /// The reject callback.
    pub on_reject: Closure,
    /// The cleanup callback.
    pub on_cleanup: Option<Closure>,
    /// `Some(seconds)` for best-effort calls, capped at 300.
    pub timeout_seconds: Option<u32>,
    /// Prepaid for executing the response (already out of `balance`).
    pub prepaid_execution: Cycles,
    /// Prepaid for transmitting the response (already out of `balance`).
    pub prepaid_transmission: Cycles,
    /// Paid for transmitting the request (already out of `balance`; not refundable).
    pub transmission_fee: Cycles,
}

#[allow(missing_docs, reason = "the names say it")]
/// Why code stopped without effect. `message` texts follow the real server's; see `sandbox::trap`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Trap {
    /// A Wasm trap, such as `unreachable`: its text and the backtrace if there are function names.
    Wasm {
        reason: String,
        backtrace: Option<String>,
    },
    /// `ic0.trap` with this message.
    CalledTrap {
        message: String,
        backtrace: Option<String>,
    },
    /// The code broke the contract of the System API (wrong context, out of bounds, ...).
    ContractViolation {
        message: String,
        suggestion: String,
        doc_link: String,
        backtrace: Option<String>,
    },
    /// Instructions used up.
    InstructionLimit { limit: u64 },
    /// The memory limit of the canister was hit.
    WasmMemoryLimit { bytes: u64, limit: u64 },
    /// Out of memory (growth beyond what the subnet allows, stable or heap).
    OutOfMemory,
    /// Not enough cycles to grow memory.
    InsufficientCyclesInMemoryGrow {
        bytes: u64,
        available: Cycles,
        required: Cycles,
    },
    /// The reserved cycles limit does not allow the growth.
    ReservedCyclesLimitExceededInMemoryGrow {
        bytes: u64,
        requested: Cycles,
        limit: Cycles,
    },
    /// The method is not exported.
    MethodNotFound(WasmMethod),
    /// A callback's table index holds no suitable function.
    FunctionNotFound { table: u64, function: u64 },
    /// The reply is larger than allowed, and the like: any other error with its own code and text.
    Other(crate::error::UserError),
}

/// One record of the canister log.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LogRecord {
    /// Number of the record, from 0.
    pub index: u64,
    /// When.
    pub time: Time,
    /// What.
    pub content: Vec<u8>,
}
