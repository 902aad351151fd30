//! Plans of faults, drawn from a seed, and made smaller when a run with them fails.

use chainkey_algebra::NodeIndex;
use rand_chacha::ChaCha20Rng;
use rand_core::{RngCore, SeedableRng};
use std::collections::BTreeSet;
use subnet_view::{Condition, Effect, Faults, Misbehaviour, PayloadKind, Rule};

/// Every kind of what nodes say to each other. Seeds draw by the order.
pub const KINDS: [PayloadKind; 10] = [
    PayloadKind::Dealing,
    PayloadKind::Support,
    PayloadKind::Acknowledgement,
    PayloadKind::Complaint,
    PayloadKind::Opening,
    PayloadKind::Reveal,
    PayloadKind::TapeShare,
    PayloadKind::BeaconShare,
    PayloadKind::CertificationShare,
    PayloadKind::SignatureShare,
];

const LIES: [Misbehaviour; 11] = [
    Misbehaviour::Flip,
    Misbehaviour::Truncate,
    Misbehaviour::Replay,
    Misbehaviour::Copy,
    Misbehaviour::WrongValue,
    Misbehaviour::WrongShares(1),
    Misbehaviour::WrongShares(2),
    Misbehaviour::WrongShares(3),
    Misbehaviour::SecondDealing,
    Misbehaviour::FalseComplaints(20),
    Misbehaviour::EarlyOpenings,
];

/// What goes wrong.
#[derive(Clone, Debug)]
pub enum What {
    Condition(NodeIndex, Condition),
    CutOff(NodeIndex),
    Rule(Rule),
}

/// What goes wrong, and in which phases of a life.
#[derive(Clone, Debug)]
pub struct Fault {
    pub what: What,
    pub from: usize,
    pub until: usize,
}

/// The faults of one committee.
#[derive(Clone, Debug)]
pub struct Plan {
    pub seed: u64,
    pub nodes: u16,
    pub faults: Vec<Fault>,
}

/// The faults of a life, in the middle of which the committee becomes another one.
#[derive(Clone, Debug)]
pub struct TwoPlans {
    pub first: Plan,
    /// Members that stay.
    pub stay: Vec<NodeIndex>,
    pub second: Plan,
}

impl TwoPlans {
    /// The plans of a seed: at most f nodes of each committee are ever faulty.
    pub fn draw(seed: u64, nodes: u16, phases: usize) -> Self {
        let rng = &mut ChaCha20Rng::seed_from_u64(seed);
        rng.set_stream(1);
        let first = Plan::draw(seed, nodes, phases, 0);
        let next = [4, 4, 7][below(rng, 3) as usize];
        let second = Plan::draw(seed, next, phases, 2);
        // Whoever was faulty leaves: its faults would come on top of those of the next committee.
        let faulty = first.faulty();
        let mut stay: Vec<NodeIndex> = (0..nodes)
            .filter(|node| !faulty.contains(node) && below(rng, 2) == 0)
            .map(NodeIndex)
            .collect();
        stay.truncate(usize::from(next));
        TwoPlans {
            first,
            stay,
            second,
        }
    }

    /// Plans that still fail, and of which no fault can be left out.
    pub fn shrink(self, fails: impl Fn(&TwoPlans) -> bool) -> Self {
        let (first, mut all) = (self.first.clone(), self);
        all.first = first.shrink(|smaller| {
            let mut other = all.clone();
            other.first = smaller.clone();
            fails(&other)
        });
        let second = all.second.clone();
        all.second = second.shrink(|smaller| {
            let mut other = all.clone();
            other.second = smaller.clone();
            fails(&other)
        });
        all
    }
}

impl Plan {
    fn draw(seed: u64, nodes: u16, phases: usize, stream: u64) -> Self {
        let rng = &mut ChaCha20Rng::seed_from_u64(seed);
        rng.set_stream(stream);
        let most = usize::from((nodes - 1) / 3);
        let mut faulty = BTreeSet::new();
        while faulty.len() < most {
            faulty.insert(below(rng, u32::from(nodes)) as u16);
        }
        let mut faults = Vec::new();
        for node in faulty {
            for _ in 0..1 + below(rng, 4) {
                let from = below(rng, phases as u32) as usize;
                let length = 1 + below(rng, phases as u32) as usize;
                faults.push(Fault {
                    what: what(NodeIndex(node), rng),
                    from,
                    until: from + length,
                });
            }
        }
        Plan {
            seed,
            nodes,
            faults,
        }
    }

    /// What is wrong in a phase.
    pub fn faults_in(&self, phase: usize) -> Faults {
        let mut faults = Faults::default();
        let mut cut_off = BTreeSet::new();
        for fault in &self.faults {
            if phase < fault.from || phase >= fault.until {
                continue;
            }
            match &fault.what {
                What::Condition(node, condition) => faults.set(*node, *condition),
                What::CutOff(node) => {
                    cut_off.insert(node.0);
                }
                What::Rule(rule) => faults.rules.push(rule.clone()),
            }
        }
        if !cut_off.is_empty() {
            faults.partition.push(cut_off);
        }
        faults
    }

    /// Who may be blamed.
    pub fn faulty(&self) -> BTreeSet<u16> {
        let faults = self.faults.iter();
        faults
            .flat_map(|fault| match &fault.what {
                What::Condition(node, _) | What::CutOff(node) => BTreeSet::from([node.0]),
                What::Rule(rule) => rule.senders.clone(),
            })
            .collect()
    }

    /// A plan that still fails, and of which no fault can be left out.
    pub fn shrink(mut self, fails: impl Fn(&Plan) -> bool) -> Self {
        let mut index = 0;
        while index < self.faults.len() {
            let mut smaller = self.clone();
            smaller.faults.remove(index);
            if fails(&smaller) {
                self = smaller;
            } else {
                index += 1;
            }
        }
        self
    }
}

fn below(rng: &mut ChaCha20Rng, limit: u32) -> u32 {
    rng.next_u32() % limit
}

fn what(node: NodeIndex, rng: &mut ChaCha20Rng) -> What {
    match below(rng, 10) {
        0 => What::Condition(node, Condition::Crashed),
        1 => What::Condition(node, Condition::Silent),
        2 => What::CutOff(node),
        3 => rule(node, Effect::Delay(1 + below(rng, 20)), rng),
        4 => rule(node, Effect::Drop, rng),
        5 => rule(node, Effect::Duplicate, rng),
        _ => {
            let lie = LIES[below(rng, LIES.len() as u32) as usize];
            rule(node, Effect::Corrupt(lie), rng)
        }
    }
}

fn rule(node: NodeIndex, effect: Effect, rng: &mut ChaCha20Rng) -> What {
    let kind = KINDS.get(below(rng, 13) as usize).copied();
    let percent = [100, 100, 70, 30][below(rng, 4) as usize];
    let mut rule = Rule::always([node], effect).sometimes(percent);
    rule.kind = kind;
    What::Rule(rule)
}
