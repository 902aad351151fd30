//! Higher fees and cancellations on a chain of Ethereum's kind, and which version wins, in the fake world.

use super::ethereum_tests::{
    MAX_FEE, MAX_PRIORITY, account, acts, busy, chain, lost, pay, resume, scene, transfer, work,
};
use super::{RaiseWanted, Started, drive, raise};
use crate::error::WalletError;
use crate::proposal::{ProposalId, ProposalView, Setback, StageView};
use crate::runtime::fake::{DEPTH, Fate};
use crate::scene::{Scene, now};

pub fn raised(scene: &Scene, wanted: RaiseWanted) -> Result<ProposalView, WalletError> {
    let caller = scene.call_as(2);
    let started = raise(&mut scene.kit.borrow_mut(), &scene.world, caller, wanted)?;
    match started {
        Started::Ended(view) => Ok(view),
        Started::Run(run) => Ok(now(drive(scene, &scene.world, run))),
    }
}

pub fn bump(scene: &Scene, request: u8, id: u64, fees: (u128, u128)) -> ProposalView {
    let wanted = RaiseWanted::fees(ProposalId::new(id), vec![request], fees);
    raised(scene, wanted).unwrap()
}

pub fn cancel(scene: &Scene, request: u8, id: u64, fees: (u128, u128)) -> ProposalView {
    let wanted = RaiseWanted::cancellation(ProposalId::new(id), vec![request], fees);
    raised(scene, wanted).unwrap()
}

#[test]
fn a_raise_replaces_the_transaction_within_the_approved_fees() {
    let scene = scene();
    pay(&scene, 2, transfer(5), vec![]).unwrap();
    let low = bump(&scene, 8, 1, (2_200, 150));
    assert!(
        matches!(low.setback, Some(Setback::NotPlanned(_))),
        "not a tenth"
    );
    for above in [(MAX_FEE + 1, 200), (4_000, MAX_PRIORITY + 1)] {
        let above = bump(&scene, above.1 as u8, 1, above);
        assert!(matches!(above.setback, Some(Setback::NotPlanned(_))));
        assert_eq!(work(&above).versions.len(), 1);
    }
    let raised = bump(&scene, 9, 1, (3_000, 200));
    assert_eq!(raised.stage, StageView::Sent);
    assert_eq!(work(&raised).versions.len(), 2);
    assert_eq!(bump(&scene, 9, 1, (3_000, 200)), raised, "the same request");
    assert_eq!(chain(&scene).pool.len(), 1);
    chain(&scene).mine(DEPTH + 1);
    let settled = resume(&scene, 1);
    assert_eq!(settled.stage, StageView::Confirmed);
    assert_eq!(
        work(&settled).mined.unwrap().hash,
        work(&raised).versions[0].hash.clone().unwrap()
    );
    assert_eq!(scene.world.signed.borrow().len(), 2);
}

#[test]
fn the_version_that_was_mined_ends_the_proposal_whichever_it_is() {
    for (cancels, first_mined, end) in [
        (false, true, StageView::Confirmed),
        (true, true, StageView::Confirmed),
        (true, false, StageView::Replaced),
    ] {
        let scene = scene();
        pay(&scene, 2, transfer(5), vec![]).unwrap();
        let first = acts(&scene, 0)[0].clone();
        let second = match cancels {
            true => cancel(&scene, 9, 1, (3_000, 200)),
            false => bump(&scene, 9, 1, (3_000, 200)),
        };
        assert_eq!(work(&second).versions[0].cancels, cancels);
        match first_mined {
            true => chain(&scene).mine_only(first),
            false => chain(&scene).mine(1),
        }
        chain(&scene).mine(DEPTH);
        assert_eq!(resume(&scene, 1).stage, end);
    }
}

#[test]
fn of_a_cancellation_there_are_only_higher_versions() {
    let scene = scene();
    pay(&scene, 2, transfer(5), vec![]).unwrap();
    cancel(&scene, 9, 1, (3_000, 200));
    let higher = bump(&scene, 10, 1, (4_000, 300));
    assert!(work(&higher).versions[0].cancels);
    let own = account(&scene);
    let acts = acts(&scene, 0);
    assert_eq!(acts.len(), 3);
    assert!(
        acts[1..]
            .iter()
            .all(|seen| seen.raw.to == own && seen.raw.value.0 == 0)
    );
}

#[test]
fn a_transaction_that_was_never_signed_can_be_cancelled_so_that_those_behind_it_go_on() {
    let scene = scene();
    let fates = [vec![Fate::Answered; 3], vec![Fate::Silence]].concat();
    assert_eq!(pay(&scene, 2, transfer(1), fates), None);
    let behind = pay(&scene, 3, transfer(2), vec![]).unwrap();
    assert_eq!(work(&behind).nonce, 1);
    chain(&scene).mine(DEPTH + 1);
    assert_eq!(resume(&scene, 2).stage, StageView::Sent, "a gap");
    let refused = raised(
        &scene,
        RaiseWanted::fees(ProposalId::new(1), vec![9], (3_000, 200)),
    );
    assert_eq!(
        refused,
        Err(WalletError::NothingToBump),
        "there is nothing to raise"
    );
    let cancelled = cancel(&scene, 10, 1, (2_100, 100));
    assert_eq!(cancelled.stage, StageView::Sent);
    chain(&scene).mine(DEPTH + 1);
    assert_eq!(resume(&scene, 1).stage, StageView::Replaced);
    assert_eq!(resume(&scene, 2).stage, StageView::Confirmed);
    assert!(acts(&scene, 0).iter().all(|seen| seen.raw.value.0 == 0));
}

#[test]
fn an_interrupted_raise_is_resumed_with_the_same_version() {
    for place in 0..3 {
        for fate in [
            Fate::Rejected(busy()),
            Fate::AnswerLost(lost()),
            Fate::EffectAndSilence,
            Fate::Silence,
        ] {
            let scene = scene();
            pay(&scene, 2, transfer(5), vec![]).unwrap();
            let fates = [vec![Fate::Answered; place], vec![fate.clone()]].concat();
            *scene.world.fates.borrow_mut() = fates.into();
            let caller = scene.call_as(2);
            let wanted = RaiseWanted::fees(ProposalId::new(1), vec![9], (3_000, 200));
            let begun = raise(&mut scene.kit.borrow_mut(), &scene.world, caller, wanted);
            let Ok(Started::Run(run)) = begun else {
                panic!("it begins")
            };
            scene.drop_if_silent(drive(&scene, &scene.world, run));
            scene.upgrade();
            let sent = resume(&scene, 1);
            assert_eq!(sent.stage, StageView::Sent, "{place} {fate:?}");
            // Where the question before it was not answered, there is no other version.
            let versions = if place == 0 { 1 } else { 2 };
            assert_eq!(work(&sent).versions.len(), versions, "{place} {fate:?}");
            chain(&scene).mine(DEPTH + 1);
            assert_eq!(
                resume(&scene, 1).stage,
                StageView::Confirmed,
                "{place} {fate:?}"
            );
            let acts = acts(&scene, 0);
            assert!(
                acts.iter().all(|seen| seen.raw.value.0 == 5),
                "{place} {fate:?}"
            );
        }
    }
}

#[test]
fn the_signed_transaction_is_the_last_version() {
    let scene = scene();
    let proposal = scene.propose(1, 2, 1, transfer(5)).unwrap();
    let signed = |id: u64| {
        scene.call_as(1);
        crate::read::signed_tx(&scene.kit.borrow(), &scene.world, ProposalId::new(id))
    };
    assert_eq!(signed(proposal.id), Err(WalletError::NothingSigned));
    scene.execute(1, 102, 1).unwrap();
    let first = signed(1).unwrap();
    bump(&scene, 9, 1, (3_000, 200));
    let second = signed(1).unwrap();
    assert_ne!(first, second);
    chain(&scene).mine(DEPTH + 1);
    resume(&scene, 1);
    assert_eq!(signed(1), Ok(second));
}
