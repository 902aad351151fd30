//! Replaying the log over empty memory gives the state, whatever has happened.

use super::*;
use crate::admission::Standing;
use crate::encoding::{Cycles, Timestamp};
use proptest::prelude::*;

#[derive(Clone, Debug)]
enum Step {
    Pause(bool),
    Allow { who: u32, allowed: bool },
    Deposit { who: u32, cycles: u128 },
    Begin { who: u32, name: u8, most: u128 },
    Finish { which: usize, cost: u128 },
    Pin(String),
    Pass(u64),
    Upgrade,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let hours = 3600 * Timestamp::SECOND;
    let step = prop_oneof![
        1 => any::<bool>().prop_map(Step::Pause),
        1 => (0_u32..3, any::<bool>()).prop_map(|(who, allowed)| Step::Allow { who, allowed }),
        2 => (0_u32..3, 0_u128..3).prop_map(|(who, n)| Step::Deposit { who, cycles: n * MIN_DEPOSIT.0 }),
        6 => (0_u32..3, any::<u8>(), 0_u128..200).prop_map(|(who, name, most)| Step::Begin { who, name, most }),
        5 => (any::<usize>(), 0_u128..200).prop_map(|(which, cost)| Step::Finish { which, cost }),
        1 => "[a-z]{0,8}".prop_map(Step::Pin),
        1 => (0_u64..20).prop_map(move |n| Step::Pass(n * hours)),
        1 => Just(Step::Upgrade),
    ];
    prop::collection::vec(step, 1..80)
}

struct Run {
    world: Fake,
    memory: VectorMemory,
    kit: TestKit,
    paid: Vec<Paid>,
}

impl Run {
    fn new(admission: Admission) -> Self {
        let (world, memory) = (Fake::new(), VectorMemory::default());
        let mut kit = open(memory.clone());
        kit.install(&world, args(admission)).unwrap();
        Self {
            world,
            memory,
            kit,
            paid: Vec::new(),
        }
    }

    /// Refusals are part of the run: they must leave no trace in the state.
    fn step(&mut self, step: Step) {
        let (world, kit) = (&self.world, &mut self.kit);
        match step {
            Step::Pause(paused) => drop(kit.set_paused(world.call_as(person(50)), paused)),
            Step::Allow { who, allowed } => {
                drop(kit.set_allowed(world.call_as(person(50)), person(who), allowed));
            }
            Step::Deposit { who, cycles } => {
                world.attached.set(Cycles(cycles));
                drop(kit.deposit(world.call_as(person(1)), person(who)));
            }
            Step::Begin { who, name, most } => {
                let call = PaidCall {
                    caller: caller(who),
                    method: "sign",
                    arguments: &[],
                    request_id: vec![name],
                    most: Cycles(most),
                    tokens: 1,
                };
                if let Ok(Begun::New(paid)) = kit.begin(world, call) {
                    self.paid.push(paid);
                }
            }
            Step::Finish { which, cost } if !self.paid.is_empty() => {
                let paid = self.paid.swap_remove(which % self.paid.len());
                kit.finish(world, paid, Vec::new(), Cycles(cost));
            }
            Step::Finish { .. } => {}
            Step::Pin(text) => {
                let stamp = Stamp::new(world, Identity(person(3)));
                kit.record(stamp, Pinned(text));
            }
            Step::Pass(time) => world.pass(time),
            Step::Upgrade => {
                self.paid.clear();
                self.kit = open(self.memory.clone());
            }
        }
    }
}

type Seen = (Config, Vec<Standing>, Vec<(u64, String)>);

/// All of a state that can be seen from outside.
fn seen(state: &State<Board<VectorMemory>, VectorMemory>, now: Timestamp) -> Seen {
    let config = state.config().clone();
    let standing = |number| {
        state
            .accounts
            .standing(config.admission, person(number), now)
    };
    let notes = state.product.0.iter().map(|entry| entry.into_pair());
    (
        config.clone(),
        (0..4).map(standing).collect(),
        notes.collect(),
    )
}

fn replaying_gives_the_state(admission: Admission, steps: Vec<Step>) -> Result<(), TestCaseError> {
    let mut run = Run::new(admission);
    for step in steps {
        run.step(step);
    }
    let regions = Regions::of(VectorMemory::default());
    let mut replayed = State::open(&regions, Board::open(&regions));
    run.kit.log.replay(&mut replayed).unwrap();
    let now = run.world.now.get();
    prop_assert_eq!(seen(&replayed, now), seen(&run.kit.state, now));
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]
    #[test]
    fn of_a_canister_with_prepaid_accounts(steps in steps()) {
        replaying_gives_the_state(Admission::Prepaid, steps)?;
    }

    #[test]
    fn of_a_canister_with_an_open_budget(steps in steps()) {
        replaying_gives_the_state(open_budget(300), steps)?;
    }

    #[test]
    fn of_a_canister_with_an_allow_list(steps in steps()) {
        replaying_gives_the_state(Admission::AllowList(vec![person(1)]), steps)?;
    }
}
