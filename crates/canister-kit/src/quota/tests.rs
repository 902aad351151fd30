//! The quota against a plain model, over reopened memories, and at size.

use super::Group::{Admitted, Guests};
use super::*;
use crate::counted::Counted;
use crate::runtime::fake::person;
use ic_stable_structures::VectorMemory;
use proptest::prelude::*;
use std::collections::BTreeMap;

const LIMITS: QuotaLimits = QuotaLimits::new(Rate::new(3, 10), Rate::new(6, 5), 24);

/// The same without the promise that [`QuotaLimits::new`] checks, so that the table can be full.
const TIGHT: QuotaLimits = QuotaLimits {
    per_caller: Rate::new(3, 10),
    together: Rate::new(1000, 1),
    callers: 4,
};

fn open(memories: &[VectorMemory; 2], limits: QuotaLimits) -> Quota<VectorMemory> {
    Quota::open(memories[0].clone(), memories[1].clone(), limits)
}

fn caller(number: u32) -> Caller {
    Caller::new(person(number)).unwrap()
}

#[test]
fn a_caller_is_refused_after_its_burst_and_others_are_not() {
    let mut quota = open(&Default::default(), LIMITS);
    let now = Timestamp(1000);
    for _ in 0..3 {
        quota.take(Admitted, caller(1), 1, now).unwrap();
    }
    let refused = quota.take(Admitted, caller(1), 1, now);
    assert_eq!(refused, Err(Refusal::QuotaExhausted { retry_at: 1010 }));
    quota.take(Admitted, caller(2), 1, now).unwrap();
    let left = quota.remaining(Admitted, person(1), now);
    assert_eq!((left.own, left.full_at.0, left.together), (0, 1030, 2));
}

#[test]
fn all_callers_together_are_refused_after_the_common_burst() {
    let mut quota = open(&Default::default(), LIMITS);
    let now = Timestamp(1000);
    for number in 0..6 {
        quota.take(Admitted, caller(number), 1, now).unwrap();
    }
    let refused = quota.take(Admitted, caller(7), 1, now);
    let expected = Refusal::GlobalQuotaExhausted { retry_at: 1005 };
    assert_eq!(refused, Err(expected));
    // The caller's own bucket was not touched by the refusal.
    assert_eq!(quota.remaining(Admitted, person(7), now).own, 3);
}

#[test]
fn guests_use_up_nothing_that_others_need() {
    let memories = Default::default();
    let mut quota = open(&memories, LIMITS);
    let now = Timestamp(1000);
    for number in 0..6 {
        quota.take(Guests, caller(number), 1, now).unwrap();
    }
    let refused = quota.take(Guests, caller(7), 1, now);
    let expected = Refusal::GlobalQuotaExhausted { retry_at: 1005 };
    assert_eq!(refused, Err(expected));
    assert_eq!(quota.remaining(Guests, person(8), now).together, 0);
    assert_eq!(quota.remaining(Admitted, person(8), now).together, 6);
    let mut reopened = open(&memories, LIMITS);
    reopened.take(Admitted, caller(7), 1, now).unwrap();
    // Whoever is admitted meanwhile keeps its own bucket.
    let own = reopened.remaining(Admitted, person(0), now).own;
    assert_eq!(own, 2);
}

#[test]
fn a_flood_of_principals_resets_nobodys_quota() {
    let mut quota = open(&Default::default(), TIGHT);
    let now = Timestamp(1000);
    quota.take(Admitted, caller(1), 3, now).unwrap();
    for number in 2..5 {
        quota.take(Admitted, caller(number), 1, now).unwrap();
    }
    for number in 5..200 {
        let refused = quota.take(Admitted, caller(number), 1, now);
        assert_eq!(refused, Err(Refusal::TooManyCallers { retry_at: 1010 }));
    }
    assert_eq!(quota.remaining(Admitted, person(1), now).own, 0);
    // The places of 2, 3 and 4 are free once their buckets are full; the one of 1 is not.
    let later = Timestamp(1010);
    for number in 5..8 {
        quota.take(Admitted, caller(number), 1, later).unwrap();
    }
    let refused = quota.take(Admitted, caller(8), 1, later);
    assert_eq!(refused, Err(Refusal::TooManyCallers { retry_at: 1020 }));
    assert_eq!(quota.remaining(Admitted, person(1), later).own, 1);
}

#[test]
fn buckets_survive_an_upgrade() {
    let memories = Default::default();
    let now = Timestamp(1000);
    open(&memories, LIMITS)
        .take(Admitted, caller(1), 3, now)
        .unwrap();
    let mut reopened = open(&memories, LIMITS);
    let refused = reopened.take(Admitted, caller(1), 1, now);
    assert_eq!(refused, Err(Refusal::QuotaExhausted { retry_at: 1010 }));
}

/// The plain model: one bucket each, counted in full, nothing ever dropped.
#[derive(Default)]
struct Model {
    full_at: BTreeMap<u32, u64>,
    together: u64,
}

impl Model {
    fn take(&mut self, number: u32, tokens: u64, now: u64) -> bool {
        let own = self.full_at.get(&number).copied().unwrap_or(0).max(now) + tokens * 10;
        let all = self.together.max(now) + tokens * 5;
        let granted = own <= now + 30 && all <= now + 30;
        if granted {
            self.full_at.insert(number, own);
            self.together = all;
        }
        granted
    }
}

#[derive(Clone, Debug)]
enum Step {
    Take { number: u32, tokens: u32 },
    Pass(u64),
    Upgrade,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        6 => (0_u32..20, 1_u32..=3).prop_map(|(number, tokens)| Step::Take { number, tokens }),
        3 => (0_u64..40).prop_map(Step::Pass),
        1 => Just(Step::Upgrade),
    ];
    prop::collection::vec(step, 1..200)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn the_bounded_table_decides_like_an_unbounded_one(steps in steps()) {
        let memories = Default::default();
        let (mut quota, mut model, mut now) = (open(&memories, LIMITS), Model::default(), 1000);
        for step in steps {
            match step {
                Step::Take { number, tokens } => {
                    let granted = quota.take(Admitted, caller(number), tokens, Timestamp(now));
                    let expected = model.take(number, u64::from(tokens), now);
                    prop_assert_eq!(granted.is_ok(), expected);
                    let refused_for_place = matches!(granted, Err(Refusal::TooManyCallers { .. }));
                    prop_assert!(!refused_for_place, "the limits promise a place");
                    prop_assert!(quota.callers() <= 24);
                    prop_assert_eq!(quota.full_at.len(), quota.by_time.len() + u64::from(!quota.full_at.is_empty()));
                }
                Step::Pass(time) => now += time,
                Step::Upgrade => quota = open(&memories, LIMITS),
            }
        }
    }
}

#[test]
fn a_take_costs_the_same_with_many_callers() {
    let limits = QuotaLimits::new(Rate::new(3, 10), Rate::new(1_000_000, 1), 4_000_000);
    let memory = Counted::default();
    let mut quota = Quota::open(memory.clone(), memory.beside(), limits);
    memory.costs_no_more_at_size(50_000, |number| {
        quota
            .take(Admitted, caller(number), 1, Timestamp(1000))
            .unwrap();
    });
}
