//! Transfers that were interrupted: resumed or looked up, made exactly once, and never sent in another form.

use crate::scene::{ANN, BOB, FEE, Scene, block_of};
use crate::value::{account_value, blob, field};
use chainkey_tests::wallet::interface::{Proposal, Setback, Stage, Standing, WalletError};
use chainkey_tests::wallet::person;
use chainkey_tests::world::World;
use ledger::error::TransferError;
use ledger::fault::Fault;

const DAY: u64 = 86_400;

/// That the outcome of a transfer is not known.
fn is_lost(proposal: &Proposal) -> bool {
    let lost = matches!(&proposal.setback, Some(Setback::OutcomeLost(error)) if error.code == 5);
    lost && proposal.stage == Stage::Sent
}

/// That this block is the transfer of that proposal, to the last field.
fn assert_transfer(scene: &Scene<'_>, block: u64, proposal: &Proposal, amount: u64) {
    let transfer = field(&scene.block(block), "tx");
    let from = account_value(scene.wallet.account(1, 0));
    assert_eq!(field(&transfer, "from"), from);
    assert_eq!(
        field(&transfer, "to"),
        account_value(person("carol").into())
    );
    let number = |number: u64| ledger::value::Value::Nat(number.into());
    assert_eq!(field(&transfer, "amt"), number(amount));
    assert_eq!(field(&transfer, "memo"), blob(&proposal.intent_digest));
}

#[test]
fn a_transfer_whose_outcome_got_lost_is_sent_again_and_made_once() {
    let world = World::new().unwrap();
    let scene = Scene::new(&world);
    let (bob, wallet) = (person(BOB), scene.wallet);
    for (fault, made, id) in [(Fault::TrapAfter, 1, 1), (Fault::TrapBefore, 0, 2)] {
        let before = scene.blocks();
        scene.fail(1, fault);
        let lost = scene.pay_alone(&[id], 1_000);
        assert!(is_lost(&lost), "{fault:?}: {lost:?}");
        assert_eq!(scene.blocks(), before + made, "{fault:?}");
        assert_eq!(wallet.pending(bob, 1), Ok(vec![lost.id]));
        // It may have happened: nobody can call it off, and nobody can begin it anew.
        assert_eq!(wallet.reject(bob, lost.id), Err(WalletError::NotOpen));
        let anew = scene.execute(BOB, lost.id);
        assert_eq!(anew, Err(WalletError::NotOpen));
        scene.noise(2);
        let resumed = wallet.resume(bob, lost.id).unwrap();
        let block = block_of(&resumed);
        let expected = before + if made == 1 { 0 } else { 2 };
        assert_eq!(block, expected, "{fault:?}");
        assert_eq!(scene.blocks(), before + 3, "{fault:?}: exactly one of ours");
        assert_eq!(resumed.setback, None);
        assert_transfer(&scene, block, &resumed, 1_000);
    }
    assert_eq!(scene.received("carol"), 2_000);
}

#[test]
fn a_transfer_can_be_lost_many_times_and_is_still_made_once() {
    let world = World::new().unwrap();
    let scene = Scene::new(&world);
    let (ann, wallet) = (person(ANN), scene.wallet);
    let before = scene.blocks();
    scene.fail(3, Fault::TrapBefore);
    let lost = scene.pay_alone(b"1", 1_000);
    for _ in 0..2 {
        assert!(is_lost(&wallet.resume(ann, lost.id).unwrap()));
    }
    scene.fail(1, Fault::TemporarilyUnavailable);
    // A refusal proves nothing any more.
    let refused = wallet.resume(ann, lost.id).unwrap();
    let expected = Setback::RefusedAfterLoss(TransferError::TemporarilyUnavailable);
    assert_eq!(
        (refused.stage, refused.setback),
        (Stage::Sent, Some(expected))
    );
    scene.fail(1, Fault::TrapAfter);
    assert!(is_lost(&wallet.resume(ann, lost.id).unwrap()));
    assert_eq!(scene.blocks(), before + 1);
    let resumed = wallet.resume(ann, lost.id).unwrap();
    assert_eq!(block_of(&resumed), before);
    assert_eq!(scene.blocks(), before + 1);
}

#[test]
fn what_surely_did_not_happen_is_open_again_and_counts_for_no_limit() {
    let world = World::new().unwrap();
    let scene = Scene::new(&world);
    let (ann, wallet) = (person(ANN), scene.wallet);
    let before = scene.blocks();
    let payment = scene.agree(b"1", &scene.pay(10_000_000 - FEE));
    scene.fail(2, Fault::TemporarilyUnavailable);
    for _ in 0..2 {
        let refused = scene.execute(ANN, payment.id).unwrap();
        let expected = Setback::LedgerRefused(TransferError::TemporarilyUnavailable);
        assert_eq!(refused.setback, Some(expected));
        assert_eq!(refused.stage, Stage::Open(Standing::Ready));
        assert_eq!(wallet.resume(ann, 1), Err(WalletError::NothingToResume));
    }
    // All of the limit is left.
    for id in [b"2", b"3"] {
        let other = scene.agree(id, &scene.pay(10_000_000 - FEE));
        let paid = scene.execute(ANN, other.id).unwrap();
        assert!(matches!(paid.stage, Stage::Transferred { .. }));
    }
    let full = scene.execute(ANN, payment.id);
    assert!(matches!(full, Err(WalletError::NotReady(_))));
    scene.pass(DAY);
    let paid = scene.execute(BOB, payment.id).unwrap();
    assert_eq!(block_of(&paid), before + 2);
    assert_eq!(scene.blocks(), before + 3);
}

#[test]
fn what_is_not_known_counts_for_the_limit_until_it_is() {
    let world = World::new().unwrap();
    let scene = Scene::new(&world);
    let (ann, wallet) = (person(ANN), scene.wallet);
    scene.fail(1, Fault::TrapBefore);
    let lost = scene.agree(b"1", &scene.pay(10_000_000 - FEE));
    let lost = scene.execute(ANN, lost.id).unwrap();
    assert!(is_lost(&lost));
    // Much later than the window, it may still have happened, or happen.
    scene.pass(2 * DAY);
    let half = scene.agree(b"2", &scene.pay(10_000_000 - FEE));
    scene.execute(ANN, half.id).unwrap();
    let more = scene.agree(b"3", &scene.pay(1_000_000));
    assert!(matches!(more.stage, Stage::Open(Standing::Denied(_))));
    let looked = wallet.resume(ann, lost.id).unwrap();
    assert_eq!(looked.setback, Some(Setback::NeverHappened));
    let more = scene.execute(ANN, more.id).unwrap();
    assert!(matches!(more.stage, Stage::Transferred { .. }));
}

#[test]
fn a_lost_transfer_that_is_too_old_is_looked_up_and_never_sent_anew() {
    let world = World::new().unwrap();
    let scene = Scene::new(&world);
    let (bob, wallet) = (person(BOB), scene.wallet);
    // It happened, and its block is followed by more than a page of others.
    scene.noise(3);
    let before = scene.blocks();
    scene.fail(1, Fault::TrapAfter);
    let lost = scene.pay_alone(b"1", 1_000);
    assert!(is_lost(&lost));
    scene.pass(2 * DAY);
    scene.noise(1);
    let found = wallet.resume(bob, lost.id).unwrap();
    assert_eq!(block_of(&found), before);
    assert_transfer(&scene, before, &found, 1_000);
    assert_eq!(scene.received("carol"), 1_000);

    // It never happened: more than a page of blocks is searched, and then it can be executed anew.
    scene.fail(1, Fault::TrapBefore);
    let lost = scene.pay_alone(b"2", 2_000);
    assert!(is_lost(&lost));
    scene.noise(110);
    scene.pass(2 * DAY);
    let absent = wallet.resume(bob, lost.id).unwrap();
    assert_eq!(absent.setback, Some(Setback::NeverHappened));
    assert_eq!(absent.stage, Stage::Open(Standing::Ready));
    assert_eq!(scene.received("carol"), 1_000);
    // The request that sent it has ended; repeating it sends nothing.
    assert_eq!(scene.execute(ANN, lost.id), Ok(absent));
    let before = scene.blocks();
    let paid = wallet.execute(person(ANN), b"anew", lost.id).unwrap();
    assert_eq!(block_of(&paid), before);
    assert_eq!(scene.blocks(), before + 1);
    assert_eq!(scene.received("carol"), 3_000);
}

#[test]
fn a_ledger_that_is_stopped_is_asked_again_later() {
    let world = World::new().unwrap();
    let scene = Scene::new(&world);
    let (ann, wallet) = (person(ANN), scene.wallet);
    let network = scene.world().network();
    let wish = scene.pay(1_000);
    wallet.propose(ann, b"1", 1, &wish).unwrap();
    network.stop_canister(scene.token.canister(), None).unwrap();
    let silent = scene.execute(ANN, 1).unwrap();
    assert!(matches!(silent.setback, Some(Setback::LedgerSilent(_))));
    assert_eq!(silent.stage, Stage::Open(Standing::Ready));
    network
        .start_canister(scene.token.canister(), None)
        .unwrap();
    let before = scene.blocks();
    let paid = scene.execute(ANN, 1).unwrap();
    assert_eq!(block_of(&paid), before);
}
