//! The recorded cases, as far as a module alone shows them: counters, compile charges and the messages about bad modules.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;

use super::{engine, runner};
use crate::wasm::failed_compilation_cost;

/// What an install message costs before its bytes: the base fee, the fee of an ingress message and its other 225 bytes.
const INSTALL_WITHOUT_BYTES: u64 = 6_650_000;
const CYCLES_PER_BYTE: u64 = 2_000;

struct Case {
    name: String,
    modules: BTreeMap<String, Vec<u8>>,
    steps: Vec<Value>,
    counters: Option<[u64; 3]>,
}

fn cases(group: &str) -> Vec<Case> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join(format!("../../tests/vectors/oracle/{group}.json"));
    let text =
        std::fs::read_to_string(&path).expect("the recorded cases are part of the repository");
    let file: Value = serde_json::from_str(&text).expect("the recorded cases are JSON");
    let strings = file["strings"].as_array().expect("a list of strings");
    let expand = |value: &Value| expand(value, strings);
    let common = expand(&file["common_modules"]);
    let list = file["cases"].as_array().expect("a list of cases");
    list.iter()
        .map(expand)
        .map(|case| Case {
            name: case["name"].as_str().expect("a name").to_string(),
            modules: case["modules"]
                .as_object()
                .into_iter()
                .flatten()
                .map(|(name, module)| (name.clone(), module_bytes(module, &common)))
                .collect(),
            steps: case["steps"].as_array().expect("a list of steps").clone(),
            counters: case["derived"]["counter"].as_array().map(|counters| {
                std::array::from_fn(|index| counters[index].as_u64().expect("a counter"))
            }),
        })
        .collect()
}

/// Every module of a group.
pub(super) fn modules(group: &str) -> Vec<Vec<u8>> {
    cases(group)
        .into_iter()
        .flat_map(|case| case.modules.into_values())
        .collect()
}

fn expand(value: &Value, strings: &[Value]) -> Value {
    match value {
        Value::String(text) => match text
            .strip_prefix("@@")
            .and_then(|index| index.parse::<usize>().ok())
        {
            Some(index) => strings[index].clone(),
            None => value.clone(),
        },
        Value::Array(items) => items.iter().map(|item| expand(item, strings)).collect(),
        Value::Object(items) => items
            .iter()
            .map(|(key, item)| (key.clone(), expand(item, strings)))
            .collect(),
        other => other.clone(),
    }
}

fn module_bytes(module: &Value, common: &Value) -> Vec<u8> {
    if let Some(name) = module["ref"].as_str() {
        return module_bytes(&common[name], common);
    }
    if let Some(hex) = module["hex"].as_str() {
        return hex::decode(hex).expect("hexadecimal");
    }
    wat::parse_str(module["wat"].as_str().expect("a module")).expect("the text parses")
}

/// The first install of each case: module name, what was observed.
fn first_install(case: &Case) -> Option<(&Vec<u8>, &Value)> {
    let step = case.steps.iter().find(|step| step["op"] == "install")?;
    let has_no_argument = step["arg"].is_null() && step["candid"].is_null();
    let bytes = case.modules.get(step["module"].as_str()?)?;
    has_no_argument.then_some((bytes, &step["observed"]))
}

fn charged(observed: &Value) -> Option<u64> {
    let delta = observed["cycles_delta"]
        .as_object()?
        .values()
        .next()?
        .as_str()?;
    delta.strip_prefix('-')?.parse().ok()
}

/// Message bytes beyond the module: lengths are LEB128 in two places once they need it.
fn install_charge(module: &[u8], compile: u64) -> u64 {
    let longer_lengths: u64 = match module.len() {
        0..=127 => 0,
        _ => 2,
    };
    INSTALL_WITHOUT_BYTES + CYCLES_PER_BYTE * (module.len() as u64 + longer_lengths) + compile
}

#[test]
fn instruction_counters_are_those_recorded() {
    let engine = engine();
    let mut checked = 0;
    let mut differences = Vec::new();
    for case in cases("instructions") {
        let (Some(counters), Some((module, _))) = (case.counters, first_install(&case)) else {
            continue;
        };
        let compiled = engine
            .compile(module)
            .unwrap_or_else(|error| panic!("{}: {error}", case.name));
        for (method, expected) in ["z", "k", "kk"].into_iter().zip(counters) {
            let Some(counter) = runner::counter_at_end(&engine, &compiled, method) else {
                continue;
            };
            checked += 1;
            if counter != expected {
                differences.push(format!(
                    "{} {method}: {counter} instead of {expected}",
                    case.name
                ));
            }
        }
    }
    assert!(differences.is_empty(), "of {checked}: {differences:#?}");
    assert!(checked > 500, "only {checked} counters checked");
}

#[test]
fn compile_charges_are_those_recorded() {
    let engine = engine();
    let mut differences = Vec::new();
    let mut checked = 0;
    for case in cases("instructions") {
        let Some((module, observed)) = first_install(&case) else {
            continue;
        };
        let Some(charged) = charged(observed) else {
            continue;
        };
        let compile = match engine.compile(module) {
            Ok(compiled) if compiled.exports.iter().any(runs_at_install) => continue,
            // An instruction costs two cycles in a canister with 64-bit addresses.
            Ok(compiled) if compiled.memory.is_some_and(|memory| memory.is_64) => {
                2 * compiled.compilation_cost
            }
            Ok(compiled) => compiled.compilation_cost,
            Err(_) => failed_compilation_cost(module),
        };
        checked += 1;
        if install_charge(module, compile) != charged {
            differences.push(format!(
                "{}: {} instead of {charged}",
                case.name,
                install_charge(module, compile)
            ));
        }
    }
    assert!(differences.is_empty(), "of {checked}: {differences:#?}");
    assert!(checked > 300, "only {checked} charges checked");
}

fn runs_at_install(method: &crate::wasm::WasmMethod) -> bool {
    use crate::wasm::{SystemMethod, WasmMethod};
    matches!(
        method,
        WasmMethod::System(SystemMethod::Init | SystemMethod::Start)
    )
}

/// Messages of the validator that its newer version words differently.
const OTHER_WORDS: [(&str, &str); 1] = [("malformed memop alignment", "invalid memop alignment")];

#[test]
fn bad_modules_get_the_recorded_messages() {
    let engine = engine();
    let mut differences = Vec::new();
    let mut checked = 0;
    for case in cases("traps")
        .into_iter()
        .filter(|case| case.name.starts_with("traps/bad_wasm/"))
    {
        for step in case.steps.iter().filter(|step| step["op"] == "install") {
            let module = &case.modules[step["module"].as_str().expect("a module name")];
            let recorded = step["observed"]["reject_message"].as_str();
            let got = engine
                .compile(module)
                .err()
                .map(|error| format!("Error from Canister {{A}}: {error}"));
            checked += 1;
            let expected = recorded.map(|text| {
                text.split("\n\nStack backtrace")
                    .next()
                    .unwrap_or(text)
                    .to_string()
            });
            let expected = expected.map(|text| {
                OTHER_WORDS
                    .iter()
                    .fold(text, |text, (old, new)| text.replace(old, new))
            });
            if got != expected {
                differences.push(format!("{}: {got:?} instead of {expected:?}", case.name));
            }
        }
    }
    assert!(differences.is_empty(), "of {checked}: {differences:#?}");
    assert!(checked >= 60, "only {checked} messages checked");
}
