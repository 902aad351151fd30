//! Transactions as bytes.
//!
//! - Specification: BIP-144 (serialization with witnesses, both kinds of ids), BIP-69 (order).
//! - In: an [`Unsigned`] transaction, whose inputs know what they spend, and a witness for each. Out: bytes and ids.
//! - A [`Txid`] is kept in the order in which it is hashed, as the Bitcoin canister tells it; people write it the other way round.

use minicbor::{Decode, Encode};
use sha2::{Digest, Sha256};
use std::cmp::Ordering;
use std::fmt;

/// The id of a transaction, which its witnesses do not change. Ordered as people write it, which is BIP-69's order.
#[derive(Encode, Decode, Clone, Copy, Debug, PartialEq, Eq)]
#[cbor(transparent)]
pub struct Txid(
    #[n(0)]
    #[cbor(with = "minicbor::bytes")]
    pub [u8; 32],
);

impl Ord for Txid {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.iter().rev().cmp(other.0.iter().rev())
    }
}

impl PartialOrd for Txid {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for Txid {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_reversed(&self.0, out)
    }
}

/// The hash of a transaction with its witnesses.
#[derive(Encode, Decode, Clone, Copy, Debug, PartialEq, Eq)]
#[cbor(transparent)]
pub struct Wtxid(
    #[n(0)]
    #[cbor(with = "minicbor::bytes")]
    pub [u8; 32],
);

impl fmt::Display for Wtxid {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_reversed(&self.0, out)
    }
}

fn write_reversed(id: &[u8; 32], out: &mut fmt::Formatter<'_>) -> fmt::Result {
    id.iter()
        .rev()
        .try_for_each(|byte| write!(out, "{byte:02x}"))
}

/// An output of a transaction.
#[derive(Encode, Decode, Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[cbor(map)]
pub struct OutPoint {
    /// The transaction.
    #[n(0)]
    pub txid: Txid,
    /// Which of its outputs, from 0.
    #[n(1)]
    pub vout: u32,
}

impl OutPoint {
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.txid.0);
        out.extend_from_slice(&self.vout.to_le_bytes());
    }
}

impl fmt::Display for OutPoint {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}:{}", self.txid, self.vout)
    }
}

/// An input, with the output that it spends.
#[derive(Clone, Debug)]
pub struct Spend {
    /// Which output.
    pub outpoint: OutPoint,
    /// Its amount in satoshi.
    pub value: u64,
    /// Its script.
    pub script_pubkey: Vec<u8>,
    /// The input's sequence number.
    pub sequence: u32,
}

/// An amount in satoshi under a script.
#[derive(Clone, Debug)]
pub struct Paid {
    /// The amount.
    pub value: u64,
    /// The script.
    pub script_pubkey: Vec<u8>,
}

impl Paid {
    /// As it stands in a transaction, and in what signatures commit to.
    pub fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.value.to_le_bytes());
        write_bytes(&self.script_pubkey, out);
    }
}

/// A transaction without signatures; no input has a script of its own.
#[derive(Clone, Debug)]
pub struct Unsigned {
    /// The version.
    pub version: u32,
    /// The inputs.
    pub spends: Vec<Spend>,
    /// The outputs.
    pub outputs: Vec<Paid>,
    /// The lock time.
    pub lock_time: u32,
}

impl Unsigned {
    /// The id, which the witnesses will not change.
    pub fn txid(&self) -> Txid {
        Txid(sha256d(&self.bytes(None)))
    }

    /// The transaction with the items of a witness for each input, in their order.
    pub fn signed(&self, witnesses: &[Vec<Vec<u8>>]) -> Vec<u8> {
        self.bytes(Some(witnesses))
    }

    fn bytes(&self, witnesses: Option<&[Vec<Vec<u8>>]>) -> Vec<u8> {
        const MARKER_AND_FLAG: [u8; 2] = [0, 1];
        let mut out = self.version.to_le_bytes().to_vec();
        if witnesses.is_some() {
            out.extend_from_slice(&MARKER_AND_FLAG);
        }
        write_count(self.spends.len(), &mut out);
        for spend in &self.spends {
            spend.outpoint.write(&mut out);
            write_bytes(&[], &mut out);
            out.extend_from_slice(&spend.sequence.to_le_bytes());
        }
        write_count(self.outputs.len(), &mut out);
        for paid in &self.outputs {
            paid.write(&mut out);
        }
        for items in witnesses.into_iter().flatten() {
            write_count(items.len(), &mut out);
            for item in items {
                write_bytes(item, &mut out);
            }
        }
        out.extend_from_slice(&self.lock_time.to_le_bytes());
        out
    }
}

/// SHA-256 twice.
pub fn sha256d(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(Sha256::digest(bytes)).into()
}

/// A length and so many bytes.
pub fn write_bytes(bytes: &[u8], out: &mut Vec<u8>) {
    write_count(bytes.len(), out);
    out.extend_from_slice(bytes);
}

fn write_count(count: usize, out: &mut Vec<u8>) {
    let count = count as u64;
    let bytes = count.to_le_bytes();
    match count {
        0..=0xfc => out.push(bytes[0]),
        0xfd..=0xffff => {
            out.push(0xfd);
            out.extend_from_slice(&bytes[..2]);
        }
        _ => {
            out.push(0xfe);
            out.extend_from_slice(&bytes[..4]);
        }
    }
}
