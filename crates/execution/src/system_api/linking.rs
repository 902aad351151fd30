//! Connecting a module's imports to the table.
//!
//! In: a compiled module. Out: the module ready to be instantiated, once per module. A call of an import first pays, then is checked
//! for its context, then runs. Leaves out: what the imports do.

use super::context::ContextMask;
use super::system_call::SystemCall;
use super::table::{ByteCost, IMPORTS, Import, refused};
use crate::sandbox::{Host, Trap};
use crate::wasm::{CompiledModule, SYSTEM_API_MODULE, WasmEngine};
use wasmtime::{Caller, FuncType, InstancePre, Linker, Val, ValType};

/// A module whose imports are connected.
pub(crate) type Linked = InstancePre<Host>;

/// Fifty instructions for each byte that leaves the sandbox.
const TRANSMISSION_FACTOR: u64 = 50;

/// The module with its imports connected.
///
/// # Errors
/// When the module imports what the table does not have; such modules are refused when they are compiled.
pub(crate) fn linked(engine: &WasmEngine, module: &CompiledModule) -> wasmtime::Result<Linked> {
    if let Some(linked) = module.linked.get() {
        return Ok(linked.clone());
    }
    let mut linker = Linker::new(engine.engine());
    linker.allow_shadowing(true);
    for import in module.module.imports() {
        let row = IMPORTS
            .iter()
            .find(|row| row.name == import.name() && import.module() == SYSTEM_API_MODULE);
        if let (Some(row), Some(ty)) = (row, import.ty().func()) {
            connect(&mut linker, row, ty)?;
        }
    }
    let linked = linker.instantiate_pre(&module.module)?;
    Ok(module.linked.get_or_init(|| linked).clone())
}

fn connect(linker: &mut Linker<Host>, row: &'static Import, ty: &FuncType) -> wasmtime::Result<()> {
    let result = ty.results().next();
    let contexts = row.contexts.mask();
    linker.func_new(
        SYSTEM_API_MODULE,
        row.name,
        ty.clone(),
        move |caller, arguments, results| {
            let value = call(caller, row, contexts, arguments)?;
            match (results.first_mut(), &result) {
                (Some(slot), Some(ValType::I64)) => *slot = Val::I64(value as i64),
                (Some(slot), _) => *slot = Val::I32(value as u32 as i32),
                (None, _) => {}
            }
            Ok(())
        },
    )?;
    Ok(())
}

/// Most arguments that an import has.
const MAX_ARGUMENTS: usize = 8;

fn call(
    mut caller: Caller<'_, Host>,
    row: &'static Import,
    contexts: ContextMask,
    arguments: &[Val],
) -> wasmtime::Result<u64> {
    let mut numbers = [0; MAX_ARGUMENTS];
    for (number, argument) in numbers.iter_mut().zip(arguments) {
        *number = match argument {
            Val::I32(value) => u64::from(*value as u32),
            other => other.i64().unwrap_or(0) as u64,
        };
    }
    let counter = caller.data().counter;
    let mut left = counter
        .and_then(|counter| counter.get(&mut caller).i64())
        .unwrap_or(0);
    let (heap, host) = match caller.data().memory {
        Some(memory) => {
            let (heap, host) = memory.data_and_store_mut(&mut caller);
            (Some(heap), host)
        }
        None => (None, caller.data_mut()),
    };
    let mut call = SystemCall {
        host,
        heap,
        arguments: &numbers,
        instructions_left: &mut left,
    };
    let result = pay_and_run(&mut call, row, contexts);
    if let Some(counter) = counter {
        counter.set(&mut caller, Val::I64(left))?;
    }
    result.map_err(|trap| {
        caller.data_mut().stopped = Some((trap, row.name));
        wasmtime::Error::msg("the System API ends the execution")
    })
}

fn pay_and_run(call: &mut SystemCall, row: &Import, contexts: ContextMask) -> Result<u64, Trap> {
    let for_bytes = match row.bytes {
        ByteCost::None => 0,
        ByteCost::Bytes(size) => call.argument(size),
        ByteCost::Transmitted(size) => TRANSMISSION_FACTOR.saturating_mul(call.argument(size)),
        ByteCost::Both(one, other) => call.argument(one).saturating_add(call.argument(other)),
        ByteCost::Logged(size) => logging_cost(call, call.argument(size)),
    };
    charge(call, row.overhead.saturating_add(for_bytes))?;
    if !contexts.contains(call.host.context_bit) {
        return Err(refused(&row.name_in_messages(), &call.host.context));
    }
    (row.run)(call)
}

/// A message is shown, takes its place in the log and that of the oldest one, and leaves the sandbox as far as there is room.
fn logging_cost(call: &SystemCall, size: u64) -> u64 {
    let stored = size.min(call.host.log.capacity() as u64);
    let transmitted = size.min(call.host.log.remaining() as u64);
    size.saturating_add(2 * stored + TRANSMISSION_FACTOR * transmitted)
}

/// Takes instructions, or ends the execution.
pub(super) fn charge(call: &mut SystemCall, instructions: u64) -> Result<(), Trap> {
    let amount = i64::try_from(instructions).unwrap_or(i64::MAX);
    *call.instructions_left = call.instructions_left.saturating_sub(amount);
    if *call.instructions_left < 0 {
        return Err(Trap::InstructionLimit {
            limit: call.host.limits.instructions,
        });
    }
    Ok(())
}
