//! Nodes that lie: what becomes of a payload before its sender signs it.
//!
//! Source: protocols.md of the design, section 10. The sender is a member and signs the lie, so that only the protocols can find it out. In: a payload, the
//! rules. Out: another payload, or the same. Leaves out: losing and delaying (`broadcast`).

use crate::message::Payload;
use chainkey_algebra::{BlsG1, Committee, Curve, NodeIndex};
use std::collections::{BTreeMap, BTreeSet};
use subnet_view::{Effect, Faults, Misbehaviour, PayloadKind};

/// What was said before, for liars who repeat it.
#[derive(Default)]
pub struct Liar {
    last: BTreeMap<PayloadKind, BTreeMap<NodeIndex, Vec<u8>>>,
}

impl Liar {
    /// What a node really sends where it should send this; `happens` decides by chance.
    pub fn tell(
        &mut self,
        sender: NodeIndex,
        mut payload: Payload,
        faults: &Faults,
        mut happens: impl FnMut(u8) -> bool,
    ) -> Payload {
        let kind = payload.kind();
        let honest = payload.bytes_mut().clone();
        for rule in &faults.rules {
            if let Effect::Corrupt(misbehaviour) = rule.effect
                && rule.concerns(sender, kind)
                && happens(rule.percent)
            {
                self.corrupt(misbehaviour, sender, &mut payload);
            }
        }
        self.last.entry(kind).or_default().insert(sender, honest);
        payload
    }

    fn corrupt(&self, misbehaviour: Misbehaviour, sender: NodeIndex, payload: &mut Payload) {
        let kind = payload.kind();
        let bytes = payload.bytes_mut();
        let last = self.last.get(&kind);
        match misbehaviour {
            Misbehaviour::Flip => {
                let middle = bytes.len() / 2;
                if let Some(byte) = bytes.get_mut(middle) {
                    *byte ^= 1;
                }
            }
            Misbehaviour::Truncate => bytes.truncate(bytes.len() / 2),
            Misbehaviour::Replay => {
                if let Some(before) = last.and_then(|last| last.get(&sender)) {
                    bytes.clone_from(before);
                }
            }
            Misbehaviour::Copy => {
                let others = last.into_iter().flatten();
                if let Some((_, other)) = others.into_iter().find(|(node, _)| **node != sender) {
                    bytes.clone_from(other);
                }
            }
            // See `Lies`: only its opener knows how to make an opening wrong in the way that is hardest to see.
            Misbehaviour::WrongValue if kind == PayloadKind::Opening => {}
            Misbehaviour::WrongValue => wrong_value(kind, bytes),
            // The node itself lies so: see `Lies`.
            Misbehaviour::WrongShares(_)
            | Misbehaviour::SecondDealing
            | Misbehaviour::FalseComplaints(_)
            | Misbehaviour::EarlyOpenings => {}
        }
    }
}

/// Lies for which a node needs its secrets, or that it tells unasked.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Lies {
    /// So many receivers next to the dealer get wrong shares.
    pub wrong_shares: u16,
    /// Whether two different dealings are sent.
    pub second_dealing: bool,
    /// How often each good dealing is complained about.
    pub false_complaints: u16,
    /// Whether shares are opened that nobody asked for.
    pub early_openings: bool,
    /// Whether shares that somebody asked for are opened wrong.
    pub wrong_openings: bool,
}

impl Lies {
    /// How a node lies in this step; `happens` decides by chance.
    pub fn of(sender: NodeIndex, faults: &Faults, mut happens: impl FnMut(u8) -> bool) -> Self {
        let mut lies = Lies::default();
        for rule in &faults.rules {
            let Effect::Corrupt(lie) = rule.effect else {
                continue;
            };
            let kind = match lie {
                Misbehaviour::WrongShares(_) | Misbehaviour::SecondDealing => PayloadKind::Dealing,
                Misbehaviour::FalseComplaints(_) => PayloadKind::Complaint,
                Misbehaviour::EarlyOpenings | Misbehaviour::WrongValue => PayloadKind::Opening,
                _ => continue,
            };
            if !rule.concerns(sender, kind) || !happens(rule.percent) {
                continue;
            }
            match lie {
                Misbehaviour::WrongShares(receivers) => lies.wrong_shares = receivers,
                Misbehaviour::FalseComplaints(times) => lies.false_complaints = times,
                Misbehaviour::EarlyOpenings => lies.early_openings = true,
                Misbehaviour::WrongValue => lies.wrong_openings = true,
                _ => lies.second_dealing = true,
            }
        }
        lies
    }

    /// The receivers whose shares are wrong.
    pub fn wrong_for(&self, dealer: NodeIndex, receivers: Committee) -> BTreeSet<NodeIndex> {
        let size = receivers.size() as u16;
        let next = (1..=self.wrong_shares.min(size)).map(|step| (dealer.0 + step) % size);
        next.map(NodeIndex).collect()
    }
}

/// A message of the right form with another value: a doubled point of G1, or a scalar that counts with bytes out of their places. How wrong it is depends on
/// the value, which is another one for each node: errors of several liars that were alike, such as one more and one less, could cancel when shares are summed.
fn wrong_value(kind: PayloadKind, bytes: &mut [u8]) {
    // After node and session a share of a signature has the scalar that signatures are summed from; those after it only hide it.
    // The bytes that matter most stay, at either end, so that the scalar stays reduced.
    const MIDDLE_OF_SCALAR: std::ops::Range<usize> = 42..58;
    let last = bytes.len().saturating_sub(1);
    if let Ok(point) = BlsG1::point_from_bytes(bytes) {
        bytes.copy_from_slice(&BlsG1::point_to_bytes(&(point + point)));
    } else if kind == PayloadKind::SignatureShare
        && let Some(middle) = bytes.get_mut(MIDDLE_OF_SCALAR)
    {
        middle.rotate_left(1);
    } else if let Some(last) = bytes.get_mut(last) {
        *last ^= 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::{RequestId, ShareOf};
    use chainkey_algebra::BlsG2;
    use subnet_view::Rule;

    fn share(bytes: Vec<u8>) -> Payload {
        let of = ShareOf::Request(RequestId(1));
        Payload::Share { of, bytes }
    }

    #[test]
    fn only_those_lie_whom_a_rule_names() {
        let lie = Effect::Corrupt(Misbehaviour::Flip);
        let faults = Faults {
            rules: vec![Rule::always([NodeIndex(1)], lie)],
            ..Faults::default()
        };
        let mut liar = Liar::default();
        let mut tell = |node| liar.tell(NodeIndex(node), share(vec![7; 9]), &faults, |_| true);
        assert_eq!(tell(0), share(vec![7; 9]));
        assert_ne!(tell(1), share(vec![7; 9]));
    }

    #[test]
    fn a_wrong_value_is_still_well_formed() {
        let secret = chainkey_algebra::Secret::<BlsG1>::random(&mut rand_core::OsRng);
        let mut bytes = BlsG1::point_to_bytes(&secret.public());
        let right = bytes.clone();
        wrong_value(PayloadKind::SignatureShare, &mut bytes);
        assert_ne!(bytes, right);
        assert!(BlsG1::point_from_bytes(&bytes).is_ok());
        assert!(BlsG2::point_from_bytes(&bytes).is_err());
    }

    #[test]
    fn a_wrong_share_is_wrong_where_signatures_are_summed_from() {
        for length in [66_u8, 162] {
            let right: Vec<u8> = (0..length).collect();
            let mut bytes = right.clone();
            wrong_value(PayloadKind::SignatureShare, &mut bytes);
            let changed = bytes.iter().zip(&right).filter(|(now, then)| now != then);
            assert!(changed.map(|(_, then)| *then).eq(42..58));
        }
    }
}
