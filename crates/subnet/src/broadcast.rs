//! The ordered broadcast: every node gets the same blocks of signed envelopes, in the same order.
//!
//! Source: protocols.md of the design, section 0: this stands in for consensus; block making, notarisation and finalisation are not built. In: what nodes
//! want to say in a step, and the faults. Out: the step's block, or none if fewer than 2f + 1 nodes take part. The order
//! within a block and the chance in rules come from a seed, so that a run can be repeated. The caller must hand every
//! block to all nodes. Leaves out: who can read what (blocks are public).

use crate::message::Payload;
use chainkey_algebra::{Committee, NodeIndex};
use rand_chacha::ChaCha20Rng;
use rand_core::{RngCore, SeedableRng};
use std::collections::BTreeMap;
use subnet_view::{Condition, Effect, Faults};

/// Copies of a payload that come, however many rules double it.
const MOST_COPIES: u32 = 16;

/// The number of a step of the broadcast.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Step(pub u64);

/// What a node wants to say, by the number of steps that it is late.
pub type ByDelay = BTreeMap<u32, Vec<Payload>>;

/// The broadcast of one committee.
pub struct Broadcast {
    committee: Committee,
    chance: ChaCha20Rng,
    step: Step,
    /// Sealed envelopes on their way, by the step in which they arrive.
    in_flight: BTreeMap<Step, Vec<Vec<u8>>>,
}

impl Broadcast {
    /// A broadcast whose order is drawn from this seed.
    pub fn new(committee: Committee, seed: [u8; 32]) -> Self {
        Broadcast {
            committee,
            chance: ChaCha20Rng::from_seed(seed),
            step: Step::default(),
            in_flight: BTreeMap::new(),
        }
    }

    /// The step that runs next.
    pub fn step(&self) -> Step {
        self.step
    }

    /// The nodes that take part: running, and connected to enough others. None if fewer than 2f + 1 are: then nothing is ordered.
    pub fn participants(&self, faults: &Faults) -> Vec<NodeIndex> {
        let mut groups: BTreeMap<usize, Vec<NodeIndex>> = BTreeMap::new();
        for node in self.committee.members() {
            if faults.condition(node) == Condition::Running {
                groups.entry(faults.group(node)).or_default().push(node);
            }
        }
        let enough = self.committee.high().shares();
        groups
            .into_values()
            .find(|group| group.len() >= enough)
            .unwrap_or_default()
    }

    /// What the rules of the network leave of what a node says: lost, late and doubled payloads. (Lies are the sender's.)
    pub fn carry(&mut self, sender: NodeIndex, payloads: Vec<Payload>, faults: &Faults) -> ByDelay {
        let mut by_delay = ByDelay::new();
        for payload in payloads {
            let (mut delay, mut copies) = (0_u32, 1);
            for rule in &faults.rules {
                if !rule.concerns(sender, payload.kind()) || !self.happens(rule.percent) {
                    continue;
                }
                match rule.effect {
                    Effect::Drop => copies = 0,
                    Effect::Delay(steps) => delay = delay.saturating_add(steps),
                    Effect::Duplicate => copies = MOST_COPIES.min(2 * copies),
                    Effect::Corrupt(_) => {}
                }
            }
            let bucket = by_delay.entry(delay).or_default();
            bucket.extend((0..copies).map(|_| payload.clone()));
        }
        by_delay.retain(|_, payloads| !payloads.is_empty());
        by_delay
    }

    /// Whether something that happens that often in a hundred happens now.
    pub fn happens(&mut self, percent: u8) -> bool {
        percent >= 100 || self.chance.next_u32() % 100 < u32::from(percent)
    }

    /// Puts a sealed envelope on its way.
    pub fn send(&mut self, envelope: Vec<u8>, delay: u32) {
        let arrival = Step(self.step.0 + u64::from(delay));
        self.in_flight.entry(arrival).or_default().push(envelope);
    }

    /// Ends the step: the envelopes that arrived, in an order drawn by chance, which is the same for all nodes.
    pub fn block(&mut self) -> Vec<Vec<u8>> {
        let mut block = Vec::new();
        while let Some(entry) = self.in_flight.first_entry() {
            if *entry.key() > self.step {
                break;
            }
            block.append(&mut entry.remove());
        }
        for last in (1..block.len()).rev() {
            let other = (self.chance.next_u64() % (last as u64 + 1)) as usize;
            block.swap(last, other);
        }
        self.step.0 += 1;
        block
    }

    /// Lets a step pass in which nothing is ordered.
    pub fn pause(&mut self) {
        self.step.0 += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::CeremonyId;
    use subnet_view::{PayloadKind, Rule};

    fn broadcast() -> Broadcast {
        Broadcast::new(Committee::new(4).unwrap(), [1; 32])
    }

    fn dealing() -> Payload {
        Payload::Dealing {
            ceremony: CeremonyId(0),
            bytes: vec![1],
        }
    }

    #[test]
    fn fewer_than_two_thirds_order_nothing() {
        let broadcast = broadcast();
        let mut faults = Faults::default();
        assert_eq!(broadcast.participants(&faults).len(), 4);
        faults.set(NodeIndex(1), Condition::Crashed);
        assert_eq!(broadcast.participants(&faults).len(), 3);
        faults.set(NodeIndex(3), Condition::Silent);
        assert_eq!(broadcast.participants(&faults), []);
        faults.set(NodeIndex(1), Condition::Running);
        assert_eq!(broadcast.participants(&faults).len(), 3);
    }

    #[test]
    fn only_the_side_of_a_partition_with_enough_nodes_goes_on() {
        let broadcast = broadcast();
        let faults = |group: &[u16]| Faults {
            partition: vec![group.iter().copied().collect()],
            ..Faults::default()
        };
        let rest = broadcast.participants(&faults(&[0]));
        assert_eq!(rest, [1, 2, 3].map(NodeIndex));
        assert_eq!(broadcast.participants(&faults(&[0, 1])), []);
    }

    #[test]
    fn rules_lose_delay_and_double_what_they_concern() {
        let mut broadcast = broadcast();
        let node = NodeIndex(2);
        let mut faults = Faults::default();
        for (effect, expected) in [
            (Effect::Drop, vec![]),
            (Effect::Delay(3), vec![(3, 1)]),
            (Effect::Duplicate, vec![(0, 2)]),
        ] {
            faults.rules = vec![Rule::always([node], effect).only(PayloadKind::Dealing)];
            let sent = broadcast.carry(node, vec![dealing()], &faults);
            let found: Vec<_> = sent
                .iter()
                .map(|(delay, list)| (*delay, list.len()))
                .collect();
            assert_eq!(found, expected);
            let other = broadcast.carry(NodeIndex(0), vec![dealing()], &faults);
            assert_eq!(other[&0].len(), 1);
        }
    }

    #[test]
    fn a_payload_that_many_rules_double_and_delay_comes_a_few_times_and_late() {
        let mut broadcast = broadcast();
        let rule = |effect| Rule::always([NodeIndex(0)], effect);
        let mut faults = Faults {
            rules: vec![rule(Effect::Duplicate); 40],
            ..Faults::default()
        };
        faults.rules.extend(vec![rule(Effect::Delay(u32::MAX)); 2]);
        let sent = broadcast.carry(NodeIndex(0), vec![dealing()], &faults);
        let (delay, copies) = sent.first_key_value().unwrap();
        assert_eq!((*delay, copies.len()), (u32::MAX, MOST_COPIES as usize));
        broadcast.send(vec![1], *delay);
    }

    #[test]
    fn late_envelopes_arrive_in_their_step_and_every_run_has_the_same_order() {
        let run = || {
            let mut broadcast = broadcast();
            broadcast.send(vec![9], 2);
            for byte in 0..8 {
                broadcast.send(vec![byte], 0);
            }
            [broadcast.block(), broadcast.block(), broadcast.block()]
        };
        let [first, second, third] = run();
        assert_eq!((first.len(), second.len(), third), (8, 0, vec![vec![9]]));
        assert_eq!(run()[0], first);
    }
}
