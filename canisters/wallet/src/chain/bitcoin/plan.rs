//! A transaction that is ready to be signed.
//!
//! - Inputs are in BIP-69's order, and so are outputs, among which the change does not stand out. Version 2, no lock time; every input says
//!   that the transaction can be replaced (BIP-125).
//! - In: a payment, coins, keys. Out: a [`Plan`], always the same for the same input.
//! - Stored as CBOR: {0: keys, 1: inputs, 2: outputs, 3: place of the change, 4: fee}.
//! - The caller guarantees that the coins are the account's, are confirmed enough, and are spent by nothing else.

use super::amount::Satoshi;
use super::error::PlanError;
use super::keys::AccountKeys;
use super::payment::{Output, Payment};
use super::select::{Choice, Demand, choose};
use super::size::{VirtualBytes, Weight};
use super::transaction::{OutPoint, Paid, Spend, Txid, Unsigned};
use super::utxo::Utxo;
use minicbor::{Decode, Encode};
use std::collections::BTreeSet;

/// The version from which on sequence numbers have a meaning; nearly all transactions have it.
const VERSION: u32 = 2;

/// The highest sequence number with which a transaction can be replaced.
const REPLACEABLE: u32 = 0xffff_fffd;

/// A transaction without signatures.
#[derive(Encode, Decode, Clone, Debug, PartialEq, Eq)]
#[cbor(map)]
pub struct Plan {
    #[n(0)]
    keys: AccountKeys,
    #[n(1)]
    inputs: Vec<Utxo>,
    #[n(2)]
    outputs: Vec<Output>,
    #[n(3)]
    change: Option<u32>,
    #[n(4)]
    fee: Satoshi,
}

/// Plans the transaction of a payment.
///
/// # Errors
/// Funds, fee, number of coins, or a coin that is none.
pub fn plan(payment: &Payment, coins: &[Utxo], keys: &AccountKeys) -> Result<Plan, PlanError> {
    demand_coins(coins.iter())?;
    let demand = Demand {
        outputs: payment.outputs(),
        change: keys.change(),
        rate: payment.fee_rate(),
        max_fee: payment.max_fee(),
        replaced: None,
    };
    let choice = choose(&demand, coins)?;
    Ok(Plan::of(*keys, payment.outputs(), choice))
}

/// Checks that every coin stands once and is worth something.
pub(super) fn demand_coins<'a>(coins: impl Iterator<Item = &'a Utxo>) -> Result<(), PlanError> {
    let mut seen: BTreeSet<OutPoint> = BTreeSet::new();
    for Utxo {
        outpoint, value, ..
    } in coins
    {
        let possible = (Satoshi(1)..=Satoshi::SUPPLY).contains(value);
        if !possible || !seen.insert(*outpoint) {
            let outpoint = outpoint.to_string();
            return Err(PlanError::BadCoin { outpoint });
        }
    }
    Ok(())
}

impl Plan {
    /// Puts chosen coins, outputs and change in order.
    pub(super) fn of(keys: AccountKeys, paid: &[Output], choice: Choice) -> Self {
        let mut inputs = choice.coins;
        inputs.sort_by_key(|coin| coin.outpoint);
        let to = keys.change();
        let change = choice.change.map(|value| Output { to, value });
        let mut outputs: Vec<Output> = paid.iter().copied().chain(change).collect();
        outputs.sort_by_cached_key(|output| (output.value, output.to.script_pubkey()));
        let place = change.and_then(|change| (0..).zip(&outputs).find(|(_, it)| **it == change));
        Self {
            keys,
            inputs,
            change: place.map(|(place, _)| place),
            outputs,
            fee: choice.fee,
        }
    }

    /// The keys of the account that pays.
    pub fn keys(&self) -> &AccountKeys {
        &self.keys
    }

    /// The coins that it spends, in the transaction's order.
    pub fn inputs(&self) -> &[Utxo] {
        &self.inputs
    }

    /// The outputs in the transaction's order, change among them.
    pub fn outputs(&self) -> &[Output] {
        &self.outputs
    }

    /// What comes back, and as which output.
    #[cfg(test)]
    pub fn change(&self) -> Option<(u32, Satoshi)> {
        let place = self.change?;
        let output = self.outputs.get(place as usize)?;
        Some((place, output.value))
    }

    /// The outputs but for the change.
    pub(super) fn paid(&self) -> Vec<Output> {
        let outputs = (0..).zip(&self.outputs);
        let paid = outputs.filter(|(place, _)| Some(*place) != self.change);
        paid.map(|(_, output)| *output).collect()
    }

    /// The fee.
    pub fn fee(&self) -> Satoshi {
        self.fee
    }

    /// The size that it will have at most; only short ECDSA signatures make it smaller.
    pub fn size(&self) -> VirtualBytes {
        let inputs = self.inputs.iter().map(|coin| coin.kind);
        let outputs = self.outputs.iter().map(|output| output.to);
        Weight::of_transaction(inputs, outputs).virtual_bytes()
    }

    /// The id of the transaction, which is known before it is signed.
    pub fn txid(&self) -> Txid {
        self.unsigned().txid()
    }

    pub(super) fn unsigned(&self) -> Unsigned {
        let spends = self.inputs.iter().map(|coin| Spend {
            outpoint: coin.outpoint,
            value: coin.value.0,
            script_pubkey: self.keys.destination(coin.kind).script_pubkey(),
            sequence: REPLACEABLE,
        });
        let outputs = self.outputs.iter().map(|output| Paid {
            value: output.value.0,
            script_pubkey: output.to.script_pubkey(),
        });
        Unsigned {
            version: VERSION,
            spends: spends.collect(),
            outputs: outputs.collect(),
            lock_time: 0,
        }
    }
}
