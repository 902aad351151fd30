//! Traps and their texts; imports in contexts that refuse them.

use super::runner::{Machine, contexts, trap_of};
use crate::sandbox::{Context, Trap};
use crate::system_api::{contexts_of, import_names};
use crate::wasm::{AddressWidth, SYSTEM_API_IMPORTS, WasmMethod, import_signature};
use wasmparser::ValType;

fn reason(body: &str) -> (String, Option<String>) {
    let text = format!(
        "(module (memory 1) (table 1 funcref) (type $t (func)) (func $rec (call $rec)) (func $f (export \"canister_update go\") {body}))"
    );
    let mut machine = Machine::new(&text);
    match trap_of(&machine.update("go")) {
        Trap::Wasm { reason, backtrace } => (reason.clone(), backtrace.clone()),
        other => panic!("unexpected {other:?}"),
    }
}

#[test]
fn wasm_traps_have_the_texts_of_the_network() {
    for (body, text) in [
        ("unreachable", "unreachable"),
        ("(drop (i32.load (i32.const 65536)))", "heap out of bounds"),
        (
            "(drop (i32.load offset=65533 (i32.const -1)))",
            "heap out of bounds",
        ),
        (
            "(drop (i32.div_u (i32.const 1) (i32.const 0)))",
            "integer division by 0",
        ),
        (
            "(drop (i32.div_s (i32.const 0x80000000) (i32.const -1)))",
            "unknown",
        ),
        (
            "(call_indirect (type $t) (i32.const 1))",
            "table out of bounds",
        ),
        ("(call_indirect (type $t) (i32.const 0))", "unknown"),
    ] {
        let (reason, backtrace) = reason(body);
        assert_eq!(reason, text);
        assert_eq!(backtrace.as_deref(), Some("Canister Backtrace:\nf\n"));
    }
    let (reason, backtrace) = reason("(call $rec)");
    assert_eq!(reason, "stack overflow");
    let ends_at_the_entry = backtrace.is_some_and(|text| text.ends_with("\nrec\nrec\nf\n"));
    assert!(ends_at_the_entry, "the backtrace shows its end");
}

/// A module whose method calls one import with zeroes.
fn module_calling(name: &str, width: AddressWidth) -> String {
    let signature = import_signature(name, width).expect("offered");
    let types = |types: Vec<ValType>| types.iter().map(|ty| format!(" {ty}")).collect::<String>();
    let parameters = signature.parameters(width);
    let arguments: String = parameters
        .iter()
        .map(|ty| format!("({ty}.const 0) "))
        .collect();
    let results = signature.results(width);
    let drop = if results.is_empty() { "" } else { "drop" };
    let memory = if width == AddressWidth::Bits64 {
        "i64 1"
    } else {
        "1"
    };
    format!(
        "(module (import \"ic0\" \"{name}\" (func $i (param{}) (result{}))) (memory {memory}) (func (export \"canister_update go\") \
         {arguments} call $i {drop}))",
        types(parameters.clone()),
        types(results)
    )
}

#[test]
fn the_table_has_every_import_once() {
    let mut table: Vec<_> = import_names().collect();
    let mut signatures: Vec<_> = SYSTEM_API_IMPORTS
        .iter()
        .map(|import| import.name)
        .collect();
    table.sort_unstable();
    signatures.sort_unstable();
    assert_eq!(table, signatures);
}

#[test]
fn the_table_only_uses_letters_of_contexts() {
    let known: Vec<&str> = contexts().iter().map(Context::letters).collect();
    for name in import_names() {
        for letters in contexts_of(name).expect("in the table").split(' ') {
            assert!(
                letters == "*" || known.contains(&letters),
                "{name}: {letters}"
            );
        }
    }
}

#[test]
fn every_import_is_refused_outside_its_contexts_and_only_there() {
    for width in [AddressWidth::Bits32, AddressWidth::Bits64] {
        for import in SYSTEM_API_IMPORTS
            .iter()
            .filter(|import| import_signature(import.name, width).is_some())
        {
            let mut machine = Machine::new(&module_calling(import.name, width));
            let allowed: Vec<&str> = contexts_of(import.name)
                .expect("in the table")
                .split(' ')
                .collect();
            for context in contexts() {
                let letters = context.letters();
                let expected =
                    allowed.contains(&letters) || (allowed.contains(&"*") && letters != "s");
                let text = format!("cannot be executed in {} mode", context.name());
                let outcome = machine.run(WasmMethod::Update("go".into()), context);
                let refused = match &outcome.result {
                    Err(Trap::ContractViolation {
                        message, doc_link, ..
                    }) if message.ends_with(&text) => {
                        assert!(doc_link.ends_with("#calling-a-system-api-from-the-wrong-mode"));
                        assert!(message.contains(import.name));
                        true
                    }
                    _ => false,
                };
                assert_eq!(
                    refused,
                    !expected,
                    "{} in {letters}: {:?}",
                    import.name,
                    outcome.result.err()
                );
            }
        }
    }
}

#[test]
fn ranges_beyond_the_heap_are_refused_with_their_numbers() {
    let text = r#"(module (import "ic0" "msg_reply_data_append" (func $a (param i32 i32))) (memory 1)
        (func (export "canister_update go") (call $a (i32.const 65530) (i32.const 10))))"#;
    let mut machine = Machine::new(text);
    let outcome = machine.update("go");
    let Trap::ContractViolation { message, .. } = trap_of(&outcome) else {
        panic!("a contract violation")
    };
    assert_eq!(
        message,
        "msg.reply: src=65530 + length=10 exceeds the slice size=65536"
    );
}

#[test]
fn growth_beyond_the_memory_limit_of_the_canister_traps() {
    let text = r#"(module (memory 1) (func (export "canister_update go") (drop (memory.grow (i32.const 100)))))"#;
    let mut machine = Machine::new(text);
    machine.limits.wasm_memory_limit = Some(3_000_000);
    let outcome = machine.update("go");
    assert_eq!(
        trap_of(&outcome),
        &Trap::WasmMemoryLimit {
            bytes: 101 * 65_536,
            limit: 3_000_000
        }
    );
}
