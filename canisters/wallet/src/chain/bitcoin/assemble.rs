//! From signatures to the transaction that is broadcast.
//!
//! - Specification: BIP-141 and 146 (P2WPKH: DER with a small `s`, and the key), BIP-340 and 341 (P2TR: the signature alone).
//! - In: for each input the 64 bytes that the management canister gave: `r` and `s` of ECDSA, or a BIP-340 signature. Out: the
//!   transaction; or which signature is not one. Each is verified against its input before it is put in.
//! - Stored as CBOR: {0: transaction, 1: id, 2: hash with witnesses, 3: size}.

use super::error::SignatureError;
use super::plan::Plan;
use super::sighash::{SIGHASH_ALL, ToSign};
use super::size::VirtualBytes;
use super::transaction::{Txid, Wtxid, sha256d};
use super::utxo::UtxoKind;
use k256::ecdsa::signature::hazmat::PrehashVerifier;
use k256::{ecdsa, schnorr};
use minicbor::{Decode, Encode};

/// A transaction as it is broadcast.
#[derive(Encode, Decode, Clone, Debug, PartialEq, Eq)]
#[cbor(map)]
pub struct SignedTransaction {
    /// The transaction with its witnesses.
    #[n(0)]
    #[cbor(with = "minicbor::bytes")]
    pub bytes: Vec<u8>,
    /// Its id.
    #[n(1)]
    pub txid: Txid,
    /// The hash of all of it.
    #[n(2)]
    pub wtxid: Wtxid,
    /// The size that its fee is for.
    #[n(3)]
    pub vsize: VirtualBytes,
}

impl Plan {
    /// Puts the signatures in, one for each input and in their order, each made on what [`Plan::to_sign`] gives.
    ///
    /// # Errors
    /// Their number, or the first one that does not verify.
    pub fn assemble<S: AsRef<[u8]>>(
        &self,
        signatures: &[S],
    ) -> Result<SignedTransaction, SignatureError> {
        let to_sign = self.all_to_sign();
        if signatures.len() != to_sign.len() {
            return Err(SignatureError::Count {
                signatures: signatures.len() as u64,
                inputs: to_sign.len() as u64,
            });
        }
        let pairs = to_sign.iter().zip(signatures);
        let witnesses: Vec<_> = pairs
            .map(|(to_sign, signature)| self.witness(to_sign, signature.as_ref()))
            .collect::<Result<_, _>>()?;
        let unsigned = self.unsigned();
        let bytes = unsigned.signed(&witnesses);
        let wtxid = Wtxid(sha256d(&bytes));
        let in_witnesses = 2 + witnesses.iter().map(|it| witness_bytes(it)).sum::<u64>();
        let weight = 4 * bytes.len() as u64 - 3 * in_witnesses;
        Ok(SignedTransaction {
            bytes,
            txid: unsigned.txid(),
            wtxid,
            vsize: VirtualBytes(weight.div_ceil(4)),
        })
    }

    /// Checks one signature alone, as soon as it is there.
    ///
    /// # Errors
    /// It does not verify.
    pub fn check_signature(
        &self,
        to_sign: &ToSign,
        signature: &[u8],
    ) -> Result<(), SignatureError> {
        self.witness(to_sign, signature).map(drop)
    }

    /// The items of an input's witness.
    fn witness(&self, to_sign: &ToSign, signature: &[u8]) -> Result<Vec<Vec<u8>>, SignatureError> {
        let input = to_sign.input;
        let invalid = SignatureError::Invalid { input };
        let coin = self.inputs().get(input as usize).ok_or(invalid)?;
        let witness = match coin.kind {
            UtxoKind::P2wpkh => self.ecdsa_witness(to_sign, signature),
            UtxoKind::P2tr => self.schnorr_witness(to_sign, signature),
        };
        witness.ok_or(invalid)
    }

    fn ecdsa_witness(&self, to_sign: &ToSign, signature: &[u8]) -> Option<Vec<Vec<u8>>> {
        let given = ecdsa::Signature::from_slice(signature).ok()?;
        let signature = given.normalize_s().unwrap_or(given);
        let key = ecdsa::VerifyingKey::from_sec1_bytes(self.keys().ecdsa()).ok()?;
        key.verify_prehash(&to_sign.sighash, &signature).ok()?;
        let (r, s) = signature.split_bytes();
        let mut der = der(&r, &s);
        der.push(SIGHASH_ALL);
        Some(vec![der, self.keys().ecdsa().to_vec()])
    }

    fn schnorr_witness(&self, to_sign: &ToSign, signature: &[u8]) -> Option<Vec<Vec<u8>>> {
        // The library's own conversion panics where bytes are missing.
        let bytes: &[u8; 64] = signature.try_into().ok()?;
        let parsed = schnorr::Signature::try_from(&bytes[..]).ok()?;
        let key = schnorr::VerifyingKey::from_bytes(self.keys().output()).ok()?;
        key.verify_raw(&to_sign.sighash, &parsed).ok()?;
        Some(vec![signature.to_vec()])
    }
}

/// Bytes of a witness: a count, and a length before each item. All of them are below 253.
fn witness_bytes(items: &[Vec<u8>]) -> u64 {
    let items = items.iter().map(|item| 1 + item.len() as u64);
    1 + items.sum::<u64>()
}

/// Two numbers in DER, as BIP-66 demands it: a sequence of two integers.
fn der(r: &[u8], s: &[u8]) -> Vec<u8> {
    const SEQUENCE: u8 = 0x30;
    let numbers = [integer(r), integer(s)].concat();
    [&[SEQUENCE, numbers.len() as u8][..], &numbers].concat()
}

/// A number in as few bytes as it has; a zero goes before a first bit that would be a sign.
fn integer(big_endian: &[u8]) -> Vec<u8> {
    const INTEGER: u8 = 0x02;
    let zeros = big_endian.iter().take_while(|byte| **byte == 0).count();
    let digits = &big_endian[zeros..];
    let sign: &[u8] = match digits.first() {
        Some(first) if *first < 0x80 => &[],
        _ => &[0],
    };
    let length = (sign.len() + digits.len()) as u8;
    [&[INTEGER, length][..], sign, digits].concat()
}
