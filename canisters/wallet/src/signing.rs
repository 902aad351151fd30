//! Signatures of a wallet's keys: what is asked for, and whether it came.
//!
//! - What it does: [`SigningRequest`] is one signature under one key; [`SigningRequest::receipt`] checks what came against the key, derived locally,
//!   before anybody else sees it.
//! - Specification: IC interface specification, `sign_with_ecdsa` (r and s, 32 bytes each, big endian) and `sign_with_schnorr` (BIP-340;
//!   RFC 8032, verified as in section 5.1.7). Of Ethereum's kind with the parity of R (Yellow Paper, appendix F).
//! - The caller makes requests only of what is reserved (`execute`).

use crate::account::ethereum::EvmAddress;
use crate::account::path::{AccountIndex, PATH_BYTES, Purpose};
use crate::chain::ethereum::hash::SigningHash;
use crate::chain::ethereum::signature as evm;
use crate::proposal::{Receipt, Signature};
use crate::root_key::{KeyKind, RootKeys};
use crate::wallet::WalletId;
use ic_management_canister_types::{Bip341, SchnorrAux};
use k256::ecdsa::signature::hazmat::PrehashVerifier;

/// One signature under one key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SigningRequest {
    /// Whose.
    wallet: WalletId,
    /// What the key is for.
    purpose: Purpose,
    /// Which.
    index: AccountIndex,
    /// The key's path.
    pub path: [u8; PATH_BYTES],
    /// 32 bytes for ECDSA and BIP-340.
    pub message: Vec<u8>,
}

impl SigningRequest {
    /// A signature under a wallet's key.
    pub fn new(wallet: WalletId, purpose: Purpose, index: AccountIndex, message: Vec<u8>) -> Self {
        Self {
            wallet,
            purpose,
            index,
            path: purpose.element(wallet, index),
            message,
        }
    }

    /// The kind of key.
    pub fn kind(&self) -> KeyKind {
        self.purpose.kind()
    }

    /// What the management canister is told beside the message.
    pub fn aux(&self) -> Option<SchnorrAux> {
        let tweaked = self.purpose == Purpose::P2tr;
        // BIP-341 without scripts: the root is empty.
        tweaked.then(|| {
            SchnorrAux::Bip341(Bip341 {
                merkle_root_hash: Vec::new(),
            })
        })
    }

    /// What shows that the key has made the signature over the message; nothing if it has not.
    pub fn receipt(&self, roots: &RootKeys, signature: &[u8]) -> Option<Receipt> {
        let key = self.purpose.key(roots, self.wallet, self.index).ok()?;
        if self.purpose == Purpose::Evm {
            let account = EvmAddress::of(&key).ok()?;
            let hash = SigningHash(self.message.as_slice().try_into().ok()?);
            let signature = evm::Signature::of_account(account, &hash, signature).ok()?;
            return Some(Receipt::EvmSignature(signature.bytes()));
        }
        match self.kind() {
            KeyKind::Ecdsa => ecdsa(&key, &self.message, signature),
            KeyKind::Bip340 => bip340(&key, &self.message, signature),
            KeyKind::Ed25519 => ed25519(&key, &self.message, signature),
        }?;
        let signature = signature.try_into().ok()?;
        Some(Receipt::Signature(Signature(signature)))
    }
}

fn ecdsa(key: &[u8], hash: &[u8], signature: &[u8]) -> Option<()> {
    let key = k256::ecdsa::VerifyingKey::from_sec1_bytes(key).ok()?;
    let signature = k256::ecdsa::Signature::from_slice(signature).ok()?;
    // Either s verifies; k256 takes the lower one only.
    let signature = signature.normalize_s().unwrap_or(signature);
    key.verify_prehash(hash, &signature).ok()
}

fn bip340(key: &[u8], message: &[u8], signature: &[u8]) -> Option<()> {
    // k256 0.13 panics on fewer bytes instead of refusing them.
    let signature: &[u8; 64] = signature.try_into().ok()?;
    let x_only = key.get(1..)?;
    let key = k256::schnorr::VerifyingKey::from_bytes(x_only).ok()?;
    let signature = k256::schnorr::Signature::try_from(&signature[..]).ok()?;
    key.verify_raw(message, &signature).ok()
}

fn ed25519(key: &[u8], message: &[u8], signature: &[u8]) -> Option<()> {
    let key = ed25519_dalek::VerifyingKey::from_bytes(key.try_into().ok()?).ok()?;
    let signature = ed25519_dalek::Signature::from_slice(signature).ok()?;
    key.verify_strict(message, &signature).ok()
}
