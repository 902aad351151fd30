//! The life of a transfer and of a signature through every interruption, in the fake world.

use crate::asset::RawAsset;
use crate::chain::icrc::TransferError;
use crate::error::WalletError;
use crate::fake::person;
use crate::intent::RawIntent;
use crate::policy::{RawLimit, RawPolicy, RawRequirement, RawRules, RawTier};
use crate::proposal::{ProposalId, ProposalView, Setback, StageView};
use crate::root_key::KeyKind;
use crate::runtime::CallError;
use crate::runtime::fake::Fate;
use crate::scene::Scene;
use crate::state::MAX_CARRIED;
use candid::Principal;
use canister_kit::encoding::Timestamp;
use canister_kit::{Environment, Refusal};
use serde_bytes::ByteBuf;

const LOST: u32 = 6;

fn ledger() -> Principal {
    Principal::from_slice(&[0, 0, 0, 0, 0, 0, 0, 9, 1, 1])
}

fn transfer(amount: u128) -> RawIntent {
    RawIntent::IcrcTransfer {
        ledger: ledger(),
        from_index: 0,
        to: person(77).to_text(),
        amount,
        max_fee: 10,
    }
}

fn limited(limit: u128) -> RawPolicy {
    let needs = RawRequirement {
        quorum: 1,
        delay_seconds: 0,
    };
    RawPolicy {
        assets: vec![RawRules {
            asset: RawAsset::Icrc(ledger()),
            tiers: vec![RawTier {
                up_to: None,
                needs: needs.clone(),
            }],
            limit: Some(RawLimit {
                amount: limit,
                window_seconds: 86_400,
            }),
            allow_list: None,
        }],
        highest: needs,
        calls: None,
    }
}

fn scene() -> Scene {
    let scene = Scene::new(Environment::Local);
    let members = vec![person(1), person(2)];
    scene
        .create_with(1, 1, "house", members, limited(1_000))
        .unwrap();
    scene.prepare(1).unwrap();
    scene
}

/// A proposal that is carried out at once; the request ids are those of the proposal.
fn pay(scene: &Scene, id: u8, amount: u128, fates: Vec<Fate>) -> Option<ProposalView> {
    let proposal = scene.propose(1, id, 1, transfer(amount)).unwrap();
    // The first call asks for the fee.
    *scene.world.fates.borrow_mut() = [vec![Fate::Answered], fates].concat().into();
    scene.execute(1, id + 100, proposal.id).unwrap()
}

fn made(scene: &Scene) -> usize {
    scene.world.ledger.borrow().made.len()
}

fn lost() -> CallError {
    CallError::new(LOST, "no answer came in time")
}

#[test]
fn a_transfer_is_made_once_and_a_repeated_request_tells_its_block() {
    let scene = scene();
    let paid = pay(&scene, 2, 500, vec![]).unwrap();
    assert_eq!(paid.stage, StageView::Transferred { block: 0 });
    let again = scene.execute(1, 102, paid.id).unwrap().unwrap();
    assert_eq!(again, paid);
    assert_eq!(scene.execute(1, 103, paid.id), Err(WalletError::NotOpen));
    assert_eq!(scene.resume(1, paid.id), Err(WalletError::NothingToResume));
    assert_eq!(made(&scene), 1);
}

#[test]
fn whatever_interrupts_a_transfer_resuming_makes_it_exactly_once() {
    let fates = [
        Fate::AnswerLost(lost()),
        Fate::EffectAndSilence,
        Fate::Silence,
        Fate::Rejected(lost()),
        Fate::AnswerLost(CallError::new(5, "trapped")),
    ];
    for fate in fates {
        let scene = scene();
        let silent = pay(&scene, 2, 500, vec![fate.clone()]);
        let sent = scene.kit.borrow();
        let shown = crate::read::proposal(&sent, &scene.world, crate::proposal::ProposalId::new(1));
        assert_eq!(shown.unwrap().stage, StageView::Sent, "{fate:?}");
        drop(sent);
        if let Some(view) = silent {
            assert!(
                matches!(view.setback, Some(Setback::OutcomeLost(_))),
                "{fate:?}"
            );
        }
        scene.upgrade();
        let resumed = scene.resume(2, 1).unwrap().unwrap();
        assert_eq!(
            resumed.stage,
            StageView::Transferred { block: 0 },
            "{fate:?}"
        );
        assert_eq!(made(&scene), 1, "{fate:?}");
    }
}

#[test]
fn what_surely_did_not_happen_is_open_again_and_counts_for_no_limit() {
    let scene = scene();
    let busy = CallError::new(2, "the queue is full");
    let view = pay(&scene, 2, 900, vec![Fate::Rejected(busy.clone())]).unwrap();
    assert_eq!(view.setback, Some(Setback::NotReached(busy)));
    assert!(matches!(view.stage, StageView::Open(_)));
    scene.world.ledger.borrow_mut().balance = 5;
    let view = pay(&scene, 3, 900, vec![]).unwrap();
    let refused = TransferError::InsufficientFunds { balance: 5 };
    assert_eq!(view.setback, Some(Setback::LedgerRefused(refused)));
    scene.world.ledger.borrow_mut().balance = 5_000;
    let paid = scene.execute(1, 103, 2).unwrap().unwrap();
    assert_eq!(paid.stage, StageView::Transferred { block: 0 });
    let over = scene.execute(1, 102, 1);
    assert!(matches!(over, Err(WalletError::NotReady(_))), "{over:?}");
}

#[test]
fn after_a_loss_a_refusal_proves_nothing() {
    let scene = scene();
    pay(&scene, 2, 500, vec![Fate::Rejected(lost())]);
    scene.world.ledger.borrow_mut().fee = 9;
    let view = scene.resume(1, 1).unwrap().unwrap();
    let refused = TransferError::BadFee { expected_fee: 9 };
    assert_eq!(view.setback, Some(Setback::RefusedAfterLoss(refused)));
    assert_eq!(view.stage, StageView::Sent);
}

#[test]
fn a_transfer_that_is_too_old_is_looked_up_and_never_sent_anew() {
    for (fate, happened) in [
        (Fate::AnswerLost(lost()), true),
        (Fate::Rejected(lost()), false),
    ] {
        let scene = scene();
        pay(&scene, 2, 500, vec![fate]);
        scene.world.world.pass(2 * Timestamp::DAY);
        let view = scene.resume(1, 1).unwrap().unwrap();
        match happened {
            true => assert_eq!(view.stage, StageView::Transferred { block: 0 }),
            false => {
                assert_eq!(view.setback, Some(Setback::NeverHappened));
                assert!(matches!(view.stage, StageView::Open(_)));
                let paid = scene.execute(1, 202, 1).unwrap().unwrap();
                assert_eq!(paid.stage, StageView::Transferred { block: 0 });
            }
        }
        assert_eq!(made(&scene), 1);
    }
}

#[test]
fn without_a_log_a_lost_transfer_stays_lost() {
    let scene = scene();
    scene.world.ledger.borrow_mut().shows_log = false;
    pay(&scene, 2, 500, vec![Fate::AnswerLost(lost())]);
    scene.world.world.pass(2 * Timestamp::DAY);
    let view = scene.resume(1, 1).unwrap().unwrap();
    assert!(matches!(view.setback, Some(Setback::LogUnreadable(_))));
    assert_eq!(view.stage, StageView::Sent);
    assert_eq!(made(&scene), 1);
}

#[test]
fn a_signature_is_verified_and_asked_for_again_after_an_interruption() {
    for key in KeyKind::ALL {
        let scene = scene();
        let intent = RawIntent::RawSign {
            key,
            index: 3,
            message: ByteBuf::from([9; 32]),
        };
        scene.propose(1, 2, 1, intent).unwrap();
        let busy = CallError::new(2, "the signing queue is full");
        *scene.world.fates.borrow_mut() =
            vec![Fate::Rejected(busy.clone()), Fate::EffectAndSilence].into();
        let view = scene.execute(1, 3, 1).unwrap().unwrap();
        assert_eq!(view.setback, Some(Setback::NotSigned(busy)));
        assert_eq!(view.stage, StageView::Signing);
        assert_eq!(scene.resume(1, 1).unwrap(), None);
        scene.upgrade();
        let signed = scene.resume(2, 1).unwrap().unwrap();
        let StageView::Signed { signature } = signed.stage else {
            panic!("{key:?}: {:?}", signed.stage)
        };
        assert_eq!(signature.len(), 64);
        let asked = scene.world.signed.borrow();
        assert_eq!(asked[0], asked[1], "the same message under the same key");
    }
}

#[test]
fn one_wallet_never_keeps_the_members_of_another_waiting() {
    let scene = scene();
    scene.create(3, 1, "neighbours", &[3]).unwrap();
    for id in 2..=22 {
        scene.world.world.pass(60 * Timestamp::SECOND);
        scene.propose(1, id, 1, transfer(1)).unwrap();
    }
    let lock = |id| scene.kit.borrow().product().lock(ProposalId::new(id));
    let held: Vec<_> = (1..=MAX_CARRIED as u64)
        .map(|id| lock(id).unwrap())
        .collect();
    let full = Err(WalletError::Refused(Refusal::TooManyRunning));
    assert_eq!(scene.execute(1, 100, 21), full);
    assert_eq!(scene.execute(2, 100, 5), Err(WalletError::BeingCarriedOut));
    let other = scene.propose(3, 2, 2, transfer(1)).unwrap();
    let paid = scene.execute(3, 3, other.id).unwrap().unwrap();
    assert_eq!(paid.stage, StageView::Transferred { block: 0 });
    drop(held);
    let paid = scene.execute(1, 100, 21).unwrap().unwrap();
    assert_eq!(paid.stage, StageView::Transferred { block: 1 });
}
