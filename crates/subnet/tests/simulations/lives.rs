//! Whole lives of subnets in which up to f nodes do whatever they want, by plans drawn from seeds.
//!
//! Source: protocols.md of the design, section 10. `CHAINKEY_SOAK_SEEDS` says how many more seeds to run, `CHAINKEY_SOAK_FIRST` with which to begin.

use crate::plan::{Fault, TwoPlans, What};
use crate::world::{self, ALL, SCHEMES, certified, finish, key, next_beacon, request, text};
use chainkey_algebra::NodeIndex;
use chainkey_subnet::{Member, Membership, Request, Subnet};
use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use subnet_view::Condition;

/// Phases of a life, in each of which other faults may be at work; in the last one nothing is wrong any more.
const PHASES: usize = 7;
/// The phase in which the keys go over to another committee.
const HANDOVER: usize = 4;

/// One life of a subnet.
struct Life<'a> {
    plan: &'a TwoPlans,
    subnet: Subnet,
    round: u64,
    next: u64,
    keys: Vec<Vec<u8>>,
    nonces: BTreeSet<Vec<u8>>,
    /// Requests on their way.
    open: Vec<Request>,
}

impl Life<'_> {
    fn keys(&mut self) -> Result<Vec<Vec<u8>>, String> {
        let mut keys = vec![certified(&mut self.subnet, [self.next as u8; 32])?];
        for scheme in ALL {
            keys.push(self.subnet.master_key(&key(scheme)).map_err(text)?);
        }
        Ok(keys)
    }

    fn ask(&mut self) {
        for scheme in ALL {
            let request = request(scheme, self.next);
            self.next += 1;
            self.subnet.submit(request.clone());
            self.open.push(request);
        }
    }

    fn finish(&mut self) -> Result<(), String> {
        let open = std::mem::take(&mut self.open);
        for (request, signature) in finish(&mut self.subnet, &mut self.round, open)? {
            if !self.nonces.insert(signature[..32].to_vec()) {
                return Err(format!("{request:?} has a nonce that was used before"));
            }
        }
        Ok(())
    }

    fn hand_over(&mut self) -> Result<(), String> {
        self.ask();
        self.round += 1;
        self.subnet.advance(self.round);
        let stay = self.plan.stay.iter().map(|node| Member::Stays(*node));
        let joins = std::iter::repeat(Member::Joins);
        let size = usize::from(self.plan.second.nodes);
        let mut membership = Membership::of(stay.chain(joins).take(size));
        membership.faults = self.plan.second.faults_in(HANDOVER);
        self.subnet.reshare(&membership).map_err(text)?;
        self.finish()
    }

    fn phase(&mut self, phase: usize) -> Result<(), String> {
        match phase {
            0 => self.keys = self.keys()?,
            1 => {
                for scheme in SCHEMES {
                    self.subnet.prepare(&key(scheme));
                    if self.subnet.stock(&key(scheme)) == 0 {
                        return Err(format!("no presignatures of {scheme:?}"));
                    }
                }
            }
            3 => {
                let round = self.round + 1;
                self.subnet.random_bytes(round, b"a").map_err(text)?;
                certified(&mut self.subnet, [9; 32])?;
                next_beacon(&mut self.subnet)?;
            }
            HANDOVER => self.hand_over()?,
            _ => {
                self.ask();
                self.finish()?;
            }
        }
        Ok(())
    }

    fn run(&mut self) -> Result<(), String> {
        for phase in 0..PHASES {
            let plan = if phase > HANDOVER {
                &self.plan.second
            } else {
                &self.plan.first
            };
            *self.subnet.faults_mut() = match phase + 1 {
                PHASES => Default::default(),
                _ => plan.faults_in(phase),
            };
            let step = self.phase(phase);
            step.map_err(|error| format!("phase {phase}: {error}"))?;
        }
        if self.keys()? != self.keys {
            return Err("the keys have changed".into());
        }
        let faulty = [self.plan.first.faulty(), self.plan.second.faulty()];
        for blame in self.subnet.overview().blames {
            if !faulty[blame.epoch as usize].contains(&blame.node) {
                return Err(format!("an innocent node is blamed: {blame:?}"));
            }
        }
        Ok(())
    }
}

fn run(plan: &TwoPlans) -> Result<(), String> {
    let run = || {
        let mut life = Life {
            plan,
            subnet: world::subnet(plan.first.nodes, plan.first.seed),
            round: 0,
            next: 0,
            keys: Vec::new(),
            nonces: BTreeSet::new(),
            open: Vec::new(),
        };
        life.run()
    };
    catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|_| Err("a panic".into()))
}

fn run_seeds(nodes: u16, seeds: impl IntoIterator<Item = u64>) {
    for seed in seeds {
        let plan = TwoPlans::draw(seed, nodes, PHASES);
        if let Err(error) = run(&plan) {
            let smallest = plan.shrink(|smaller| run(smaller).is_err());
            let again = run(&smallest);
            panic!("seed {seed}, {nodes} nodes: {error}\nsmallest plan: {smallest:#?}\n{again:?}");
        }
    }
}

fn number(name: &str, default: u64) -> u64 {
    let text = std::env::var(name).unwrap_or_default();
    text.parse().unwrap_or(default)
}

#[test]
fn four_nodes_of_which_one_is_faulty_do_everything() {
    run_seeds(4, 0..24);
}

#[test]
fn seven_nodes_of_which_two_are_faulty_do_everything() {
    run_seeds(7, 1000..1008);
}

#[test]
fn thirteen_nodes_of_which_four_are_faulty_do_everything() {
    run_seeds(13, 2000..2002);
}

#[test]
fn seeds_of_the_long_run_do_everything() {
    let first = number("CHAINKEY_SOAK_FIRST", 10_000);
    for seed in first..first + number("CHAINKEY_SOAK_SEEDS", 2) {
        let nodes = match seed % 24 {
            0 => 13,
            rest if rest % 3 == 0 => 7,
            _ => 4,
        };
        run_seeds(nodes, [seed]);
    }
}

/// Of what fails for two reasons among many, these two are left: a plan is as small as it can be.
#[test]
fn plans_that_fail_are_made_as_small_as_they_can_be() {
    let crash = |node, from| Fault {
        what: What::Condition(NodeIndex(node), Condition::Crashed),
        from,
        until: from + 1,
    };
    let is = |fault: &Fault, node, from| {
        let crashed = matches!(&fault.what, What::Condition(crashed, _) if crashed.0 == node);
        crashed && fault.from == from
    };
    for seed in 0..50 {
        let mut plan = TwoPlans::draw(seed, 13, PHASES);
        let place = plan.first.faults.len() / 2;
        plan.first.faults.insert(place, crash(90, 2));
        plan.second.faults.push(crash(91, 5));
        let before = plan.first.faults.len() + plan.second.faults.len();
        assert!(before > 4);
        let smallest = plan.shrink(|plan| {
            let first = plan.first.faults.iter().any(|fault| is(fault, 90, 2));
            first && plan.second.faults.iter().any(|fault| is(fault, 91, 5))
        });
        assert_eq!(smallest.first.faults.len(), 1, "seed {seed}");
        assert_eq!(smallest.second.faults.len(), 1, "seed {seed}");
        assert!(is(&smallest.first.faults[0], 90, 2));
    }
}

/// The control: with one faulty node more than f nothing comes to an end, and the simulation notices.
#[test]
fn one_faulty_node_too_many_is_noticed() {
    let mut plan = TwoPlans::draw(1, 4, PHASES);
    plan.first.faults.clear();
    for node in [0, 1] {
        plan.first.faults.push(Fault {
            what: What::Condition(NodeIndex(node), Condition::Crashed),
            from: 2,
            until: 3,
        });
    }
    let refused = run(&plan).unwrap_err();
    assert!(refused.starts_with("phase 2"), "{refused}");
}
