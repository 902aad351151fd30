//! Who may wait for a block: the way of a transaction into the mempool.
//!
//! - In: bytes, the chain, the mempool. Out: [`Admitted`], which only this module makes from the outside's bytes, or why not.
//! - The order is Bitcoin Core's: form, lock time, coins, values, fee, replacement, chains of unconfirmed ones, and scripts last.

use crate::bitcoin::index::Index;
use crate::bitcoin::mempool::{Admitted, Mempool};
use crate::bitcoin::rejected::Rejected;
use crate::bitcoin::timelock::{self, Origin};
use crate::bitcoin::{kernel, policy, replacement};
use bitcoin::{Amount, OutPoint, Transaction, TxOut, Txid};
use std::collections::BTreeSet;

/// The longest chain of unconfirmed transactions, each with itself counted.
const MAX_CHAIN: usize = 25;

/// A transaction and nothing after it.
pub(super) fn decode(raw: &[u8]) -> Result<Transaction, Rejected> {
    bitcoin::consensus::deserialize(raw).map_err(|_| Rejected::Malformed)
}

/// Checks all there is to check.
pub(super) fn admit(
    index: &Index,
    mempool: &Mempool,
    transaction: Transaction,
) -> Result<Admitted, Rejected> {
    if !kernel::well_formed(&transaction) {
        return Err(Rejected::Invalid);
    }
    policy::check_form(&transaction)?;
    timelock::check_absolute(index, &transaction)?;
    let (spent, origins) = coins(index, mempool, &transaction)?;
    timelock::check_coins(index, &transaction, &origins)?;
    let fee = fee(&transaction, &spent)?;
    policy::check_inputs(&transaction, &spent)?;
    let least = policy::least_fee(&transaction);
    if fee < least {
        return Err(Rejected::BelowMinimumFee { fee, least });
    }
    let replaced = replacement::check(mempool, &transaction, fee)?;
    check_chain(mempool, &transaction, &replaced)?;
    match kernel::unsatisfied_input(&transaction, &spent) {
        Ok(None) => Ok(Admitted {
            transaction,
            fee,
            replaced,
        }),
        Ok(Some(input)) => Err(Rejected::Script { input }),
        Err(_) => Err(Rejected::Invalid),
    }
}

/// What it spends, in the order of its inputs.
fn coins(
    index: &Index,
    mempool: &Mempool,
    transaction: &Transaction,
) -> Result<(Vec<TxOut>, Vec<Origin>), Rejected> {
    let coins = transaction.input.iter().map(|input| {
        let outpoint = input.previous_output;
        coin(index, mempool, outpoint).ok_or(Rejected::MissingOrSpent { outpoint })
    });
    let coins: Vec<(TxOut, Origin)> = coins.collect::<Result<_, _>>()?;
    Ok(coins.into_iter().unzip())
}

fn coin(index: &Index, mempool: &Mempool, outpoint: OutPoint) -> Option<(TxOut, Origin)> {
    if let Some(output) = mempool.output(&outpoint) {
        let origin = Origin {
            outpoint,
            height: index.length(),
            coinbase: false,
        };
        return Some((output.clone(), origin));
    }
    let output = index.output(&outpoint)?;
    let origin = Origin {
        outpoint,
        height: output.height,
        coinbase: output.coinbase,
    };
    let unspent = output.spent_at.is_none();
    unspent.then(|| (output.output.clone(), origin))
}

fn fee(transaction: &Transaction, spent: &[TxOut]) -> Result<Amount, Rejected> {
    let inputs: Amount = spent.iter().map(|output| output.value).sum();
    let outputs: Amount = transaction.output.iter().map(|output| output.value).sum();
    let fee = inputs.checked_sub(outputs);
    fee.ok_or(Rejected::BelowOutputs { inputs, outputs })
}

/// No chain of unconfirmed ones gets longer than 25: not above it, and not below any on which it depends.
fn check_chain(
    mempool: &Mempool,
    transaction: &Transaction,
    replaced: &BTreeSet<Txid>,
) -> Result<(), Rejected> {
    let ancestors = mempool.ancestors(transaction);
    if ancestors.len() >= MAX_CHAIN {
        let txid = transaction.compute_txid();
        return Err(Rejected::TooLongChain { txid });
    }
    let full = ancestors.into_iter().find(|ancestor| {
        let family = mempool.with_descendants(&BTreeSet::from([*ancestor]));
        family.difference(replaced).count() >= MAX_CHAIN
    });
    match full {
        Some(txid) => Err(Rejected::TooLongChain { txid }),
        None => Ok(()),
    }
}
