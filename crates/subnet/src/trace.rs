//! What happened on the way to a signature, for people who want to see it.

use crate::shares::Shares;
use serde::Serialize;
use std::collections::BTreeSet;

/// The way of one request.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Trace {
    /// The round in which it was bound to a presignature.
    pub bound_in_round: u64,
    /// The round whose randomness made its nonce.
    pub drawn_in_round: u64,
    /// The presignature: its batch, and its place in it. Never the same for two requests to a key.
    pub presignature: Option<(u64, usize)>,
    /// Nodes whose shares arrived and were not found wrong.
    pub contributors: BTreeSet<u16>,
    /// Nodes that sent wrong shares.
    pub blamed: BTreeSet<u16>,
}

impl Trace {
    /// A request on its way.
    pub fn new(bound_in_round: u64, drawn_in_round: u64) -> Self {
        Trace {
            bound_in_round,
            drawn_in_round,
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

    /// The same at its end, with the nodes that took part.
    #[must_use]
    pub(crate) fn signed_with<T>(mut self, shares: &Shares<T>) -> Self {
        self.contributors = shares.kept().iter().map(|(node, _)| node.0).collect();
        self.blamed = shares.refused().iter().map(|node| node.0).collect();
        self
    }
}
