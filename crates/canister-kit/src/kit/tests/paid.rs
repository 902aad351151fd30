//! Paid calls: their order of checks, their ends, and what a pause leaves open.

use super::*;
use crate::UsageStanding;
use crate::counted::Counted;
use crate::encoding::{Cycles, Timestamp};
use std::cell::RefCell;
use std::future::Future;
use std::task::{Context, Waker};

fn call(number: u32, name: u32) -> PaidCall<'static> {
    PaidCall {
        caller: caller(number),
        method: "sign",
        arguments: b"digest",
        request_id: name.to_be_bytes().to_vec(),
        most: Cycles(100),
        tokens: 1,
    }
}

fn begin<M: Memory>(kit: &mut TestKit<M>, world: &Fake, number: u32, name: u32) -> Paid {
    match kit.begin(world, call(number, name)).unwrap() {
        Begun::New(paid) => paid,
        _ => panic!("the request is not new"),
    }
}

fn left(kit: &TestKit, world: &Fake) -> UsageStanding {
    kit.usage(world).standing
}

#[test]
fn a_repeated_request_gets_the_first_result_and_costs_nothing() {
    let world = Fake::new();
    let mut kit = installed(&world, open_budget(1000));
    let paid = begin(&mut kit, &world, 1, 7);
    assert!(matches!(kit.begin(&world, call(1, 7)), Ok(Begun::Running)));
    kit.finish(&world, paid, b"signature".to_vec(), Cycles(60));
    let before = kit.usage(&world);
    assert_eq!(before.standing, UsageStanding::LeftToday(940));
    let Ok(Begun::Done(result)) = kit.begin(&world, call(1, 7)) else {
        panic!("the result is not there");
    };
    assert_eq!(result, b"signature");
    assert_eq!(kit.usage(&world), before);
}

#[test]
fn the_same_request_id_with_other_arguments_or_another_method_is_refused() {
    let world = Fake::new();
    let mut kit = installed(&world, open_budget(1000));
    let _paid = begin(&mut kit, &world, 1, 7);
    let other_arguments = PaidCall {
        arguments: b"another digest",
        ..call(1, 7)
    };
    let other_method = PaidCall {
        method: "derive",
        ..call(1, 7)
    };
    for other in [other_arguments, other_method] {
        let refused = kit.begin(&world, other).err();
        assert_eq!(refused, Some(Refusal::RequestIdReused));
    }
}

#[test]
fn a_pause_stops_what_begins_and_nothing_that_has_begun() {
    let world = Fake::new();
    let mut kit = installed(&world, open_budget(1000));
    let finished = begin(&mut kit, &world, 1, 1);
    kit.finish(&world, finished, Vec::new(), Cycles(0));
    let running = begin(&mut kit, &world, 1, 2);
    drop(begin(&mut kit, &world, 1, 3));
    kit.set_paused(world.call_as(person(50)), true).unwrap();
    world.call_as(person(1));
    let refused = kit.begin(&world, call(1, 4)).err();
    assert_eq!(refused, Some(Refusal::Paused));
    assert!(kit.active().is_err());
    assert!(matches!(kit.begin(&world, call(1, 1)), Ok(Begun::Done(_))));
    kit.finish(&world, running, Vec::new(), Cycles(10));
    let resumed = kit.resume(&world, call(1, 3)).unwrap();
    kit.finish(&world, resumed, Vec::new(), Cycles(20));
    assert_eq!(left(&kit, &world), UsageStanding::LeftToday(970));
}

#[test]
fn a_dropped_call_has_cost_its_maximum_until_it_is_resumed_and_settled() {
    let world = Fake::new();
    let mut kit = installed(&world, open_budget(1000));
    drop(begin(&mut kit, &world, 1, 1));
    assert!(matches!(kit.begin(&world, call(1, 1)), Ok(Begun::Unknown)));
    assert_eq!(left(&kit, &world), UsageStanding::LeftToday(900));
    let paid = kit.resume(&world, call(1, 1)).unwrap();
    kit.leave_unknown(paid);
    assert_eq!(left(&kit, &world), UsageStanding::LeftToday(900));
    let paid = kit.resume(&world, call(1, 1)).unwrap();
    kit.finish(&world, paid, b"found".to_vec(), Cycles(30));
    assert_eq!(left(&kit, &world), UsageStanding::LeftToday(970));
    let again = kit.resume(&world, call(1, 1)).err();
    assert_eq!(again, Some(Refusal::RequestEnded));
    assert_eq!(left(&kit, &world), UsageStanding::LeftToday(970));
}

#[test]
fn a_call_that_traps_after_its_await_leaves_the_outcome_unknown() {
    let world = Fake::new();
    let kit = RefCell::new(installed(&world, open_budget(1000)));
    let mut update = Box::pin(async {
        let paid = begin(&mut kit.borrow_mut(), &world, 1, 1);
        std::future::pending::<()>().await;
        kit.borrow_mut()
            .finish(&world, paid, Vec::new(), Cycles(10));
    });
    let waiting = update
        .as_mut()
        .poll(&mut Context::from_waker(Waker::noop()));
    assert!(waiting.is_pending());
    let seen = kit.borrow_mut().begin(&world, call(1, 1));
    assert!(matches!(seen, Ok(Begun::Running)));
    // What the clean-up callback does when the reply callback traps: it drops the future.
    drop(update);
    let seen = kit.borrow_mut().begin(&world, call(1, 1));
    assert!(matches!(seen, Ok(Begun::Unknown)));
    assert_eq!(left(&kit.borrow(), &world), UsageStanding::LeftToday(900));
}

#[test]
fn a_reservation_outlives_an_upgrade_and_is_settled_after_it() {
    let (world, memory) = (Fake::new(), VectorMemory::default());
    let mut kit = open(memory.clone());
    kit.install(&world, args(open_budget(1000))).unwrap();
    let _running = begin(&mut kit, &world, 1, 1);
    let mut upgraded = open(memory);
    let paid = upgraded.resume(&world, call(1, 1)).unwrap();
    upgraded.finish(&world, paid, Vec::new(), Cycles(30));
    assert_eq!(left(&upgraded, &world), UsageStanding::LeftToday(970));
}

#[test]
fn a_withdrawn_call_frees_its_request_id_and_its_reservation() {
    let world = Fake::new();
    let mut kit = installed(&world, open_budget(1000));
    let paid = begin(&mut kit, &world, 1, 1);
    kit.withdraw(&world, paid, Cycles(0));
    assert_eq!(left(&kit, &world), UsageStanding::LeftToday(1000));
    let _again = begin(&mut kit, &world, 1, 1);
}

#[test]
fn the_quota_refuses_before_anything_is_reserved() {
    let world = Fake::new();
    let mut kit = installed(&world, open_budget(1_000_000));
    for name in 0..20 {
        let paid = begin(&mut kit, &world, 1, name);
        kit.finish(&world, paid, Vec::new(), Cycles(0));
    }
    let events = kit.log.len();
    let refused = kit.begin(&world, call(1, 20)).err();
    let retry_at = world.now.get().0 + 30 * Timestamp::SECOND;
    assert_eq!(refused, Some(Refusal::QuotaExhausted { retry_at }));
    assert_eq!(kit.log.len(), events);
    world.pass(30 * Timestamp::SECOND);
    let _paid = begin(&mut kit, &world, 1, 20);
}

#[test]
fn who_is_not_admitted_begins_nothing() {
    let world = Fake::new();
    let mut kit = installed(&world, Admission::AllowList(vec![person(2)]));
    let refused = kit.begin(&world, call(1, 1)).err();
    assert_eq!(refused, Some(Refusal::NotAllowed));
    assert_eq!((kit.journal.len(), kit.log.len()), (0, 1));
    let paid = begin(&mut kit, &world, 2, 1);
    kit.finish(&world, paid, Vec::new(), Cycles(60));
    assert_eq!(kit.log.len(), 1, "a list reserves nothing");
    let mut prepaid = installed(&world, Admission::Prepaid);
    let refused = prepaid.begin(&world, call(1, 1)).err();
    let refusal = Refusal::InsufficientBalance {
        available: 0,
        required: 100,
    };
    assert_eq!(refused, Some(refusal));
    assert_eq!(prepaid.journal.len(), 0);
}

#[test]
fn callers_that_are_not_admitted_use_up_nobodys_quota() {
    let world = Fake::new();
    let mut kit = installed(&world, Admission::Prepaid);
    for number in 0..1000 {
        let refused = kit.begin(&world, call(number, 1)).err();
        assert!(matches!(refused, Some(Refusal::InsufficientBalance { .. })));
    }
    let usage = kit.usage(&world);
    assert_eq!((usage.calls_left, usage.calls_left_together), (20, 200));
    // Nor do they with calls that pay nothing.
    for number in 0..200 {
        kit.take_quota(&world, caller(number), 1).unwrap();
    }
    let refused = kit.take_quota(&world, caller(200), 1).err();
    assert!(matches!(
        refused,
        Some(Refusal::GlobalQuotaExhausted { .. })
    ));
    assert_eq!(kit.usage(&world).calls_left_together, 0);
    world.attached.set(Cycles(20_000_000_000));
    kit.deposit(&world, person(200)).unwrap();
    kit.take_quota(&world, caller(200), 1).unwrap();
    let usage = kit.usage(world.call_as(person(200)));
    assert_eq!((usage.calls_left, usage.calls_left_together), (19, 199));
}

#[test]
fn a_request_id_of_no_bytes_or_too_many_is_refused() {
    let world = Fake::new();
    let mut kit = installed(&world, open_budget(1000));
    for length in [0, 65] {
        let call = PaidCall {
            request_id: vec![1; length],
            ..call(1, 1)
        };
        let refused = kit.begin(&world, call).err();
        let bytes = length as u64;
        assert_eq!(refused, Some(Refusal::RequestIdLength { bytes }));
    }
}

#[test]
fn a_paid_call_costs_the_same_however_much_has_happened() {
    let (world, memory) = (Fake::new(), Counted::default());
    let mut kit = open(memory.clone());
    kit.install(&world, args(open_budget(u128::MAX))).unwrap();
    memory.costs_no_more_at_size(20_000, |number| {
        world.pass(Timestamp::SECOND);
        let paid = begin(&mut kit, &world, number, 1);
        kit.finish(&world, paid, vec![1; 64], Cycles(50));
    });
}
