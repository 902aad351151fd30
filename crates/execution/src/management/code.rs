//! Running the entry points that belong to an installation: start, init, pre-upgrade, post-upgrade.
//!
//! Source: interface specification, "install_code"; recorded charges. All works on a copy of the canister that the caller
//! swaps in if everything succeeded. In: the copy, code, mode. Out: the copy changed, instructions used, log records; the last
//! two also after a failure.

use crate::canister::{Canister, LowMemoryHook, Visibility};
use crate::cycles::Cycles;
use crate::entry::failure::{self, Backtraces};
use crate::entry::{Keep, environment, limits, take_over};
use crate::error::UserError;
use crate::sandbox::{Context, Execution, Function, LogRecord, Trap};
use crate::subnet::SubnetState;
use crate::wasm::{SystemMethod, WasmMethod};
use candid::Principal;
use std::sync::Arc;

/// Compiling what was compiled on this subnet before costs one part in so many.
const CACHED_COMPILATION: u64 = 100;

/// An installation under way.
pub(super) struct Installation {
    /// The copy of the canister.
    pub canister: Canister,
    /// Who installs.
    pub caller: Principal,
    /// Cycles taken for the instructions.
    pub prepaid: Cycles,
    /// Instructions that all steps together may use.
    pub limit: u64,
    /// Instructions used.
    pub used: u64,
    /// Log records of all steps.
    pub records: Vec<LogRecord>,
}

impl Installation {
    /// Counts the compilation of a module; the second time on a subnet it is cheaper.
    pub fn count_compilation(&mut self, state: &mut SubnetState, hash: [u8; 32], cost: u64) {
        let first = state.compiled.insert(hash);
        self.count(if first {
            cost
        } else {
            cost / CACHED_COMPILATION
        });
    }

    /// Counts instructions.
    pub fn count(&mut self, instructions: u64) {
        self.used = self.used.saturating_add(instructions).min(self.limit);
    }

    /// Runs the start function of the module, if it has one.
    pub fn start(&mut self, state: &SubnetState) -> Result<(), UserError> {
        self.step(state, SystemMethod::Start, Context::Start)
    }

    /// Runs canister_init.
    pub fn init(&mut self, state: &SubnetState, arg: Arc<[u8]>) -> Result<(), UserError> {
        let caller = self.caller;
        self.step(state, SystemMethod::Init, Context::Init { caller, arg })
    }

    /// Runs canister_pre_upgrade.
    pub fn pre_upgrade(&mut self, state: &SubnetState) -> Result<(), UserError> {
        let caller = self.caller;
        self.step(
            state,
            SystemMethod::PreUpgrade,
            Context::PreUpgrade { caller },
        )
    }

    /// Runs canister_post_upgrade.
    pub fn post_upgrade(&mut self, state: &SubnetState, arg: Arc<[u8]>) -> Result<(), UserError> {
        let caller = self.caller;
        self.step(
            state,
            SystemMethod::PostUpgrade,
            Context::Init { caller, arg },
        )
    }

    fn step(
        &mut self,
        state: &SubnetState,
        method: SystemMethod,
        context: Context,
    ) -> Result<(), UserError> {
        let function = WasmMethod::System(method);
        let Some(module) = self.canister.module() else {
            return Ok(());
        };
        if !module.exports.contains(&function) {
            return Ok(());
        }
        let mut limits = limits(&self.canister, self.limit - self.used);
        if matches!(method, SystemMethod::Start | SystemMethod::PreUpgrade) {
            limits.wasm_memory_limit = None;
        }
        let execution = Execution {
            module: module.clone(),
            state: self.canister.wasm_state.clone(),
            function: Function::Method(function),
            context,
            environment: environment(state, &self.canister, self.prepaid),
            limits,
        };
        let outcome = crate::sandbox::execute(&state.engine, execution);
        self.count(outcome.instructions);
        self.keep_records(outcome.logs);
        match outcome.result {
            Ok(changes) => {
                let before = self.canister.balance;
                // The entry points of an installation may make no calls.
                take_over(&mut self.canister, changes, before, Keep::All);
                Ok(())
            }
            Err(trap) => Err(self.trapped(state, trap)),
        }
    }

    fn keep_records(&mut self, records: Vec<LogRecord>) {
        let capacity = self.canister.settings.log_memory_limit as usize;
        self.canister.log.append(records.clone(), capacity);
        self.records.extend(records);
    }

    /// Records why an installation ends, and gives the error for whoever installs.
    pub fn trapped(&mut self, state: &SubnetState, trap: Trap) -> UserError {
        let trap = match trap {
            Trap::InstructionLimit { .. } => Trap::InstructionLimit { limit: self.limit },
            trap => trap,
        };
        let line = format!("[TRAP]: {}", failure::text(&trap, Backtraces::Shown));
        self.keep_records(vec![LogRecord {
            index: self.canister.log.next_index(),
            time: state.time,
            content: line.into_bytes(),
        }]);
        failure::user_error(self.canister.id, &trap, self.backtraces())
    }

    fn backtraces(&self) -> Backtraces {
        let settings = &self.canister.settings;
        let shown = match &settings.log_visibility {
            Visibility::Public => true,
            Visibility::Viewers(viewers) if viewers.contains(&self.caller) => true,
            _ => settings.controllers.contains(&self.caller),
        };
        if shown {
            Backtraces::Shown
        } else {
            Backtraces::Hidden
        }
    }

    /// Forgets what belonged to code that is replaced.
    pub fn reset_hooks(&mut self) {
        self.canister.global_timer = None;
        self.canister.low_memory_hook = LowMemoryHook::NotSatisfied;
    }
}
