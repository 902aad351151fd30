//! A smoke run of fuzzing: nothing that is uploaded makes the engine panic, and what passes validation can be compiled.
//!
//! The valid modules to start from are those of the recorded cases.

use std::sync::LazyLock;

use proptest::prelude::*;

use super::{engine, oracle};
use crate::wasm::instrumentation::instrument;
use crate::wasm::sections::Sections;
use crate::wasm::{ValidationError, WasmEngine, WasmError, failed_compilation_cost};

static ENGINE: LazyLock<WasmEngine> = LazyLock::new(engine);

/// Every valid module of the recorded cases.
static MODULES: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let modules = ["instructions", "traps"]
        .into_iter()
        .flat_map(oracle::modules);
    modules
        .filter(|module| wasmtime::Module::validate(ENGINE.engine(), module).is_ok())
        .collect()
});

/// Instructions of all kinds, well typed or not.
fn code() -> impl Strategy<Value = Vec<u8>> {
    let instruction = prop_oneof![
        (0x45u8..=0xc4).prop_map(|opcode| vec![opcode]),
        (0x20u8..=0x24, 0u8..3).prop_map(|(opcode, index)| vec![opcode, index]),
        (0x28u8..=0x3e, 0u8..3, 0u8..9)
            .prop_map(|(opcode, align, offset)| vec![opcode, align, offset]),
        prop::sample::select(vec![
            &[0x02, 0x40][..],
            &[0x03, 0x40],
            &[0x04, 0x40],
            &[0x05],
            &[0x0b],
            &[0x0f],
            &[0x1a],
            &[0x00],
            &[0x01],
            &[0x0c, 0],
            &[0x0d, 0],
            &[0x0e, 1, 0, 0],
            &[0x10, 0],
            &[0x12, 0],
            &[0x41, 1],
            &[0x42, 1],
            &[0x3f, 0],
            &[0x40, 0],
            &[0xfc, 0x0b, 0],
            &[0xfc, 0x0a, 0, 0],
            &[0xfc, 0x08, 0, 0],
            &[0xfc, 0x09, 0],
        ])
        .prop_map(<[u8]>::to_vec),
    ];
    prop::collection::vec(instruction, 0..40).prop_map(|instructions| instructions.concat())
}

/// A module with one function of this code, a heap, a global and a passive data segment.
fn module_with(code: &[u8]) -> Vec<u8> {
    let mut function = vec![1, 2, 0x7f];
    function.extend_from_slice(code);
    function.push(0x0b);
    let mut module = wasm_encoder::Module::new();
    for (id, data) in [
        (1, &[1, 0x60, 0, 0][..]),
        (3, &[1, 0]),
        (5, &[1, 0, 1]),
        (6, &[1, 0x7f, 1, 0x41, 0, 0x0b]),
    ] {
        module.section(&wasm_encoder::RawSection { id, data });
    }
    module.section(&wasm_encoder::DataCountSection { count: 1 });
    let mut bodies = wasm_encoder::CodeSection::new();
    bodies.raw(&function);
    module.section(&bodies);
    let mut data = wasm_encoder::DataSection::new();
    data.passive(*b"abc");
    module.section(&data);
    module.finish()
}

/// Valid Wasm stays valid Wasm when it is instrumented, whatever rule of canisters it breaks.
fn check_instrumented(module: &[u8]) -> Result<(), TestCaseError> {
    if wasmtime::Module::validate(ENGINE.engine(), module).is_err() {
        return Ok(());
    }
    let sections = match Sections::read(module) {
        Ok(sections) => sections,
        Err(ValidationError::Wasmtime(reason)) => {
            prop_assert!(reason.contains("exact function"), "{reason}");
            return Ok(());
        }
        Err(error) => return Err(TestCaseError::fail(error.to_string())),
    };
    let instrumented = instrument(module, &sections).expect("a valid module can be instrumented");
    if let Err(error) = wasmtime::Module::validate(ENGINE.engine(), &instrumented.wasm) {
        // The network lowers the maximum of a 64-bit heap, whatever its minimum.
        prop_assert!(error.to_string().contains("size minimum"), "{error}");
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_bytes_are_refused_without_a_panic(
        head in prop::sample::select(vec![&b""[..], b"\0asm\x01\0\0\0", b"\x1f\x8b\x08"]),
        tail in prop::collection::vec(any::<u8>(), 0..300),
    ) {
        let upload = [head, &tail].concat();
        failed_compilation_cost(&upload);
        let _ = ENGINE.compile(&upload);
    }

    #[test]
    fn mutated_modules_do_not_cause_a_panic(
        module in any::<prop::sample::Index>(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
    ) {
        let mut module = module.get(&MODULES).clone();
        for (position, value) in changes {
            let position = position.index(module.len());
            module[position] = value;
        }
        check_instrumented(&module)?;
        if let Err(WasmError::Instantiation(text)) = ENGINE.compile(&module) {
            prop_assert!(text.contains("table") || text.contains("import") || text.contains("size minimum"), "{text}");
        }
    }

    #[test]
    fn random_code_stays_valid_when_it_is_metered(code in code()) {
        check_instrumented(&module_with(&code))?;
        let _ = ENGINE.compile(&module_with(&code));
    }
}

/// Found by the fuzzer: an import or export of kind 0x20 passes the engine's validator.
#[test]
fn exact_functions_are_refused_as_invalid() {
    let mut imports = wasm_encoder::ImportSection::new();
    imports.import(
        "ic0",
        "msg_reply",
        wasm_encoder::EntityType::FunctionExact(0),
    );
    let mut exports = wasm_encoder::ExportSection::new();
    exports.export("canister_update go", wasm_encoder::ExportKind::Func, 0);
    let mut types = wasm_encoder::TypeSection::new();
    types.ty().function([], []);
    let mut module = wasm_encoder::Module::new();
    module.section(&types).section(&imports).section(&exports);
    let refused = ENGINE.compile(&module.finish()).expect_err("it is refused");
    let text = refused.to_string();
    assert!(
        matches!(refused, WasmError::Invalid(ValidationError::Wasmtime(_))),
        "{text}"
    );
    assert!(text.contains("exact function"), "{text}");
}

#[test]
fn every_recorded_module_stays_valid_when_it_is_instrumented() {
    assert!(MODULES.len() > 300);
    for module in MODULES.iter() {
        check_instrumented(module).expect("the result is valid");
    }
}
