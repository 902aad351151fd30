//! Replacements as BIP-125 wants them.

use super::owner::{Owner, coin, coins, payment};
use crate::chain::bitcoin::*;

const NO_CAP: u64 = 100_000_000;

fn bump(rate: u64) -> Bump {
    Bump {
        fee_rate: FeeRate(rate),
        max_fee: Satoshi(NO_CAP),
    }
}

/// A payment of 50 000 out of a coin, at 2 satoshi per virtual byte, signed.
fn first(owner: &Owner, value: u64) -> (Plan, SignedTransaction) {
    let coins = [coin(1, value, UtxoKind::P2tr)];
    let plan = plan(&payment(50_000, 2_000, NO_CAP), &coins, &owner.keys).unwrap();
    let (signed, _) = owner.signed(&plan);
    (plan, signed)
}

#[test]
fn a_higher_fee_comes_out_of_the_change() {
    let owner = Owner::new(41);
    let (plan, signed) = first(&owner, 100_000);
    let next = plan.bump(&signed, bump(10_000), &[]).unwrap();
    assert_eq!(next.inputs(), plan.inputs());
    assert_eq!((plan.fee(), next.fee()), (Satoshi(284), Satoshi(1_420)));
    assert_eq!(next.change().unwrap().1, Satoshi(50_000 - 1_420));
    let fees = payment(50_000, 10_000, 1_420);
    assert_eq!(next.check_against(&fees, &owner.keys), Ok(()));
    owner.signed(&next);
}

#[test]
fn a_replacement_pays_for_its_own_relay_too() {
    let owner = Owner::new(41);
    let (plan, signed) = first(&owner, 100_000);
    // 2.001 would be 285 for 142 virtual bytes; 284 + 142 is demanded.
    let next = plan.bump(&signed, bump(2_001), &[]).unwrap();
    assert_eq!(next.fee(), Satoshi(284 + 142));
}

#[test]
fn a_rate_that_is_not_higher_is_refused() {
    let owner = Owner::new(41);
    let (plan, signed) = first(&owner, 100_000);
    for rate in [0, 1_000, 1_999, 2_000] {
        let expected = BumpError::RateNotHigher {
            rate: FeeRate(rate),
            above: FeeRate(2_000),
        };
        assert_eq!(plan.bump(&signed, bump(rate), &[]), Err(expected));
    }
}

#[test]
fn change_that_would_become_dust_is_left_out() {
    let owner = Owner::new(41);
    let (plan, signed) = first(&owner, 51_000);
    assert_eq!(plan.change().unwrap().1, Satoshi(716));
    let next = plan.bump(&signed, bump(5_000), &[]).unwrap();
    assert_eq!((next.change(), next.fee()), (None, Satoshi(1_000)));
    owner.signed(&next);
}

#[test]
fn further_coins_pay_where_the_change_does_not_suffice() {
    let owner = Owner::new(41);
    let (plan, signed) = first(&owner, 51_000);
    let refused = plan.bump(&signed, bump(20_000), &[]);
    let expected = PlanError::InsufficientFunds {
        available: Satoshi(51_000),
        required: Satoshi(50_000 + 1_980),
    };
    assert_eq!(refused, Err(BumpError::Plan(expected)));
    let further = [
        coin(2, 30_000, UtxoKind::P2wpkh),
        coin(3, 40_000, UtxoKind::P2wpkh),
    ];
    let next = plan.bump(&signed, bump(20_000), &further).unwrap();
    assert_eq!(next.inputs().len(), 2);
    assert!(next.inputs().contains(&plan.inputs()[0]));
    assert!(next.inputs().contains(&further[1]));
    let fees = payment(50_000, 20_000, NO_CAP);
    assert_eq!(next.check_against(&fees, &owner.keys), Ok(()));
    owner.signed(&next);
}

#[test]
fn a_replacement_can_be_replaced() {
    let owner = Owner::new(41);
    let (plan, signed) = first(&owner, 100_000);
    let second = plan.bump(&signed, bump(4_000), &[]).unwrap();
    let (signed_second, _) = owner.signed(&second);
    let third = second.bump(&signed_second, bump(6_000), &[]).unwrap();
    assert!(third.fee() > second.fee() && second.fee() > plan.fee());
    assert_eq!(third.inputs(), plan.inputs());
    let mixed_up = second.bump(&signed, bump(6_000), &[]);
    assert_eq!(mixed_up, Err(BumpError::OtherTransaction));
}

#[test]
fn a_replacement_keeps_to_the_highest_fee() {
    let owner = Owner::new(41);
    let (plan, signed) = first(&owner, 100_000);
    let wish = Bump {
        fee_rate: FeeRate(10_000),
        max_fee: Satoshi(1_419),
    };
    let expected = PlanError::FeeAboveCap {
        fee: Satoshi(1_420),
        max_fee: Satoshi(1_419),
    };
    assert_eq!(plan.bump(&signed, wish, &[]), Err(expected.into()));
}

#[test]
fn a_replacement_never_spends_a_coin_twice_nor_its_predecessors_change() {
    let owner = Owner::new(41);
    let (plan, signed) = first(&owner, 51_000);
    let again = plan.inputs()[0];
    let change = Utxo {
        outpoint: OutPoint {
            txid: plan.txid(),
            vout: plan.change().unwrap().0,
        },
        value: Satoshi(716),
        kind: UtxoKind::P2tr,
    };
    for wrong in [again, change] {
        let outpoint = wrong.outpoint.to_string();
        let expected = BumpError::Plan(PlanError::BadCoin { outpoint });
        assert_eq!(plan.bump(&signed, bump(20_000), &[wrong]), Err(expected));
    }
}

#[test]
fn a_replacement_spends_at_most_100_coins() {
    let owner = Owner::new(41);
    let values = [2_000; 100];
    let all = plan(
        &payment(186_000, 1_000, NO_CAP),
        &coins(&values),
        &owner.keys,
    )
    .unwrap();
    assert!(all.inputs().len() >= 95);
    let (signed, _) = owner.signed(&all);
    let further: Vec<_> = (200..260)
        .map(|it| coin(it, 9_000, UtxoKind::P2tr))
        .collect();
    let refused = all.bump(&signed, bump(10_000), &further);
    assert_eq!(refused, Err(BumpError::Plan(PlanError::TooManyInputs)));
}
