//! What loosens a policy, and which entries of allow-lists wait after a change.

use super::tests_check::{
    Case, asset, at, checked, ledger, limit, list, needs, raw, tier, transfer,
};
use super::*;
use crate::fake::person;
use crate::proposal::{ProposalId, Standing};
use proptest::prelude::*;

/// One change of the policy, and whether it loosens anything.
type Change = (bool, fn(&mut RawPolicy));

#[test]
fn each_rule_alone_loosens_or_not() {
    let changes: [Change; 22] = [
        (false, |_| ()),
        (true, |raw| raw.highest.delay_seconds -= 1),
        (false, |raw| raw.highest.delay_seconds += 1),
        (true, |raw| {
            raw.assets[0].tiers.truncate(1);
            raw.assets[0].tiers[0].up_to = None;
            raw.highest.quorum = 2;
        }),
        (true, |raw| raw.assets[0].tiers[0].up_to = Some(101)),
        (false, |raw| raw.assets[0].tiers[0].up_to = Some(99)),
        (true, |raw| raw.assets[0].tiers[1].up_to = Some(201)),
        (false, |raw| raw.assets[0].tiers[1].up_to = Some(101)),
        (true, |raw| raw.assets[0].tiers[2].needs.delay_seconds = 59),
        (false, |raw| raw.assets[0].tiers[2].needs.delay_seconds = 61),
        (true, |raw| raw.assets[0].tiers[1].needs.quorum = 1),
        (false, |raw| raw.assets[0].tiers[0].needs.quorum = 2),
        (true, |raw| raw.assets[0].limit = None),
        (true, |raw| raw.assets[0].limit = limit(1_001, 86_400)),
        (true, |raw| raw.assets[0].limit = limit(900, 86_399)),
        (false, |raw| raw.assets[0].limit = limit(1_000, 86_401)),
        (true, |raw| raw.assets[0].allow_list = None),
        (true, |raw| raw.assets[0].allow_list = list(599, &[71, 72])),
        (true, |raw| raw.assets[0].allow_list = list(600, &[71, 73])),
        (false, |raw| raw.assets[0].allow_list = list(700, &[72])),
        (true, |raw| raw.assets.clear()),
        (true, |raw| {
            let mut other = raw.assets[0].clone();
            other.asset = RawAsset::Btc;
            other.allow_list = None;
            raw.assets.push(other);
        }),
    ];
    for (place, (loosened, change)) in changes.into_iter().enumerate() {
        let mut new = raw();
        change(&mut new);
        assert_eq!(
            loosens(&checked(&raw()), &checked(&new)),
            loosened,
            "change {place}"
        );
    }
}

#[test]
fn new_entries_wait_for_the_longer_delay_and_those_that_waited_wait_on() {
    let policy = |list: Option<RawAllowList>| {
        let mut raw = raw();
        raw.assets[0].allow_list = list;
        checked(&raw)
    };
    let old = policy(list(600, &[71]));
    let after = |old: &Policy, waiting: &Waiting, new: &Policy, now| {
        let waiting = waiting_after(old, waiting, new, at(now));
        let entries = waiting.get(&asset()).cloned().unwrap_or_default();
        let named = entries
            .iter()
            .map(|(entry, until)| (entry.to_string(), until.0));
        (waiting.clone(), named.collect::<Vec<_>>())
    };
    let named = |number, until: u64| (person(number).to_text(), at(until).0);
    let both = policy(list(600, &[71, 72]));
    let (waiting, shown) = after(&old, &Waiting::new(), &both, 100);
    assert_eq!(shown, [named(72, 700)]);
    let slower = policy(list(900, &[71, 72, 73]));
    assert_eq!(
        after(&both, &waiting, &slower, 200).1,
        [named(72, 700), named(73, 1_100)]
    );
    let faster = policy(list(1, &[72, 73]));
    assert_eq!(
        after(&both, &waiting, &faster, 200).1,
        [named(72, 700), named(73, 800)]
    );
    assert_eq!(after(&both, &waiting, &both, 700).1, [], "it counts now");
    let (waiting, shown) = after(&both, &waiting, &old, 300);
    assert_eq!(shown, []);
    assert_eq!(
        after(&old, &waiting, &both, 400).1,
        [named(72, 1_000)],
        "it begins anew"
    );
    assert_eq!(after(&policy(None), &Waiting::new(), &both, 100).1, []);
    assert_eq!(after(&both, &waiting, &policy(None), 100).1, []);
}

prop_compose! {
    fn some_policy()(
        (quorum, delay) in (1_u32..=3, 0_u64..3),
        tiers in prop::collection::vec((1_u32..=3, 0_u64..3, 1_u128..40), 1..4),
        limit in prop::option::of((1_u128..100, 1_u64..4)),
        listed in prop::option::of((0_u64..3, prop::sample::subsequence(vec![71, 72, 73], 0..=3))),
        has_rules in prop::bool::weighted(0.9),
    ) -> RawPolicy {
        let (mut quorums, mut delays): (Vec<u32>, Vec<u64>) =
            tiers.iter().map(|(q, d, _)| ((*q).min(quorum), (*d).min(delay) * 10)).unzip();
        quorums.sort_unstable();
        delays.sort_unstable();
        let mut bound = 0;
        let mut raw_tiers: Vec<RawTier> = quorums.into_iter().zip(delays).zip(&tiers)
            .map(|((quorum, delay), (_, _, more))| {
                bound += more;
                tier(Some(bound), quorum, delay)
            })
            .collect();
        if let Some(last) = raw_tiers.last_mut() {
            last.up_to = None;
        }
        let rules = RawRules {
            asset: RawAsset::Icrc(ledger()),
            tiers: raw_tiers,
            limit: limit.and_then(|(amount, window)| super::tests_check::limit(amount, window * 100)),
            allow_list: listed.and_then(|(delay, people)| list(delay * 10, &people)),
        };
        RawPolicy {
            assets: if has_rules { vec![rules] } else { vec![] },
            highest: needs(quorum, delay * 10),
            calls: None,
        }
    }
}

/// A policy that is at least as strict in everything.
fn tightened(raw: &RawPolicy, how: u8) -> RawPolicy {
    let mut new = raw.clone();
    if how & 1 != 0 {
        new.highest = needs(3, new.highest.delay_seconds + 5);
    }
    for rules in &mut new.assets {
        if how & 2 != 0 {
            rules.limit = match &rules.limit {
                Some(old) => limit(old.amount / 2, old.window_seconds + 50),
                None => limit(50, 100),
            };
        }
        if how & 4 != 0 {
            rules.allow_list = match &mut rules.allow_list {
                Some(old) => {
                    old.destinations.pop();
                    Some(old.clone())
                }
                None => list(0, &[71]),
            };
        }
        if how & 8 != 0 && rules.tiers.len() > 1 {
            rules.tiers.remove(0);
        }
    }
    new
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn a_policy_that_loosens_nothing_permits_nothing_that_the_old_one_refuses(
        old in some_policy(),
        other in some_policy(),
        how in 0_u8..32,
        payments in prop::collection::vec((71_u32..=73, 1_u128..120, 0_u64..60), 8),
        approvals in prop::collection::vec((1_u32..=3, 0_u64..60), 0..5),
        history in prop::collection::vec((1_u128..60, prop::option::of(0_u64..400)), 0..4),
    ) {
        let tightened = tightened(&old, how & 15);
        prop_assert!(!loosens(&checked(&old), &checked(&tightened)));
        let new = if how < 16 { tightened } else { other };
        let (before, after) = (checked(&old), checked(&new));
        if loosens(&before, &after) {
            return Ok(());
        }
        let mut spent = Spent::default();
        for (number, (amount, settled)) in (10..).zip(history) {
            spent.reserve(ProposalId::new(number), Amount(amount), at(0));
            if let Some(time) = settled {
                spent.settle(ProposalId::new(number), at(9_600 + time));
            }
        }
        for (to, amount, since) in payments {
            let says = |policy: &RawPolicy, waiting| {
                let mut case = Case::under(policy, transfer(to, amount));
                case.wallet.waiting = waiting;
                case.spent = spent.clone();
                let case = approvals.iter().fold(case, |case, (who, ago)| case.approved(*who, 10_000 - ago));
                case.says()
            };
            // An entry of the old list waits, or waits no more.
            let destinations = before.rules(&asset()).and_then(Rules::allow_list);
            let first = destinations.and_then(|list| list.destinations.first().cloned());
            let entries = first.map(|entry| BTreeMap::from([(entry, at(9_970 + since))]));
            let waiting: Waiting = entries.map(|entries| (asset(), entries)).into_iter().collect();
            let later = waiting_after(&before, &waiting, &after, at(10_000));
            if says(&new, later) == Standing::Ready {
                prop_assert_eq!(says(&old, waiting), Standing::Ready);
            }
        }
    }
}
