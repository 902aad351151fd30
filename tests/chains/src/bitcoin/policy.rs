//! What a transaction must be to be relayed, whatever the chain is: Bitcoin Core's standardness with its default settings.
//!
//! - In: a transaction that the kernel finds well formed, later the outputs that it spends. Out: the first thing that is wrong.
//! - Left out: version 3 (TRUC), limits on witnesses of P2WSH and on signature operations of P2SH, and of the flags that only policy
//!   has all but low S in P2WPKH.

use crate::bitcoin::rejected::Rejected;
use bitcoin::{Amount, Script, Transaction, TxOut, ecdsa};

const MAX_WEIGHT: u64 = 400_000;
const MIN_BASE_SIZE: usize = 65;
const MAX_SCRIPT_SIG: usize = 1_650;
const MAX_OP_RETURN: usize = 83;

/// The least fee of a transaction: 1 satoshi a virtual byte.
pub(super) fn least_fee(transaction: &Transaction) -> Amount {
    Amount::from_sat(transaction.vsize() as u64)
}

/// What can be seen without the outputs that it spends.
pub(super) fn check_form(transaction: &Transaction) -> Result<(), Rejected> {
    if transaction.is_coinbase() {
        return Err(Rejected::Coinbase);
    }
    if !matches!(transaction.version.0, 1 | 2) {
        return Err(Rejected::Version(transaction.version.0));
    }
    let weight = transaction.weight().to_wu();
    if weight > MAX_WEIGHT || transaction.base_size() < MIN_BASE_SIZE {
        return Err(Rejected::Size { weight });
    }
    for (input, script) in transaction
        .input
        .iter()
        .map(|input| &input.script_sig)
        .enumerate()
    {
        if script.len() > MAX_SCRIPT_SIG || !script.is_push_only() {
            return Err(Rejected::ScriptSig { input });
        }
    }
    for (
        output,
        TxOut {
            value,
            script_pubkey,
        },
    ) in transaction.output.iter().enumerate()
    {
        if !is_standard(script_pubkey) {
            return Err(Rejected::ScriptPubkey { output });
        }
        let least = script_pubkey.minimal_non_dust();
        if !script_pubkey.is_op_return() && *value < least {
            return Err(Rejected::Dust { output, least });
        }
    }
    Ok(())
}

/// Whether an output has one of the forms that nodes relay.
fn is_standard(script: &Script) -> bool {
    match script.is_op_return() {
        true => script.len() <= MAX_OP_RETURN,
        false => {
            script.is_p2pkh()
                || script.is_p2sh()
                || script.is_witness_program()
                || script.is_p2pk()
                || script.is_multisig()
        }
    }
}

/// What can be seen only with the outputs that it spends, one for each input.
pub(super) fn check_inputs(transaction: &Transaction, spent: &[TxOut]) -> Result<(), Rejected> {
    for (input, (spender, output)) in transaction.input.iter().zip(spent).enumerate() {
        let script = &output.script_pubkey;
        let has_meaning = script.is_p2wpkh() || script.is_p2wsh() || script.is_p2tr();
        if !is_standard(script) || (script.is_witness_program() && !has_meaning) {
            return Err(Rejected::NonstandardInput { input });
        }
        if script.is_p2wpkh() && spender.witness.nth(0).is_some_and(has_high_s) {
            return Err(Rejected::HighS { input });
        }
    }
    Ok(())
}

/// Whether these bytes are a signature that is valid with its s negated too, and has the larger one. What is no signature at all is
/// left to the interpreter.
fn has_high_s(signature: &[u8]) -> bool {
    ecdsa::Signature::from_slice(signature).is_ok_and(|signature| {
        let mut low = signature.signature;
        low.normalize_s();
        low != signature.signature
    })
}
