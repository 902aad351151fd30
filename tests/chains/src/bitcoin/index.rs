//! The index: which coins pay to a script, at any height of the chain.
//!
//! - In: blocks that the kernel keeps in its chain, in order. Out: coins by outpoint and by script, headers, fees of transactions.
//! - A coin remembers the height at which it was made and the one at which it was spent, so that the view of any earlier
//!   height, and the way back, need no other record.
//! - Left out, as in Bitcoin Core: the genesis block's coinbase, and outputs that nobody can spend.

use crate::bitcoin::Tip;
use bitcoin::block::Header;
use bitcoin::hashes::Hash;
use bitcoin::{Amount, Block, OutPoint, Script, ScriptBuf, Transaction, TxOut, Txid};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// A coin that was not spent at the height for which it was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Coin {
    /// Where it was made.
    pub outpoint: OutPoint,
    /// What it is worth.
    pub value: Amount,
    /// The height of the block that made it.
    pub height: u32,
    /// Whether a coinbase made it; such a coin can be spent from the 100th block after its own on.
    pub coinbase: bool,
}

/// An output of the chain.
pub(super) struct Output {
    pub(super) output: TxOut,
    pub(super) height: u32,
    pub(super) coinbase: bool,
    pub(super) spent_at: Option<u32>,
}

struct Indexed {
    block: Block,
    /// Thousandths of a satoshi a virtual byte, for each transaction but the coinbase.
    fee_rates: Vec<u64>,
}

/// All of the chain.
#[derive(Default)]
pub(super) struct Index {
    blocks: Vec<Indexed>,
    outputs: BTreeMap<OutPoint, Output>,
    by_script: BTreeMap<ScriptBuf, BTreeSet<OutPoint>>,
    /// Height and place in the block.
    transactions: BTreeMap<Txid, (u32, usize)>,
}

impl Index {
    /// The number of blocks, the genesis block included: the height of the next one.
    pub(super) fn length(&self) -> u32 {
        u32::try_from(self.blocks.len()).expect("heights fit in 32 bits")
    }

    pub(super) fn try_tip(&self) -> Option<Tip> {
        self.block_tip(self.length().checked_sub(1)?)
    }

    pub(super) fn tip(&self) -> Tip {
        self.try_tip().expect("the genesis block is there")
    }

    /// The chain up to a height.
    pub(super) fn block_tip(&self, height: u32) -> Option<Tip> {
        let header = &self.block(height)?.header;
        Some(Tip {
            height,
            hash: header.block_hash(),
            time: header.time,
        })
    }

    pub(super) fn block(&self, height: u32) -> Option<&Block> {
        self.blocks
            .get(height as usize)
            .map(|indexed| &indexed.block)
    }

    pub(super) fn headers(&self, start: u32, end: u32) -> Vec<Header> {
        let blocks = (start..=end).map_while(|height| self.block(height));
        blocks.map(|block| block.header).collect()
    }

    /// The median of the times of the eleven blocks up to this height (BIP-113).
    pub(super) fn median_time_past(&self, height: u32) -> u32 {
        let headers = self.headers(height.saturating_sub(10), height);
        let mut times: Vec<u32> = headers.iter().map(|header| header.time).collect();
        times.sort_unstable();
        times.get(times.len() / 2).copied().unwrap_or_default()
    }

    /// An output of the chain, spent or not.
    pub(super) fn output(&self, outpoint: &OutPoint) -> Option<&Output> {
        self.outputs.get(outpoint)
    }

    pub(super) fn height_of(&self, txid: &Txid) -> Option<u32> {
        self.transactions.get(txid).map(|(height, _)| *height)
    }

    pub(super) fn transaction(&self, txid: &Txid) -> Option<&Transaction> {
        let (height, place) = self.transactions.get(txid)?;
        self.block(*height)?.txdata.get(*place)
    }

    /// The coins of a script as they were when the chain ended at `height`.
    pub(super) fn coins(&self, script: &Script, height: u32) -> Vec<Coin> {
        let outpoints = self.by_script.get(script).into_iter().flatten();
        let mut coins: Vec<Coin> = outpoints
            .filter_map(|outpoint| {
                let output = &self.outputs[outpoint];
                let unspent = output.spent_at.is_none_or(|spent| spent > height);
                (output.height <= height && unspent).then(|| output.coin(*outpoint))
            })
            .collect();
        coins.sort_by_key(|coin| {
            let OutPoint { txid, vout } = coin.outpoint;
            (Reverse(coin.height), txid.to_byte_array(), vout)
        });
        coins
    }

    /// The fees of the transactions among the last `count`, the latest block first; coinbases count and have none.
    pub(super) fn recent_fee_rates(&self, count: usize) -> Vec<u64> {
        let per_block = self.blocks.iter().rev().flat_map(|indexed| {
            let others = indexed.fee_rates.iter().copied().map(Some);
            std::iter::once(None).chain(others)
        });
        per_block.take(count).flatten().collect()
    }

    /// Adds the next block.
    pub(super) fn connect(&mut self, block: Block) {
        let height = self.length();
        let mut fee_rates = Vec::new();
        for (place, transaction) in block.txdata.iter().enumerate() {
            let txid = transaction.compute_txid();
            self.transactions.insert(txid, (height, place));
            if place > 0 {
                let paid = self.spend(transaction, height);
                let kept: Amount = transaction.output.iter().map(|output| output.value).sum();
                let size = transaction.vsize() as u64;
                fee_rates.push((paid - kept).to_sat() * 1_000 / size);
            }
            if height > 0 {
                self.create(transaction, txid, height, place == 0);
            }
        }
        self.blocks.push(Indexed { block, fee_rates });
    }

    /// Takes the last block away and hands it back.
    ///
    /// # Panics
    /// There is none.
    pub(super) fn disconnect(&mut self) -> Block {
        let indexed = self.blocks.pop().expect("a block");
        for transaction in indexed.block.txdata.iter().rev() {
            let txid = transaction.compute_txid();
            self.transactions.remove(&txid);
            for (vout, output) in (0_u32..).zip(&transaction.output) {
                let outpoint = OutPoint { txid, vout };
                self.outputs.remove(&outpoint);
                if let Some(set) = self.by_script.get_mut(&output.script_pubkey) {
                    set.remove(&outpoint);
                }
            }
            for input in &transaction.input {
                if let Some(output) = self.outputs.get_mut(&input.previous_output) {
                    output.spent_at = None;
                }
            }
        }
        indexed.block
    }

    /// Marks what a transaction spends and answers its sum.
    fn spend(&mut self, transaction: &Transaction, height: u32) -> Amount {
        let spent = transaction.input.iter().map(|input| {
            let output = self.outputs.get_mut(&input.previous_output);
            let output = output.expect("the kernel keeps no block that spends what is not there");
            output.spent_at = Some(height);
            output.output.value
        });
        spent.sum()
    }

    fn create(&mut self, transaction: &Transaction, txid: Txid, height: u32, coinbase: bool) {
        for (vout, output) in (0_u32..).zip(&transaction.output) {
            if output.script_pubkey.is_op_return() {
                continue;
            }
            let outpoint = OutPoint { txid, vout };
            let script = output.script_pubkey.clone();
            self.by_script.entry(script).or_default().insert(outpoint);
            let output = Output {
                output: output.clone(),
                height,
                coinbase,
                spent_at: None,
            };
            self.outputs.insert(outpoint, output);
        }
    }
}

impl Output {
    fn coin(&self, outpoint: OutPoint) -> Coin {
        Coin {
            outpoint,
            value: self.output.value,
            height: self.height,
            coinbase: self.coinbase,
        }
    }
}
