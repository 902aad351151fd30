//! Gives a provider's JSON the shape that the interface has: where JSON tells variants apart by their form, the interface names them.
//!
//! - In: results of `getAccountInfo`, `getBlock`, `getTransaction`. Out: the same, for serde to read. What has another form than expected stays,
//!   and is then not read.

use serde_json::{Value, json};

/// An account: its data become a variant.
pub(crate) fn account(account: &mut Value) {
    let Some(data) = account.get_mut("data").map(Value::take) else {
        return;
    };
    account["data"] = match data {
        Value::Object(mut parsed) => {
            let text = parsed.get("parsed").map(Value::to_string);
            parsed.insert("parsed".to_owned(), json!(text));
            json!({ "json": parsed })
        }
        data => binary(data),
    };
}

/// A transaction of its own: its content goes one level down.
pub(crate) fn lone_transaction(answer: &mut Value) {
    if answer.is_object() {
        transaction(answer);
        let content = json!({
            "meta": answer["meta"].take(), "transaction": answer["transaction"].take(), "version": answer["version"].take(),
        });
        answer["transaction"] = content;
    }
}

/// A block with its transactions.
pub(crate) fn block(block: &mut Value) {
    let transactions = block.get_mut("transactions").and_then(Value::as_array_mut);
    transactions.into_iter().flatten().for_each(transaction);
}

fn transaction(transaction: &mut Value) {
    let encoded = transaction["transaction"].take();
    transaction["transaction"] = binary(encoded);
    if transaction["version"].is_number() {
        let number = transaction["version"].take();
        transaction["version"] = json!({ "number": number });
    }
    let meta = &mut transaction["meta"];
    let lists = meta
        .get_mut("innerInstructions")
        .and_then(Value::as_array_mut);
    for list in lists.into_iter().flatten() {
        let instructions = list.get_mut("instructions").and_then(Value::as_array_mut);
        for instruction in instructions.into_iter().flatten() {
            *instruction = json!({ "compiled": instruction.take() });
        }
    }
    if let Some(text) = meta.pointer_mut("/returnData/data/0").map(Value::take) {
        meta["returnData"]["data"] = text;
    }
}

/// Bytes: a text, or a text and its encoding.
fn binary(bytes: Value) -> Value {
    match bytes.is_string() {
        true => json!({ "legacyBinary": bytes }),
        false => json!({ "binary": bytes }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::interface::account::{AccountData, AccountEncoding, AccountInfo};

    fn read(data: Value) -> AccountData {
        let mut json = json!({
            "lamports": 1, "data": data, "owner": "o", "executable": false, "rentEpoch": u64::MAX, "space": 0,
        });
        account(&mut json);
        let account: AccountInfo = serde_json::from_value(json).expect("an account");
        account.data
    }

    #[test]
    fn the_forms_of_data_become_variants() {
        let text = |text: &str| text.to_owned();
        assert_eq!(read(json!("abc")), AccountData::legacyBinary(text("abc")));
        let encoded = read(json!(["AA==", "base64"]));
        assert_eq!(
            encoded,
            AccountData::binary(text("AA=="), AccountEncoding::base64)
        );
        let parsed = read(json!({ "program": "p", "parsed": { "a": 1 }, "space": 3 }));
        assert!(matches!(parsed, AccountData::json(parsed) if parsed.parsed == r#"{"a":1}"#));
    }

    #[test]
    fn an_account_that_is_not_there_stays_nothing() {
        let mut nothing = Value::Null;
        account(&mut nothing);
        assert_eq!(nothing, Value::Null);
    }
}
