//! Calls that count as payments: what is refused, what changes of them loosen, and how policies from before them are stored.

use super::*;
use serde_bytes::ByteBuf;

const SWAP: [u8; 4] = [0x38, 0xed, 0x17, 0x39];
const ROUTER: &str = "0x7a250d5630b4cf539739df2c5dacb4c659f2488d";
const OTHER: &str = "0x1111111111111111111111111111111111111111";

/// `transfer(address,uint256)` of ERC-20.
const TRANSFER: [u8; 4] = [0xa9, 0x05, 0x9c, 0xbb];

fn entry(contract: &str, selectors: &[[u8; 4]]) -> RawListedCalls {
    RawListedCalls {
        chain_id: 1,
        contract: contract.to_owned(),
        selectors: selectors.iter().map(ByteBuf::from).collect(),
    }
}

fn raw(calls: Option<Vec<RawListedCalls>>) -> RawPolicy {
    RawPolicy {
        assets: Vec::new(),
        highest: RawRequirement {
            quorum: 2,
            delay_seconds: 60,
        },
        calls,
    }
}

fn parse(calls: Vec<RawListedCalls>) -> Result<Policy, PolicyError> {
    Policy::parse(&raw(Some(calls)), 3, BitcoinNetwork::Regtest)
}

#[test]
fn refuses_lists_that_are_malformed_too_long_or_name_what_can_be_read() {
    let named = |why: fn(String) -> CallsError| Err(PolicyError::Calls(why(ROUTER.to_owned())));
    let refused = [
        (vec![entry(ROUTER, &[])], named(CallsError::NoSelectors)),
        (
            vec![entry(ROUTER, &[SWAP, SWAP])],
            named(CallsError::SelectorTwice),
        ),
        (
            vec![entry(ROUTER, &[TRANSFER])],
            named(CallsError::Readable),
        ),
        (
            vec![entry(ROUTER, &[SWAP]), entry(ROUTER, &[[0; 4]])],
            named(CallsError::ContractTwice),
        ),
    ];
    for (calls, why) in refused {
        assert_eq!(parse(calls), why);
    }
    let mut short = entry(ROUTER, &[SWAP]);
    short.selectors[0] = ByteBuf::from([1, 2, 3]);
    assert_eq!(parse(vec![short]), named(CallsError::SelectorLength));
    let bad = entry("0x7a25", &[SWAP]);
    assert!(matches!(
        parse(vec![bad]),
        Err(PolicyError::Calls(CallsError::BadContract(_)))
    ));
    let many: Vec<[u8; 4]> = (0..101_u32).map(u32::to_be_bytes).collect();
    assert!(matches!(
        parse(vec![entry(ROUTER, &many)]),
        Err(PolicyError::Calls(CallsError::TooMany { .. }))
    ));
}

#[test]
fn a_longer_list_loosens_and_a_shorter_one_does_not() {
    let lists = [
        vec![],
        vec![entry(ROUTER, &[SWAP])],
        vec![entry(ROUTER, &[SWAP, [1; 4]])],
        vec![entry(ROUTER, &[SWAP, [1; 4]]), entry(OTHER, &[SWAP])],
    ];
    let policies = lists.map(|list| parse(list).unwrap());
    for (place, old) in policies.iter().enumerate() {
        for (other, new) in policies.iter().enumerate() {
            assert_eq!(loosens(old, new), other > place, "{place} to {other}");
        }
    }
    let elsewhere = parse(vec![entry(OTHER, &[SWAP])]).unwrap();
    assert!(loosens(&policies[1], &elsewhere));
}

#[test]
fn a_policy_without_listed_calls_is_stored_as_before_there_were_any() {
    let none = Policy::parse(&raw(None), 3, BitcoinNetwork::Regtest).unwrap();
    assert_eq!(none, parse(vec![]).unwrap());
    // The map {0: no assets, 1: {0: 2, 1: 60}}.
    let stored = [0xa2, 0x00, 0xa0, 0x01, 0xa2, 0x00, 0x02, 0x01, 0x18, 60];
    assert_eq!(minicbor::to_vec(&none).unwrap(), stored);
    assert_eq!(minicbor::decode::<Policy>(&stored).unwrap(), none);
    let some = parse(vec![entry(ROUTER, &[SWAP])]).unwrap();
    let read: Policy = minicbor::decode(&minicbor::to_vec(&some).unwrap()).unwrap();
    assert_eq!(read, some);
    assert_eq!(RawPolicy::from(&none).calls, None);
    assert_eq!(RawPolicy::from(&some).calls.unwrap()[0].selectors[0], SWAP);
}
