//! Runs functions of small modules in any context.

use crate::cycles::fees::{CostSchedule, FeeSchedule};
use crate::cycles::{Cycles, StorageUse};
use crate::error::RejectCode;
use crate::ids::{CanisterId, SubnetId, Time};
use crate::memory::StableMemory;
use crate::message::Reject;
use crate::sandbox::*;
use crate::wasm::{CompiledModule, ModuleCache, WasmEngine, WasmMethod};
use candid::Principal;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, LazyLock};

pub(crate) static ENGINE: LazyLock<WasmEngine> = LazyLock::new(|| {
    WasmEngine::new(ModuleCache::Memory, Some(heap_creator())).expect("the engine starts")
});

pub(crate) const INSTRUCTIONS: u64 = 40_000_000_000;
pub(crate) const BALANCE: Cycles = Cycles(1_000_000_000_000_000);
const GIB: u64 = 1 << 30;

/// Compiles a module.
pub(crate) fn compile(text: &str) -> Arc<CompiledModule> {
    let wasm = wat::parse_str(text).expect("the text parses");
    ENGINE.compile(&wasm).expect("the module is valid")
}

/// A canister with this module, newly installed.
pub(crate) struct Machine {
    pub module: Arc<CompiledModule>,
    pub state: WasmState,
    pub environment: Environment,
    pub limits: Limits,
}

impl Machine {
    pub fn new(text: &str) -> Machine {
        Machine::of(compile(text))
    }

    pub fn of(module: Arc<CompiledModule>) -> Machine {
        let state =
            fresh_state(&module, StableMemory::default()).expect("the module can be installed");
        Machine {
            module,
            state,
            environment: environment(),
            limits: limits(),
        }
    }

    /// Runs an exported method; a success becomes the new state.
    pub fn run(&mut self, method: WasmMethod, context: Context) -> Outcome {
        self.enter(Function::Method(method), context)
    }

    pub fn update(&mut self, name: &str) -> Outcome {
        self.run(
            WasmMethod::Update(name.to_string()),
            Context::Update(input(b"")),
        )
    }

    pub fn enter(&mut self, function: Function, context: Context) -> Outcome {
        let outcome = execute(
            &ENGINE,
            Execution {
                module: self.module.clone(),
                state: self.state.clone(),
                function,
                context,
                environment: self.environment.clone(),
                limits: self.limits,
            },
        );
        if let Ok(changes) = &outcome.result {
            self.state = changes.state.clone();
        }
        outcome
    }
}

/// The reply of a successful execution.
pub(crate) fn reply(outcome: &Outcome) -> Vec<u8> {
    match &outcome.result {
        Ok(Changes {
            answer: Some(Answer::Reply(data)),
            ..
        }) => data.clone(),
        other => panic!("expected a reply, got {other:?}"),
    }
}

/// The trap of an execution.
pub(crate) fn trap_of(outcome: &Outcome) -> &Trap {
    match &outcome.result {
        Err(trap) => trap,
        Ok(changes) => panic!("expected a trap, got {:?}", changes.answer),
    }
}

pub(crate) fn input(argument: &[u8]) -> CallInput {
    CallInput {
        caller: Principal::anonymous(),
        arg: Arc::from(argument),
        available: Cycles::ZERO,
        deadline: None,
    }
}

fn callback(answer: Result<Arc<[u8]>, Reject>, composite: bool) -> Context {
    let caller = Principal::anonymous();
    let input = CallbackInput {
        caller,
        answer,
        refunded: Cycles(7),
        available: Cycles(5),
        answered: false,
        deadline: None,
    };
    Context::Callback { input, composite }
}

/// One context of every kind.
pub(crate) fn contexts() -> Vec<Context> {
    let caller = Principal::anonymous();
    let arg: Arc<[u8]> = Arc::from(*b"ab");
    let certificate = Some(Arc::from(*b"certificate"));
    let reject = || {
        Err(Reject {
            code: RejectCode::CanisterReject,
            message: "no".into(),
        })
    };
    vec![
        Context::Start,
        Context::Init {
            caller,
            arg: arg.clone(),
        },
        Context::PreUpgrade { caller },
        Context::Update(input(b"ab")),
        Context::ReplicatedQuery(input(b"ab")),
        Context::Query {
            input: input(b"ab"),
            certificate: certificate.clone(),
        },
        Context::CompositeQuery {
            input: input(b"ab"),
            certificate,
        },
        callback(Ok(arg.clone()), false),
        callback(reject(), false),
        callback(Ok(arg.clone()), true),
        callback(reject(), true),
        Context::Cleanup {
            caller,
            composite: false,
            deadline: None,
        },
        Context::Cleanup {
            caller,
            composite: true,
            deadline: None,
        },
        Context::Inspect {
            caller,
            method: "go".into(),
            arg,
        },
        Context::Task(SystemTask::Heartbeat),
    ]
}

pub(crate) fn environment() -> Environment {
    Environment {
        canister: CanisterId::from_number(1),
        subnet: SubnetId(Principal::self_authenticating(b"subnet")),
        node_count: 13,
        time: Time(1_620_328_630_000_000_000),
        caller_info: None,
        status: 1,
        canister_version: 3,
        controllers: Arc::new(BTreeSet::from([Principal::anonymous()])),
        balance: BALANCE,
        prepaid: Cycles::ZERO,
        freezing_threshold: Cycles::ZERO,
        reserved_balance: Cycles::ZERO,
        reserved_cycles_limit: None,
        storage: StorageUse::of_subnet(0),
        memory_usage: 0,
        memory_allocation: 0,
        freezing_seconds: 0,
        compute_allocation: 0,
        fees: Arc::new(FeeSchedule::new(CostSchedule::Normal, 13)),
        root_key: Arc::from([1; 133]),
        environment_variables: Arc::new(BTreeMap::new()),
        signing_keys: Arc::new(BTreeMap::new()),
        free_output_slots: Arc::new(BTreeMap::new()),
        call_context_instructions: 0,
        next_log_index: 0,
        global_timer: None,
    }
}

fn limits() -> Limits {
    Limits {
        instructions: INSTRUCTIONS,
        heap_bytes: 4 * GIB,
        wasm_memory_limit: None,
        wasm_memory_threshold: 0,
        stable_bytes: 500 * GIB,
        memory_growth_bytes: 2048 * GIB,
        reply_bytes: 2 << 20,
        log_bytes: 4096,
    }
}
