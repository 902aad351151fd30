//! One instance of a module for one execution.
//!
//! In: an [`Execution`]. Out: an [`Outcome`]. The instance gets the canister's memory, globals and instructions, runs one function,
//! and is gone; only what [`Changes`] holds stays. Leaves out: what the System API does.

use super::host::{Answering, Host};
use super::host_memory::with_heap;
use super::stack_depth::enter;
use super::{
    Changes, Context, Execution, Function, GlobalValue, LogRecord, Outcome, Trap, WasmState, trap,
};
use crate::cycles::fees::Width;
use crate::memory::{Heap, HeapChanges};
use crate::system_api;
use crate::wasm::{
    CompiledModule, INSTRUCTION_COUNTER_EXPORT, MEMORY_EXPORT, OUT_OF_INSTRUCTIONS_EXPORT,
    TABLE_EXPORT, WasmEngine,
};
use wasmtime::{Func, Instance, Ref, Store, V128, Val};

/// Pages that one written page counts for in a wasm64 canister, whose memory the network tracks four pages at a time.
const WASM64_PAGES: u64 = 4;
/// Instructions charged for a page of 4 KiB that was written.
pub(crate) const WRITTEN_PAGE_INSTRUCTIONS: u64 = 1_000;

/// Runs on this thread, which has stack enough.
pub(super) fn run(engine: &WasmEngine, execution: Execution) -> Outcome {
    let Execution {
        module,
        state,
        function,
        context,
        environment,
        limits,
    } = execution;
    let WasmState {
        heap,
        stable,
        globals,
    } = state;
    let width = width(&module);
    let host = Host::new(context, environment, limits, width, heap.bytes(), stable);
    let mut running = match Running::new(engine, &module, host, &heap, &globals) {
        Ok(running) => running,
        Err(trap) => {
            return Outcome {
                instructions: 0,
                result: Err(trap),
                logs: Vec::new(),
            };
        }
    };
    let result = running.call(&function);
    running.finish(&module, heap, result)
}

/// The address width of a module's memory.
pub(super) fn width(module: &CompiledModule) -> Width {
    match &module.memory {
        Some(memory) if memory.is_64 => Width::Wasm64,
        _ => Width::Wasm32,
    }
}

struct Running {
    store: Store<Host>,
    instance: Instance,
}

impl Running {
    /// Instantiates the module with the canister's state.
    fn new(
        engine: &WasmEngine,
        module: &CompiledModule,
        host: Host,
        heap: &Heap,
        globals: &[GlobalValue],
    ) -> Result<Self, Trap> {
        let instructions = i64::try_from(host.limits.instructions).unwrap_or(i64::MAX);
        let engine_error = |error: wasmtime::Error| {
            let text = format!(
                "Canister encountered a Wasm engine error: Failed to instantiate module: {error:#}"
            );
            trap::other(crate::error::ErrorCode::CanisterWasmEngineError, &text)
        };
        let linked = system_api::linked(engine, module).map_err(engine_error)?;
        let mut store = Store::new(engine.engine(), host);
        store.limiter(|host| host);
        let instance =
            with_heap(heap.clone(), || linked.instantiate(&mut store)).map_err(engine_error)?;
        let counter = instance.get_global(&mut store, INSTRUCTION_COUNTER_EXPORT);
        if let Some(counter) = counter {
            counter
                .set(&mut store, Val::I64(instructions))
                .map_err(engine_error)?;
        }
        for (export, value) in module.mutable_globals.iter().zip(globals) {
            if let Some(global) = instance.get_global(&mut store, &export.name) {
                global
                    .set(&mut store, to_val(*value))
                    .map_err(engine_error)?;
            }
        }
        let memory = instance.get_memory(&mut store, MEMORY_EXPORT);
        let host = store.data_mut();
        host.counter = counter;
        host.memory = memory;
        Ok(Running { store, instance })
    }

    fn call(&mut self, function: &Function) -> Result<(), Trap> {
        let (entry, arguments) = match function {
            Function::Method(method) => {
                let entry = self
                    .instance
                    .get_func(&mut self.store, &method.export_name());
                (
                    entry.ok_or_else(|| Trap::MethodNotFound(method.clone()))?,
                    vec![],
                )
            }
            Function::Closure(closure) => {
                let argument = match self.store.data().width {
                    Width::Wasm32 => Val::I32(closure.env as u32 as i32),
                    Width::Wasm64 => Val::I64(closure.env as i64),
                };
                (self.table_function(closure.function)?, vec![argument])
            }
        };
        let ty = entry.ty(&self.store);
        let fits = ty.results().len() == 0
            && ty.params().len() == arguments.len()
            && ty
                .params()
                .zip(&arguments)
                .all(|(ty, argument)| argument.matches_ty(&self.store, &ty).unwrap_or(false));
        if !fits {
            return Err(trap::wasm("unknown"));
        }
        enter(&mut self.store, entry, &arguments).map_err(|error| self.trap_of(&error))
    }

    fn table_function(&mut self, index: u64) -> Result<Func, Trap> {
        let table = self.instance.get_table(&mut self.store, TABLE_EXPORT);
        match table.and_then(|table| table.get(&mut self.store, index)) {
            Some(Ref::Func(Some(function))) => Ok(function),
            _ => Err(Trap::FunctionNotFound {
                table: 0,
                function: index,
            }),
        }
    }

    fn trap_of(&mut self, error: &wasmtime::Error) -> Trap {
        if let Some((trap, import)) = self.store.data_mut().stopped.take() {
            let callee = matches!(trap, Trap::Wasm { .. }).then_some(import);
            return trap::with_backtrace(
                trap,
                error,
                callee.filter(|import| import.starts_with("stable")),
            );
        }
        let ended = self
            .instance
            .get_global(&mut self.store, OUT_OF_INSTRUCTIONS_EXPORT);
        if ended.is_some_and(|global| global.get(&mut self.store).i32() == Some(1)) {
            return Trap::InstructionLimit {
                limit: self.store.data().limits.instructions,
            };
        }
        trap::with_backtrace(trap::from_engine(error), error, None)
    }

    /// Instructions used by the code so far, at most the limit.
    fn used(&mut self) -> u64 {
        let limit = self.store.data().limits.instructions;
        let counter = self.store.data().counter;
        let left = counter
            .and_then(|counter| counter.get(&mut self.store).i64())
            .unwrap_or(0);
        limit - u64::try_from(left).unwrap_or(0).min(limit)
    }

    fn finish(mut self, module: &CompiledModule, heap: Heap, result: Result<(), Trap>) -> Outcome {
        let limit = self.store.data().limits.instructions;
        let used = match &result {
            Err(Trap::InstructionLimit { .. }) => limit,
            _ => self.used(),
        };
        let counts_pages = self.store.data().counts_pages();
        let changes = match self.store.data().memory {
            Some(memory) if counts_pages => Some(heap.changes(memory.data(&self.store))),
            _ => None,
        };
        let pages = changes.as_ref().map_or(0, HeapChanges::count);
        let written = match self.store.data().width {
            Width::Wasm32 => pages,
            Width::Wasm64 => pages * WASM64_PAGES,
        };
        let instructions = used
            .saturating_add(written * WRITTEN_PAGE_INSTRUCTIONS)
            .min(limit);
        if let Err(trap) = result {
            let logs = take_logs(self.store.data_mut());
            return Outcome {
                instructions,
                result: Err(trap),
                logs,
            };
        }
        let globals = self.globals(module);
        let mut host = self.into_host();
        let logs = take_logs(&mut host);
        let mut heap = heap;
        if let Some(changes) = changes {
            heap.apply(&changes);
        }
        Outcome {
            instructions,
            result: Ok(changes_of(host, heap, globals)),
            logs,
        }
    }

    /// Drops the instance and its memory, which must be gone before the heap is changed.
    fn into_host(self) -> Host {
        self.store.into_data()
    }

    fn globals(&mut self, module: &CompiledModule) -> Vec<GlobalValue> {
        read_globals(&mut self.store, &self.instance, module)
    }
}

/// The values of the mutable globals of an instance.
pub(super) fn read_globals<T: 'static>(
    store: &mut Store<T>,
    instance: &Instance,
    module: &CompiledModule,
) -> Vec<GlobalValue> {
    let mut values = Vec::with_capacity(module.mutable_globals.len());
    for export in &module.mutable_globals {
        let global = instance.get_global(&mut *store, &export.name);
        values.push(global.map_or(GlobalValue::I32(0), |global| {
            from_val(global.get(&mut *store))
        }));
    }
    values
}

fn take_logs(host: &mut Host) -> Vec<LogRecord> {
    if !host.is_replicated() {
        return Vec::new();
    }
    let empty = super::log::ExecutionLog::new(host.environment.time, 0, 0);
    std::mem::replace(&mut host.log, empty).into_records()
}

fn changes_of(mut host: Host, heap: Heap, globals: Vec<GlobalValue>) -> Changes {
    // A call that was never performed gives its cycles back.
    if let Some(call) = host.call.take() {
        host.balance += call.cycles;
    }
    let low_wasm_memory = host.is_low_on_memory();
    Changes {
        state: WasmState {
            heap,
            stable: host.stable,
            globals,
        },
        answer: match host.answering {
            Answering::Done(answer) => Some(answer),
            Answering::Open(_) | Answering::Before => None,
        },
        calls: host.calls,
        accepted: host.accepted,
        burned: host.burned,
        balance: host.balance,
        newly_reserved: host.newly_reserved,
        certified_data: host.certified_data,
        global_timer: host.global_timer,
        accepted_message: matches!(host.context, Context::Inspect { .. }) && host.accepted_message,
        low_wasm_memory,
    }
}

fn to_val(value: GlobalValue) -> Val {
    match value {
        GlobalValue::I32(value) => Val::I32(value),
        GlobalValue::I64(value) => Val::I64(value),
        GlobalValue::F32(bits) => Val::F32(bits),
        GlobalValue::F64(bits) => Val::F64(bits),
        GlobalValue::V128(bits) => Val::V128(V128::from(bits)),
    }
}

fn from_val(value: Val) -> GlobalValue {
    match value {
        Val::I64(value) => GlobalValue::I64(value),
        Val::F32(bits) => GlobalValue::F32(bits),
        Val::F64(bits) => GlobalValue::F64(bits),
        Val::V128(bits) => GlobalValue::V128(bits.as_u128()),
        other => GlobalValue::I32(other.i32().unwrap_or(0)),
    }
}
