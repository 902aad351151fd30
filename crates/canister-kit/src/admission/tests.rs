//! Admission against a plain model, over reopened memories, and at size.

use super::*;
use crate::counted::Counted;
use crate::runtime::fake::person;
use ic_stable_structures::VectorMemory;
use proptest::prelude::*;
use std::collections::BTreeMap;

const OPEN: Mode = Mode::Open {
    per_day: Cycles(100),
};
const MORNING: Timestamp = Timestamp(20_000 * Timestamp::DAY);

type Memories = [VectorMemory; 2];

fn open(memories: &Memories) -> Accounts<VectorMemory> {
    Accounts::open(memories[0].clone(), memories[1].clone())
}

fn caller(number: u32) -> Caller {
    Caller::new(person(number)).unwrap()
}

/// Checks, reserves and hands out the admission, as the kit does.
fn admit(
    accounts: &mut Accounts<impl Memory>,
    mode: Mode,
    who: u32,
    most: u128,
    now: Timestamp,
) -> Result<Admitted, Refusal> {
    let what = accounts.check(mode, caller(who), Cycles(most), now)?;
    let who = caller(who);
    let reserved = KitEvent::Reserved {
        who: who.identity(),
        what,
    };
    accounts.apply(mode, &reserved);
    Ok(Admitted::new(who, what))
}

fn settle(accounts: &mut Accounts<impl Memory>, mode: Mode, admitted: Admitted, cost: u128) {
    if let Some(event) = admitted.settle(Cycles(cost)) {
        accounts.apply(mode, &event);
    }
}

fn deposit(accounts: &mut Accounts<impl Memory>, to: u32, cycles: u128) {
    let event = KitEvent::Deposited {
        to: Identity(person(to)),
        cycles: Cycles(cycles),
    };
    accounts.apply(Mode::Prepaid, &event);
}

#[test]
fn a_list_admits_its_principals_only_until_they_are_taken_off() {
    let mut accounts = open(&Default::default());
    let set = |allowed| KitEvent::AllowedSet {
        who: Identity(person(1)),
        allowed,
    };
    accounts.apply(Mode::AllowList, &set(true));
    let admitted = admit(&mut accounts, Mode::AllowList, 1, 50, MORNING).unwrap();
    assert_eq!(admitted.reservation(), Reservation::NONE);
    assert_eq!(admitted.settle(Cycles(50)), None);
    let other = admit(&mut accounts, Mode::AllowList, 2, 50, MORNING).err();
    assert_eq!(other, Some(Refusal::NotAllowed));
    accounts.apply(Mode::AllowList, &set(false));
    let gone = admit(&mut accounts, Mode::AllowList, 1, 50, MORNING).err();
    assert_eq!(gone, Some(Refusal::NotAllowed));
}

#[test]
fn a_prepaid_caller_pays_the_maximum_first_and_gets_back_what_was_not_spent() {
    let mut accounts = open(&Default::default());
    deposit(&mut accounts, 1, 80);
    let admitted = admit(&mut accounts, Mode::Prepaid, 1, 50, MORNING).unwrap();
    let second = admit(&mut accounts, Mode::Prepaid, 1, 50, MORNING).err();
    let refusal = Refusal::InsufficientBalance {
        available: 30,
        required: 50,
    };
    assert_eq!(second, Some(refusal));
    settle(&mut accounts, Mode::Prepaid, admitted, 20);
    let standing = accounts.standing(Mode::Prepaid, person(1), MORNING);
    assert_eq!(standing, Standing::Balance(Cycles(60)));
}

#[test]
fn a_call_that_never_settles_has_paid_its_maximum_and_one_that_cost_more_no_more() {
    let mut accounts = open(&Default::default());
    deposit(&mut accounts, 1, 80);
    drop(admit(&mut accounts, Mode::Prepaid, 1, 50, MORNING).unwrap());
    let standing = accounts.standing(Mode::Prepaid, person(1), MORNING);
    assert_eq!(standing, Standing::Balance(Cycles(30)));
    let admitted = admit(&mut accounts, Mode::Prepaid, 1, 30, MORNING).unwrap();
    settle(&mut accounts, Mode::Prepaid, admitted, 99);
    assert!(accounts.is_empty(), "an empty balance takes no place");
}

#[test]
fn all_callers_together_stay_below_the_budget_of_a_day() {
    let mut accounts = open(&Default::default());
    let evening = MORNING.after(Timestamp::DAY - 1);
    let first = admit(&mut accounts, OPEN, 1, 60, evening).unwrap();
    let second = admit(&mut accounts, OPEN, 2, 60, evening).err();
    let refusal = Refusal::BudgetExhausted {
        available: 40,
        required: 60,
        retry_at: MORNING.0 + Timestamp::DAY,
    };
    assert_eq!(second, Some(refusal));
    let next = MORNING.after(Timestamp::DAY);
    let third = admit(&mut accounts, OPEN, 2, 100, next).unwrap();
    // What yesterday's call did not spend is not added to today.
    settle(&mut accounts, OPEN, first, 0);
    let left = |accounts: &Accounts<_>| accounts.standing(OPEN, person(3), next);
    assert_eq!(left(&accounts), Standing::LeftToday(Cycles(0)));
    settle(&mut accounts, OPEN, third, 70);
    assert_eq!(left(&accounts), Standing::LeftToday(Cycles(30)));
}

#[test]
fn balances_and_the_budget_survive_an_upgrade() {
    let memories = Memories::default();
    let mut accounts = open(&memories);
    deposit(&mut accounts, 1, 80);
    let _admitted = admit(&mut accounts, OPEN, 1, 60, MORNING).unwrap();
    let reopened = open(&memories);
    let balance = reopened.standing(Mode::Prepaid, person(1), MORNING);
    assert_eq!(balance, Standing::Balance(Cycles(80)));
    let left = reopened.standing(OPEN, person(1), MORNING);
    assert_eq!(left, Standing::LeftToday(Cycles(40)));
}

#[derive(Clone, Debug)]
enum Step {
    Deposit { who: u32, cycles: u128 },
    Admit { who: u32, most: u128 },
    Settle { which: usize, cost: u128 },
    Drop(usize),
    Pass(u64),
    Upgrade,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let hours = 3600 * Timestamp::SECOND;
    let step = prop_oneof![
        2 => (0_u32..3, 1_u128..90).prop_map(|(who, cycles)| Step::Deposit { who, cycles }),
        5 => (0_u32..3, 0_u128..70).prop_map(|(who, most)| Step::Admit { who, most }),
        4 => (any::<usize>(), 0_u128..90).prop_map(|(which, cost)| Step::Settle { which, cost }),
        1 => any::<usize>().prop_map(Step::Drop),
        2 => (0_u64..20).prop_map(move |n| Step::Pass(n * hours)),
        1 => Just(Step::Upgrade),
    ];
    prop::collection::vec(step, 1..150)
}

/// The model: what everyone has paid in and used up, and what each day's calls have used up.
#[derive(Default)]
struct Model {
    balances: BTreeMap<u32, u128>,
    days: BTreeMap<u64, u128>,
}

type Pending = Vec<(u32, u128, u64, Admitted)>;

fn run(mode: Mode, steps: Vec<Step>) -> Result<(), TestCaseError> {
    let memories = Memories::default();
    let (mut accounts, mut model, mut now) = (open(&memories), Model::default(), MORNING);
    let mut pending = Pending::new();
    for step in steps {
        match step {
            Step::Deposit { who, cycles } if mode == Mode::Prepaid => {
                deposit(&mut accounts, who, cycles);
                *model.balances.entry(who).or_default() += cycles;
            }
            Step::Deposit { .. } => {}
            Step::Admit { who, most } => {
                let left = match mode {
                    Mode::Prepaid => model.balances.entry(who).or_default(),
                    _ => model.days.entry(now.day()).or_insert(100),
                };
                let admitted = admit(&mut accounts, mode, who, most, now);
                prop_assert_eq!(admitted.is_ok(), most <= *left);
                if let Ok(admitted) = admitted {
                    *left -= most;
                    pending.push((who, most, now.day(), admitted));
                }
            }
            Step::Settle { which, cost } if !pending.is_empty() => {
                let (who, most, day, admitted) = pending.swap_remove(which % pending.len());
                settle(&mut accounts, mode, admitted, cost);
                let back = most.saturating_sub(cost);
                match mode {
                    Mode::Prepaid => *model.balances.entry(who).or_default() += back,
                    _ => *model.days.entry(day).or_insert(100) += back,
                }
            }
            Step::Drop(which) if !pending.is_empty() => {
                drop(pending.swap_remove(which % pending.len()));
            }
            Step::Settle { .. } | Step::Drop(_) => {}
            Step::Pass(time) => now = now.after(time),
            Step::Upgrade => accounts = open(&memories),
        }
        for who in 0..3 {
            let expected = match mode {
                Mode::Prepaid => Standing::Balance(Cycles(*model.balances.entry(who).or_default())),
                _ => Standing::LeftToday(Cycles(*model.days.entry(now.day()).or_insert(100))),
            };
            prop_assert_eq!(accounts.standing(mode, person(who), now), expected);
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]
    #[test]
    fn prepaid_accounts_agree_with_a_plain_ledger(steps in steps()) {
        run(Mode::Prepaid, steps)?;
    }

    #[test]
    fn the_open_budget_agrees_with_a_plain_sum_per_day(steps in steps()) {
        run(OPEN, steps)?;
    }
}

#[test]
fn admission_costs_the_same_with_many_accounts() {
    let memory = Counted::default();
    let mut accounts = Accounts::open(memory.clone(), memory.beside());
    memory.costs_no_more_at_size(50_000, |number| {
        deposit(&mut accounts, number, 80);
        let admitted = admit(&mut accounts, Mode::Prepaid, number, 50, MORNING).unwrap();
        settle(&mut accounts, Mode::Prepaid, admitted, 20);
    });
}
