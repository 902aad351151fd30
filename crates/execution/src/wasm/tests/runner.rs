//! Runs one method of a module with just enough of the System API to read the counter.

use wasmtime::{Caller, Instance, Linker, Store, Val};

use crate::wasm::{CompiledModule, INSTRUCTION_COUNTER_EXPORT, WasmEngine, WasmMethod};

const LIMIT: i64 = 40_000_000_000;
const PERFORMANCE_COUNTER_COST: i64 = 200;
const REPLY_COST: i64 = 500;
const REPLY_COST_PER_BYTE: i64 = 50;

/// The last value that `performance_counter` gave in an update method; `None` if the module imports functions
/// whose costs are not known here.
pub(super) fn counter_at_end(
    engine: &WasmEngine,
    module: &CompiledModule,
    method: &str,
) -> Option<u64> {
    let mut store = Store::new(engine.engine(), 0u64);
    let mut linker: Linker<u64> = Linker::new(engine.engine());
    linker
        .func_wrap(
            "ic0",
            "performance_counter",
            |mut caller: Caller<'_, u64>, _: i32| -> i64 {
                let left = charge(&mut caller, PERFORMANCE_COUNTER_COST);
                *caller.data_mut() = (LIMIT - left) as u64;
                LIMIT - left
            },
        )
        .expect("a new name");
    let answers = ["msg_reply_data_append", "msg_reply"];
    if module
        .module
        .imports()
        .any(|import| import.name() != "performance_counter" && !answers.contains(&import.name()))
    {
        return None;
    }
    if module.memory.is_some_and(|memory| memory.is_64) {
        linker.func_wrap(
            "ic0",
            "msg_reply_data_append",
            |mut caller: Caller<'_, u64>, _: i64, size: i64| {
                charge(&mut caller, REPLY_COST + REPLY_COST_PER_BYTE * size);
            },
        )
    } else {
        linker.func_wrap(
            "ic0",
            "msg_reply_data_append",
            |mut caller: Caller<'_, u64>, _: i32, size: i32| {
                charge(
                    &mut caller,
                    REPLY_COST + REPLY_COST_PER_BYTE * i64::from(size),
                );
            },
        )
    }
    .expect("a new name");
    linker
        .define_unknown_imports_as_default_values(&mut store, &module.module)
        .expect("functions only");
    let instance = linker
        .instantiate(&mut store, &module.module)
        .expect("the module instantiates");
    for segment in module.data_segments.iter() {
        let memory = instance
            .get_memory(&mut store, "memory")
            .expect("segments need a memory");
        memory
            .write(&mut store, segment.offset as usize, &segment.bytes)
            .expect("in bounds");
    }
    set_counter(&mut store, &instance);
    let name = WasmMethod::Update(method.to_string()).export_name();
    let function = instance.get_typed_func::<(), ()>(&mut store, &name).ok()?;
    function.call(&mut store, ()).expect("the method returns");
    Some(*store.data())
}

/// Takes the amount from the counter; returns what is left.
fn charge(caller: &mut Caller<'_, u64>, amount: i64) -> i64 {
    let counter = caller
        .get_export(INSTRUCTION_COUNTER_EXPORT)
        .and_then(|export| export.into_global());
    let counter = counter.expect("the counter is exported");
    let left = counter.get(&mut *caller).i64().expect("an i64") - amount;
    counter
        .set(caller, Val::I64(left))
        .expect("the counter is mutable");
    left
}

fn set_counter(store: &mut Store<u64>, instance: &Instance) {
    let counter = instance
        .get_global(&mut *store, INSTRUCTION_COUNTER_EXPORT)
        .expect("the counter is exported");
    counter
        .set(store, Val::I64(LIMIT))
        .expect("the counter is mutable");
}
