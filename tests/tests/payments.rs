//! Payments and signatures of the wallet through the client: from a wish to a block of a ledger, through every refusal and interruption.
//!
//! - In: the modules built by `make wasm`, and the server that [`chainkey_tests::world`] finds. Only the client's public interface is used, so
//!   these tests hold on any server that speaks it.
//! - The ledger is the one of `tests/canisters/ledger`, whose own tests judge it. What has happened is read from the ledger, not from the wallet.
//! - Signatures are verified by other libraries than the wallet's, or under keys that the management canister tells.

#[path = "canisters/audit.rs"]
mod audit;
#[path = "payments/changes.rs"]
mod changes;
#[path = "payments/policy.rs"]
mod policy;
#[path = "payments/scene.rs"]
mod scene;
#[path = "payments/setbacks.rs"]
mod setbacks;
#[path = "payments/signatures.rs"]
mod signatures;
#[path = "payments/upgrades.rs"]
mod upgrades;
#[path = "payments/value.rs"]
mod value;

use candid::Principal;
use canister_kit::Refusal;
use chainkey_tests::wallet::interface::{Asset, Setback, Stage, Standing, WalletError};
use chainkey_tests::wallet::person;
use chainkey_tests::world::World;
use scene::{ANN, BOB, FEE, Scene, text};
use value::{blob, field};

#[test]
fn a_payment_goes_from_a_wish_to_one_block_and_everyone_can_verify_its_history() {
    let world = World::with_root_key().unwrap();
    let scene = Scene::new(&world);
    let (ann, bob, carol) = (person(ANN), person(BOB), person("carol"));
    let wallet = scene.wallet;
    let wish = scene.pay(5_000_000);
    let quote = wallet.quote(ann, 1, &wish).unwrap();
    assert_eq!(quote.needs.quorum, 2);
    assert_eq!(quote.spends[0].amount, 5_000_000 + FEE);
    assert_eq!(quote.spends[0].asset, Asset::Icrc(scene.token.canister()));
    assert_eq!(quote.spends[0].destinations, [text(carol)]);

    let proposed = wallet.propose(ann, b"1", 1, &wish).unwrap();
    let one_of_two = Standing::NeedsApprovals {
        given: 1,
        quorum: 2,
    };
    assert_eq!(proposed.stage, Stage::Open(one_of_two.clone()));
    assert_eq!(proposed.intent, wish);
    let early = wallet.execute(ann, b"2", 1);
    assert_eq!(early, Err(WalletError::NotReady(one_of_two)));
    let approved = wallet.approve(bob, 1).unwrap();
    assert_eq!(approved.stage, Stage::Open(Standing::Ready));
    let mut members = [ann, bob];
    members.sort();
    assert_eq!(approved.approvals, members);
    assert_eq!(wallet.pending(bob, 1), Ok(vec![1]));

    let before = scene.blocks();
    let paid = wallet.execute(bob, b"2", 1).unwrap();
    assert_eq!(paid.stage, Stage::Transferred { block: before });
    assert_eq!(scene.blocks(), before + 1);
    let transfer = field(&scene.block(before), "tx");
    assert_eq!(
        field(&transfer, "memo"),
        blob(&proposed.intent_digest),
        "the memo is what members approved"
    );
    assert_eq!(scene.token.balance(carol).unwrap(), 5_000_000_u64);
    let left = scene.funds() - 5_000_000 - FEE;
    assert_eq!(scene.token.balance(wallet.account(1, 0)).unwrap(), left);
    assert_eq!(wallet.pending(bob, 1), Ok(vec![]));
    assert_eq!(wallet.proposals(bob, 1), Ok(vec![1]));
    assert_eq!(wallet.resume(ann, 1), Err(WalletError::NothingToResume));
    assert_eq!(wallet.reject(ann, 1), Err(WalletError::NotOpen));

    // Installed, wallet made, proposed, approved, reserved, sent, done; and two events for each of four paid calls that were begun.
    let events = audit::verified_events(&world, wallet.canister(), 4);
    let holds = |what: &[u8]| {
        let has = |event: &Vec<u8>| event.windows(what.len()).any(|part| part == what);
        events.iter().any(has)
    };
    assert!(holds(b"rent"), "notes are public");
    assert!(!holds(b"no such note"));
    assert!(events.len() > 7, "{}", events.len());
}

#[test]
fn whatever_is_repeated_happens_once() {
    let world = World::new().unwrap();
    let scene = Scene::new(&world);
    let (ann, bob) = (person(ANN), person(BOB));
    let wallet = scene.wallet;
    let until = wallet.now() + 86_400_000_000_000;
    let propose = |id: &[u8], amount| {
        let wish = scene.pay(amount);
        wallet.propose_until(ann, id, 1, &wish, until)
    };
    let first = propose(b"1", 1_000).unwrap();
    assert_eq!(propose(b"1", 1_000), Ok(first.clone()));
    let reused = Err(WalletError::Refused(Refusal::RequestIdReused));
    assert_eq!(propose(b"1", 1_001), reused);
    assert_eq!(propose(b"2", 1_000).unwrap().id, 2);
    assert_eq!(wallet.proposals(ann, 1), Ok(vec![1, 2]));

    let length = scene.blocks();
    let paid = wallet.execute(ann, b"3", 1).unwrap();
    assert_eq!(paid.stage, Stage::Transferred { block: length });
    assert_eq!(wallet.execute(ann, b"3", 1), Ok(paid.clone()));
    assert_eq!(wallet.execute(ann, b"3", 2), reused);
    assert_eq!(wallet.execute(bob, b"3", 1), Err(WalletError::NotOpen));
    assert_eq!(wallet.execute(ann, b"4", 1), Err(WalletError::NotOpen));
    // An earlier request shows the proposal as it is now.
    assert_eq!(propose(b"1", 1_000), Ok(paid));
    // Two proposals of the same payment are two payments.
    let second = wallet.execute(ann, b"5", 2).unwrap();
    assert_eq!(second.stage, Stage::Transferred { block: length + 1 });
    assert_eq!(scene.blocks(), length + 2);
}

#[test]
fn strangers_learn_nothing_and_wrong_digests_approve_nothing() {
    let world = World::new().unwrap();
    let scene = Scene::new(&world);
    let (ann, bob, eve) = (person(ANN), person(BOB), person("eve"));
    let wallet = scene.wallet;
    let wish = scene.pay(5_000_000);
    let proposed = wallet.propose(ann, b"1", 1, &wish).unwrap();
    let other = wallet.propose(ann, b"2", 1, &wish).unwrap();
    assert_ne!(proposed.intent_digest, other.intent_digest);
    let digests = [
        &other.intent_digest[..],
        &proposed.intent_digest[..31],
        &[0; 32],
    ];
    for digest in digests {
        let approved = wallet.approve_digest(bob, 1, digest);
        assert_eq!(approved, Err(WalletError::OtherDigest));
    }
    let digest = &proposed.intent_digest;
    let none = Err(WalletError::NoSuchProposal);
    assert_eq!(wallet.approve_digest(eve, 1, digest), none);
    assert_eq!(wallet.reject(eve, 1), none);
    assert_eq!(wallet.cancel(eve, 1), none);
    assert_eq!(wallet.execute(eve, b"1", 1), none);
    assert_eq!(wallet.resume(eve, 1), none);
    assert_eq!(wallet.proposal(eve, 1), none);
    assert_eq!(wallet.proposal(ann, 3), none);
    assert_eq!(wallet.pending(eve, 1), Err(WalletError::NoSuchWallet));
    let wished = wallet.propose(eve, b"1", 1, &wish);
    assert_eq!(wished, Err(WalletError::NoSuchWallet));
    let anonymous = Principal::anonymous();
    let nobody = Err(WalletError::Refused(Refusal::Anonymous));
    assert_eq!(wallet.propose(anonymous, b"1", 1, &wish), nobody);
    assert_eq!(wallet.approve_digest(anonymous, 1, digest), nobody);
    assert_eq!(wallet.execute(anonymous, b"1", 1), nobody);
    assert_eq!(wallet.resume(anonymous, 1), nobody);
    assert_eq!(wallet.cancel(bob, 1), Err(WalletError::NotProposer));
    assert_eq!(wallet.proposal(ann, 1), Ok(proposed));
    assert_eq!(wallet.cancel(ann, 1).unwrap().stage, Stage::Cancelled);
    assert_eq!(wallet.approve(bob, 1), Err(WalletError::NotOpen));
}

#[test]
fn a_pause_stops_what_begins_and_nothing_else() {
    let world = World::new().unwrap();
    let scene = Scene::new(&world);
    let (ann, bob) = (person(ANN), person(BOB));
    let wallet = scene.wallet;
    for id in [b"1", b"2", b"3"] {
        let wish = scene.pay(5_000_000);
        wallet.propose(ann, id, 1, &wish).unwrap();
    }
    wallet.approve(bob, 1).unwrap();
    scene.fail(1, ledger::fault::Fault::TrapAfter);
    let lost = wallet.execute(ann, b"4", 1).unwrap();
    assert!(matches!(lost.setback, Some(Setback::OutcomeLost(_))));

    wallet.set_paused(true).unwrap();
    let paused = Err(WalletError::Refused(Refusal::Paused));
    let wish = scene.pay(5_000_000);
    assert_eq!(wallet.propose(ann, b"5", 1, &wish), paused);
    let approved = wallet.approve(bob, 2).unwrap();
    assert_eq!(approved.stage, Stage::Open(Standing::Ready));
    assert_eq!(wallet.execute(ann, b"6", 2), paused);
    assert_eq!(wallet.reject(bob, 3).unwrap().stage, Stage::Rejected);
    assert_eq!(wallet.cancel(ann, 2).unwrap().stage, Stage::Cancelled);
    let resumed = wallet.resume(bob, 1).unwrap();
    assert!(matches!(resumed.stage, Stage::Transferred { .. }));
    wallet.set_paused(false).unwrap();
    assert_eq!(wallet.propose(ann, b"5", 1, &wish).unwrap().id, 4);
}
