//! The state of a canister.
//!
//! Source: interface specification, "Canisters". In and out: values; every change goes through the modules `entry`,
//! `management` and `round`. Cloning is cheap (memories and module are shared, copy on write). Leaves out: what runs.

mod account;
mod call_context;
mod history;
mod log;
mod memory_usage;
mod settings;
mod snapshot;

pub use call_context::{CallContext, CallContexts, Callback, Origin};
pub use history::{ChangeOrigin, DeploymentMode, History, HistoryChange, HistoryEntry};
pub use log::CanisterLog;
pub use settings::{Settings, Visibility};
pub use snapshot::{Snapshot, SnapshotCode, SnapshotId, SnapshotTimer};

use crate::cycles::Cycles;
use crate::entry::LongExecution;
use crate::ids::{CanisterId, MessageId, Time};
use crate::message::CallbackId;
use crate::queue::Queues;
use crate::sandbox::{SystemTask, WasmState};
use crate::wasm::CompiledModule;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

/// Whether the canister runs.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Status {
    /// Takes calls.
    Running,
    /// Finishes what is open; these wait for it to stop.
    Stopping(Vec<StopRequest>),
    /// Takes nothing.
    Stopped,
}

impl Status {
    /// The number that `canister_status` of the System API answers.
    pub fn number(&self) -> u32 {
        match self {
            Status::Running => 1,
            Status::Stopping(_) => 2,
            Status::Stopped => 3,
        }
    }
}

/// A call of `stop_canister` that waits.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StopRequest {
    /// Who asked.
    pub origin: ManagementOrigin,
    /// When; after 5 minutes the request is rejected.
    pub time: Time,
    /// Cycles to give back.
    pub cycles: Cycles,
}

/// Who waits for the answer of a management call.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ManagementOrigin {
    /// A user.
    Ingress {
        /// The message.
        id: MessageId,
        /// Its sender.
        sender: candid::Principal,
    },
    /// A canister (on this or another subnet).
    Canister {
        /// The caller.
        sender: CanisterId,
        /// Its callback.
        callback: CallbackId,
        /// As what it called the management canister (`aaaaa-aa` or a subnet id): the response comes from there.
        receiver: CanisterId,
        /// For best-effort calls.
        deadline: Option<Time>,
    },
}

impl ManagementOrigin {
    /// Who called.
    pub fn caller(&self) -> candid::Principal {
        match self {
            ManagementOrigin::Ingress { sender, .. } => *sender,
            ManagementOrigin::Canister { sender, .. } => sender.principal(),
        }
    }
}

/// The code of a canister.
#[derive(Clone, Debug)]
pub struct Installed {
    /// Validated, metered and compiled.
    pub module: Arc<CompiledModule>,
    /// The bytes as uploaded.
    pub wasm: Arc<[u8]>,
}

/// A canister.
#[derive(Clone, Debug)]
pub struct Canister {
    /// Its id.
    pub id: CanisterId,
    /// Its settings.
    pub settings: Settings,
    /// Whether it runs.
    pub status: Status,
    /// Its cycles.
    pub balance: Cycles,
    /// Cycles reserved for storage.
    pub reserved_balance: Cycles,
    /// What it paid so far, for `canister_metrics` and metrics: by use.
    pub consumed: BTreeMap<CyclesUse, Cycles>,
    /// Its code.
    pub installed: Option<Installed>,
    /// What its code changes.
    pub wasm_state: WasmState,
    /// Open calls.
    pub contexts: CallContexts,
    /// Queues.
    pub queues: Queues,
    /// System tasks that are due.
    pub tasks: VecDeque<SystemTask>,
    /// Whether an installation of it takes more than one round; meanwhile nothing else runs.
    pub is_installing: bool,
    /// An execution that takes more than one round; meanwhile nothing else runs.
    pub long_execution: Option<LongExecution>,
    /// What has its turn next: timer, heartbeat or messages.
    pub next_task: NextTask,
    /// State of the low-memory hook.
    pub low_memory_hook: LowMemoryHook,
    /// Certified data (at most 32 bytes).
    pub certified_data: Vec<u8>,
    /// The global timer.
    pub global_timer: Option<Time>,
    /// The canister version.
    pub version: u64,
    /// Changes of code and controllers.
    pub history: History,
    /// The log.
    pub log: CanisterLog,
    /// Snapshots.
    pub snapshots: BTreeMap<SnapshotId, Arc<Snapshot>>,
    /// Number of the next snapshot.
    pub next_snapshot: u64,
    /// The chunk store: SHA-256 -> chunk (at most 1 MiB, at most 100 of them).
    pub chunks: BTreeMap<[u8; 32], Arc<[u8]>>,
    /// When storage and compute were charged last.
    pub charged_until: Time,
    /// When it was created.
    pub created_at: Time,
    /// When code was installed, reinstalled or upgraded last.
    pub installed_at: Option<Time>,
}

/// What cycles were spent on.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[allow(missing_docs, reason = "the names are those of canister_metrics")]
pub enum CyclesUse {
    Memory,
    ComputeAllocation,
    IngressInduction,
    Instructions,
    RequestAndResponseTransmission,
    Uninstall,
    CanisterCreation,
    HttpOutcalls,
    Burned,
    ThresholdSignatures,
    VetKd,
}

/// What has its turn in a canister.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[allow(missing_docs, reason = "the names say it")]
pub enum NextTask {
    #[default]
    GlobalTimer,
    Heartbeat,
    Message,
}

impl NextTask {
    /// The one after it.
    pub fn next(self) -> NextTask {
        match self {
            NextTask::GlobalTimer => NextTask::Heartbeat,
            NextTask::Heartbeat => NextTask::Message,
            NextTask::Message => NextTask::GlobalTimer,
        }
    }
}

/// State of the low-memory hook.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum LowMemoryHook {
    /// There is enough memory.
    #[default]
    NotSatisfied,
    /// Memory is low and the hook is to run.
    Ready,
    /// It ran and memory is still low.
    Executed,
}

impl Canister {
    /// A new, empty canister.
    pub fn new(id: CanisterId, settings: Settings, balance: Cycles, now: Time) -> Self {
        Canister {
            id,
            settings,
            status: Status::Running,
            balance,
            reserved_balance: Cycles::ZERO,
            consumed: BTreeMap::new(),
            installed: None,
            wasm_state: WasmState::default(),
            contexts: CallContexts::default(),
            queues: Queues::default(),
            tasks: VecDeque::new(),
            is_installing: false,
            long_execution: None,
            next_task: NextTask::default(),
            low_memory_hook: LowMemoryHook::default(),
            certified_data: Vec::new(),
            global_timer: None,
            version: 0,
            history: History::default(),
            log: CanisterLog::default(),
            snapshots: BTreeMap::new(),
            next_snapshot: 0,
            chunks: BTreeMap::new(),
            charged_until: now,
            created_at: now,
            installed_at: None,
        }
    }

    /// The module, if there is code.
    pub fn module(&self) -> Option<&Arc<CompiledModule>> {
        self.installed.as_ref().map(|installed| &installed.module)
    }

    /// Takes this fee from the balance and books it. The caller has checked that there is enough.
    pub fn charge(&mut self, fee: Cycles, purpose: CyclesUse) {
        self.balance -= fee;
        *self.consumed.entry(purpose).or_default() += fee;
    }

    /// Gives back a part of a fee.
    pub fn refund(&mut self, amount: Cycles, purpose: CyclesUse) {
        self.balance += amount;
        *self.consumed.entry(purpose).or_default() -= amount;
    }
}

impl Canister {
    /// Follows whether memory is low: the hook becomes ready once each time that it gets low.
    pub fn update_low_memory_hook(&mut self, low: bool) {
        self.low_memory_hook = match (low, self.low_memory_hook) {
            (false, _) => LowMemoryHook::NotSatisfied,
            (true, LowMemoryHook::NotSatisfied) => LowMemoryHook::Ready,
            (true, state) => state,
        };
    }
}
