//! Slots and blocks: which slot is open, which are confirmed and finalized, and the hash, height and content of every block.
//!
//! - In: signatures of what is processed, and that slots end. Out: blocks; a block's hash covers its parent's, its slot and its signatures.
//! - Source of the numbers: Agave's defaults (a slot is 400 ms; a block is finalized when 31 are on top of a confirmed one; a blockhash is
//!   accepted for 150 blocks).

use solana_hash::Hash;
use solana_sha256_hasher::hashv;
use solana_signature::Signature;
use std::collections::BTreeMap;

/// The number of a slot.
pub type Slot = u64;

/// Slots between the open one and the last that is finalized.
pub const FINALITY: Slot = 32;
/// Blocks for which a blockhash is accepted after its own.
pub const MAX_AGE: u64 = 150;
const SLOT_MILLISECONDS: i64 = 400;

/// How firm a block must be for what is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Commitment {
    /// The open slot counts.
    Processed,
    /// The slot before the open one.
    Confirmed,
    /// 32 slots before the open one.
    Finalized,
}

/// A slot's block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// The slot of the block before it; that of the first is its own.
    pub parent: Slot,
    /// The hash that transactions name.
    pub hash: Hash,
    /// How many blocks are before it.
    pub height: u64,
    /// Unix seconds.
    pub time: i64,
    /// What it has processed, in this order.
    pub signatures: Vec<Signature>,
}

/// The slots of a chain.
pub(super) struct Slots {
    genesis: i64,
    open: Slot,
    waiting: Vec<Signature>,
    blocks: BTreeMap<Slot, Block>,
}

impl Slots {
    /// Slot 0 has a block, slot 1 is open.
    pub(super) fn new(genesis: i64) -> Self {
        let first = Block {
            parent: 0,
            hash: hashv(&[b"genesis", &genesis.to_le_bytes()]),
            height: 0,
            time: genesis,
            signatures: Vec::new(),
        };
        Self {
            genesis,
            open: 1,
            waiting: Vec::new(),
            blocks: BTreeMap::from([(0, first)]),
        }
    }

    pub(super) fn open(&self) -> Slot {
        self.open
    }

    pub(super) fn at(&self, commitment: Commitment) -> Slot {
        match commitment {
            Commitment::Processed => self.open,
            Commitment::Confirmed => self.open - 1,
            Commitment::Finalized => self.open.saturating_sub(FINALITY),
        }
    }

    pub(super) fn time(&self, slot: Slot) -> i64 {
        let slot = i64::try_from(slot).unwrap_or(i64::MAX);
        self.genesis + slot.saturating_mul(SLOT_MILLISECONDS) / 1_000
    }

    pub(super) fn block(&self, slot: Slot) -> Option<&Block> {
        self.blocks.get(&slot)
    }

    /// The last block at or before a slot.
    pub(super) fn last(&self, slot: Slot) -> (Slot, &Block) {
        let (slot, block) = self
            .blocks
            .range(..=slot)
            .next_back()
            .expect("a first block");
        (*slot, block)
    }

    pub(super) fn newest_first(&self) -> impl Iterator<Item = (Slot, &Block)> {
        self.blocks.iter().rev().map(|(slot, block)| (*slot, block))
    }

    /// Whether transactions of a slot may name this blockhash.
    pub(super) fn is_recent(&self, hash: &Hash, slot: Slot) -> bool {
        let (_, last) = self.last(slot);
        let oldest = last.height.saturating_sub(MAX_AGE);
        let known = self.blocks.range(..=slot).rev().map(|(_, block)| block);
        known
            .take_while(|block| block.height >= oldest)
            .any(|block| block.hash == *hash)
    }

    pub(super) fn include(&mut self, signature: Signature) {
        self.waiting.push(signature);
    }

    pub(super) fn close(&mut self) {
        let signatures = std::mem::take(&mut self.waiting);
        let (parent, last) = self.last(self.open);
        let content: Vec<u8> = signatures
            .iter()
            .flat_map(|signature| signature.as_ref().to_vec())
            .collect();
        let block = Block {
            parent,
            hash: hashv(&[last.hash.as_ref(), &self.open.to_le_bytes(), &content]),
            height: last.height + 1,
            time: self.time(self.open),
            signatures,
        };
        self.blocks.insert(self.open, block);
        self.open += 1;
    }

    pub(super) fn skip(&mut self) {
        self.open += 1;
    }
}
