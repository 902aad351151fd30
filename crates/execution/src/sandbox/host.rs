//! What the System API works on while code runs.
//!
//! In: an execution. Out: everything that the code did, to be taken over or dropped as a whole. Leaves out: the functions of
//! the System API (see `system_api`) and memory growth (see `growth`).

use super::log::ExecutionLog;
use super::{Answer, Context, Environment, Limits, OutgoingCall, Trap};
use crate::cycles::Cycles;
use crate::cycles::fees::Width;
use crate::ids::{CanisterId, Time};
use crate::memory::StableMemory;
use crate::system_api::{CallInPreparation, ContextMask};
use std::collections::{BTreeMap, BTreeSet};
use wasmtime::{Global, Memory};

/// Whether the call was answered.
pub(crate) enum Answering {
    /// Not yet; this is the reply so far.
    Open(Vec<u8>),
    /// In this execution.
    Done(Answer),
    /// In an earlier execution of the call context.
    Before,
}

/// Everything that host functions read and write.
pub(crate) struct Host {
    pub context: Context,
    /// The context, as imports are allowed by it.
    pub context_bit: ContextMask,
    pub environment: Environment,
    pub limits: Limits,
    pub width: Width,
    /// The instance's memory and counter, once there is an instance.
    pub memory: Option<Memory>,
    pub counter: Option<Global>,
    pub stable: StableMemory,
    /// Pages of stable memory of 4 KiB written so far.
    pub stable_written: BTreeSet<u64>,
    pub heap_bytes: u64,
    /// Bytes of heap and stable memory added so far.
    pub grown_bytes: u64,
    pub balance: Cycles,
    pub accepted: Cycles,
    pub burned: Cycles,
    pub newly_reserved: Cycles,
    pub answering: Answering,
    pub call: Option<CallInPreparation>,
    pub calls: Vec<OutgoingCall>,
    pub slots_used: BTreeMap<CanisterId, usize>,
    pub certified_data: Option<Vec<u8>>,
    pub global_timer: Option<Option<Time>>,
    pub accepted_message: bool,
    pub log: ExecutionLog,
    /// Why a host function or memory growth ended the execution, and the import that did.
    pub stopped: Option<(Trap, &'static str)>,
}

impl Host {
    /// The host of an execution with these memories.
    pub fn new(
        context: Context,
        environment: Environment,
        limits: Limits,
        width: Width,
        heap_bytes: u64,
        stable: StableMemory,
    ) -> Self {
        let answered = matches!(&context, Context::Callback { input, .. } if input.answered);
        Host {
            log: ExecutionLog::new(
                environment.time,
                environment.next_log_index,
                limits.log_bytes,
            ),
            balance: environment.balance,
            context_bit: ContextMask::of(&context),
            context,
            environment,
            limits,
            width,
            memory: None,
            counter: None,
            stable,
            stable_written: BTreeSet::new(),
            heap_bytes,
            grown_bytes: 0,
            accepted: Cycles::ZERO,
            burned: Cycles::ZERO,
            newly_reserved: Cycles::ZERO,
            answering: if answered {
                Answering::Before
            } else {
                Answering::Open(Vec::new())
            },
            call: None,
            calls: Vec::new(),
            slots_used: BTreeMap::new(),
            certified_data: None,
            global_timer: None,
            accepted_message: false,
            stopped: None,
        }
    }

    /// Cycles in the call context that were not accepted yet.
    pub fn available(&self) -> Cycles {
        let attached = match &self.context {
            Context::Update(input) | Context::ReplicatedQuery(input) => input.available,
            Context::Callback { input, .. } => input.available,
            _ => Cycles::ZERO,
        };
        attached - self.accepted
    }

    /// Whether the execution changes the replicated state.
    pub fn is_replicated(&self) -> bool {
        match &self.context {
            Context::Query { .. } | Context::CompositeQuery { .. } | Context::Inspect { .. } => {
                false
            }
            Context::Callback { composite, .. } | Context::Cleanup { composite, .. } => !composite,
            _ => true,
        }
    }

    /// Whether written pages are counted and charged: not where the memory is thrown away.
    pub fn counts_pages(&self) -> bool {
        !matches!(
            self.context,
            Context::ReplicatedQuery(_) | Context::Query { .. } | Context::Inspect { .. }
        )
    }
}
