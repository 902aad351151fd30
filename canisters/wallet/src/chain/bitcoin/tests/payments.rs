//! Which payments are planned and how, and what the second look refuses.

use super::owner::{Owner, coin, coins, output, payment};
use crate::chain::bitcoin::*;

const NO_CAP: u64 = 100_000_000;

fn planned(payment: &Payment, values: &[u64]) -> Result<Plan, PlanError> {
    plan(payment, &coins(values), &Owner::new(21).keys)
}

fn spent(plan: &Plan) -> Vec<u64> {
    let mut values: Vec<u64> = plan.inputs().iter().map(|coin| coin.value.0).collect();
    values.sort_unstable();
    values
}

#[test]
fn a_payment_names_1_to_100_outputs_above_dust() {
    let check = |outputs| Payment::new(outputs, FeeRate::RELAY, Satoshi(1)).map(drop);
    assert_eq!(check(vec![]), Err(PaymentError::NoOutputs));
    assert_eq!(check(vec![output(294); MAX_OUTPUTS]), Ok(()));
    let too_many = PaymentError::TooManyOutputs { outputs: 101 };
    assert_eq!(check(vec![output(294); 101]), Err(too_many));
    for value in [0, 1, 293] {
        let dust = PaymentError::Dust {
            output: 1,
            value: Satoshi(value),
            at_least: Satoshi(294),
        };
        assert_eq!(check(vec![output(1_000), output(value)]), Err(dust));
    }
}

#[test]
fn a_payment_is_never_more_than_exists() {
    let check = |values: &[u64]| {
        let outputs = values.iter().copied().map(output).collect();
        Payment::new(outputs, FeeRate::RELAY, Satoshi(1)).map(|it| it.amount())
    };
    let all = Satoshi::SUPPLY.0;
    assert_eq!(check(&[all]), Ok(Satoshi::SUPPLY));
    assert_eq!(check(&[all - 294, 294]), Ok(Satoshi::SUPPLY));
    let refused = Err(PaymentError::MoreThanExists);
    assert_eq!(check(&[all, 294]), refused);
    assert_eq!(check(&[u64::MAX, u64::MAX]), refused);
}

#[test]
fn a_rate_that_nodes_do_not_relay_is_refused() {
    let refused = Payment::new(vec![output(1_000)], FeeRate(999), Satoshi(1));
    let expected = PaymentError::RateTooLow {
        rate: FeeRate(999),
        at_least: FeeRate(1_000),
    };
    assert_eq!(refused, Err(expected));
}

#[test]
fn fees_are_rounded_up_and_never_overflow() {
    assert_eq!(FeeRate(1_001).fee(VirtualBytes(1)), Satoshi(2));
    assert_eq!(FeeRate(1_500).fee(VirtualBytes(2)), Satoshi(3));
    assert_eq!(
        FeeRate(u64::MAX).fee(VirtualBytes(u64::MAX)),
        Satoshi(u64::MAX)
    );
}

#[test]
fn sizes_are_those_of_one_input_of_each_kind_and_two_outputs() {
    // 10.5 for the frame, 31 to the payee, 43 for the change; 68 for a P2WPKH input, 57.5 for a P2TR one.
    let rate = payment(50_000, 1_000, NO_CAP);
    let keys = Owner::new(21).keys;
    for (kind, size) in [(UtxoKind::P2wpkh, 153), (UtxoKind::P2tr, 142)] {
        let plan = plan(&rate, &[coin(1, 100_000, kind)], &keys).unwrap();
        assert_eq!(plan.size(), VirtualBytes(size));
        assert_eq!(plan.fee(), Satoshi(size));
        assert_eq!(plan.change().unwrap().1, Satoshi(50_000 - size));
    }
}

#[test]
fn exact_coins_are_preferred_to_change() {
    // 40 000 and 60 000 pay 99 800 with a fee of 200. The third coin alone would cost 153 now, and 58 when its change is spent.
    let rate = payment(99_800, 1_000, NO_CAP);
    let plan = planned(&rate, &[500_000, 40_000, 60_000, 7_000]).unwrap();
    assert_eq!(spent(&plan), [40_000, 60_000]);
    assert_eq!(plan.change(), None);
    assert_eq!(plan.fee(), Satoshi(200));
}

#[test]
fn exact_coins_are_left_where_change_is_cheaper() {
    // Forty small coins would do, but one large one costs far less even with the change spent later.
    let mut values = vec![3_000; 40];
    values.push(500_000);
    let sum: u64 = 40 * 3_000;
    let rate = payment(sum - 40 * 680 - 500, 10_000, NO_CAP);
    let plan = planned(&rate, &values).unwrap();
    assert_eq!(spent(&plan), [500_000]);
    assert!(plan.change().is_some());
}

#[test]
fn the_largest_coins_are_spent_first_where_there_is_change() {
    let plan = planned(&payment(150_000, 1_000, NO_CAP), &[10_000, 100_000, 90_000]).unwrap();
    assert_eq!(spent(&plan), [90_000, 100_000]);
    assert!(plan.change().is_some());
}

#[test]
fn change_below_dust_goes_to_the_fee() {
    // A transaction with one P2WPKH input and change has 153 virtual bytes.
    let keys = Owner::new(21).keys;
    let planned = |left: u64, cap| {
        let coin = coin(1, 20_000 + 153 + left, UtxoKind::P2wpkh);
        plan(&payment(20_000, 1_000, cap), &[coin], &keys)
    };
    let kept = planned(330, 153).unwrap();
    assert_eq!(kept.change(), Some((0, Satoshi(330))));
    assert_eq!(kept.fee(), Satoshi(153));
    let given = planned(329, 482).unwrap();
    assert_eq!((given.change(), given.fee()), (None, Satoshi(482)));
    let above = PlanError::FeeAboveCap {
        fee: Satoshi(482),
        max_fee: Satoshi(481),
    };
    assert_eq!(planned(329, 481), Err(above));
}

#[test]
fn coins_that_cost_more_than_they_are_worth_are_left_alone() {
    // A P2WPKH input costs 6 800 at this rate.
    let wish = payment(10_000, 100_000, NO_CAP);
    let found = planned(&wish, &[6_800, 5_000, 4_000]);
    let expected = PlanError::InsufficientFunds {
        available: Satoshi(0),
        required: Satoshi(10_000 + 4_200),
    };
    assert_eq!(found, Err(expected));
    let plan = planned(&wish, &[6_800, 50_000]).unwrap();
    assert_eq!(spent(&plan), [50_000]);
}

#[test]
fn missing_funds_are_told_with_what_is_needed() {
    let found = planned(&payment(10_000, 1_000, NO_CAP), &[6_000, 4_000]);
    // 10.5 and 31 and 68 and 57.5 virtual bytes.
    let expected = PlanError::InsufficientFunds {
        available: Satoshi(10_000),
        required: Satoshi(10_167),
    };
    assert_eq!(found, Err(expected));
    assert!(planned(&payment(10_000, 1_000, NO_CAP), &[6_167, 4_000]).is_ok());
    let none = planned(&payment(10_000, 1_000, NO_CAP), &[]);
    assert!(matches!(none, Err(PlanError::InsufficientFunds { .. })));
}

#[test]
fn no_fee_is_above_the_cap() {
    let found = planned(&payment(50_000, 10_000, 1_529), &[100_000]);
    let expected = PlanError::FeeAboveCap {
        fee: Satoshi(1_530),
        max_fee: Satoshi(1_529),
    };
    assert_eq!(found, Err(expected));
    let plan = planned(&payment(50_000, 10_000, 1_530), &[100_000]).unwrap();
    assert_eq!(plan.fee(), Satoshi(1_530));
    let absurd = planned(&payment(50_000, u64::MAX, u64::MAX), &[100_000]);
    assert!(matches!(absurd, Err(PlanError::InsufficientFunds { .. })));
}

#[test]
fn another_coin_makes_change_of_what_would_be_a_fee_above_the_cap() {
    // One coin would leave 450 for the fee, which is too much, and too little for change.
    let keys = Owner::new(21).keys;
    let coins = [
        coin(1, 20_450, UtxoKind::P2wpkh),
        coin(2, 3_000, UtxoKind::P2wpkh),
    ];
    let found = plan(&payment(20_000, 1_000, 300), &coins, &keys).unwrap();
    assert_eq!((found.inputs().len(), found.fee()), (2, Satoshi(221)));
    assert!(found.change().is_some());
}

#[test]
fn at_most_100_coins_are_spent() {
    let values = [2_000; 150];
    let plan = planned(&payment(180_000, 1_000, NO_CAP), &values).unwrap();
    assert!(plan.inputs().len() <= MAX_INPUTS);
    let found = planned(&payment(200_000, 1_000, NO_CAP), &values);
    assert_eq!(found, Err(PlanError::TooManyInputs));
    let found = planned(&payment(300_000, 1_000, NO_CAP), &values);
    assert!(matches!(found, Err(PlanError::InsufficientFunds { .. })));
}

#[test]
fn a_coin_that_is_given_twice_or_cannot_be_is_refused() {
    let keys = Owner::new(21).keys;
    let wish = payment(10_000, 1_000, NO_CAP);
    let good = coin(1, 50_000, UtxoKind::P2tr);
    let expected = PlanError::BadCoin {
        outpoint: good.outpoint.to_string(),
    };
    for other in [50_000, 60_000] {
        let twice = [good, coin(1, other, UtxoKind::P2wpkh)];
        assert_eq!(plan(&wish, &twice, &keys), Err(expected.clone()));
    }
    for value in [0, Satoshi::SUPPLY.0 + 1, u64::MAX] {
        let refused = plan(&wish, &[coin(1, value, UtxoKind::P2tr)], &keys);
        assert_eq!(refused, Err(expected.clone()));
    }
}

#[test]
fn inputs_and_outputs_are_in_the_order_of_bip_69() {
    let outputs = [5_000, 95_000, 600, 5_000].map(output).to_vec();
    let wish = Payment::new(outputs, FeeRate(2_000), Satoshi(NO_CAP)).unwrap();
    let plan = planned(&wish, &[30_000, 31_000, 32_000, 33_000]).unwrap();
    let ids: Vec<String> = plan
        .inputs()
        .iter()
        .map(|coin| coin.outpoint.txid.to_string())
        .collect();
    assert!(ids.is_sorted() && ids.len() == 4);
    let values: Vec<u64> = plan.outputs().iter().map(|output| output.value.0).collect();
    assert!(values.is_sorted() && values.len() == 5);
    let (place, change) = plan.change().unwrap();
    assert_eq!(plan.outputs()[place as usize].value, change);
    assert_eq!(
        plan.outputs()[place as usize].to,
        Owner::new(21).keys.change()
    );
}

#[test]
fn the_second_look_accepts_what_was_planned_and_nothing_else() {
    let keys = Owner::new(21).keys;
    let wish = payment(50_000, 2_000, 1_000);
    let plan = planned(&wish, &[100_000]).unwrap();
    assert_eq!(plan.check_against(&wish, &keys), Ok(()));
    let others = Owner::new(31).keys;
    assert_eq!(plan.check_against(&wish, &others), Err(Mismatch::Keys));
    let check = |payment: Payment| plan.check_against(&payment, &keys);
    let missing = Err(Mismatch::OutputMissing { output: 0 });
    assert_eq!(check(payment(50_001, 2_000, 1_000)), missing);
    let two = |first, second| {
        let outputs = vec![output(first), output(second)];
        Payment::new(outputs, FeeRate(2_000), Satoshi(1_000)).unwrap()
    };
    let second = Err(Mismatch::OutputMissing { output: 1 });
    assert_eq!(check(two(50_000, 50_000)), second);
    let fee = Err(Mismatch::Fee);
    assert_eq!(check(payment(50_000, 2_000, 305)), fee);
    assert_eq!(check(payment(50_000, 2_001, 1_000)), fee);
    assert_eq!(check(payment(50_000, 2_000, 306)), Ok(()));
}

#[test]
fn the_second_look_finds_outputs_that_nobody_asked_for() {
    let keys = Owner::new(21).keys;
    let both = vec![output(50_000), output(20_000)];
    let both = Payment::new(both, FeeRate(2_000), Satoshi(1_000)).unwrap();
    let plan = planned(&both, &[100_000]).unwrap();
    let one = payment(50_000, 2_000, 1_000);
    assert_eq!(
        plan.check_against(&one, &keys),
        Err(Mismatch::OutputUnknown)
    );
    let exact = planned(&both, &[70_400]).unwrap();
    assert_eq!(exact.change(), None);
    assert_eq!(exact.check_against(&both, &keys), Ok(()));
    assert_eq!(
        exact.check_against(&one, &keys),
        Err(Mismatch::OutputUnknown)
    );
}
