//! The chain of blocks in stable memory, its tip, and pages of it.
//!
//! - What it does: each block names the hash of the one before; the tip, index and hash of the last, is what the canister certifies.
//! - Specification: ICRC-3, "Blocks Verification", `icrc3_get_blocks`, `icrc3_get_tip_certificate`.
//! - Out: at most [`MAX_BLOCKS`] blocks an answer, of the ranges in their order; the client asks again for the rest.
//! - Left out: archives; every block is here.

use crate::block::{Block, Operation};
use crate::memory::{Region, RegionMemory, Regions};
use crate::tokens::Tokens;
use crate::value::{Value, leb128};
use candid::{CandidType, Nat, Principal};
use canister_kit::certified::write_tree;
use canister_kit::domain::Hash;
use canister_kit::encoding::Timestamp;
use ic_certification::{HashTree, fork, labeled, leaf};
use ic_stable_structures::{Memory, StableLog};
use minicbor::bytes::{ByteArray, ByteVec};
use serde::Deserialize;
use serde_bytes::ByteBuf;

/// Most blocks of one answer; with memos they are about 300 bytes each.
pub const MAX_BLOCKS: usize = 1_000;

/// Where a block stands in the chain.
pub type BlockIndex = u64;

/// What a new block says beside its place in the chain.
pub struct Entry {
    /// What happens.
    pub operation: Operation,
    /// What it costs.
    pub fee: Tokens,
    /// Whether the caller named the fee.
    pub fee_named: bool,
    /// What the caller added.
    pub memo: Option<ByteBuf>,
    /// When the caller made the transaction.
    pub created_at: Option<u64>,
}

/// The blocks.
pub struct Chain<M: Memory> {
    blocks: StableLog<Block, RegionMemory<M>, RegionMemory<M>>,
}

impl<M: Memory> Chain<M> {
    /// Opens the chain that the regions hold.
    pub fn open(regions: &Regions<M>) -> Self {
        let index = regions.open(Region::BlockIndex);
        Self {
            blocks: StableLog::init(index, regions.open(Region::BlockData)),
        }
    }

    /// How many blocks there are.
    pub fn length(&self) -> u64 {
        self.blocks.len()
    }

    /// A block.
    pub fn get(&self, index: BlockIndex) -> Option<Block> {
        self.blocks.get(index)
    }

    /// Index and hash of the last block.
    pub fn tip(&self) -> Option<(BlockIndex, Hash)> {
        let last = self.length().checked_sub(1)?;
        Some((last, self.get(last)?.hash()))
    }

    /// Appends a block.
    ///
    /// # Panics
    /// If stable memory is full; the message is rolled back.
    pub fn append(&mut self, at: Timestamp, entry: Entry) -> BlockIndex {
        let block = Block {
            parent: self.tip().map(|(_, hash)| ByteArray::from(hash)),
            at,
            operation: entry.operation,
            fee: entry.fee,
            fee_named: entry.fee_named,
            memo: entry.memo.map(|memo| ByteVec::from(memo.into_vec())),
            created_at: entry.created_at,
        };
        match self.blocks.append(&block) {
            Ok(index) => index,
            Err(error) => panic!("no room for a block: {error:?}"),
        }
    }

    /// The blocks of some ranges.
    pub fn page(&self, ranges: &[Range]) -> BlockPage {
        let indices = ranges.iter().flat_map(|range| {
            let start = small(&range.start).min(self.length());
            let end = start.saturating_add(small(&range.length));
            start..end.min(self.length())
        });
        let blocks = indices.take(MAX_BLOCKS).filter_map(|index| {
            let block = self.get(index)?.value();
            let id = Nat::from(index);
            Some(NumberedBlock { id, block })
        });
        BlockPage {
            log_length: self.length().into(),
            blocks: blocks.collect(),
            archived_blocks: Vec::new(),
        }
    }

    /// The tree that the canister certifies; nothing while there is no block.
    pub fn tip_tree(&self) -> Option<HashTree> {
        let (index, hash) = self.tip()?;
        Some(fork(
            labeled("last_block_hash", leaf(hash)),
            labeled("last_block_index", leaf(leb128(&index.into()))),
        ))
    }

    /// The tree for a client, with the certificate of this query.
    pub fn certified_tip(&self, certificate: Option<Vec<u8>>) -> Option<DataCertificate> {
        Some(DataCertificate {
            certificate: ByteBuf::from(certificate?),
            hash_tree: ByteBuf::from(write_tree(&self.tip_tree()?)),
        })
    }
}

/// A number that stands for itself up to 2^64 - 1, and for that beyond.
fn small(number: &Nat) -> u64 {
    u64::try_from(&number.0).unwrap_or(u64::MAX)
}

/// A range of blocks.
#[derive(CandidType, Deserialize, Clone, Debug, PartialEq, Eq)]
pub struct Range {
    /// Index of the first.
    pub start: Nat,
    /// How many.
    pub length: Nat,
}

/// A block with its index.
#[derive(CandidType, Deserialize, Clone, Debug, PartialEq, Eq)]
pub struct NumberedBlock {
    /// The index.
    pub id: Nat,
    /// The block.
    pub block: Value,
}

mod callback {
    //! The type of the method that an archive would have.
    use super::{BlockPage, Range};

    candid::define_function!(pub Callback : (Vec<Range>) -> (BlockPage) query);
}

/// Blocks that another canister has.
#[derive(CandidType, Deserialize, Clone, Debug, PartialEq, Eq)]
pub struct ArchivedBlocks {
    /// Which.
    pub args: Vec<Range>,
    /// Whom to ask.
    pub callback: callback::Callback,
}

/// What `icrc3_get_blocks` answers.
#[derive(CandidType, Deserialize, Clone, Debug, PartialEq, Eq)]
pub struct BlockPage {
    /// How many blocks there are in all.
    pub log_length: Nat,
    /// The blocks of the ranges.
    pub blocks: Vec<NumberedBlock>,
    /// Always empty: there are no archives.
    pub archived_blocks: Vec<ArchivedBlocks>,
}

/// What `icrc3_get_archives` is asked.
#[derive(CandidType, Deserialize, Clone, Debug, PartialEq, Eq)]
pub struct ArchivesArgs {
    /// The last archive that the client has seen.
    pub from: Option<Principal>,
}

/// An archive; there is none.
#[derive(CandidType, Deserialize, Clone, Debug, PartialEq, Eq)]
pub struct Archive {
    /// The canister.
    pub canister_id: Principal,
    /// Its first block.
    pub start: Nat,
    /// Its last block.
    pub end: Nat,
}

/// What `icrc3_get_tip_certificate` answers.
#[derive(CandidType, Deserialize, Clone, Debug, PartialEq, Eq)]
pub struct DataCertificate {
    /// The certificate of the canister's certified data.
    pub certificate: ByteBuf,
    /// The hash tree under it, CBOR.
    pub hash_tree: ByteBuf,
}

#[cfg(test)]
mod tests;
