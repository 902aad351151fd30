//! Whole lives of subnets in which up to f nodes do whatever they want, by plans drawn from seeds.
//!
//! Source: protocols.md of the design, section 10. `CHAINKEY_SOAK_SEEDS` says how many more seeds to run, `CHAINKEY_SOAK_FIRST` with which to begin.

#[path = "world/plan.rs"]
mod plan;
mod world;

use chainkey_subnet::Subnet;
use plan::Plan;
use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use world::{SCHEMES, certified, finish, key, request, text};

/// Phases of a life, in each of which other faults may be at work; in the last one nothing is wrong any more.
const PHASES: usize = 6;

/// One life of a subnet.
struct Life<'a> {
    plan: &'a Plan,
    subnet: Subnet,
    round: u64,
    next: u64,
    keys: Vec<Vec<u8>>,
    nonces: BTreeSet<Vec<u8>>,
}

impl Life<'_> {
    fn keys(&mut self) -> Result<Vec<Vec<u8>>, String> {
        let mut keys = vec![certified(&mut self.subnet, [self.next as u8; 32])?];
        for scheme in SCHEMES {
            keys.push(self.subnet.master_key(&key(scheme)).map_err(text)?);
        }
        Ok(keys)
    }

    fn sign(&mut self, count: u64) -> Result<(), String> {
        let mut open = Vec::new();
        for scheme in SCHEMES.into_iter().cycle().take(3 * count as usize) {
            let request = request(scheme, self.next);
            self.next += 1;
            self.subnet.submit(request.clone());
            open.push(request);
        }
        for (request, signature) in finish(&mut self.subnet, &mut self.round, open)? {
            if !self.nonces.insert(signature[..32].to_vec()) {
                return Err(format!("{request:?} has a nonce that was used before"));
            }
        }
        Ok(())
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
            2 => self.sign(1)?,
            3 => {
                let round = self.round + 1;
                self.subnet.random_bytes(round, b"a").map_err(text)?;
                certified(&mut self.subnet, [9; 32])?;
            }
            _ => self.sign(1)?,
        }
        Ok(())
    }

    fn run(&mut self) -> Result<(), String> {
        for phase in 0..PHASES {
            *self.subnet.faults_mut() = match phase + 1 {
                PHASES => Default::default(),
                _ => self.plan.faults_in(phase),
            };
            let step = self.phase(phase);
            step.map_err(|error| format!("phase {phase}: {error}"))?;
        }
        if self.keys()? != self.keys {
            return Err("the keys have changed".into());
        }
        let faulty = self.plan.faulty();
        for (node, what) in self.subnet.blames() {
            if !faulty.contains(&node.0) {
                return Err(format!("{node} is innocent, and blamed because it {what}"));
            }
        }
        Ok(())
    }
}

fn run(plan: &Plan) -> Result<(), String> {
    let run = || {
        let mut life = Life {
            plan,
            subnet: world::subnet(plan.nodes, plan.seed),
            round: 0,
            next: 0,
            keys: Vec::new(),
            nonces: BTreeSet::new(),
        };
        life.run()
    };
    catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|_| Err("a panic".into()))
}

fn run_seeds(nodes: u16, seeds: impl IntoIterator<Item = u64>) {
    for seed in seeds {
        let plan = Plan::draw(seed, nodes, PHASES);
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
    run_seeds(4, 0..30);
}

#[test]
fn seven_nodes_of_which_two_are_faulty_do_everything() {
    run_seeds(7, 1000..1010);
}

#[test]
fn seeds_of_the_long_run_do_everything() {
    let first = number("CHAINKEY_SOAK_FIRST", 10_000);
    for seed in first..first + number("CHAINKEY_SOAK_SEEDS", 2) {
        let nodes = if seed % 3 == 0 { 7 } else { 4 };
        run_seeds(nodes, [seed]);
    }
}

/// The control: with one faulty node more than f nothing comes to an end, and the simulation notices.
#[test]
fn one_faulty_node_too_many_is_noticed() {
    let mut plan = Plan::draw(1, 4, PHASES);
    plan.faults.clear();
    for node in [0, 1] {
        plan.faults.push(plan::Fault {
            what: plan::What::Condition(
                chainkey_algebra::NodeIndex(node),
                chainkey_subnet::fault::Condition::Crashed,
            ),
            from: 2,
            until: 3,
        });
    }
    let refused = run(&plan).unwrap_err();
    assert!(refused.starts_with("phase 2"), "{refused}");
}
