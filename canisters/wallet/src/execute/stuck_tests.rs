//! What could keep an account on a chain of Ethereum's kind from going on, or make somebody pay twice: lost and unreadable receipts, lies about
//! counts, and fees without room for a cancellation; in the fake world.

use super::RaiseWanted;
use super::ethereum_tests::{
    CHAIN, MAX_FEE, MAX_PRIORITY, acts, chain, pay, resume, scene, transfer, work,
};
use super::raise_tests::{bump, cancel, raised};
use super::settle::PATIENCE;
use crate::intent::{RawEvmCall, RawIntent};
use crate::proposal::{MAX_VERSIONS, ProposalId, ProposalView, Setback, StageView};
use crate::runtime::fake::{DEPTH, Fate};
use crate::scene::Scene;
use canister_kit::UsageStanding;
use canister_kit::runtime::Runtime;
use serde_bytes::ByteBuf;

fn until(view: &ProposalView) -> u64 {
    assert_eq!(view.stage, StageView::Sent);
    match view.setback {
        Some(Setback::ReceiptMissing { until }) => until,
        ref other => panic!("{other:?}"),
    }
}

/// One that is final.
fn landed() -> Scene {
    let scene = scene();
    pay(&scene, 2, transfer(5), vec![]).unwrap();
    chain(&scene).mine(DEPTH + 1);
    scene
}

#[test]
fn a_lost_receipt_ends_nothing_before_a_day_has_passed() {
    let scene = landed();
    let hash = acts(&scene, 0)[0].hash;
    chain(&scene).forgotten.insert(hash);
    let first = resume(&scene, 1);
    assert_eq!(until(&first), scene.world.now().0 + PATIENCE);
    scene.world.world.pass(PATIENCE - 1);
    assert_eq!(until(&resume(&scene, 1)), until(&first), "it runs once");
    scene.upgrade();
    // The providers have it again.
    chain(&scene).forgotten.clear();
    scene.world.world.pass(1);
    assert_eq!(resume(&scene, 1).stage, StageView::Confirmed);

    let scene = landed();
    chain(&scene).forgotten.insert(hash);
    resume(&scene, 1);
    scene.world.world.pass(PATIENCE);
    assert_eq!(resume(&scene, 1).stage, StageView::Superseded);
}

#[test]
fn a_receipt_that_never_reads_ends_after_a_day_and_frees_its_place() {
    let scene = landed();
    let hash = acts(&scene, 0)[0].hash;
    chain(&scene).unreadable.insert(hash);
    for _ in 0..2 {
        let stopped = resume(&scene, 1);
        assert_eq!(stopped.stage, StageView::Sent);
        assert!(matches!(stopped.setback, Some(Setback::EvmSilent(_))));
    }
    scene.world.world.pass(PATIENCE);
    let ended = resume(&scene, 1);
    assert_eq!(ended.stage, StageView::OutcomeUnread);
    assert_eq!(work(&ended).mined, None);
    let next = pay(&scene, 3, transfer(6), vec![]).unwrap();
    assert_eq!(work(&next).nonce, 1);
}

#[test]
fn a_receipt_that_did_not_read_once_is_no_beginning_of_its_being_lost() {
    let scene = landed();
    let hash = acts(&scene, 0)[0].hash;
    chain(&scene).unreadable.insert(hash);
    resume(&scene, 1);
    scene.world.world.pass(PATIENCE);
    chain(&scene).unreadable.clear();
    chain(&scene).forgotten.insert(hash);
    let missing = resume(&scene, 1);
    assert_eq!(until(&missing), scene.world.now().0 + PATIENCE);
    scene.world.world.pass(PATIENCE);
    assert_eq!(resume(&scene, 1).stage, StageView::Superseded);
}

#[test]
fn a_receipt_that_does_not_read_before_its_nonce_is_final_begins_nothing() {
    let scene = scene();
    pay(&scene, 2, transfer(5), vec![]).unwrap();
    chain(&scene).mine(1);
    let hash = acts(&scene, 0)[0].hash;
    chain(&scene).unreadable.insert(hash);
    let events = scene.events();
    let stopped = resume(&scene, 1);
    assert!(matches!(stopped.setback, Some(Setback::EvmSilent(_))));
    assert_eq!(scene.events() - events, 3, "admitted, stopped, settled");
}

#[test]
fn a_count_above_the_record_is_believed_of_all_providers_only() {
    let scene = scene();
    chain(&scene).lie = Some(1_000_000);
    let open = pay(&scene, 2, transfer(5), vec![]).unwrap();
    let (counted, next) = (1_000_000, 0);
    let disputed = Setback::CountDisputed { counted, next };
    assert_eq!(open.setback, Some(disputed));
    assert!(matches!(open.stage, StageView::Open(_)));
    assert!(scene.world.signed.borrow().is_empty());
    chain(&scene).lie = None;
    let sent = scene.execute(1, 102, 1).unwrap().unwrap();
    assert_eq!(work(&sent).nonce, 0);
    // Also beside what is on record.
    chain(&scene).lie = Some(2);
    let open = pay(&scene, 3, transfer(5), vec![]).unwrap();
    let (counted, next) = (2, 1);
    let disputed = Setback::CountDisputed { counted, next };
    assert_eq!(open.setback, Some(disputed));
}

#[test]
fn whatever_the_market_a_cancellation_has_room_below_the_approved_fees() {
    let scene = scene();
    chain(&scene).base_fee = 4_000;
    chain(&scene).priority_fee = 1_000_000;
    pay(&scene, 2, transfer(5), vec![]).unwrap();
    let offered = acts(&scene, 0)[0].raw.fees;
    let offered = (
        offered.max_fee_per_gas.0,
        offered.max_priority_fee_per_gas.0,
    );
    assert_eq!(offered, (4_545, 454));
    // Nor does a raise take the room.
    let above = bump(&scene, 9, 1, (MAX_FEE, MAX_PRIORITY));
    assert!(matches!(above.setback, Some(Setback::NotPlanned(_))));
    let cancelled = cancel(&scene, 10, 1, (MAX_FEE, MAX_PRIORITY));
    assert_eq!(cancelled.setback, Some(Setback::NotFinal));
    chain(&scene).mine(DEPTH + 1);
    assert_eq!(resume(&scene, 1).stage, StageView::Replaced);
}

#[test]
fn raises_leave_a_version_for_the_cancellation() {
    let scene = scene();
    chain(&scene).base_fee = 10;
    chain(&scene).priority_fee = 10;
    pay(&scene, 2, transfer(5), vec![]).unwrap();
    let mut fees = (30, 10);
    for request in 0..MAX_VERSIONS as u8 - 2 {
        fees = (fees.0 + fees.0 / 10 + 1, fees.1 + fees.1 / 10 + 1);
        let raised = bump(&scene, 50 + request, 1, fees);
        assert_eq!(work(&raised).versions.len(), usize::from(request) + 2);
    }
    let fees = (1_000, 200);
    let wanted = RaiseWanted::fees(ProposalId::new(1), vec![70], fees);
    let full = raised(&scene, wanted).unwrap();
    assert!(matches!(full.setback, Some(Setback::NotPlanned(_))));
    let cancelled = cancel(&scene, 71, 1, fees);
    assert_eq!(work(&cancelled).versions.len(), MAX_VERSIONS);
    assert_eq!(cancelled.setback, Some(Setback::NotFinal));
}

#[test]
fn a_receipt_that_providers_tell_differently_is_asked_for_again() {
    let scene = landed();
    *scene.world.fates.borrow_mut() = vec![Fate::Answered, Fate::Differ].into();
    let stopped = resume(&scene, 1);
    assert_eq!(stopped.setback, Some(Setback::ProvidersDiffer));
    assert_eq!(resume(&scene, 1).stage, StageView::Confirmed);
}

/// What is left of the day's cycles.
fn left(scene: &Scene) -> u128 {
    match scene.kit.borrow().usage(&scene.world).standing {
        UsageStanding::LeftToday(left) => left,
        other => panic!("{other:?}"),
    }
}

/// What carrying out and raising cost for a call with so much data.
fn costs(bytes: usize) -> [u128; 2] {
    let scene = scene();
    let call = RawIntent::EvmCall(RawEvmCall {
        chain_id: CHAIN,
        from_index: 0,
        to: "0x1111111111111111111111111111111111111111".to_owned(),
        value: 1,
        data: ByteBuf::from(vec![0; bytes]),
        gas_limit: 1_000_000,
        max_fee_per_gas: MAX_FEE,
        max_priority_fee_per_gas: MAX_PRIORITY,
    });
    let begin = left(&scene);
    pay(&scene, 2, call, vec![]).unwrap();
    let carried = left(&scene);
    let raised = bump(&scene, 9, 1, (3_000, 200));
    assert_eq!(work(&raised).versions.len(), 2);
    [begin - carried, carried - left(&scene)]
}

#[test]
fn the_data_of_every_version_is_paid_by_its_length() {
    let (short, long) = (costs(1), costs(20_001));
    for (short, long) in short.into_iter().zip(long) {
        assert_eq!(long - short, 20_000 * 160_000);
    }
}
