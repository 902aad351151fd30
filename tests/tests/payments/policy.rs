//! What a policy lets leave: tiers, delays with veto, limits in a rolling window, allow-lists, and fees that count.

use crate::scene::{ANN, BOB, FEE, Scene, text, tiered};
use chainkey_tests::wallet::interface::{
    AllowList, Asset, Denial, Intent, Setback, Stage, Standing, WalletError, needs,
};
use chainkey_tests::wallet::person;
use chainkey_tests::world::World;

const SECOND: u64 = 1_000_000_000;

fn wants(given: u32, quorum: u32) -> Stage {
    Stage::Open(Standing::NeedsApprovals { given, quorum })
}

#[test]
fn amounts_decide_who_approves_and_the_fee_counts() {
    let world = World::new().unwrap();
    let scene = Scene::new(&world);
    let (ann, wallet) = (person(ANN), scene.wallet);
    // Exactly at the bound of the first tier, and one above it.
    let at_bound = scene.pay_alone(b"1", 1_000_000 - FEE);
    assert!(matches!(at_bound.stage, Stage::Transferred { .. }));
    let above = scene.pay(1_000_000 - FEE + 1);
    let above = wallet.propose(ann, b"2", 1, &above).unwrap();
    assert_eq!(above.stage, wants(1, 2));
    // An amount that needs one member, with a fee that lifts it above what one may pay.
    let drain = Intent::IcrcTransfer {
        ledger: scene.token.canister(),
        from_index: 0,
        to: text(person("carol")),
        amount: 1,
        max_fee: 5_000_000,
    };
    let drain = wallet.propose(ann, b"3", 1, &drain).unwrap();
    assert_eq!(drain.stage, wants(1, 2));
    // Fees alone can pass the limit.
    let fees = Intent::IcrcTransfer {
        ledger: scene.token.canister(),
        from_index: 0,
        to: text(person("carol")),
        amount: 1,
        max_fee: 20_000_000,
    };
    let fees = wallet.propose(ann, b"4", 1, &fees).unwrap();
    let denial = Denial::OverLimit {
        asset: Asset::Icrc(scene.token.canister()),
        amount: 20_000_001,
        spent: 1_000_000,
        limit: 20_000_000,
        fits_at: None,
    };
    assert_eq!(fees.stage, Stage::Open(Standing::Denied(vec![denial])));
    for id in [above.id, drain.id, fees.id] {
        let early = scene.execute(ANN, id);
        assert!(matches!(early, Err(WalletError::NotReady(_))), "{early:?}");
    }
    assert_eq!(u128::from(scene.received("carol")), 1_000_000 - FEE);
}

#[test]
fn a_ledger_that_takes_more_than_was_approved_gets_nothing() {
    let world = World::new().unwrap();
    let scene = Scene::new(&world);
    let (ann, wallet) = (person(ANN), scene.wallet);
    let capped = |max_fee| Intent::IcrcTransfer {
        ledger: scene.token.canister(),
        from_index: 0,
        to: text(person("carol")),
        amount: 1_000,
        max_fee,
    };
    let proposed = wallet.propose(ann, b"1", 1, &capped(FEE - 1)).unwrap();
    let length = scene.blocks();
    for _ in 0..2 {
        // The same request id again: nothing has happened under it.
        let stopped = scene.execute(ANN, proposed.id).unwrap();
        let (fee, max_fee) = (FEE, FEE - 1);
        let above = Setback::FeeAboveCap { fee, max_fee };
        assert_eq!(stopped.setback, Some(above));
        assert_eq!(stopped.stage, Stage::Open(Standing::Ready));
    }
    assert_eq!(scene.blocks(), length);
    // A higher cap is not a higher fee.
    let proposed = wallet.propose(ann, b"3", 1, &capped(5 * FEE)).unwrap();
    scene.execute(ANN, proposed.id).unwrap();
    let left = scene.funds() - 1_000 - FEE;
    assert_eq!(scene.token.balance(wallet.account(1, 0)).unwrap(), left);
}

#[test]
fn a_large_payment_waits_and_one_member_can_veto_it() {
    let world = World::new().unwrap();
    let scene = Scene::new(&world);
    let (bob, wallet) = (person(BOB), scene.wallet);
    let large = scene.pay(15_000_000);
    let before = wallet.now();
    let agreed = scene.agree(b"1", &large);
    let Stage::Open(Standing::Waits { until }) = agreed.stage else {
        panic!("{:?}", agreed.stage)
    };
    assert!(until >= before + 3_600 * SECOND);
    assert!(until <= wallet.now() + 3_600 * SECOND);
    let early = scene.execute(ANN, agreed.id);
    let waits = Standing::Waits { until };
    assert_eq!(early, Err(WalletError::NotReady(waits)));
    scene.pass(3_600);
    // Approving again does not begin the delay anew.
    wallet.approve(bob, agreed.id).unwrap();
    let paid = scene.execute(ANN, agreed.id).unwrap();
    assert!(matches!(paid.stage, Stage::Transferred { .. }));

    scene.pass(86_400);
    let vetoed = scene.agree(b"3", &large);
    scene.pass(3_599);
    // Bob has approved, and may think again.
    let vetoed = wallet.reject(bob, vetoed.id).unwrap();
    assert_eq!(vetoed.stage, Stage::Rejected);
    assert_eq!(vetoed.rejections, [bob]);
    scene.pass(3_600);
    let late = scene.execute(ANN, vetoed.id);
    assert_eq!(late, Err(WalletError::NotOpen));
    assert_eq!(scene.received("carol"), 15_000_000);
}

#[test]
fn a_limit_holds_in_every_window_and_frees_what_has_left_it() {
    let world = World::new().unwrap();
    let scene = Scene::new(&world);
    let wallet = scene.wallet;
    let amount = 10_000_000 - FEE;
    let pay = |id: u8| scene.agree(&[id], &scene.pay(amount));
    let first = pay(1);
    scene.execute(ANN, first.id).unwrap();
    let settled = wallet.now();
    scene.pass(43_200);
    let second = pay(2);
    // A third one was agreed on while there was room for it.
    let third = pay(3);
    assert_eq!(third.stage, Stage::Open(Standing::Ready));
    scene.execute(ANN, second.id).unwrap();
    let refused = scene.execute(ANN, third.id);
    let Err(WalletError::NotReady(Standing::Denied(denials))) = refused else {
        panic!("{refused:?}")
    };
    let [
        Denial::OverLimit {
            amount: asked,
            spent,
            fits_at: Some(fits_at),
            ..
        },
    ] = denials[..]
    else {
        panic!("{denials:?}")
    };
    assert_eq!((asked, spent), (10_000_000, 20_000_000));
    assert!(fits_at.abs_diff(settled + 86_400 * SECOND) < 60 * SECOND);
    let wait = (fits_at - wallet.now()) / SECOND;
    scene.pass(wait - 60);
    let early = scene.execute(ANN, third.id);
    assert!(matches!(early, Err(WalletError::NotReady(_))), "{early:?}");
    scene.pass(61);
    let paid = scene.execute(ANN, third.id).unwrap();
    assert!(matches!(paid.stage, Stage::Transferred { .. }));
    assert_eq!(u128::from(scene.received("carol")), 3 * amount);
}

#[test]
fn only_listed_destinations_are_paid_and_new_entries_wait() {
    let world = World::new().unwrap();
    let day = 86_400;
    let listed = |ledger, names: &[&str]| {
        let mut policy = tiered(ledger);
        policy.assets[0].allow_list = Some(AllowList {
            activation_seconds: day,
            destinations: names.iter().map(|name| text(person(name))).collect(),
        });
        policy.highest = needs(2, 7_200);
        policy
    };
    let scene = Scene::of(&world, &[ANN, BOB], |ledger| listed(ledger, &["carol"]));
    let (ann, wallet) = (person(ANN), scene.wallet);
    let ledger = scene.token.canister();
    let asset = Asset::Icrc(ledger);
    assert_eq!(wallet.get(ann, 1).unwrap().waiting, []);
    let paid = scene.pay_alone(b"1", 1_000);
    assert!(matches!(paid.stage, Stage::Transferred { .. }));
    let wish = scene.pay_to("dave", 1_000);
    let to_dave = wallet.propose(ann, b"2", 1, &wish).unwrap();
    let destination = text(person("dave"));
    let denial = Denial::NotListed {
        asset: asset.clone(),
        destination: destination.clone(),
    };
    assert_eq!(to_dave.stage, Stage::Open(Standing::Denied(vec![denial])));
    let quoted = wallet.quote(ann, 1, &wish).unwrap();
    assert_eq!(quoted.denials.len(), 1);

    let change = Intent::PolicyChange(listed(ledger, &["carol", "dave"]));
    let change = scene.agree(b"3", &change);
    scene.pass(7_200);
    let changed = scene.execute(ANN, change.id).unwrap();
    assert_eq!(changed.stage, Stage::Changed);
    let waiting = wallet.get(ann, 1).unwrap().waiting.remove(0);
    assert_eq!(
        (&waiting.asset, &waiting.destination),
        (&asset, &destination)
    );
    wallet.approve(ann, to_dave.id).unwrap();
    let refused = scene.execute(ANN, to_dave.id);
    let active_from = waiting.active_from;
    assert!(active_from > wallet.now() + (day - 60) * SECOND);
    let denial = Denial::NotActive {
        asset,
        destination,
        active_from,
    };
    let denied = Standing::Denied(vec![denial]);
    assert_eq!(refused, Err(WalletError::NotReady(denied)));
    scene.pass(day);
    let paid = scene.execute(ANN, to_dave.id).unwrap();
    assert!(matches!(paid.stage, Stage::Transferred { .. }));
    assert_eq!(scene.received("dave"), 1_000);
}
