//! The window and duplicates.

use super::{FORGET_AT_ONCE, PERMITTED_DRIFT, TX_WINDOW};
use crate::account::Account;
use crate::error::{ApproveError, TransferError, TransferFromError};
use crate::request::{ApproveArgs, TransferArgs, TransferFromArgs};
use crate::scene::{FEE, Scene, account, approval, from_to, memo, to};

fn made_at(time: u64, wish: TransferArgs) -> TransferArgs {
    TransferArgs {
        created_at_time: Some(time),
        ..wish
    }
}

#[test]
fn both_ends_of_the_window_belong_to_it() {
    let mut scene = Scene::new();
    let now = scene.now;
    let first = now - TX_WINDOW - PERMITTED_DRIFT;
    let last = now + PERMITTED_DRIFT;
    let future = TransferError::CreatedInFuture { ledger_time: now };
    assert_eq!(
        scene.transfer(1, made_at(first - 1, to(3, 1))),
        Err(TransferError::TooOld)
    );
    assert_eq!(scene.transfer(1, made_at(last + 1, to(3, 1))), Err(future));
    scene.transfer(1, made_at(first, to(3, 1))).unwrap();
    scene.transfer(1, made_at(last, to(3, 1))).unwrap();
}

#[test]
fn the_window_holds_for_approvals_and_spenders_too() {
    let mut scene = Scene::new();
    let old = Some(0);
    let approve = ApproveArgs {
        created_at_time: old,
        ..approval(2, 1)
    };
    assert_eq!(scene.approve(1, approve), Err(ApproveError::TooOld));
    let transfer = TransferFromArgs {
        created_at_time: Some(u64::MAX),
        ..from_to(1, 3, 1)
    };
    let ledger_time = scene.now;
    assert_eq!(
        scene.transfer_from(2, transfer),
        Err(TransferFromError::CreatedInFuture { ledger_time })
    );
}

#[test]
fn the_same_transfer_is_a_duplicate_as_long_as_it_is_in_the_window() {
    let mut scene = Scene::new();
    let wish = made_at(scene.now, to(3, 100));
    let first = scene.transfer(1, wish.clone()).unwrap();
    let duplicate = Err(TransferError::Duplicate {
        duplicate_of: first.into(),
    });
    assert_eq!(scene.transfer(1, wish.clone()), duplicate);
    scene.now += TX_WINDOW + PERMITTED_DRIFT;
    assert_eq!(scene.transfer(1, wish.clone()), duplicate);
    scene.now += 1;
    assert_eq!(scene.transfer(1, wish), Err(TransferError::TooOld));
    assert_eq!(scene.balance(3), 100);
}

#[test]
fn a_duplicate_is_told_also_when_the_money_is_gone() {
    let mut scene = Scene::new();
    let wish = made_at(scene.now, to(3, 990));
    let first = scene.transfer(1, wish.clone()).unwrap();
    assert_eq!(scene.balance(1), 0);
    assert_eq!(
        scene.transfer(1, wish),
        Err(TransferError::Duplicate {
            duplicate_of: first.into()
        })
    );
}

#[test]
fn any_other_field_makes_another_transfer() {
    let mut scene = Scene::new();
    let base = made_at(scene.now, to(3, 10));
    let zeros = Some([0; 32]);
    let others = [
        base.clone(),
        made_at(scene.now + 1, to(3, 10)),
        TransferArgs {
            amount: 11_u8.into(),
            ..base.clone()
        },
        TransferArgs {
            fee: Some(FEE.into()),
            ..base.clone()
        },
        TransferArgs {
            memo: memo(0),
            ..base.clone()
        },
        TransferArgs {
            memo: memo(1),
            ..base.clone()
        },
        TransferArgs {
            from_subaccount: zeros,
            ..base.clone()
        },
        TransferArgs {
            to: Account {
                subaccount: zeros,
                ..account(3)
            },
            ..base.clone()
        },
        TransferArgs {
            to: account(4),
            ..base.clone()
        },
    ];
    for wish in others {
        scene.transfer(1, wish).unwrap();
    }
    scene.transfer(2, base.clone()).unwrap();
    let spent = TransferFromArgs {
        created_at_time: base.created_at_time,
        ..from_to(1, 3, 10)
    };
    scene.transfer_from(1, spent).unwrap();
}

#[test]
fn without_a_time_nothing_is_a_duplicate() {
    let mut scene = Scene::new();
    for _ in 0..3 {
        scene.transfer(1, to(3, 10)).unwrap();
        scene.approve(1, approval(3, 10)).unwrap();
    }
    assert_eq!(scene.ledger.remembered(), (0, 0));
}

#[test]
fn a_refused_transfer_is_not_remembered() {
    let mut scene = Scene::new();
    let wish = made_at(scene.now, to(3, 995));
    scene.transfer(1, wish.clone()).unwrap_err();
    scene.transfer(0, to(1, 5)).unwrap();
    scene.transfer(1, wish).unwrap();
}

#[test]
fn approvals_and_transfers_of_spenders_have_duplicates_too() {
    let mut scene = Scene::new();
    let created_at_time = Some(scene.now);
    let approve = ApproveArgs {
        created_at_time,
        ..approval(2, 100)
    };
    let first = scene.approve(1, approve.clone()).unwrap();
    let duplicate = ApproveError::Duplicate {
        duplicate_of: first.into(),
    };
    assert_eq!(scene.approve(1, approve), Err(duplicate));
    let spend = TransferFromArgs {
        created_at_time,
        ..from_to(1, 3, 10)
    };
    let first = scene.transfer_from(2, spend.clone()).unwrap();
    let duplicate = TransferFromError::Duplicate {
        duplicate_of: first.into(),
    };
    assert_eq!(scene.transfer_from(2, spend), Err(duplicate));
}

#[test]
fn what_has_left_the_window_is_forgotten_in_small_steps() {
    let mut scene = Scene::new();
    let many = FORGET_AT_ONCE as u64 + 4;
    for step in 0..many {
        let time = scene.now + step;
        scene.transfer(1, made_at(time, to(3, 1))).unwrap();
    }
    assert_eq!(scene.ledger.remembered(), (many, many));
    scene.now += TX_WINDOW + PERMITTED_DRIFT + many;
    let now = scene.now;
    scene.transfer(1, made_at(now, to(3, 1))).unwrap();
    assert_eq!(scene.ledger.remembered(), (5, 5));
    scene.transfer(1, made_at(now + 1, to(3, 1))).unwrap();
    assert_eq!(scene.ledger.remembered(), (2, 2));
}
