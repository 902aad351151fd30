//! Signatures as Ethereum wants them.
//!
//! - Specification: Yellow Paper, appendix F; EIP-2 (the smaller s); EIP-1559 (parity 0 or 1); EIP-191's users append 27 or 28.
//! - In: r and s as the management canister gives them, 32 bytes each, big endian; the hash; whose signature it should be.
//! - Out: a signature with the smaller s and the parity of its point, from which the account's address was recovered.

use super::error::SignatureError;
use super::hash::SigningHash;
use crate::account::ethereum::EvmAddress;
use k256::ecdsa::{self, RecoveryId, VerifyingKey};
use minicbor::{Decode, Encode};

/// A signature that is known to be an account's.
#[derive(Encode, Decode, Clone, Debug, PartialEq, Eq)]
#[cbor(map)]
pub struct Signature {
    #[n(0)]
    #[cbor(with = "minicbor::bytes")]
    r: [u8; 32],
    #[n(1)]
    #[cbor(with = "minicbor::bytes")]
    s: [u8; 32],
    #[n(2)]
    odd: bool,
}

impl Signature {
    /// Checks that a signature is the account's, finds its parity, and takes the smaller s.
    ///
    /// # Errors
    /// It is no signature, or not this account's for this hash.
    pub fn of_account(
        account: EvmAddress,
        hash: &SigningHash,
        r_and_s: &[u8],
    ) -> Result<Self, SignatureError> {
        let given = ecdsa::Signature::from_slice(r_and_s).map_err(|_| SignatureError::Malformed)?;
        let small = given.normalize_s().unwrap_or(given);
        // A point whose x is not below the group's order cannot be written in a transaction, and nobody ever saw one.
        let odd = [false, true]
            .into_iter()
            .find(|odd| recovered(hash, &small, *odd) == Some(account))
            .ok_or_else(|| SignatureError::NotOfAccount {
                account: account.to_string(),
            })?;
        let (r, s) = small.split_bytes();
        Ok(Self {
            r: r.into(),
            s: s.into(),
            odd,
        })
    }

    /// The first number, 32 bytes, big endian.
    pub const fn r(&self) -> &[u8; 32] {
        &self.r
    }

    /// The second number, 32 bytes, big endian; at most half of the group's order.
    pub const fn s(&self) -> &[u8; 32] {
        &self.s
    }

    /// Whether the point's y is odd.
    pub const fn y_is_odd(&self) -> bool {
        self.odd
    }

    /// The 65 bytes that contracts and verifiers of messages take: r, s, and 27, or 28 for an odd y.
    pub fn bytes(&self) -> [u8; 65] {
        let mut bytes = [0; 65];
        bytes[..32].copy_from_slice(&self.r);
        bytes[32..64].copy_from_slice(&self.s);
        bytes[64] = 27 + u8::from(self.odd);
        bytes
    }
}

fn recovered(hash: &SigningHash, signature: &ecdsa::Signature, odd: bool) -> Option<EvmAddress> {
    let parity = RecoveryId::new(odd, false);
    let key = VerifyingKey::recover_from_prehash(&hash.0, signature, parity).ok()?;
    EvmAddress::of(key.to_encoded_point(true).as_bytes()).ok()
}
