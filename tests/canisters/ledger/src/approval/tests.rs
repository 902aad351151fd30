//! Approvals by their rules, and every refusal.

use crate::error::ApproveError;
use crate::request::ApproveArgs;
use crate::scene::{FEE, Scene, approval, memo};
use candid::Nat;

fn generic(answer: Result<u64, ApproveError>) -> Nat {
    match answer {
        Err(ApproveError::GenericError { error_code, .. }) => error_code,
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_approval_replaces_the_one_before_and_costs_the_fee() {
    let mut scene = Scene::new();
    scene.approve(1, approval(2, 60)).unwrap();
    scene.approve(1, approval(2, 50)).unwrap();
    assert_eq!(scene.allowance(1, 2), (50_u8.into(), None));
    assert_eq!((scene.balance(1), scene.supply()), (980, 1_980));
    scene.approve(1, approval(2, 0)).unwrap();
    assert_eq!(scene.allowance(1, 2), (0_u8.into(), None));
}

#[test]
fn refuses_when_the_allowance_is_not_the_expected_one() {
    let mut scene = Scene::new();
    let expecting = |expected: Nat, amount| ApproveArgs {
        expected_allowance: Some(expected),
        ..approval(2, amount)
    };
    scene.approve(1, expecting(0_u8.into(), 60)).unwrap();
    let changed = |current: u8| {
        Err(ApproveError::AllowanceChanged {
            current_allowance: current.into(),
        })
    };
    assert_eq!(scene.approve(1, expecting(59_u8.into(), 1)), changed(60));
    let endless = Nat::from(u128::MAX) + 1_u8;
    assert_eq!(scene.approve(1, expecting(endless, 1)), changed(60));
    scene.approve(1, expecting(60_u8.into(), 1)).unwrap();
    assert_eq!(scene.blocks(), 4);
}

#[test]
fn refuses_an_end_that_is_not_in_the_future() {
    let mut scene = Scene::new();
    let until = |end| ApproveArgs {
        expires_at: Some(end),
        ..approval(2, 60)
    };
    let now = scene.now;
    let expired = Err(ApproveError::Expired { ledger_time: now });
    assert_eq!(scene.approve(1, until(now)), expired);
    scene.approve(1, until(now + 1)).unwrap();
}

#[test]
fn refuses_who_cannot_pay_the_fee_but_asks_for_no_more() {
    let mut scene = Scene::new();
    let poor = ApproveError::InsufficientFunds {
        balance: 0_u8.into(),
    };
    assert_eq!(scene.approve(3, approval(2, 1)), Err(poor));
    scene.approve(1, approval(2, 1_000_000)).unwrap();
}

#[test]
fn an_amount_beyond_128_bits_counts_as_the_largest() {
    let mut scene = Scene::new();
    let endless = ApproveArgs {
        amount: Nat::from(u128::MAX) * 2_u8,
        ..approval(2, 0)
    };
    scene.approve(1, endless).unwrap();
    assert_eq!(scene.allowance(1, 2).0, Nat::from(u128::MAX));
}

#[test]
fn refuses_another_fee_a_long_memo_and_approvals_for_oneself_or_of_the_minting_account() {
    let mut scene = Scene::new();
    let named = |fee: u64| ApproveArgs {
        fee: Some(fee.into()),
        ..approval(2, 1)
    };
    let bad = ApproveError::BadFee {
        expected_fee: FEE.into(),
    };
    assert_eq!(scene.approve(1, named(FEE - 1)), Err(bad));
    let long = ApproveArgs {
        memo: memo(81),
        ..approval(2, 1)
    };
    assert_eq!(generic(scene.approve(1, long)), 1_u8);
    assert_eq!(generic(scene.approve(1, approval(1, 1))), 3_u8);
    assert_eq!(generic(scene.approve(0, approval(1, 1))), 4_u8);
    scene.approve(1, named(FEE)).unwrap();
    assert_eq!(scene.blocks(), 3);
}
