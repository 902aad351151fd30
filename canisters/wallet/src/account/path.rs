//! The derivation path of a wallet's keys.
//!
//! - What it does: a path is one element of 15 bytes: schema (1 byte, value 1), wallet id (8 bytes, big endian), chain (1 byte), purpose
//!   (1 byte), index (4 bytes, big endian). docs/wallet.md has the table of chains and purposes.
//! - One element, not five, because each element costs a step of derivation, and because fixed widths already keep two accounts from
//!   sharing a path. The wallet id is in front, so that no caller's number can reach into another wallet.
//! - Chain and purpose bytes are never used again for something else.
//! - In and out: the element as it goes into `derivation_path`, and the public key under it.

use crate::root_key::{KeyKind, KeyMalformed, RootKeys};
use crate::wallet::WalletId;
use key_path::Path;
use minicbor::{Decode, Encode};

/// The layout of paths that this code writes.
const SCHEMA: u8 = 1;

/// Bytes of a path's one element.
pub const PATH_BYTES: usize = 15;

/// Which of a wallet's accounts on a chain; 0 for the first.
#[derive(Encode, Decode, Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[cbor(transparent)]
pub struct AccountIndex(#[n(0)] pub u32);

/// Chain and purpose of subaccounts on ledgers with ICRC-1, which have no keys.
pub(super) const ICRC: [u8; 2] = [4, 1];

/// What a key of a wallet is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Purpose {
    /// Bitcoin outputs to the hash of an ECDSA key.
    P2wpkh,
    /// Bitcoin outputs to a Taproot key.
    P2tr,
    /// An account on Ethereum and its like.
    Evm,
    /// An account on Solana.
    Solana,
    /// A key that holds nothing, for messages that nobody can read.
    Raw(KeyKind),
}

impl Purpose {
    const fn bytes(self) -> [u8; 2] {
        match self {
            Self::P2wpkh => [1, 1],
            Self::P2tr => [1, 2],
            Self::Evm => [2, 1],
            Self::Solana => [3, 1],
            Self::Raw(KeyKind::Ecdsa) => [0, 1],
            Self::Raw(KeyKind::Bip340) => [0, 2],
            Self::Raw(KeyKind::Ed25519) => [0, 3],
        }
    }

    /// The kind of key that signs for it.
    pub const fn kind(self) -> KeyKind {
        match self {
            Self::P2wpkh | Self::Evm => KeyKind::Ecdsa,
            Self::P2tr => KeyKind::Bip340,
            Self::Solana => KeyKind::Ed25519,
            Self::Raw(kind) => kind,
        }
    }

    /// The path's one element.
    pub fn element(self, wallet: WalletId, index: AccountIndex) -> [u8; PATH_BYTES] {
        element(self.bytes(), wallet, index)
    }

    /// The public key of an account: 33 bytes (compressed), or 32 for Ed25519.
    ///
    /// # Errors
    /// A root key that is not a key.
    pub fn key(
        self,
        roots: &RootKeys,
        wallet: WalletId,
        index: AccountIndex,
    ) -> Result<Vec<u8>, KeyMalformed> {
        let element = self.element(wallet, index).to_vec();
        let path = Path::below([element]).map_err(|_| KeyMalformed(self.kind()))?;
        roots.get(self.kind()).below(&path)
    }
}

/// The path's one element.
pub(super) fn element(
    [chain, purpose]: [u8; 2],
    wallet: WalletId,
    index: AccountIndex,
) -> [u8; PATH_BYTES] {
    let mut element = [0; PATH_BYTES];
    element[0] = SCHEMA;
    element[1..9].copy_from_slice(&wallet.number().to_be_bytes());
    element[9] = chain;
    element[10] = purpose;
    element[11..].copy_from_slice(&index.0.to_be_bytes());
    element
}
