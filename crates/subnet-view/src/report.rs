//! A subnet of a network, with what its nodes show.
//!
//! In and out: values. Leaves out: where they come from (`chainkey-instance`).

use crate::{Faults, Overview};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A subnet of a network.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SubnetReport {
    /// Its id, as text.
    pub subnet: String,
    /// Its kind, such as `application`.
    pub kind: String,
    /// Whether it stands still, because fewer than 2f + 1 nodes take part: it runs no rounds and signs nothing.
    pub stands_still: bool,
    /// What its nodes show.
    pub overview: Overview,
    /// What is wrong with them by order.
    pub faults: Faults,
    /// How long the latest requests took, by their number in [`Overview::traces`].
    pub timings: BTreeMap<u64, Timing>,
}

/// How long a request took, in rounds of the subnet that asked and in real time of all nodes together, which share this machine.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Timing {
    /// The round in which it was accepted.
    pub accepted_in_round: u64,
    /// The round in which it was answered.
    pub answered_in_round: Option<u64>,
    /// Microseconds in which the nodes made the key and a first presignature, if there was none, and bound the request.
    pub bind_micros: u64,
    /// Microseconds in which they signed, in all rounds together.
    pub sign_micros: u64,
}
