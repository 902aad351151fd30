//! `getSignatureStatuses` and `getSignaturesForAddress`.

use crate::chain::{Chain, Commitment, FINALITY, Processed};
use crate::rpc::params::{Params, firm, signature};
use crate::rpc::{Fault, at_slot};
use serde_json::{Value, json};

const MAX_STATUSES: usize = 256;
const MAX_SIGNATURES: u64 = 1_000;

pub(super) fn statuses(chain: &Chain, params: &Params) -> Result<Value, Fault> {
    let list = params.list(0)?;
    if list.len() > MAX_STATUSES {
        return Err(Fault::params(format!(
            "Too many inputs provided; max {MAX_STATUSES}"
        )));
    }
    let statuses: Result<Vec<Value>, Fault> = list
        .iter()
        .map(|text| {
            let signature = signature(text.as_str().unwrap_or_default())?;
            let processed = chain.processed(&signature);
            Ok(processed.map_or(Value::Null, |processed| status(chain, processed)))
        })
        .collect();
    Ok(at_slot(chain.slot(Commitment::Processed), json!(statuses?)))
}

fn status(chain: &Chain, processed: &Processed) -> Value {
    let passed = chain.slot(Commitment::Processed) - processed.slot;
    json!({
        "slot": processed.slot,
        "confirmations": (passed < FINALITY).then_some(passed),
        "err": processed.outcome.as_ref().err(),
        "status": outcome(processed),
        "confirmationStatus": firmness(passed),
    })
}

/// The old form of an outcome.
pub(super) fn outcome(processed: &Processed) -> Value {
    match &processed.outcome {
        Ok(()) => json!({ "Ok": null }),
        Err(error) => json!({ "Err": error }),
    }
}

fn firmness(passed: u64) -> &'static str {
    match passed {
        0 => "processed",
        passed if passed < FINALITY => "confirmed",
        _ => "finalized",
    }
}

/// The transactions that name an address, the latest first.
pub(super) fn of_address(chain: &Chain, params: &Params) -> Result<Value, Fault> {
    let address = params.pubkey(0)?;
    let settings = params.at(1);
    let last = chain.slot(firm(&settings["commitment"])?);
    let limit = settings["limit"].as_u64().unwrap_or(MAX_SIGNATURES);
    if limit == 0 || limit > MAX_SIGNATURES {
        return Err(Fault::params(format!(
            "Invalid limit; max {MAX_SIGNATURES}"
        )));
    }
    let bound = |name: &str| settings[name].as_str().map(signature).transpose();
    let (before, until) = (bound("before")?, bound("until")?);
    let blocks = chain.blocks().skip_while(|(slot, _)| *slot > last);
    let mut signatures = blocks.flat_map(|(_, block)| block.signatures.iter().rev());
    if let Some(before) = before {
        // Those after it, and itself, are passed over; if it is unknown, nothing is left.
        let _itself = signatures.find(|signature| **signature == before);
    }
    let found = signatures
        .take_while(|signature| Some(**signature) != until)
        .filter_map(|signature| Some((signature, chain.processed(signature)?)))
        .filter(|(_, processed)| processed.keys().contains(&address));
    let passed = |processed: &Processed| chain.slot(Commitment::Processed) - processed.slot;
    let time = |processed: &Processed| chain.block(processed.slot).map(|block| block.time);
    let list = found.take(limit as usize).map(|(signature, processed)| {
        json!({
            "signature": signature.to_string(), "slot": processed.slot, "err": processed.outcome.as_ref().err(),
            "memo": null, "blockTime": time(processed), "confirmationStatus": firmness(passed(processed)),
        })
    });
    Ok(list.collect())
}
