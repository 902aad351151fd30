//! Values of ICRC-3 as tests look at them.

use ledger::account::Account;
use ledger::value::Value;

/// A field of a value.
pub fn field(value: &Value, name: &str) -> Value {
    let Value::Map(fields) = value else {
        panic!("{value:?} has no fields");
    };
    let found = fields.iter().find(|(key, _)| key == name);
    found.unwrap_or_else(|| panic!("no {name}")).1.clone()
}

/// Bytes as a value.
pub fn blob(bytes: &[u8]) -> Value {
    Value::blob(bytes)
}

/// An account as a value.
pub fn account_value(account: Account) -> Value {
    let owner = blob(account.owner.as_slice());
    match account.subaccount {
        Some(subaccount) => Value::Array(vec![owner, blob(&subaccount)]),
        None => Value::Array(vec![owner]),
    }
}
