//! The mempool: transactions that wait for a block, and how they depend on each other.
//!
//! - In: what `admission` admitted, and blocks. Out: who spends an output, ancestors and descendants, the order of arrival.
//! - A parent always comes before its children, so the order of arrival is one in which a block can hold them.
//! - Left out: expiry, and a limit on its size.

use bitcoin::{Amount, Block, OutPoint, Transaction, TxOut, Txid};
use std::collections::{BTreeMap, BTreeSet};

/// A transaction that may come into the mempool, with all that was found out about it.
pub(super) struct Admitted {
    pub(super) transaction: Transaction,
    pub(super) fee: Amount,
    /// What goes when it comes: what it replaces, and everything that depends on that.
    pub(super) replaced: BTreeSet<Txid>,
}

/// A transaction that waits.
pub(super) struct Entry {
    pub(super) txid: Txid,
    pub(super) transaction: Transaction,
    pub(super) fee: Amount,
    arrival: u64,
}

impl Entry {
    pub(super) fn vsize(&self) -> u64 {
        self.transaction.vsize() as u64
    }
}

/// All that wait.
#[derive(Default)]
pub(super) struct Mempool {
    entries: BTreeMap<Txid, Entry>,
    spenders: BTreeMap<OutPoint, Txid>,
    arrivals: u64,
}

impl Mempool {
    pub(super) fn get(&self, txid: &Txid) -> Option<&Entry> {
        self.entries.get(txid)
    }

    /// An output of a transaction that waits.
    pub(super) fn output(&self, outpoint: &OutPoint) -> Option<&TxOut> {
        let entry = self.entries.get(&outpoint.txid)?;
        entry.transaction.output.get(outpoint.vout as usize)
    }

    /// Who spends an output.
    pub(super) fn spender(&self, outpoint: &OutPoint) -> Option<Txid> {
        self.spenders.get(outpoint).copied()
    }

    pub(super) fn in_order(&self) -> impl Iterator<Item = &Entry> {
        let mut entries: Vec<&Entry> = self.entries.values().collect();
        entries.sort_by_key(|entry| entry.arrival);
        entries.into_iter()
    }

    /// Every transaction that waits and on which this one depends.
    pub(super) fn ancestors(&self, transaction: &Transaction) -> BTreeSet<Txid> {
        let mut found = BTreeSet::new();
        let mut open = vec![transaction];
        while let Some(next) = open.pop() {
            for input in &next.input {
                let parent = input.previous_output.txid;
                if let Some(entry) = self.entries.get(&parent)
                    && found.insert(parent)
                {
                    open.push(&entry.transaction);
                }
            }
        }
        found
    }

    /// These transactions and every one that depends on one of them.
    pub(super) fn with_descendants(&self, of: &BTreeSet<Txid>) -> BTreeSet<Txid> {
        let mut found = BTreeSet::new();
        let mut open: Vec<Txid> = of.iter().copied().collect();
        while let Some(txid) = open.pop() {
            if !self.entries.contains_key(&txid) || !found.insert(txid) {
                continue;
            }
            let outputs = OutPoint { txid, vout: 0 }..=OutPoint {
                txid,
                vout: u32::MAX,
            };
            open.extend(self.spenders.range(outputs).map(|(_, spender)| *spender));
        }
        found
    }

    pub(super) fn insert(&mut self, admitted: Admitted) {
        let Admitted {
            transaction, fee, ..
        } = admitted;
        let txid = transaction.compute_txid();
        for input in &transaction.input {
            self.spenders.insert(input.previous_output, txid);
        }
        self.arrivals += 1;
        let entry = Entry {
            txid,
            transaction,
            fee,
            arrival: self.arrivals,
        };
        self.entries.insert(txid, entry);
    }

    pub(super) fn remove(&mut self, txids: &BTreeSet<Txid>) {
        for txid in txids {
            let Some(entry) = self.entries.remove(txid) else {
                continue;
            };
            for input in &entry.transaction.input {
                self.spenders.remove(&input.previous_output);
            }
        }
    }

    /// Takes out what a block holds, and with their descendants those that it made impossible.
    pub(super) fn confirm(&mut self, block: &Block) {
        for transaction in &block.txdata {
            self.remove(&BTreeSet::from([transaction.compute_txid()]));
            let inputs = transaction.input.iter();
            let conflicts = inputs
                .filter_map(|input| self.spender(&input.previous_output))
                .collect();
            self.remove(&self.with_descendants(&conflicts));
        }
    }

    /// Empties it; the transactions come in the order in which they had come.
    pub(super) fn drain(&mut self) -> Vec<Transaction> {
        self.spenders.clear();
        let mut entries: Vec<Entry> = std::mem::take(&mut self.entries).into_values().collect();
        entries.sort_by_key(|entry| entry.arrival);
        entries.into_iter().map(|entry| entry.transaction).collect()
    }
}
