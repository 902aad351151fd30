//! Faults as values: what goes wrong, for whom, how long.
//!
//! Source: protocols.md of the design, section 10. A fault is a value that can be printed, stored and put in and taken away while the subnet runs; the
//! broadcast and the liars of `chainkey-subnet` read them. In: conditions of nodes and rules. Out: what becomes of a
//! node's step and of a payload. Leaves out: random choice of faults (tests draw them from a printed seed).

use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// How a node is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    /// It works.
    #[default]
    Running,
    /// It is off: sends nothing, hears nothing, and keeps only what it had written to disk.
    Crashed,
    /// It hears but sends nothing.
    Silent,
}

/// A way to lie. The message is still signed by its sender.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Misbehaviour {
    /// A byte of the message is flipped.
    Flip,
    /// The message is cut short.
    Truncate,
    /// The message that the same node sent for another purpose of the same kind before is sent again.
    Replay,
    /// The message is another node's, copied.
    Copy,
    /// The message decodes well but its last value is wrong; of an opening two values, so that their errors cancel out for who adds them up by public weights.
    WrongValue,
    /// Dealings hold in public, but this many receivers, those next to the dealer, get wrong shares.
    WrongShares(u16),
    /// Two different dealings where one is due.
    SecondDealing,
    /// Good dealings are complained about, with a proof that holds, this many times.
    FalseComplaints(u16),
    /// Shares of dealings are opened that nobody complained about.
    EarlyOpenings,
}

/// The kinds of what nodes say to each other.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PayloadKind {
    /// A dealing of a ceremony.
    Dealing,
    /// The signature of a receiver that found its shares good.
    Support,
    /// The same for ceremonies with the high threshold.
    Acknowledgement,
    /// The proof that a dealer's share is wrong.
    Complaint,
    /// A share opened for an accuser.
    Opening,
    /// A commitment revealed at the end of a ceremony.
    Reveal,
    /// A share of a round's randomness.
    TapeShare,
    /// A share of the random beacon.
    BeaconShare,
    /// A share of the signature on a state.
    CertificationShare,
    /// A share of a signature or an encrypted key.
    SignatureShare,
}

/// What happens to payloads.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// They get lost.
    Drop,
    /// They come this many steps of the broadcast later.
    Delay(u32),
    /// They come twice.
    Duplicate,
    /// Their sender lies.
    Corrupt(Misbehaviour),
}

/// One rule: payloads of these senders and this kind suffer this effect.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Rule {
    /// Whose payloads, by index.
    pub senders: BTreeSet<u16>,
    /// Which payloads; all if nothing is said.
    #[serde(default)]
    pub kind: Option<PayloadKind>,
    /// What happens.
    pub effect: Effect,
    /// How often in a hundred; always if nothing is said.
    #[serde(default = "always")]
    pub percent: u8,
}

fn always() -> u8 {
    100
}

impl Rule {
    /// A rule that always applies to everything that these nodes send.
    pub fn always<N: Into<u16>>(senders: impl IntoIterator<Item = N>, effect: Effect) -> Self {
        Rule {
            senders: senders.into_iter().map(Into::into).collect(),
            kind: None,
            effect,
            percent: always(),
        }
    }

    /// The same for one kind of payload only.
    #[must_use]
    pub fn only(mut self, kind: PayloadKind) -> Self {
        self.kind = Some(kind);
        self
    }

    /// The same, but only that often in a hundred.
    #[must_use]
    pub fn sometimes(mut self, percent: u8) -> Self {
        self.percent = percent;
        self
    }

    /// Whether the rule is about this payload.
    pub fn concerns(&self, sender: impl Into<u16>, kind: PayloadKind) -> bool {
        self.senders.contains(&sender.into()) && self.kind.is_none_or(|only| only == kind)
    }
}

/// Everything that is wrong at the moment.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Faults {
    /// Nodes that do not simply run.
    pub conditions: BTreeMap<u16, Condition>,
    /// Nodes cut off from the others, group by group; a node that stands in none belongs to the first group.
    pub partition: Vec<BTreeSet<u16>>,
    /// Rules, applied in order.
    pub rules: Vec<Rule>,
}

impl Faults {
    /// How a node is.
    pub fn condition(&self, node: impl Into<u16>) -> Condition {
        self.conditions
            .get(&node.into())
            .copied()
            .unwrap_or_default()
    }

    /// Puts a node into a condition.
    pub fn set(&mut self, node: impl Into<u16>, condition: Condition) {
        match condition {
            Condition::Running => self.conditions.remove(&node.into()),
            other => self.conditions.insert(node.into(), other),
        };
    }

    /// The group in which a node is.
    pub fn group(&self, node: impl Into<u16>) -> usize {
        let node = node.into();
        self.partition
            .iter()
            .position(|group| group.contains(&node))
            .map_or(0, |index| index + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_concerns_its_senders_and_its_kind_only() {
        let rule = Rule::always([1_u16], Effect::Drop).only(PayloadKind::Support);
        assert!(rule.concerns(1_u16, PayloadKind::Support));
        assert!(!rule.concerns(2_u16, PayloadKind::Support));
        assert!(!rule.concerns(1_u16, PayloadKind::Dealing));
    }

    #[test]
    fn a_node_in_no_group_is_with_the_rest() {
        let faults = Faults {
            partition: vec![BTreeSet::from([0, 1])],
            ..Faults::default()
        };
        assert_eq!(faults.group(0_u16), faults.group(1_u16));
        assert_ne!(faults.group(0_u16), faults.group(2_u16));
        assert_eq!(faults.group(2_u16), faults.group(3_u16));
    }
}
