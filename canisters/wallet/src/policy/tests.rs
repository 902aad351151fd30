//! Which policies are refused, and that a checked one is stored and shown as it was written.

use super::*;
use crate::account::icrc::IcrcDestination;
use candid::Principal;
use canister_kit::encoding::Identity;
use proptest::prelude::*;

fn needs(quorum: u32, delay_seconds: u64) -> RawRequirement {
    RawRequirement {
        quorum,
        delay_seconds,
    }
}

fn tier(up_to: Option<u128>, quorum: u32, delay_seconds: u64) -> RawTier {
    let needs = needs(quorum, delay_seconds);
    RawTier { up_to, needs }
}

fn rules(asset: RawAsset, tiers: Vec<RawTier>) -> RawRules {
    RawRules {
        asset,
        tiers,
        limit: Some(RawLimit {
            amount: 50,
            window_seconds: 86_400,
        }),
        allow_list: Some(RawAllowList {
            activation_seconds: 0,
            destinations: Vec::new(),
        }),
    }
}

fn ether() -> RawAsset {
    RawAsset::Eth { chain_id: 1 }
}

fn contract_token(contract: &str) -> RawAsset {
    RawAsset::Erc20 {
        chain_id: 1,
        contract: contract.to_owned(),
    }
}

/// Five of the longest accounts, other ones for each number.
fn destinations(number: u8) -> Vec<String> {
    let account = |place| IcrcDestination {
        owner: Identity(Principal::from_slice(&[number + 1; 29])),
        subaccount: [100 + place; 32],
    };
    (0_u8..5).map(|place| account(place).to_string()).collect()
}

fn policy(assets: Vec<RawRules>) -> RawPolicy {
    RawPolicy {
        assets,
        highest: needs(3, 3600),
        calls: None,
    }
}

fn tiers_refused(tiers: Vec<RawTier>) -> RulesError {
    match Policy::parse(
        &policy(vec![rules(RawAsset::Btc, tiers)]),
        3,
        BitcoinNetwork::Regtest,
    ) {
        Err(PolicyError::Rules { asset, reason }) => {
            assert_eq!(asset, RawAsset::Btc);
            reason
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn tiers_ascend_in_amount_and_never_descend_in_what_they_need() {
    let good = vec![
        tier(Some(1), 1, 0),
        tier(Some(2), 1, 10),
        tier(None, 3, 3600),
    ];
    assert!(
        Policy::parse(
            &policy(vec![rules(RawAsset::Btc, good)]),
            3,
            BitcoinNetwork::Regtest
        )
        .is_ok()
    );
    let refused = [
        (vec![], RulesError::NoTiers),
        (vec![tier(Some(9), 1, 0)], RulesError::LastTierBounded),
        (
            vec![tier(None, 1, 0), tier(None, 1, 0)],
            RulesError::UnboundedBeforeLast { tier: 0 },
        ),
        (
            vec![tier(Some(0), 1, 0), tier(None, 1, 0)],
            RulesError::AmountsNotAscending { tier: 0 },
        ),
        (
            vec![tier(Some(5), 1, 0), tier(Some(5), 1, 0), tier(None, 1, 0)],
            RulesError::AmountsNotAscending { tier: 1 },
        ),
        (
            vec![tier(Some(5), 2, 0), tier(None, 1, 0)],
            RulesError::LooserThanTierBefore { tier: 1 },
        ),
        (
            vec![tier(Some(5), 2, 9), tier(None, 3, 8)],
            RulesError::LooserThanTierBefore { tier: 1 },
        ),
    ];
    for (tiers, reason) in refused {
        assert_eq!(tiers_refused(tiers), reason);
    }
    let many = vec![tier(None, 1, 0); 9];
    let too_many = RulesError::TooManyTiers {
        tiers: 9,
        at_most: 8,
    };
    assert_eq!(tiers_refused(many), too_many);
}

#[test]
fn no_tier_is_stricter_than_what_a_change_of_the_policy_needs() {
    let stricter = RulesError::StricterThanHighest { tier: 0 };
    assert_eq!(tiers_refused(vec![tier(None, 1, 3601)]), stricter);
    let lower = RawPolicy {
        highest: needs(2, 3600),
        calls: None,
        ..policy(vec![rules(RawAsset::Sol, vec![tier(None, 3, 0)])])
    };
    let reason = stricter;
    let asset = RawAsset::Sol;
    let refusal = Err(PolicyError::Rules { asset, reason });
    assert_eq!(Policy::parse(&lower, 3, BitcoinNetwork::Regtest), refusal);
}

#[test]
fn a_quorum_is_1_to_all_members_everywhere() {
    for quorum in [0, 4] {
        let reason = RequirementError::Quorum { quorum, members: 3 };
        let in_tier = RulesError::Requirement {
            tier: 0,
            reason: reason.clone(),
        };
        assert_eq!(tiers_refused(vec![tier(None, quorum, 0)]), in_tier);
        let highest = RawPolicy {
            highest: needs(quorum, 0),
            calls: None,
            ..policy(vec![])
        };
        let refusal = Err(PolicyError::HighestRequirement(reason));
        assert_eq!(Policy::parse(&highest, 3, BitcoinNetwork::Regtest), refusal);
    }
}

#[test]
fn times_are_bounded() {
    let (seconds, at_most) = (LONGEST.0 + 1, LONGEST.0);
    let refused = |change: &dyn Fn(&mut RawRules)| {
        let mut rules = rules(ether(), vec![tier(None, 1, 0)]);
        change(&mut rules);
        match Policy::parse(&policy(vec![rules]), 3, BitcoinNetwork::Regtest) {
            Err(PolicyError::Rules { reason, .. }) => reason,
            other => panic!("{other:?}"),
        }
    };
    for window_seconds in [0, seconds] {
        let limit = Some(RawLimit {
            amount: 1,
            window_seconds,
        });
        let window = RulesError::Window {
            seconds: window_seconds,
            at_most,
        };
        assert_eq!(
            refused(&move |rules| rules.limit.clone_from(&limit)),
            window
        );
    }
    let activation = refused(&|rules| {
        rules.allow_list = Some(RawAllowList {
            activation_seconds: seconds,
            destinations: Vec::new(),
        });
    });
    assert_eq!(
        activation,
        RulesError::ActivationTooLong { seconds, at_most }
    );
    let delay = refused(&|rules| rules.tiers[0].needs.delay_seconds = seconds);
    let reason = RequirementError::DelayTooLong { seconds, at_most };
    assert_eq!(delay, RulesError::Requirement { tier: 0, reason });
}

#[test]
fn an_asset_has_one_set_of_rules_however_its_address_is_written() {
    let contract = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed";
    let token = |text: &str| {
        rules(
            contract_token(text),
            vec![RawTier {
                up_to: None,
                needs: needs(1, 0),
            }],
        )
    };
    let small = contract.to_lowercase();
    let twice = policy(vec![token(contract), token(&small)]);
    let reason = PolicyError::AssetTwice(contract_token(&small));
    assert_eq!(
        Policy::parse(&twice, 3, BitcoinNetwork::Regtest),
        Err(reason)
    );
    let bad = RawAsset::Spl("0OIl".to_owned());
    let malformed = policy(vec![rules(bad.clone(), vec![])]);
    let refusal = Err(PolicyError::BadAsset(bad));
    assert_eq!(
        Policy::parse(&malformed, 3, BitcoinNetwork::Regtest),
        refusal
    );
}

/// As large as a policy can be.
pub fn largest() -> RawPolicy {
    let assets = (0..20).map(|number| {
        let ledger = Principal::from_slice(&[number + 1; 29]);
        let tiers = (0..8).map(|place: u32| {
            let up_to = (place < 7).then(|| u128::MAX - 8 + u128::from(place));
            tier(up_to, 20, LONGEST.0)
        });
        RawRules {
            asset: RawAsset::Icrc(ledger),
            tiers: tiers.collect(),
            limit: Some(RawLimit {
                amount: u128::MAX,
                window_seconds: LONGEST.0,
            }),
            allow_list: Some(RawAllowList {
                activation_seconds: LONGEST.0,
                destinations: destinations(number),
            }),
        }
    });
    RawPolicy {
        assets: assets.collect(),
        highest: needs(20, LONGEST.0),
        calls: None,
    }
}

#[test]
fn the_largest_policy_has_a_bounded_size_and_one_asset_more_is_refused() {
    let mut raw = largest();
    let policy = Policy::parse(&raw, 20, BitcoinNetwork::Regtest).unwrap();
    let bytes = minicbor::to_vec(&policy).unwrap();
    assert!(bytes.len() < 20_000, "{} bytes", bytes.len());
    raw.assets
        .push(rules(RawAsset::Btc, vec![tier(None, 1, 0)]));
    let refusal = PolicyError::TooManyAssets {
        assets: 21,
        at_most: 20,
    };
    assert_eq!(
        Policy::parse(&raw, 20, BitcoinNetwork::Regtest),
        Err(refusal)
    );
}

fn any_asset() -> impl Strategy<Value = RawAsset> {
    prop_oneof![
        Just(RawAsset::Btc),
        Just(ether()),
        Just(RawAsset::Sol),
        Just(RawAsset::Spl(
            "TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA".to_owned()
        )),
        (1_u8..6).prop_map(|number| RawAsset::Icrc(Principal::from_slice(&[number]))),
    ]
}

fn any_rules() -> impl Strategy<Value = RawRules> {
    let tier = (any::<Option<u8>>(), 0_u32..5, 0_u64..9)
        .prop_map(|(up_to, quorum, delay)| tier(up_to.map(u128::from), quorum, delay));
    (any_asset(), prop::collection::vec(tier, 0..4)).prop_map(|(asset, tiers)| rules(asset, tiers))
}

proptest! {
    #[test]
    fn what_is_accepted_is_shown_and_stored_as_it_was_written(
        assets in prop::collection::vec(any_rules(), 0..3),
        members in 1_u32..6,
    ) {
        let raw = RawPolicy { assets, highest: needs(4, 8), calls: None };
        if let Ok(policy) = Policy::parse(&raw, members, BitcoinNetwork::Regtest) {
            let shown = RawPolicy::from(&policy);
            let again = Policy::parse(&shown, members, BitcoinNetwork::Regtest);
            prop_assert_eq!(again, Ok(policy.clone()));
            let mut written = raw;
            written.assets.sort_by_key(|rules| Asset::parse(&rules.asset));
            prop_assert_eq!(shown, written);
            let bytes = minicbor::to_vec(&policy).unwrap();
            prop_assert_eq!(minicbor::decode::<Policy>(&bytes).unwrap(), policy.clone());
            for rules in policy.assets.values() {
                let needs: Vec<_> = rules.tiers.iter().map(|tier| tier.needs).collect();
                prop_assert!(needs.is_sorted_by(|low, high| high.covers(low)));
                prop_assert!(needs.iter().all(|needs| policy.highest.covers(needs)));
                prop_assert!(policy.highest.quorum <= Quorum(members));
                let bounds: Vec<_> = rules.tiers.iter().filter_map(|tier| tier.up_to).collect();
                prop_assert_eq!(bounds.len() + 1, rules.tiers.len());
                prop_assert!(bounds.is_sorted_by(|low, high| low < high));
            }
        }
    }
}
