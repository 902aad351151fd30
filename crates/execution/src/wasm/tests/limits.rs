//! Each limit at its boundary: the last module accepted and the first refused.

use std::fmt::Write;

use super::{engine, wasm};
use crate::error::ErrorCode;
use crate::wasm::limits::{
    MAX_CODE_SECTION_BYTES, MAX_EXPORTED_METHODS, MAX_EXPORTED_NAMES_BYTES,
    MAX_FUNCTION_COMPLEXITY, MAX_FUNCTION_INSTRUCTIONS, MAX_FUNCTIONS, MAX_GLOBALS,
    MAX_TABLE_ELEMENTS, MAX_WASM64_PAGES,
};
use crate::wasm::sections::Sections;
use crate::wasm::validation::{check_code_section_size, check_module};
use crate::wasm::{ValidationError, WasmError};

/// Checks the rules of the module format without compiling, which takes long for the largest modules.
fn check(module: &[u8]) -> Result<(), ValidationError> {
    check_code_section_size(module)?;
    wasmtime::Module::validate(engine().engine(), module).expect("plain Wasm is valid");
    check_module(&Sections::read(module)?)
}

fn repeated(item: &str, count: usize) -> String {
    format!("(module {})", item.repeat(count))
}

#[test]
fn the_number_of_functions_is_limited() {
    assert_eq!(check(&wasm(&repeated("(func)", MAX_FUNCTIONS))), Ok(()));
    let error = check(&wasm(&repeated("(func)", MAX_FUNCTIONS + 1)));
    assert_eq!(
        error,
        Err(ValidationError::TooManyFunctions {
            defined: 50_001,
            allowed: 50_000
        })
    );
}

#[test]
fn the_number_of_globals_is_limited() {
    let global = "(global i32 (i32.const 0))";
    assert_eq!(check(&wasm(&repeated(global, MAX_GLOBALS))), Ok(()));
    let error = check(&wasm(&repeated(global, MAX_GLOBALS + 1)));
    assert_eq!(
        error,
        Err(ValidationError::TooManyGlobals {
            defined: 1_001,
            allowed: 1_000
        })
    );
}

fn module_with_methods(count: usize, name_length: usize) -> Vec<u8> {
    let mut text = "(module (func $f)".to_string();
    for method in 0..count {
        write!(
            text,
            "(export \"canister_query {method:0name_length$}\" (func $f))"
        )
        .expect("writing to memory");
    }
    wasm(&(text + ")"))
}

#[test]
fn the_number_of_methods_is_limited() {
    assert_eq!(check(&module_with_methods(MAX_EXPORTED_METHODS, 4)), Ok(()));
    let error = check(&module_with_methods(MAX_EXPORTED_METHODS + 1, 4));
    assert_eq!(
        error,
        Err(ValidationError::TooManyExports {
            defined: 1_001,
            allowed: 1_000
        })
    );
}

#[test]
fn the_length_of_all_method_names_is_limited() {
    assert_eq!(
        check(&module_with_methods(100, MAX_EXPORTED_NAMES_BYTES / 100)),
        Ok(())
    );
    let error = check(&module_with_methods(
        100,
        MAX_EXPORTED_NAMES_BYTES / 100 + 1,
    ));
    assert_eq!(
        error,
        Err(ValidationError::ExportedNamesTooLong {
            total_length: 20_100,
            allowed: 20_000
        })
    );
}

#[test]
fn the_size_of_a_function_is_limited() {
    // One `end` is added to the `nop`s. Their complexity is one each, so the first to break is the complexity.
    let function = |size: usize| wasm(&format!("(module (func {}))", "nop ".repeat(size - 1)));
    assert_eq!(check(&function(MAX_FUNCTION_INSTRUCTIONS)), Ok(()));
    let error = check(&function(MAX_FUNCTION_INSTRUCTIONS + 1));
    let complexity = MAX_FUNCTION_COMPLEXITY + 1;
    assert_eq!(
        error,
        Err(ValidationError::FunctionComplexityTooHigh {
            index: 0,
            complexity,
            allowed: MAX_FUNCTION_COMPLEXITY
        })
    );
}

#[test]
fn the_complexity_of_a_function_is_limited() {
    // A call weighs 50 and the last `end` weighs one.
    let function = |calls: usize, nops: usize| {
        wasm(&format!(
            "(module (func $f {} {}))",
            "call $f ".repeat(calls),
            "nop ".repeat(nops)
        ))
    };
    assert_eq!(check(&function(19_999, 49)), Ok(()));
    assert!(matches!(
        check(&function(19_999, 50)),
        Err(ValidationError::FunctionComplexityTooHigh {
            complexity: 1_000_001,
            ..
        })
    ));
}

#[test]
fn the_size_of_the_code_section_is_limited() {
    // The number of functions in front, here one byte, does not count.
    let with_code = |size: u32| {
        let mut module = b"\0asm\x01\0\0\0\x0a".to_vec();
        wasm_encoder::Encode::encode(&(size + 1), &mut module);
        module.resize(module.len() + size as usize + 1, 0);
        module
    };
    assert_eq!(
        check_code_section_size(&with_code(MAX_CODE_SECTION_BYTES)),
        Ok(())
    );
    assert_eq!(
        check_code_section_size(&with_code(MAX_CODE_SECTION_BYTES + 1)),
        Err(ValidationError::CodeSectionTooLarge {
            size: MAX_CODE_SECTION_BYTES + 1,
            allowed: MAX_CODE_SECTION_BYTES
        })
    );
}

#[test]
fn instructions_that_change_tables_are_refused() {
    let prefix = "(module (table $t 1 funcref) (elem $e func) (func";
    for (instruction, code) in [
        ("table.set", "(table.set $t (i32.const 0) (ref.null func))"),
        (
            "table.grow",
            "(drop (table.grow $t (ref.null func) (i32.const 0)))",
        ),
        (
            "table.fill",
            "(table.fill $t (i32.const 0) (ref.null func) (i32.const 0))",
        ),
        (
            "table.copy",
            "(table.copy $t $t (i32.const 0) (i32.const 0) (i32.const 0))",
        ),
        (
            "table.init",
            "(table.init $t $e (i32.const 0) (i32.const 0) (i32.const 0))",
        ),
    ] {
        let error = check(&wasm(&format!("{prefix} {code}))")));
        assert_eq!(
            error,
            Err(ValidationError::UnsupportedInstruction {
                index: 0,
                instruction
            })
        );
    }
    assert_eq!(
        check(&wasm(&format!(
            "{prefix} (drop (table.get $t (i32.const 0)))))"
        ))),
        Ok(())
    );
}

#[test]
fn a_table_may_have_a_million_elements() {
    let table = |size: u64| wasm(&format!("(module (table {size} funcref))"));
    assert!(engine().compile(&table(MAX_TABLE_ELEMENTS)).is_ok());
    let error = engine()
        .compile(&table(MAX_TABLE_ELEMENTS + 1))
        .expect_err("one too many");
    assert_eq!(error.error_code(), ErrorCode::CanisterWasmEngineError);
    assert!(
        error
            .to_string()
            .ends_with("table minimum size of 1000001 elements exceeds table limits")
    );
}

#[test]
fn there_is_one_table_at_most() {
    let error = engine()
        .compile(&wasm("(module (table 1 funcref) (table 1 funcref))"))
        .expect_err("two tables");
    assert!(matches!(error, WasmError::Instantiation(_)));
}

#[test]
fn a_64_bit_heap_is_bounded_by_the_network() {
    let module = engine()
        .compile(&wasm("(module (memory i64 1))"))
        .expect("a good module");
    assert_eq!(
        module.memory.expect("a heap").maximum_pages,
        Some(MAX_WASM64_PAGES)
    );
    let module = engine()
        .compile(&wasm("(module (memory i64 1 7))"))
        .expect("a good module");
    assert_eq!(module.memory.expect("a heap").maximum_pages, Some(7));
}

#[test]
fn an_upload_above_the_limit_is_refused_before_it_is_read() {
    let mut upload = b"\0asm\x01\0\0\0".to_vec();
    upload.resize(100 * 1024 * 1024 + 1, 0);
    let error = engine().compile(&upload).expect_err("too large");
    assert!(error.to_string().starts_with(
        "Canister's Wasm module is not valid: Wasm module size of 104857601 exceeds the maximum allowed size of 104857600."
    ));
}

#[test]
fn data_must_fit_the_initial_heap() {
    let data = |offset: &str| {
        wasm(&format!(
            "(module (memory 1) (data (i32.const {offset}) \"xy\"))"
        ))
    };
    assert!(engine().compile(&data("65534")).is_ok());
    assert!(matches!(
        engine().compile(&data("65535")),
        Err(WasmError::Instrumentation(_))
    ));
    let error = engine()
        .compile(&data("-1"))
        .expect_err("a negative offset");
    assert!(
        error
            .to_string()
            .contains("invalid data segment of 2 bytes at 18446744073709551615.")
    );
}
