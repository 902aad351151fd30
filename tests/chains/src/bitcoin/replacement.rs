//! Replacing transactions that wait (BIP-125), with the rules as they are numbered there.
//!
//! - In: a transaction, its fee, the mempool. Out: what goes if it comes.
//! - Rule 1 is applied although newer nodes no longer ask for the signal: a wallet that gives it is served by all nodes.

use crate::bitcoin::mempool::{Entry, Mempool};
use crate::bitcoin::policy;
use crate::bitcoin::rejected::Rejected;
use bitcoin::{Amount, OutPoint, Transaction, Txid};
use std::collections::BTreeSet;

/// Rule 5: how many may go.
const MAX_REPLACED: usize = 100;

/// Those that spend a coin which this one spends too.
pub(super) fn conflicts(mempool: &Mempool, transaction: &Transaction) -> BTreeSet<Txid> {
    let inputs = transaction.input.iter();
    inputs
        .filter_map(|input| mempool.spender(&input.previous_output))
        .collect()
}

/// What goes if this one comes: those with which it conflicts and all that depend on them; none if it conflicts with none.
pub(super) fn check(
    mempool: &Mempool,
    transaction: &Transaction,
    fee: Amount,
) -> Result<BTreeSet<Txid>, Rejected> {
    let conflicts = conflicts(mempool, transaction);
    if conflicts.is_empty() {
        return Ok(BTreeSet::new());
    }
    let entries: Vec<&Entry> = entries(mempool, &conflicts);
    if let Some(entry) = entries.iter().find(|entry| !signals(mempool, entry)) {
        return Err(Rejected::Conflict {
            conflict: entry.txid,
        });
    }
    let replaced = mempool.with_descendants(&conflicts);
    if let Some(conflict) = mempool
        .ancestors(transaction)
        .intersection(&replaced)
        .next()
    {
        return Err(Rejected::SpendsConflict {
            conflict: *conflict,
        });
    }
    if replaced.len() > MAX_REPLACED {
        return Err(Rejected::TooManyReplaced {
            count: replaced.len(),
        });
    }
    check_inputs(mempool, transaction, &entries)?;
    check_fee(mempool, transaction, fee, &entries, &replaced)?;
    Ok(replaced)
}

fn entries<'a>(mempool: &'a Mempool, txids: &BTreeSet<Txid>) -> Vec<&'a Entry> {
    txids.iter().filter_map(|txid| mempool.get(txid)).collect()
}

/// Rule 1: it, or one on which it depends, says that it can be replaced.
fn signals(mempool: &Mempool, entry: &Entry) -> bool {
    let ancestors = mempool.ancestors(&entry.transaction);
    let family = entries(mempool, &ancestors);
    let mut family = family.iter().copied().chain([entry]);
    family.any(|entry| entry.transaction.is_explicitly_rbf())
}

/// Rule 2: no unconfirmed coin that the replaced ones did not spend.
fn check_inputs(
    mempool: &Mempool,
    transaction: &Transaction,
    conflicts: &[&Entry],
) -> Result<(), Rejected> {
    let inputs = conflicts.iter().flat_map(|entry| &entry.transaction.input);
    let spent: BTreeSet<OutPoint> = inputs.map(|input| input.previous_output).collect();
    let mut inputs = transaction.input.iter().map(|input| input.previous_output);
    match inputs.find(|input| mempool.output(input).is_some() && !spent.contains(input)) {
        Some(outpoint) => Err(Rejected::NewUnconfirmed { outpoint }),
        None => Ok(()),
    }
}

/// Rules 3 and 4, and that it pays more for each virtual byte than any with which it conflicts.
fn check_fee(
    mempool: &Mempool,
    transaction: &Transaction,
    fee: Amount,
    conflicts: &[&Entry],
    replaced: &BTreeSet<Txid>,
) -> Result<(), Rejected> {
    let size = transaction.vsize() as u64;
    for entry in conflicts {
        let (mine, theirs) = (fee.to_sat() * entry.vsize(), entry.fee.to_sat() * size);
        if mine <= theirs {
            let least = Amount::from_sat(theirs / entry.vsize() + 1);
            return Err(Rejected::InsufficientFee { fee, least });
        }
    }
    let least: Amount = entries(mempool, replaced)
        .iter()
        .map(|entry| entry.fee)
        .sum();
    if fee < least {
        return Err(Rejected::InsufficientFee { fee, least });
    }
    let least = least + policy::least_fee(transaction);
    match fee < least {
        true => Err(Rejected::InsufficientRelayFee { fee, least }),
        false => Ok(()),
    }
}
