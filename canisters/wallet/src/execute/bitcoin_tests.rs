//! The life of a payment on Bitcoin through every interruption, in the fake world.

use super::bitcoin::CONFIRMATIONS;
use super::{Started, Wanted, bump, drive};
use crate::account::path::AccountIndex;
use crate::error::WalletError;
use crate::fake::person;
use crate::intent::{BtcOutput, RawIntent};
use crate::proposal::{ProposalId, ProposalView, Setback, StageView};
use crate::runtime::CallError;
use crate::runtime::fake::Fate;
use crate::scene::{Scene, now, policy};
use crate::wallet::WalletId;
use canister_kit::Environment;

/// A recipient: the key hash of BIP-173's examples, in regtest.
const TO: &str = "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080";

fn scene() -> Scene {
    let scene = Scene::new(Environment::Local);
    let members = vec![person(1), person(2)];
    scene.create_with(1, 1, "house", members, policy()).unwrap();
    scene.prepare(1).unwrap();
    let own = addresses(&scene);
    let mut chain = scene.world.bitcoin.borrow_mut();
    chain.give(&own.p2wpkh, &[60_000, 50_000]);
    chain.give(&own.p2tr, &[40_000]);
    chain.mine(CONFIRMATIONS);
    drop(chain);
    scene
}

fn addresses(scene: &Scene) -> crate::account::Addresses {
    scene.call_as(1);
    let kit = scene.kit.borrow();
    crate::read::addresses(&kit, &scene.world, WalletId::FIRST, AccountIndex(0)).unwrap()
}

fn send(amount: u64) -> RawIntent {
    RawIntent::BtcSend {
        from_index: 0,
        outputs: vec![BtcOutput {
            address: TO.to_owned(),
            amount,
        }],
        fee_rate: 1_000,
        max_fee: 20_000,
    }
}

fn pay(scene: &Scene, id: u8, amount: u64) -> Option<ProposalView> {
    let proposal = scene.propose(1, id, 1, send(amount)).unwrap();
    scene.execute(1, id + 100, proposal.id).unwrap()
}

fn resume(scene: &Scene, id: u64) -> ProposalView {
    scene.resume(2, id).unwrap().unwrap()
}

fn bumped(scene: &Scene, request: u8, fee_rate: u64) -> Result<ProposalView, WalletError> {
    let caller = scene.call_as(2);
    let wanted = Wanted::of(ProposalId::new(1), vec![request], fee_rate);
    let started = bump(&mut scene.kit.borrow_mut(), &scene.world, caller, wanted)?;
    match started {
        Started::Ended(view) => Ok(view),
        Started::Run(run) => Ok(now(drive(scene, &scene.world, run))),
    }
}

/// Answers to the questions for coins come first.
fn after_coins(scene: &Scene, fates: Vec<Fate>) {
    let coins = vec![Fate::Answered; 2];
    *scene.world.fates.borrow_mut() = [coins, fates].concat().into();
}

#[test]
fn a_payment_is_signed_broadcast_once_and_settled_when_it_is_deep_enough() {
    let scene = scene();
    let sent = pay(&scene, 2, 120_000).unwrap();
    assert_eq!(sent.stage, StageView::Sent);
    assert_eq!(sent.setback, Some(Setback::Unconfirmed));
    let work = sent.bitcoin.unwrap();
    assert_eq!((work.inputs, work.signatures), (3, 3));
    let waiting = scene.world.bitcoin.borrow().pool[0].clone();
    assert_eq!(waiting.compute_txid().to_string(), work.txid);
    let script = waiting
        .output
        .iter()
        .find(|output| output.value.to_sat() == 120_000);
    assert!(script.is_some());

    scene.world.bitcoin.borrow_mut().mine(CONFIRMATIONS - 1);
    assert_eq!(resume(&scene, 1).stage, StageView::Sent);
    scene.world.bitcoin.borrow_mut().mine(1);
    let settled = resume(&scene, 1);
    assert_eq!(settled.stage, StageView::Confirmed);
    assert_eq!(settled.bitcoin.unwrap().txid, work.txid);
    assert_eq!(scene.world.bitcoin.borrow().seen.len(), 1);
}

#[test]
fn two_payments_never_spend_one_coin() {
    let scene = scene();
    let first = pay(&scene, 2, 100_000).unwrap();
    assert_eq!(first.stage, StageView::Sent);
    let second = pay(&scene, 3, 35_000).unwrap();
    assert_eq!(second.stage, StageView::Sent);
    let third = pay(&scene, 4, 30_000).unwrap();
    assert!(matches!(third.setback, Some(Setback::NotPlanned(_))));
    assert!(matches!(third.stage, StageView::Open(_)));
    let chain = scene.world.bitcoin.borrow();
    assert_eq!(
        chain.pool.len(),
        2,
        "no transaction has pushed another one out"
    );
}

#[test]
fn whatever_interrupts_a_payment_resuming_goes_on_with_the_same_transaction() {
    let lost = || CallError::new(6, "no answer came in time");
    let fates = [
        Fate::Rejected(CallError::new(2, "the signing queue is full")),
        Fate::AnswerLost(lost()),
        Fate::EffectAndSilence,
        Fate::Silence,
    ];
    // Calls three to five sign, call six broadcasts.
    for place in 0..4 {
        for fate in &fates {
            let scene = scene();
            let mut plan = vec![Fate::Answered; place];
            plan.push(fate.clone());
            after_coins(&scene, plan);
            pay(&scene, 2, 120_000);
            scene.upgrade();
            let resumed = resume(&scene, 1);
            assert_eq!(resumed.stage, StageView::Sent, "{place} {fate:?}");
            let txid = resumed.bitcoin.unwrap().txid;
            let chain = scene.world.bitcoin.borrow();
            let seen = chain.seen.iter().map(|it| it.compute_txid().to_string());
            assert!(seen.clone().all(|seen| seen == txid), "{place} {fate:?}");
            assert!((1..=2).contains(&seen.count()), "{place} {fate:?}");
        }
    }
}

#[test]
fn a_bumped_transaction_replaces_the_first_one_within_the_approved_fee() {
    let scene = scene();
    let first = pay(&scene, 2, 100_000).unwrap().bitcoin.unwrap();
    let second = bumped(&scene, 9, 20_000).unwrap();
    assert_eq!(second.stage, StageView::Sent);
    let work = second.bitcoin.clone().unwrap();
    assert_eq!(work.replaced, [first.txid]);
    assert!(work.fee > first.fee);
    assert_eq!(scene.world.bitcoin.borrow().pool.len(), 1);
    assert_eq!(
        bumped(&scene, 9, 20_000).unwrap(),
        second,
        "the same request"
    );

    let above = bumped(&scene, 10, 500_000).unwrap();
    assert!(matches!(above.setback, Some(Setback::NotPlanned(_))));
    assert_eq!(
        above.bitcoin.unwrap().txid,
        work.txid,
        "nothing was replaced"
    );

    scene.world.bitcoin.borrow_mut().mine(CONFIRMATIONS);
    assert_eq!(resume(&scene, 1).stage, StageView::Confirmed);
    assert_eq!(bumped(&scene, 11, 30_000), Err(WalletError::NothingToBump));
}

#[test]
fn a_payment_settles_also_if_an_earlier_version_was_mined() {
    let scene = scene();
    pay(&scene, 2, 100_000).unwrap();
    let first = scene.world.bitcoin.borrow().pool.clone();
    bumped(&scene, 9, 20_000).unwrap();
    scene.world.bitcoin.borrow_mut().pool = first;
    scene.world.bitcoin.borrow_mut().mine(CONFIRMATIONS);
    assert_eq!(resume(&scene, 1).stage, StageView::Confirmed);
}

#[test]
fn coins_that_are_back_after_a_reorganisation_are_spent_again() {
    let scene = scene();
    let sent = pay(&scene, 2, 120_000).unwrap().bitcoin.unwrap();
    let (mut before, chain) = (scene.world.bitcoin.take(), &scene.world.bitcoin);
    let own = addresses(&scene);
    chain.borrow_mut().height = before.height + 1;
    assert_eq!(resume(&scene, 1).setback, Some(Setback::Unconfirmed));
    assert!(chain.borrow().coins(&own.p2tr).coins.is_empty());
    before.pool.clear();
    chain.replace(before);
    assert_eq!(resume(&scene, 1).stage, StageView::Sent);
    let chain = chain.borrow();
    assert_eq!(chain.pool[0].compute_txid().to_string(), sent.txid);
}

#[test]
fn a_payment_settles_if_an_earlier_version_with_fewer_coins_was_mined() {
    let scene = scene();
    // The first version spends one coin without change, so that a higher fee takes another coin.
    let fee = 60_000 - 110;
    pay(&scene, 2, fee).unwrap();
    let first = scene.world.bitcoin.borrow().pool.clone();
    assert_eq!(first[0].input.len(), 1, "{first:?}");
    let later = bumped(&scene, 9, 20_000).unwrap();
    assert_eq!(later.bitcoin.unwrap().inputs, 2);
    scene.world.bitcoin.borrow_mut().pool = first;
    scene.world.bitcoin.borrow_mut().mine(1);
    // Without change, its depth is counted from when it was seen.
    assert_eq!(resume(&scene, 1).setback, Some(Setback::Unconfirmed));
    scene.world.bitcoin.borrow_mut().mine(CONFIRMATIONS);
    assert_eq!(resume(&scene, 1).stage, StageView::Confirmed);
}

#[test]
fn coins_that_may_vanish_again_are_not_spent() {
    let scene = scene();
    let own = addresses(&scene);
    scene.world.bitcoin.borrow_mut().give(&own.p2tr, &[500_000]);
    let early = pay(&scene, 2, 400_000).unwrap();
    assert!(matches!(early.setback, Some(Setback::NotPlanned(_))));
    scene.world.bitcoin.borrow_mut().mine(CONFIRMATIONS);
    let sent = scene.execute(1, 150, 1).unwrap().unwrap();
    assert_eq!(sent.stage, StageView::Sent);
}

#[test]
fn a_coin_of_nothing_freezes_nothing() {
    let scene = scene();
    let own = addresses(&scene);
    scene.world.bitcoin.borrow_mut().give(&own.p2wpkh, &[0]);
    scene.world.bitcoin.borrow_mut().mine(CONFIRMATIONS);
    assert_eq!(pay(&scene, 2, 100_000).unwrap().stage, StageView::Sent);
}
