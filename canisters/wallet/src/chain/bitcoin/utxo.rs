//! The coins of an account.
//!
//! - Stored as CBOR: a coin is {0: outpoint, 1: amount, 2: kind}.

use super::amount::Satoshi;
use super::transaction::OutPoint;
use crate::account::path::Purpose;
use minicbor::{Decode, Encode};

/// Which of an account's two addresses a coin was sent to.
#[derive(Encode, Decode, Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[cbor(index_only)]
pub enum UtxoKind {
    /// The hash of the ECDSA key.
    #[n(0)]
    P2wpkh,
    /// The Taproot key.
    #[n(1)]
    P2tr,
}

impl UtxoKind {
    /// What the key that spends it is for.
    pub const fn purpose(self) -> Purpose {
        match self {
            Self::P2wpkh => Purpose::P2wpkh,
            Self::P2tr => Purpose::P2tr,
        }
    }
}

/// An output that an account can spend.
#[derive(Encode, Decode, Clone, Copy, Debug, PartialEq, Eq)]
#[cbor(map)]
pub struct Utxo {
    /// Where it is.
    #[n(0)]
    pub outpoint: OutPoint,
    /// What it is worth.
    #[n(1)]
    pub value: Satoshi,
    /// Which address it was sent to.
    #[n(2)]
    pub kind: UtxoKind,
}
