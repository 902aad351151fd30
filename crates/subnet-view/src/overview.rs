//! A subnet as people see it: nodes, ceremonies, keys with their stocks, blames, the ways of signatures. Nothing here is secret.
//!
//! In and out: values. Leaves out: rendering, and every share.

use crate::{Condition, KeyId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// A subnet.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Overview {
    /// The number of the epoch.
    pub epoch: u64,
    /// The step of the broadcast that the last block ended.
    pub step: u64,
    /// How many nodes may be faulty.
    pub may_fail: usize,
    /// Its nodes.
    pub nodes: Vec<NodeView>,
    /// The subnet's public key for certificates, 96 bytes in hexadecimal digits, if it is made.
    pub certification_key: Option<String>,
    /// Keys in use.
    pub keys: Vec<KeyView>,
    /// Ceremonies that run, or whose result is in use.
    pub ceremonies: Vec<CeremonyView>,
    /// Who was blamed for what, the latest last.
    pub blames: Vec<BlameView>,
    /// The ways of the latest signatures and derived keys, the latest last.
    pub traces: Vec<TraceView>,
}

/// A node.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct NodeView {
    /// Its index.
    pub node: u16,
    /// Its public key, in hexadecimal digits.
    pub public_key: String,
    /// Whether it runs.
    pub condition: Condition,
    /// The side of a partition on which it is; 0 is the rest.
    pub group: usize,
}

/// A key in use.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct KeyView {
    /// Its name.
    pub key: KeyId,
    /// Its public key, in hexadecimal digits, if it is made.
    pub public_key: Option<String>,
    /// Presignatures that are ready.
    pub stock: usize,
}

/// A ceremony.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct CeremonyView {
    /// Its number in the epoch.
    pub number: u64,
    /// The curve.
    pub curve: String,
    /// What is dealt.
    pub operation: String,
    /// Whether commitments hide the values.
    pub masked: bool,
    /// Shares that determine a value.
    pub threshold: usize,
    /// Dealings that are needed.
    pub needed: usize,
    /// Dealers whose dealings hold in public.
    pub dealers: BTreeSet<u16>,
    /// Dealers against whom a complaint is justified.
    pub accused: BTreeSet<u16>,
    /// Whether it has come to its end.
    pub made: bool,
}

/// A value of a subnet's random beacon, with what it takes to verify it: the signature is the one BLS signature (in G1, ciphersuite
/// `BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_NUL_`) of the message under the key. All in hexadecimal digits.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct BeaconView {
    /// The epoch whose key signed.
    pub epoch: u64,
    /// Its number in the chain, from 1.
    pub height: u64,
    /// The hash of the value before, 32 bytes; of the key, for the first one.
    pub parent: String,
    /// The message, 32 bytes: the hash of height and parent.
    pub message: String,
    /// The value: the signature, 48 bytes.
    pub signature: String,
    /// The hash that the next value is chained to, 32 bytes.
    pub hash: String,
    /// The key of beacon and tape in this epoch, 96 bytes.
    pub public_key: String,
}

/// A blame.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct BlameView {
    /// The epoch.
    pub epoch: u64,
    /// The node, by its index in this epoch.
    pub node: u16,
    /// What it did.
    pub what: String,
}

/// The way of a request.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct TraceView {
    /// Its number.
    pub request: u64,
    /// The key.
    pub key: KeyId,
    /// Its way.
    pub trace: Trace,
}

/// The way of one request.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Trace {
    /// The number of the last tape that anybody had wanted when it was bound to a presignature.
    pub bound_at_height: u64,
    /// The number of the tape that made its nonce, wanted later. The same for vetKD, which needs none.
    pub drawn_at_height: u64,
    /// The presignature: its batch, and its place in it. Never the same for two requests to a key.
    pub presignature: Option<(u64, usize)>,
    /// Nodes whose shares arrived and were not found wrong.
    pub contributors: BTreeSet<u16>,
    /// Nodes that sent wrong shares.
    pub blamed: BTreeSet<u16>,
}

impl Trace {
    /// A request on its way.
    pub fn new(bound_at_height: u64, drawn_at_height: u64) -> Self {
        Trace {
            bound_at_height,
            drawn_at_height,
            presignature: None,
            contributors: BTreeSet::new(),
            blamed: BTreeSet::new(),
        }
    }

    /// The same, with the presignature that is spent on it.
    #[must_use]
    pub fn with(mut self, batch: u64, slot: usize) -> Self {
        self.presignature = Some((batch, slot));
        self
    }
}
