//! The fake Bitcoin chain: coins, a pool of transactions that waits, and blocks when the test wants them, which others may replace.
//!
//! - Package `bitcoin` reads what is broadcast. A transaction replaces those in the pool that spend one of its coins.
//! - Left out: the check of scripts, which the tests of `chain` make with Bitcoin Core's own.

use super::super::{Bitcoin, BitcoinFacts, CallError, Coin};
use super::FakeOutside;
use crate::account::bitcoin::BitcoinNetwork;
use crate::chain::bitcoin::{OutPoint, Txid};
use bitcoin::hashes::Hash;
use bitcoin::{Address, KnownHrp, Network, ScriptBuf, Transaction, TxOut, consensus};
use canister_kit::Environment;
use canister_kit::encoding::Cycles;
use std::collections::BTreeMap;

/// A chain.
#[derive(Default)]
pub struct FakeBitcoin {
    coins: Coins,
    /// Transactions that wait.
    pub pool: Vec<Transaction>,
    /// Everything that was ever broadcast.
    pub seen: Vec<Transaction>,
    /// Transactions in blocks, with their heights.
    pub mined: Vec<(u32, Transaction)>,
    /// The height of the tip.
    pub height: u32,
    /// How often coins were given.
    given: u32,
    /// The coins before each of the last blocks.
    before: Vec<Coins>,
}

type Coins = BTreeMap<OutPoint, (ScriptBuf, Coin)>;

/// How many blocks can be replaced.
const REPLACEABLE: usize = 5;

impl FakeBitcoin {
    /// Gives an address coins in a block of their own.
    pub fn give(&mut self, address: &str, values: &[u64]) {
        self.begin_block();
        self.given += 1;
        let script = script(address);
        for (vout, value) in (0..).zip(values) {
            let mut id = [0xcc; 32];
            id[..4].copy_from_slice(&self.given.to_be_bytes());
            self.put(Txid(id), vout, *value, script.clone());
        }
    }

    /// What the Bitcoin canister tells of an address.
    pub fn coins(&self, address: &str) -> BitcoinFacts {
        let script = script(address);
        let of = self.coins.values().filter(|(whose, _)| *whose == script);
        BitcoinFacts {
            coins: of.map(|(_, coin)| *coin).collect(),
            tip_height: self.height,
            pages: 1,
            complete: true,
        }
    }

    /// Takes a transaction into the pool, unless a coin of it is not there.
    pub fn take(&mut self, bytes: &[u8]) {
        let transaction: Transaction = consensus::deserialize(bytes).unwrap();
        self.seen.push(transaction.clone());
        if self.is_payable(&transaction) {
            self.wait(transaction);
        }
    }

    /// Whether all coins of a transaction are there.
    pub fn is_payable(&self, transaction: &Transaction) -> bool {
        inputs(transaction).all(|coin| self.coins.contains_key(&coin))
    }

    /// A transaction waits, in the place of those that spend one of its coins.
    pub fn wait(&mut self, transaction: Transaction) {
        let own: Vec<OutPoint> = inputs(&transaction).collect();
        self.pool
            .retain(|other| !inputs(other).any(|coin| own.contains(&coin)));
        self.pool.push(transaction);
    }

    /// Mines blocks, the first one with the whole pool.
    pub fn mine(&mut self, blocks: u32) {
        self.begin_block();
        for transaction in std::mem::take(&mut self.pool) {
            for coin in inputs(&transaction) {
                self.coins.remove(&coin);
            }
            let id = Txid(transaction.compute_txid().to_byte_array());
            for (vout, output) in (0..).zip(&transaction.output) {
                let TxOut {
                    value,
                    script_pubkey,
                } = output.clone();
                self.put(id, vout, value.to_sat(), script_pubkey);
            }
            self.mined.push((self.height, transaction));
        }
        (1..blocks).for_each(|_| self.begin_block());
    }

    /// Replaces the last blocks, at most [`REPLACEABLE`], by empty ones and one more. Their transactions wait again, unless they are forgotten.
    pub fn reorganise(&mut self, blocks: usize, forgotten: bool) {
        let kept = self.before.len() - blocks.min(self.before.len());
        let Some(coins) = self.before.get(kept).cloned() else {
            return;
        };
        let replaced = (self.before.len() - kept) as u32;
        self.before.truncate(kept);
        self.coins = coins;
        self.height -= replaced;
        let last = self.height;
        let undone: Vec<_> = self.mined.extract_if(.., |(at, _)| *at > last).collect();
        self.pool = std::mem::take(&mut self.pool)
            .into_iter()
            .filter(|waiting| inputs(waiting).all(|coin| self.coins.contains_key(&coin)))
            .collect();
        for (_, transaction) in undone {
            if !forgotten && self.is_payable(&transaction) {
                self.wait(transaction);
            }
        }
        (0..=replaced).for_each(|_| self.begin_block());
    }

    fn begin_block(&mut self) {
        self.before.push(self.coins.clone());
        if self.before.len() > REPLACEABLE {
            self.before.remove(0);
        }
        self.height += 1;
    }

    fn put(&mut self, txid: Txid, vout: u32, value: u64, script: ScriptBuf) {
        let (outpoint, height) = (OutPoint { txid, vout }, self.height);
        let coin = Coin {
            outpoint,
            value,
            height,
        };
        self.coins.insert(outpoint, (script, coin));
    }
}

/// The coins that a transaction spends.
pub fn inputs(transaction: &Transaction) -> impl Iterator<Item = OutPoint> + '_ {
    transaction.input.iter().map(|input| OutPoint {
        txid: Txid(input.previous_output.txid.to_byte_array()),
        vout: input.previous_output.vout,
    })
}

fn script(address: &str) -> ScriptBuf {
    let address: Address<_> = address.parse().unwrap();
    assert!(
        address.is_valid_for_network(Network::Regtest),
        "{:?}",
        KnownHrp::Regtest
    );
    address.assume_checked().script_pubkey()
}

impl Bitcoin for FakeOutside {
    fn coins_fee(&self, _: BitcoinNetwork) -> Cycles {
        Cycles(10_000_000_000)
    }

    fn sending_fee(&self, _: BitcoinNetwork, _: usize) -> Cycles {
        Cycles(5_000_000_000)
    }

    async fn coins(&self, _: Environment, address: &str) -> Result<BitcoinFacts, CallError> {
        self.meet(|| self.bitcoin.borrow().coins(address)).await
    }

    async fn fee_percentiles(&self, _: Environment) -> Result<Vec<u64>, CallError> {
        self.meet(Vec::new).await
    }

    async fn broadcast(&self, _: Environment, bytes: &[u8]) -> Result<(), CallError> {
        self.meet(|| self.bitcoin.borrow_mut().take(bytes)).await
    }
}
