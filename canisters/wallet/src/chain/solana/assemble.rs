//! From a signature to the transaction that is broadcast.
//!
//! - Specification: Solana's documentation, "Transactions": the number of signatures, the signatures, the message. The first signature is the
//!   transaction's id. RFC 8032, verified strictly, as the chain does.
//! - In: the 64 bytes that the management canister gave. Out: the transaction; it was verified before.

use super::error::BadSignature;
use super::plan::Plan;
use crate::account::solana::SolanaAddress;
use ed25519_dalek::{Signature, VerifyingKey};
use minicbor::{Decode, Encode};
use std::fmt;

/// The id of a transaction: its signature.
#[derive(Encode, Decode, Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[cbor(transparent)]
pub struct TransactionId(
    #[n(0)]
    #[cbor(with = "minicbor::bytes")]
    pub [u8; 64],
);

impl fmt::Display for TransactionId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&bs58::encode(&self.0).into_string())
    }
}

/// A transaction as it is broadcast.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed {
    /// Its id.
    pub id: TransactionId,
    /// All of it.
    pub bytes: Vec<u8>,
}

impl Plan {
    /// Puts the account's signature in.
    ///
    /// # Errors
    /// It is not one of the account over this message.
    pub fn assemble(&self, own: &SolanaAddress, signature: &[u8]) -> Result<Signed, BadSignature> {
        let id: [u8; 64] = signature.try_into().map_err(|_| BadSignature)?;
        let key = VerifyingKey::from_bytes(own.bytes()).map_err(|_| BadSignature)?;
        let verified = key.verify_strict(&self.message, &Signature::from_bytes(&id));
        verified.map_err(|_| BadSignature)?;
        Ok(self.with_signature(TransactionId(id)))
    }

    /// The transaction with a signature that was verified.
    pub fn with_signature(&self, id: TransactionId) -> Signed {
        Signed {
            id,
            bytes: [&[1][..], &id.0, &self.message].concat(),
        }
    }
}
