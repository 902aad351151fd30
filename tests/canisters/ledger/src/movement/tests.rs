//! Transfers, mints and burns by their rules, and every refusal.

use crate::account::Account;
use crate::error::{TransferError, TransferFromError};
use crate::request::TransferArgs;
use crate::scene::{FEE, Scene, account, approval, from_to, memo, person, to};
use crate::tokens::Tokens;
use candid::Nat;

#[test]
fn a_transfer_moves_the_amount_and_burns_the_fee() {
    let mut scene = Scene::new();
    assert_eq!(scene.transfer(1, to(3, 100)), Ok(2));
    assert_eq!((scene.balance(1), scene.balance(3)), (890, 100));
    assert_eq!(scene.supply(), 1_990);
}

#[test]
fn a_transfer_to_oneself_costs_the_fee_only() {
    let mut scene = Scene::new();
    scene.transfer(1, to(1, 990)).unwrap();
    assert_eq!((scene.balance(1), scene.supply()), (990, 1_990));
}

#[test]
fn subaccounts_are_apart_and_the_one_of_zeros_is_the_default() {
    let mut scene = Scene::new();
    let other = Account {
        subaccount: Some([9; 32]),
        ..account(1)
    };
    let wish = TransferArgs {
        to: other,
        from_subaccount: Some([0; 32]),
        ..to(1, 200)
    };
    scene.transfer(1, wish).unwrap();
    assert_eq!(scene.balance(1), 790);
    assert_eq!(scene.ledger.book().balance(&other), Tokens(200));
    let back = TransferArgs {
        from_subaccount: Some([9; 32]),
        ..to(1, 190)
    };
    scene.transfer(1, back).unwrap();
    assert_eq!(scene.ledger.book().balance(&other), Tokens::ZERO);
    assert_eq!(scene.balance(1), 980);
}

#[test]
fn the_minting_account_mints_and_what_it_receives_is_burned_without_a_fee() {
    let mut scene = Scene::new();
    scene.transfer(0, to(3, 500)).unwrap();
    assert_eq!((scene.balance(3), scene.supply()), (500, 2_500));
    scene.transfer(3, to(0, 200)).unwrap();
    assert_eq!((scene.balance(3), scene.supply()), (300, 2_300));
    assert_eq!(scene.balance(0), 0);
}

#[test]
fn refuses_another_fee_than_the_ledgers() {
    let mut scene = Scene::new();
    let with = |fee: u64, wish: TransferArgs| TransferArgs {
        fee: Some(fee.into()),
        ..wish
    };
    let bad = |fee: u64| {
        Err(TransferError::BadFee {
            expected_fee: fee.into(),
        })
    };
    assert_eq!(scene.transfer(1, with(FEE + 1, to(3, 1))), bad(FEE));
    assert_eq!(scene.transfer(1, with(0, to(3, 1))), bad(FEE));
    assert_eq!(scene.transfer(0, with(FEE, to(3, 1))), bad(0));
    assert_eq!(scene.transfer(1, with(FEE, to(0, 100))), bad(0));
    assert_eq!(scene.blocks(), 2);
    scene.transfer(1, with(FEE, to(3, 1))).unwrap();
    scene.transfer(1, with(0, to(0, 100))).unwrap();
}

#[test]
fn refuses_more_than_there_is_and_changes_nothing() {
    let mut scene = Scene::new();
    let poor = |balance: u64| {
        Err(TransferError::InsufficientFunds {
            balance: balance.into(),
        })
    };
    assert_eq!(scene.transfer(1, to(3, 991)), poor(1_000));
    assert_eq!(scene.transfer(4, to(3, 1)), poor(0));
    let endless = TransferArgs {
        amount: Nat::from(u128::MAX) + 1_u8,
        ..to(3, 0)
    };
    assert_eq!(scene.transfer(1, endless.clone()), poor(1_000));
    assert!(matches!(
        scene.transfer(0, endless),
        Err(TransferError::GenericError { error_code, .. }) if error_code == 5_u8
    ));
    assert_eq!(
        (scene.blocks(), scene.balance(1), scene.supply()),
        (2, 1_000, 2_000)
    );
    scene.transfer(1, to(3, 990)).unwrap();
}

#[test]
fn refuses_to_burn_less_than_the_fee_unless_it_is_all() {
    let mut scene = Scene::new();
    let bad = |least: u64| {
        Err(TransferError::BadBurn {
            min_burn_amount: least.into(),
        })
    };
    assert_eq!(scene.transfer(1, to(0, FEE - 1)), bad(FEE));
    assert_eq!(scene.transfer(5, to(0, 0)), bad(1));
    scene.transfer(1, to(5, 4)).unwrap();
    assert_eq!(scene.transfer(5, to(0, 3)), bad(4));
    scene.transfer(5, to(0, 4)).unwrap();
    assert_eq!(scene.balance(5), 0);
}

#[test]
fn refuses_a_transfer_between_the_minting_account_and_itself() {
    let mut scene = Scene::new();
    assert!(matches!(
        scene.transfer(0, to(0, 100)),
        Err(TransferError::GenericError { error_code, .. }) if error_code == 2_u8
    ));
}

#[test]
fn refuses_a_memo_of_more_than_80_bytes() {
    let mut scene = Scene::new();
    let with = |bytes| TransferArgs {
        memo: memo(bytes),
        ..to(3, 1)
    };
    scene.transfer(1, with(80)).unwrap();
    assert!(matches!(
        scene.transfer(1, with(81)),
        Err(TransferError::GenericError { error_code, .. }) if error_code == 1_u8
    ));
}

#[test]
fn an_allowance_is_used_up_by_amounts_and_fees() {
    let mut scene = Scene::new();
    scene.approve(1, approval(2, 150)).unwrap();
    scene.transfer_from(2, from_to(1, 3, 100)).unwrap();
    assert_eq!(
        (scene.balance(1), scene.balance(2), scene.balance(3)),
        (880, 1_000, 100)
    );
    assert_eq!(scene.allowance(1, 2), (40_u8.into(), None));
    let refused = |allowance: u64| {
        Err(TransferFromError::InsufficientAllowance {
            allowance: allowance.into(),
        })
    };
    assert_eq!(scene.transfer_from(2, from_to(1, 3, 31)), refused(40));
    scene.transfer_from(2, from_to(1, 3, 30)).unwrap();
    assert_eq!(scene.transfer_from(2, from_to(1, 3, 0)), refused(0));
    assert_eq!(scene.transfer_from(4, from_to(1, 3, 1)), refused(0));
}

#[test]
fn an_allowance_does_not_help_where_there_are_no_funds() {
    let mut scene = Scene::new();
    scene.approve(1, approval(2, 5_000)).unwrap();
    let poor = TransferFromError::InsufficientFunds {
        balance: 990_u64.into(),
    };
    assert_eq!(scene.transfer_from(2, from_to(1, 3, 981)), Err(poor));
    assert_eq!(scene.allowance(1, 2), (5_000_u64.into(), None));
    scene.transfer_from(2, from_to(1, 3, 980)).unwrap();
}

#[test]
fn a_spender_burns_and_nobody_asks_for_an_allowance_on_ones_own_account() {
    let mut scene = Scene::new();
    scene.approve(1, approval(2, 100)).unwrap();
    scene.transfer_from(2, from_to(1, 0, 100)).unwrap();
    assert_eq!((scene.balance(1), scene.supply()), (890, 1_890));
    scene.transfer_from(1, from_to(1, 3, 100)).unwrap();
    assert_eq!(scene.balance(1), 780);
    // Another account of the same owner is another spender.
    let other = crate::request::TransferFromArgs {
        spender_subaccount: Some([1; 32]),
        ..from_to(1, 3, 100)
    };
    assert!(matches!(
        scene.transfer_from(1, other),
        Err(TransferFromError::InsufficientAllowance { .. })
    ));
    assert_eq!(account(1).owner, person(1));
}

#[test]
fn an_allowance_that_has_ended_is_none() {
    let mut scene = Scene::new();
    let until = crate::request::ApproveArgs {
        expires_at: Some(scene.now + 5),
        ..approval(2, 500)
    };
    scene.approve(1, until).unwrap();
    scene.now += 4;
    scene.transfer_from(2, from_to(1, 3, 100)).unwrap();
    assert_eq!(scene.allowance(1, 2), (390_u64.into(), Some(scene.now + 1)));
    scene.now += 1;
    assert_eq!(scene.allowance(1, 2), (0_u8.into(), None));
    assert!(matches!(
        scene.transfer_from(2, from_to(1, 3, 1)),
        Err(TransferFromError::InsufficientAllowance { allowance }) if allowance == 0_u8
    ));
}
