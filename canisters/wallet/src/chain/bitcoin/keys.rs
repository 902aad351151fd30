//! The two keys of an account that spend bitcoin.
//!
//! - Specification: BIP-141 (the hash of a key), BIP-341 and 86 (the output key of an internal key without scripts).
//! - In: compressed keys (33 bytes), derived by `account::path`. Out: checked keys, and the scripts that pay them.
//! - Stored as CBOR: {0: ECDSA key, 1: internal key, 2: output key}.

use super::destination::Destination;
use super::utxo::UtxoKind;
use crate::root_key::{KeyKind, KeyMalformed};
use k256::PublicKey;
use key_path::taproot;
use minicbor::{Decode, Encode};
use ripemd::Ripemd160;
use sha2::{Digest, Sha256};

/// The keys of one account.
#[derive(Encode, Decode, Clone, Copy, Debug, PartialEq, Eq)]
#[cbor(map)]
pub struct AccountKeys {
    #[n(0)]
    #[cbor(with = "minicbor::bytes")]
    ecdsa: [u8; 33],
    #[n(1)]
    #[cbor(with = "minicbor::bytes")]
    internal: [u8; 33],
    /// The x-coordinate of the internal key's output key.
    #[n(2)]
    #[cbor(with = "minicbor::bytes")]
    output: [u8; 32],
}

impl AccountKeys {
    /// Checks the compressed keys of `Purpose::P2wpkh` and `Purpose::P2tr`.
    ///
    /// # Errors
    /// One of them is no key.
    pub fn new(p2wpkh: &[u8], p2tr: &[u8]) -> Result<Self, KeyMalformed> {
        let ecdsa = compressed(p2wpkh, KeyKind::Ecdsa)?;
        let internal = compressed(p2tr, KeyKind::Bip340)?;
        let malformed = KeyMalformed(KeyKind::Bip340);
        let output = taproot::output_key(&internal, &[]).map_err(|_| malformed)?;
        Ok(Self {
            ecdsa,
            internal,
            output: output.x_only,
        })
    }

    /// Where coins of a kind are received.
    pub fn destination(&self, kind: UtxoKind) -> Destination {
        match kind {
            UtxoKind::P2wpkh => Destination::P2wpkh(self.ecdsa_hash()),
            UtxoKind::P2tr => Destination::P2tr(self.output),
        }
    }

    /// Where change goes.
    pub fn change(&self) -> Destination {
        self.destination(UtxoKind::P2tr)
    }

    pub(super) fn ecdsa(&self) -> &[u8; 33] {
        &self.ecdsa
    }

    pub(super) fn ecdsa_hash(&self) -> [u8; 20] {
        Ripemd160::digest(Sha256::digest(self.ecdsa)).into()
    }

    pub(super) fn output(&self) -> &[u8; 32] {
        &self.output
    }
}

fn compressed(bytes: &[u8], kind: KeyKind) -> Result<[u8; 33], KeyMalformed> {
    let malformed = KeyMalformed(kind);
    let key: [u8; 33] = bytes.try_into().map_err(|_| malformed)?;
    PublicKey::from_sec1_bytes(&key).map_err(|_| malformed)?;
    Ok(key)
}
