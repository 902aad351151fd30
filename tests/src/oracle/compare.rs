//! Compares what a step showed with what was recorded: field by field, with the tolerances of [`super::texts`] and no others.
//!
//! Two more tolerances need to know the case: the order of several ingress messages of one round (`rounds/ingress_order`, whose log
//! texts are compared as a multiset), and replies made of key material or randomness, which are compared by form and length.

use std::collections::BTreeSet;

use candid::types::value::{IDLArgs, IDLValue};
use serde_json::{Map, Value};

use super::file::{Action, Call, Case};
use super::replay::blob_in;
use super::texts::{Noise, noise, noise_in_hex};

/// Management methods that need the threshold protocols: keys, signatures and randomness.
pub const KEY_METHODS: [&str; 7] = [
    "ecdsa_public_key",
    "sign_with_ecdsa",
    "schnorr_public_key",
    "sign_with_schnorr",
    "vetkd_public_key",
    "vetkd_derive_key",
    "raw_rand",
];

/// The case whose messages may be executed in another order.
const INGRESS_ORDER_CASE: &str = "rounds/ingress_order";
/// Only for reading.
const UNCOMPARED: &str = "reply_candid";
/// Fields in the order in which they tell most.
const ORDER: [&str; 14] = [
    "client_panic",
    "error_code",
    "reject_code",
    "reject_message",
    "certified",
    "ok",
    "submitted",
    "pending",
    "reply",
    "reply_len",
    "rounds",
    "logs",
    "requests",
    "cycles_delta",
];

/// One field that differs.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    /// The field; `outcome` where a reply stands against a reject or the like.
    pub field: String,
    /// As recorded.
    pub expected: Value,
    /// As seen.
    pub got: Value,
}

/// The comparison of one step.
#[derive(Clone, Debug, Default)]
pub struct Comparison {
    /// What differs, most telling first; empty if equal.
    pub differences: Vec<Difference>,
    /// What was let pass.
    pub noise: BTreeSet<Noise>,
}

/// Methods of the general canister that ask for the price of a signature: the answer depends on which subnets hold the key.
const KEY_PRICES: [&str; 3] = ["cost_ecdsa", "cost_schnorr", "cost_vetkd"];

/// Whether a case counts with the protocols: a step of it calls one of [`KEY_METHODS`], or asks for their price.
pub fn needs_keys(case: &Case) -> bool {
    case.steps.iter().any(|step| match &step.action {
        Action::Update(call) | Action::Query(call) | Action::Mgmt(call) | Action::Submit(call) => {
            is_key_call(call)
        }
        _ => false,
    })
}

/// Compares step `index` of a case with what was seen.
pub fn compare(case: &Case, index: usize, got: &Map<String, Value>) -> Comparison {
    let expected = &case.steps[index].observed;
    let mut result = Comparison::default();
    if outcome(expected) != outcome(got) {
        result.differences.push(Difference {
            field: "outcome".to_string(),
            expected: summary(expected).into(),
            got: summary(got).into(),
        });
        return result;
    }
    let fields: BTreeSet<&String> = expected.keys().chain(got.keys()).collect();
    let mut fields: Vec<&String> = fields.into_iter().filter(|f| *f != UNCOMPARED).collect();
    let rank = |field: &str| ORDER.iter().position(|f| *f == field);
    fields.sort_by_key(|f| rank(f).unwrap_or(ORDER.len()));
    for field in fields {
        let expected = expected.get(field).unwrap_or(&Value::Null);
        let got = got.get(field).unwrap_or(&Value::Null);
        if expected == got {
            continue;
        }
        match tolerated(case, index, field, expected, got) {
            Some(noise) => {
                result.noise.insert(noise);
            }
            None if field == "cycles_delta" => {
                result.differences.extend(cycles(expected, got));
            }
            None => result.differences.push(Difference {
                field: field.clone(),
                expected: expected.clone(),
                got: got.clone(),
            }),
        }
    }
    result
}

fn tolerated(
    case: &Case,
    index: usize,
    field: &str,
    expected: &Value,
    got: &Value,
) -> Option<Noise> {
    match field {
        "reject_message" | "client_panic" => noise(expected.as_str()?, got.as_str()?),
        "reply" => {
            let (expected, got) = (expected.as_str()?, got.as_str()?);
            let text = noise_in_hex(expected, got);
            let text = text.or_else(|| has_all_of(expected, got).then_some(Noise::NewerInterface));
            text.or_else(|| {
                let keys = calls_keys(case, index) && same_form(expected, got);
                keys.then_some(Noise::KeyMaterial)
            })
        }
        "logs" if case.name == INGRESS_ORDER_CASE => {
            let same = sorted_texts(expected) == sorted_texts(got);
            same.then_some(Noise::IngressOrder)
        }
        _ => None,
    }
}

/// The log with its texts sorted among themselves; numbers and times stay in their places.
fn sorted_texts(logs: &Value) -> Option<(Vec<Value>, Vec<Value>)> {
    let records = logs.as_array()?;
    let mut texts: Vec<Value> = records.iter().map(|r| r["text"].clone()).collect();
    texts.sort_by_key(Value::to_string);
    let rest = records.iter().map(|r| {
        let mut record = r.clone();
        record["text"].take();
        record
    });
    Some((rest.collect(), texts))
}

fn cycles(expected: &Value, got: &Value) -> Vec<Difference> {
    let names = [expected, got].into_iter().filter_map(Value::as_object);
    let names: BTreeSet<&String> = names.flat_map(Map::keys).collect();
    let delta = |map: &Value, name: &str| map.get(name).cloned().unwrap_or("0".into());
    let differences = names.into_iter().map(|name| Difference {
        field: format!("cycles_delta.{name}"),
        expected: delta(expected, name),
        got: delta(got, name),
    });
    differences.filter(|d| d.expected != d.got).collect()
}

fn outcome(seen: &Map<String, Value>) -> &'static str {
    let kinds = [
        ("client_panic", "gave up"),
        ("reject_code", "reject"),
        ("reply_len", "reply"),
        ("reply", "reply"),
        ("ok", "ok"),
        ("submitted", "submitted"),
        ("pending", "pending"),
    ];
    let kind = kinds.iter().find(|(field, _)| seen.contains_key(*field));
    kind.map_or("nothing", |(_, kind)| kind)
}

fn summary(seen: &Map<String, Value>) -> String {
    let text = |field: &str| match seen.get(field) {
        Some(Value::String(text)) => text.clone(),
        Some(value) => value.to_string(),
        None => String::new(),
    };
    match outcome(seen) {
        "gave up" => format!("gave up: {}", text("client_panic")),
        "reject" => format!("reject {}: {}", text("error_code"), text("reject_message")),
        "reply" if seen.contains_key("reply_len") => {
            format!("reply of {} bytes", text("reply_len"))
        }
        "reply" => format!("reply {}", text("reply")),
        other => other.to_string(),
    }
}

/// Whether the answer of a step is that of a key method: called in it, or in the submitted message that it looks at.
fn calls_keys(case: &Case, index: usize) -> bool {
    let submitted = |msg: &Option<String>| {
        case.steps[..index].iter().any(|step| match &step.action {
            Action::Submit(call) => call.named == *msg && is_key_call(call),
            _ => false,
        })
    };
    match &case.steps[index].action {
        Action::Update(call) | Action::Query(call) | Action::Mgmt(call) => is_key_call(call),
        Action::Rounds { msg, .. } | Action::Status { msg } | Action::Await { msg } => {
            submitted(msg)
        }
        _ => false,
    }
}

fn is_key_call(call: &Call) -> bool {
    let inner = call
        .readable
        .as_deref()
        .and_then(|text| text.strip_prefix("aaaaa-aa."));
    let method = match inner {
        Some(text) => text.split(' ').next().unwrap_or(text),
        None => &call.method,
    };
    KEY_METHODS.contains(&method) || KEY_PRICES.contains(&method)
}

/// Whether a Candid reply holds everything that was recorded, with the same values; the interface has grown since, so records may
/// have more fields and the type table more entries.
fn has_all_of(expected: &str, got: &str) -> bool {
    let decode = |digits: &str| {
        let bytes = hex::decode(with_ids(digits)).ok()?;
        IDLArgs::from_bytes(&bytes).ok()
    };
    match (decode(expected), decode(got)) {
        (Some(a), Some(b)) => {
            let mut pairs = a.args.iter().zip(&b.args);
            a.args.len() == b.args.len() && pairs.all(|(a, b)| value_has_all_of(a, b))
        }
        _ => false,
    }
}

/// Hex with each placeholder of a canister replaced by ten bytes of its own.
fn with_ids(digits: &str) -> String {
    const ID_BYTES: usize = 10;
    let mut parts = digits.split('{');
    let mut text = parts.next().unwrap_or_default().to_string();
    for part in parts {
        let (name, rest) = part.split_once('}').unwrap_or((part, ""));
        let mut id = name.as_bytes().to_vec();
        id.resize(ID_BYTES, 0);
        text += &hex::encode(id);
        text += rest;
    }
    text
}

fn value_has_all_of(expected: &IDLValue, got: &IDLValue) -> bool {
    match (expected, got) {
        (IDLValue::Record(a), IDLValue::Record(b)) => a.iter().all(|a| {
            let same = b.iter().find(|b| b.id == a.id);
            same.is_some_and(|b| value_has_all_of(&a.val, &b.val))
        }),
        (IDLValue::Vec(a), IDLValue::Vec(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| value_has_all_of(a, b))
        }
        (IDLValue::Opt(a), IDLValue::Opt(b)) => value_has_all_of(a, b),
        (IDLValue::Variant(a), IDLValue::Variant(b)) => {
            a.0.id == b.0.id && value_has_all_of(&a.0.val, &b.0.val)
        }
        // A field that has become optional since.
        (a, IDLValue::Opt(b)) => value_has_all_of(a, b),
        (a, b) => a == b,
    }
}

/// Two Candid replies of the same shape, with blobs of the same lengths and not all zero; compressed points keep their form.
fn same_form(expected: &str, got: &str) -> bool {
    let decode = |digits: &str| {
        let bytes = hex::decode(digits).ok()?;
        IDLArgs::from_bytes(&bytes).ok()
    };
    match (decode(expected), decode(got)) {
        (Some(a), Some(b)) => {
            a.args.len() == b.args.len()
                && a.args
                    .iter()
                    .zip(&b.args)
                    .all(|(a, b)| same_value_form(a, b))
        }
        _ => false,
    }
}

fn same_value_form(expected: &IDLValue, got: &IDLValue) -> bool {
    if let (Some(a), Some(b)) = (blob_in(expected), blob_in(got)) {
        let point = |bytes: &[u8]| bytes.len() == 33 && matches!(bytes[0], 2 | 3);
        return a.len() == b.len() && b.iter().any(|byte| *byte != 0) && point(&a) == point(&b);
    }
    match (expected, got) {
        (IDLValue::Record(a), IDLValue::Record(b)) => {
            a.len() == b.len()
                && a.iter()
                    .zip(b)
                    .all(|(a, b)| a.id == b.id && same_value_form(&a.val, &b.val))
        }
        (a, b) => a == b,
    }
}
