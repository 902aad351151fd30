//! A regtest Bitcoin in process: Bitcoin Core's own consensus code decides which blocks make the chain and which scripts are satisfied.
//!
//! - [`Regtest`] mines blocks out of its mempool, takes raw transactions, and answers what the Bitcoin canister answers: coins, balances,
//!   fees, headers. `bridge` serves that canister's stand-in, `outcalls` through the client's mock of outcalls, `server` by loopback HTTP.
//! - Real: every block passes Bitcoin Core's validation (the crate `bitcoinkernel`), every input its script interpreter. Ours: the
//!   policy of the mempool (`policy`, `admission`, `replacement`) and the index of coins, which is made of the blocks that the kernel keeps.
//! - The clock is a parameter: blocks are ten minutes apart from the genesis block on, unless [`Regtest::set_time`] says otherwise.
//!   Same calls, same chain.
//! - Left out: peers, packages of transactions, TRUC, fees below 1 sat/vB, policy of scripts beyond low S in P2WPKH.

mod admission;
mod block;
pub mod bridge;
mod error;
mod index;
mod kernel;
mod mempool;
pub mod outcalls;
mod percentiles;
mod policy;
mod rejected;
mod replacement;
pub mod server;
pub mod standin;
mod timelock;

pub use block::{commit, work};
pub use error::ChainError;
pub use index::Coin;
pub use rejected::Rejected;

use bitcoin::block::Header;
use bitcoin::hashes::Hash;
use bitcoin::{Amount, Block, BlockHash, Script, Transaction, Txid};
use index::Index;
use kernel::Kernel;
use mempool::Mempool;

/// Seconds between blocks, unless a test sets the time.
const SPACING: u32 = 600;

/// The end of the chain, or of a part of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tip {
    /// The genesis block has height 0.
    pub height: u32,
    /// The hash of the block's header.
    pub hash: BlockHash,
    /// The time in its header, in Unix seconds.
    pub time: u32,
}

/// One regtest chain with its mempool. Its files lie in a temporary folder, which goes with it.
pub struct Regtest {
    kernel: Kernel,
    index: Index,
    mempool: Mempool,
    /// When the next block is mined; ten minutes after the last one if nobody said.
    next_time: Option<u32>,
    /// Goes into each coinbase, so that no two blocks are equal.
    extra_nonce: u64,
}

impl Regtest {
    /// A chain that has only the genesis block.
    ///
    /// # Errors
    /// The folder or the kernel's databases can't be made.
    pub fn new() -> Result<Self, ChainError> {
        let kernel = Kernel::open()?;
        let mut chain = Self {
            index: Index::default(),
            mempool: Mempool::default(),
            next_time: None,
            extra_nonce: 0,
            kernel,
        };
        chain.follow_the_kernel()?;
        Ok(chain)
    }

    /// The last block of the chain.
    pub fn tip(&self) -> Tip {
        self.index.tip()
    }

    /// The headers of the chain from height `start` to height `end`, both included; fewer where the chain is shorter.
    pub fn headers(&self, start: u32, end: u32) -> Vec<Header> {
        self.index.headers(start, end)
    }

    /// The next block gets this time (Unix seconds), or the first that the median of the eleven blocks before it allows.
    pub fn set_time(&mut self, time: u32) {
        self.next_time = Some(time);
    }

    /// Mines blocks out of the mempool; subsidies and fees go to `to`. Answers their hashes.
    ///
    /// # Errors
    /// The kernel refused a block: a bug here, for the mempool admits only what fits in a block.
    pub fn mine(&mut self, blocks: u32, to: &Script) -> Result<Vec<BlockHash>, ChainError> {
        (0..blocks)
            .map(|_| {
                let block = self.next_block(to);
                self.give(&block)?;
                Ok(block.block_hash())
            })
            .collect()
    }

    /// The block that [`Regtest::mine`] would give to the kernel next. A test that
    /// changes it must [`commit`] to the change and [`work`] again.
    pub fn next_block(&mut self, to: &Script) -> Block {
        self.extra_nonce += 1;
        let (transactions, fees) = block::select(&self.mempool, &self.index);
        let parent = self.tip();
        let earliest = self.index.median_time_past(parent.height) + 1;
        let time = self.next_time.take().unwrap_or(parent.time + SPACING);
        let coinbase = block::coinbase(parent.height + 1, self.extra_nonce, fees, to);
        block::assemble(parent.hash, time.max(earliest), coinbase, transactions)
    }

    /// Gives a block to the kernel, which checks all of it.
    ///
    /// # Errors
    /// [`ChainError::Refused`] if the block did not become the tip: it is invalid, or doesn't build on the tip. Nothing changed.
    pub fn give(&mut self, block: &Block) -> Result<(), ChainError> {
        let verdict = self.kernel.process(block)?;
        self.follow_the_kernel()?;
        match self.tip().hash == block.block_hash() {
            true => Ok(()),
            false => Err(ChainError::Refused {
                hash: block.block_hash(),
                verdict,
            }),
        }
    }

    /// Replaces the last `depth` blocks by `depth + 1` empty ones, whose subsidies go to `to`. What was in the old blocks
    /// goes back into the mempool as far as it is still valid; spends of their coinbases are gone.
    ///
    /// # Errors
    /// The chain is not that long, or the kernel refused the branch.
    pub fn reorganise(&mut self, depth: u32, to: &Script) -> Result<(), ChainError> {
        let height = self.tip().height;
        let fork = height
            .checked_sub(depth)
            .ok_or(ChainError::TooShort { height })?;
        let recent = self.index.headers(fork.saturating_sub(10), fork);
        let mut parent = recent
            .last()
            .map(Header::block_hash)
            .unwrap_or_else(BlockHash::all_zeros);
        // Later than all that the median is taken of.
        let mut time = recent
            .iter()
            .map(|header| header.time)
            .max()
            .unwrap_or_default();
        for height in fork + 1..=height + 1 {
            self.extra_nonce += 1;
            time += SPACING;
            let coinbase = block::coinbase(height, self.extra_nonce, Amount::ZERO, to);
            let block = block::assemble(parent, time, coinbase, Vec::new());
            self.kernel.process(&block)?;
            parent = block.block_hash();
        }
        self.follow_the_kernel()?;
        match self.tip().hash == parent {
            true => Ok(()),
            false => Err(ChainError::BranchLost { hash: parent }),
        }
    }

    /// Offers a transaction, as a node offers one to its peers. One that is known already, in the mempool or in the chain, is
    /// accepted again and changes nothing.
    ///
    /// # Errors
    /// Why a node with Bitcoin Core's default policy would not relay it.
    pub fn submit(&mut self, raw: &[u8]) -> Result<Txid, Rejected> {
        let transaction = admission::decode(raw)?;
        let txid = transaction.compute_txid();
        if self.confirmations(&txid).is_some() {
            return Ok(txid);
        }
        let admitted = admission::admit(&self.index, &self.mempool, transaction)?;
        self.mempool.remove(&admitted.replaced);
        self.mempool.insert(admitted);
        Ok(txid)
    }

    /// The coins that pay to `script` and were not spent, as of the block with `min_confirmations` confirmations (0 and 1: the tip).
    /// What came after that block is not seen, spends included. The highest blocks come first, then the order is that of
    /// the outpoints' bytes. None at all if the chain is shorter than that.
    pub fn utxos(&self, script: &Script, min_confirmations: u32) -> Vec<Coin> {
        match self.height_at(min_confirmations) {
            Some(height) => self.index.coins(script, height),
            None => Vec::new(),
        }
    }

    /// The sum of [`Regtest::utxos`].
    pub fn balance(&self, script: &Script, min_confirmations: u32) -> Amount {
        let coins = self.utxos(script, min_confirmations);
        coins.iter().map(|coin| coin.value).sum()
    }

    /// The fees of the last 10 000 transactions in the chain, in thousandths of a satoshi a virtual byte: 101 values, the percentiles
    /// 0 to 100 by the nearest rank; none if there was no transaction but coinbases.
    pub fn fee_percentiles(&self) -> Vec<u64> {
        percentiles::of(self.index.recent_fee_rates(10_000))
    }

    /// 0 for a transaction in the mempool, 1 for one in the tip; nothing for one that is unknown, was replaced or was refused.
    pub fn confirmations(&self, txid: &Txid) -> Option<u32> {
        match self.index.height_of(txid) {
            Some(height) => Some(self.tip().height - height + 1),
            None => self.mempool.get(txid).map(|_| 0),
        }
    }

    /// A transaction of the mempool or of the chain.
    pub fn transaction(&self, txid: &Txid) -> Option<&Transaction> {
        match self.mempool.get(txid) {
            Some(entry) => Some(&entry.transaction),
            None => self.index.transaction(txid),
        }
    }

    /// The transactions that wait for a block, in the order in which they came.
    pub fn mempool(&self) -> Vec<Txid> {
        let entries = self.mempool.in_order();
        entries.map(|entry| entry.txid).collect()
    }

    /// A block of the chain.
    pub fn block(&self, height: u32) -> Option<&Block> {
        self.index.block(height)
    }

    /// The height of the block with so many confirmations.
    fn height_at(&self, confirmations: u32) -> Option<u32> {
        self.tip()
            .height
            .checked_sub(confirmations.saturating_sub(1))
    }

    /// Makes the index the chain that the kernel holds to be the best, and the mempool fit it.
    fn follow_the_kernel(&mut self) -> Result<(), ChainError> {
        let mut left = Vec::new();
        let best = self.kernel.height();
        while let Some(tip) = self.index.try_tip() {
            if tip.height <= best && self.kernel.hash_at(tip.height)? == tip.hash {
                break;
            }
            left.push(self.index.disconnect());
        }
        let mut came = false;
        for height in self.index.length()..=best {
            let block = self.kernel.block_at(height)?;
            self.mempool.confirm(&block);
            self.index.connect(block);
            came = true;
        }
        if came && !left.is_empty() {
            self.offer_again(left);
        }
        Ok(())
    }

    /// After a reorganisation: what the old blocks held, then what waited, each if it is still valid.
    fn offer_again(&mut self, left: Vec<Block>) {
        let waiting = self.mempool.drain();
        let freed = left.into_iter().rev().flat_map(|block| block.txdata);
        let freed = freed.filter(|transaction| !transaction.is_coinbase());
        for transaction in freed.chain(waiting) {
            // A refusal means that it depends on what is gone: a coinbase of the old branch, or a coin spent by somebody else.
            let _gone = self.submit(&bitcoin::consensus::serialize(&transaction));
        }
    }
}
