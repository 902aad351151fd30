//! What can go wrong with the chain itself; what is wrong with a transaction is said by `Rejected`.

use bitcoin::BlockHash;
use std::io;
use thiserror::Error;

/// Why a step of the chain failed.
#[derive(Error, Debug)]
pub enum ChainError {
    /// The temporary folder can't be made.
    #[error("no folder for the chain: {0}")]
    Folder(#[from] io::Error),
    /// The kernel failed, or its files can't be read.
    #[error("Bitcoin Core's kernel: {0}")]
    Kernel(#[from] bitcoinkernel::KernelError),
    /// The kernel holds a block that the library `bitcoin` can't read.
    #[error("a block can't be read: {0}")]
    Unreadable(#[from] bitcoin::consensus::encode::Error),
    /// A block was given to the kernel and is not the tip.
    #[error("the kernel did not make {hash} its tip: {verdict}")]
    Refused {
        /// The block.
        hash: BlockHash,
        /// What the kernel said about it.
        verdict: String,
    },
    /// The branch that was to replace the last blocks did not.
    #[error("the branch that ends in {hash} is not the chain")]
    BranchLost {
        /// The last block of the branch.
        hash: BlockHash,
    },
    /// There is no block so deep.
    #[error("the chain has only height {height}")]
    TooShort {
        /// Its height.
        height: u32,
    },
}
