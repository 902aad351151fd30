//! What holds for all payments, coins and fees.

use super::owner::{Owner, coin};
use crate::chain::bitcoin::changeless;
use crate::chain::bitcoin::select::{Choice, Demand, Worth, cost, scaled, spending_change, sum};
use crate::chain::bitcoin::size::Weight;
use crate::chain::bitcoin::*;
use proptest::prelude::*;
use std::sync::LazyLock;

static OWNER: LazyLock<Owner> = LazyLock::new(|| Owner::new(81));

fn cases(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases,
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

/// Amounts of every size up to a bitcoin.
fn amounts() -> impl Strategy<Value = u64> {
    (0..28_u32, any::<u64>()).prop_map(|(bits, seed)| (1 << bits) + seed % (1 << bits))
}

fn kinds() -> impl Strategy<Value = UtxoKind> {
    prop_oneof![Just(UtxoKind::P2wpkh), Just(UtxoKind::P2tr)]
}

fn some_coins(first: u32, at_most: usize) -> impl Strategy<Value = Vec<Utxo>> {
    let pairs = prop::collection::vec((amounts(), kinds()), 0..=at_most);
    pairs.prop_map(move |pairs| {
        let numbered = (first..).zip(pairs);
        numbered
            .map(|(number, (value, kind))| coin(number, value, kind))
            .collect()
    })
}

fn destinations() -> impl Strategy<Value = Destination> {
    prop_oneof![
        any::<[u8; 20]>().prop_map(Destination::P2pkh),
        any::<[u8; 20]>().prop_map(Destination::P2sh),
        any::<[u8; 20]>().prop_map(Destination::P2wpkh),
        any::<[u8; 32]>().prop_map(Destination::P2wsh),
        any::<[u8; 32]>().prop_map(Destination::P2tr),
        Just(OWNER.keys.change()),
    ]
}

fn outputs() -> impl Strategy<Value = Vec<Output>> {
    let one = (destinations(), amounts()).prop_map(|(to, value)| Output {
        to,
        value: Satoshi(value.max(to.dust().0)),
    });
    prop::collection::vec(one, 1..6)
}

fn rates() -> impl Strategy<Value = FeeRate> {
    prop_oneof![1_000..5_000_u64, 1_000..300_000_u64].prop_map(FeeRate)
}

fn payments() -> impl Strategy<Value = Payment> {
    let fees = prop_oneof![100..20_000_u64, Just(100_000_000)];
    (outputs(), rates(), fees)
        .prop_map(|(outputs, rate, fee)| Payment::new(outputs, rate, Satoshi(fee)).unwrap())
}

/// What holds for every plan of a payment.
fn assert_sound(plan: &Plan, payment: &Payment, coins: &[Utxo]) {
    let into = sum(plan.inputs());
    let out: u64 = plan.outputs().iter().map(|output| output.value.0).sum();
    assert_eq!(into, out + plan.fee().0);
    assert!(plan.fee() >= payment.fee_rate().fee(plan.size()));
    assert!(plan.fee() <= payment.max_fee());
    assert!(plan.inputs().iter().all(|coin| coins.contains(coin)));
    let mut expected = payment.outputs().to_vec();
    expected.extend(plan.change().map(|(_, value)| Output {
        to: OWNER.keys.change(),
        value,
    }));
    expected.sort();
    let mut found = plan.outputs().to_vec();
    found.sort();
    assert_eq!(found, expected);
    assert!(found.iter().all(|output| output.value >= output.to.dust()));
    assert_eq!(plan.check_against(payment, &OWNER.keys), Ok(()));
}

/// The cheapest set without change, by trying all of them.
fn cheapest(demand: &Demand, coins: &[Worth]) -> Option<u64> {
    let change = Weight::of_output(demand.change).virtual_bytes();
    let tolerance = demand.rate.fee(change).0 + spending_change(demand.rate);
    let sets = 0..1_u32 << coins.len();
    let fees = sets.filter_map(|set| {
        let taken = (0..coins.len()).filter(|at| set >> at & 1 == 1);
        let taken: Vec<Utxo> = taken.map(|at| coins[at].coin).collect();
        let left = sum(&taken).checked_sub(demand.paid())?;
        let kinds = taken.iter().map(|coin| coin.kind);
        let least = demand
            .least_fee(demand.weight(kinds, false).virtual_bytes())
            .0;
        let allowed = least..=demand.max_fee.0.min(least + tolerance);
        allowed.contains(&left).then_some(left)
    });
    fees.min()
}

proptest! {
    #![proptest_config(cases(2_000))]

    #[test]
    fn every_plan_is_sound_and_does_not_depend_on_the_order_of_coins(
        payment in payments(),
        coins in some_coins(1, 30).prop_shuffle(),
    ) {
        let found = plan(&payment, &coins, &OWNER.keys);
        let mut turned = coins.clone();
        turned.reverse();
        prop_assert_eq!(&found, &plan(&payment, &turned, &OWNER.keys));
        if let Ok(plan) = found {
            assert_sound(&plan, &payment, &coins);
        }
    }

    #[test]
    fn funds_are_missing_only_where_all_coins_together_do_not_pay(
        outputs in outputs(),
        rate in rates(),
        coins in some_coins(1, 30),
    ) {
        let payment = Payment::new(outputs, rate, Satoshi(u64::MAX)).unwrap();
        let worth: Vec<Utxo> = coins
            .iter()
            .filter(|coin| scaled(coin.value) > cost(rate, Weight::of_input(coin.kind)))
            .copied()
            .collect();
        let kinds = worth.iter().map(|coin| coin.kind);
        let paid = payment.outputs().iter().map(|output| output.to);
        let fee = rate.fee(Weight::of_transaction(kinds, paid).virtual_bytes());
        let required = payment.amount().0 + fee.0;
        match plan(&payment, &coins, &OWNER.keys) {
            Ok(_) => prop_assert!(sum(&worth) >= required),
            Err(error) => {
                let (available, required) = (Satoshi(sum(&worth)), Satoshi(required));
                let expected = PlanError::InsufficientFunds { available, required };
                prop_assert_eq!(error, expected);
                prop_assert!(available < required);
            }
        }
    }

    #[test]
    fn the_search_finds_the_cheapest_set_without_change(
        target in 1_000..40_000_u64,
        values in prop::collection::vec((500..20_000_u64, kinds()), 0..10),
        rate in rates(),
        max_fee in 500..20_000_u64,
    ) {
        let outputs = [super::owner::output(target)];
        let demand = Demand {
            outputs: &outputs,
            change: OWNER.keys.change(),
            rate,
            max_fee: Satoshi(max_fee),
            replaced: None,
        };
        let coins = (1..).zip(values).map(|(number, (value, kind))| coin(number, value, kind));
        let worth = |coin: Utxo| Worth {
            coin,
            worth: scaled(coin.value) - cost(rate, Weight::of_input(coin.kind)),
        };
        let mut worths: Vec<Worth> = coins.map(worth).filter(|coin| coin.worth > 0).collect();
        worths.sort_by_key(|coin| (-coin.worth, coin.coin.outpoint));
        let found = changeless::search(&demand, &worths);
        prop_assert_eq!(found.map(|Choice { fee, .. }| fee.0), cheapest(&demand, &worths));
    }
}

proptest! {
    #![proptest_config(cases(400))]

    #[test]
    fn signed_transactions_are_never_larger_than_planned_and_bitcoin_core_accepts_them(
        payment in payments(),
        coins in some_coins(1, 12),
    ) {
        if let Ok(plan) = plan(&payment, &coins, &OWNER.keys) {
            let (signed, _) = OWNER.signed(&plan);
            prop_assert!(signed.vsize <= plan.size());
            // Only one ECDSA signature in millions is four bytes short.
            prop_assert!(signed.vsize.0 + plan.inputs().len() as u64 >= plan.size().0);
            prop_assert!(plan.fee() >= payment.fee_rate().fee(signed.vsize));
        }
    }

    #[test]
    fn replacements_keep_inputs_and_outputs_and_obey_bip_125(
        values in prop::collection::vec((3_000..60_000_u64, kinds()), 1..8),
        percent in 30..100_u64,
        to in destinations(),
        rate in 1_000..20_000_u64,
        further in some_coins(1_000, 12),
        factor in 100..1_000_u64,
        max_fee in prop_oneof![500..20_000_u64, Just(1_000_000)],
    ) {
        let coins: Vec<Utxo> = (1..)
            .zip(values)
            .map(|(number, (value, kind))| coin(number, value, kind))
            .collect();
        let value = Satoshi(sum(&coins) * percent / 100);
        let outputs = vec![Output { to, value }];
        let payment = Payment::new(outputs, FeeRate(rate), Satoshi(1_000_000)).unwrap();
        let Ok(plan) = plan(&payment, &coins, &OWNER.keys) else {
            return Ok(());
        };
        let (signed, _) = OWNER.signed(&plan);
        let fee_rate = FeeRate(rate * factor / 100);
        let wish = Bump { fee_rate, max_fee: Satoshi(max_fee) };
        let Ok(next) = plan.bump(&signed, wish, &further) else {
            return Ok(());
        };
        let (signed_next, _) = OWNER.signed(&next);
        let all = [coins, further].concat();
        let payment = payment.with_fees(fee_rate, Satoshi(max_fee)).unwrap();
        assert_sound(&next, &payment, &all);
        prop_assert!(plan.inputs().iter().all(|coin| next.inputs().contains(coin)));
        prop_assert!(next.fee().0 >= plan.fee().0 + signed_next.vsize.0);
        let (old, new) = (u128::from(signed.vsize.0), u128::from(signed_next.vsize.0));
        prop_assert!(u128::from(next.fee().0) * old > u128::from(plan.fee().0) * new);
        prop_assert_ne!(next.txid(), plan.txid());
    }
}
