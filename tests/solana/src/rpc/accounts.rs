//! `getAccountInfo`, `getBalance` and `getTokenAccountBalance`.

use crate::chain::{Chain, Commitment, TokenAmount};
use crate::rpc::params::{Encoding, Params};
use crate::rpc::{Fault, at_slot};
use serde_json::{Value, json};
use solana_account::Account;

/// Longer data is not written in base58.
const MAX_BASE58: usize = 128;

pub(super) fn info(chain: &Chain, params: &Params) -> Result<Value, Fault> {
    let address = params.pubkey(0)?;
    let slot = params.slot(chain, 1, Commitment::Finalized)?;
    let account = chain.account(&address, slot);
    let account = account.map(|account| account_json(&account, params.at(1)));
    Ok(at_slot(slot, account.transpose()?.unwrap_or(Value::Null)))
}

fn account_json(account: &Account, settings: &Value) -> Result<Value, Fault> {
    let bytes = slice(&account.data, &settings["dataSlice"])?;
    let encoding = Encoding::read(&settings["encoding"])?;
    if encoding == Encoding::Base58 && bytes.len() > MAX_BASE58 {
        let text = "Encoded binary (base 58) data should be less than 128 bytes, please use Base64 encoding.";
        return Err(Fault::params(text));
    }
    let text = encoding.encode(bytes);
    // Without an encoding asked for, the old form: a text alone.
    let data = match settings["encoding"].is_null() {
        true => json!(text),
        false => json!([text, encoding.name()]),
    };
    Ok(json!({
        "lamports": account.lamports, "data": data, "owner": account.owner.to_string(),
        "executable": account.executable, "rentEpoch": account.rent_epoch, "space": account.data.len(),
    }))
}

/// The part of the data that was asked for; past its end there is nothing.
fn slice<'a>(data: &'a [u8], wanted: &Value) -> Result<&'a [u8], Fault> {
    if wanted.is_null() {
        return Ok(data);
    }
    let number = |name: &str| {
        let number = wanted[name]
            .as_u64()
            .and_then(|number| usize::try_from(number).ok());
        number.ok_or_else(|| Fault::params("Invalid params: dataSlice."))
    };
    let (offset, length) = (number("offset")?, number("length")?);
    let data = data.get(offset..).unwrap_or_default();
    Ok(&data[..length.min(data.len())])
}

pub(super) fn balance(chain: &Chain, params: &Params) -> Result<Value, Fault> {
    let address = params.pubkey(0)?;
    let slot = params.slot(chain, 1, Commitment::Finalized)?;
    let account = chain.account(&address, slot);
    let lamports = account.map_or(0, |account| account.lamports);
    Ok(at_slot(slot, json!(lamports)))
}

pub(super) fn token_balance(chain: &Chain, params: &Params) -> Result<Value, Fault> {
    let address = params.pubkey(0)?;
    let slot = params.slot(chain, 1, Commitment::Finalized)?;
    let account = chain.account(&address, slot);
    let account = account.ok_or_else(|| Fault::params("Invalid param: could not find account"))?;
    let (_, amount) = chain
        .tokens(&account, slot)
        .ok_or_else(|| Fault::params("Invalid param: not a Token account"))?;
    Ok(at_slot(slot, amount_json(&amount)))
}

pub(super) fn amount_json(amount: &TokenAmount) -> Value {
    let text = amount.ui_text();
    json!({
        "amount": amount.amount.to_string(), "decimals": amount.decimals,
        "uiAmount": text.parse::<f64>().ok(), "uiAmountString": text,
    })
}
