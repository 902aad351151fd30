//! What transactions on chains of Ethereum's kind are worth to a policy: tiers, limits, allow-lists, and attempts to get around them by calls.

use crate::account::ethereum::EvmAddress;
use crate::asset::{Amount, Asset, RawAsset};
use crate::chain::ethereum::decode;
use crate::chain::ethereum::quantity::ChainId;
use crate::error::WalletError;
use crate::fake::person;
use crate::holdings::{self, Holdings, RawAccount};
use crate::intent::{IntentError, RawErc20Transfer, RawEvmCall, RawEvmTransfer, RawIntent};
use crate::policy::{
    CallsError, Denial, PolicyError, RawAllowList, RawLimit, RawListedCalls, RawPolicy,
    RawRequirement, RawRules, RawTier,
};
use crate::proposal::{StageView, Standing};
use crate::quote::{Quote, quote};
use crate::scene::{Scene, now};
use crate::wallet::WalletId;
use canister_kit::Environment;
use canister_kit::encoding::Timestamp;
use serde_bytes::ByteBuf;

const CHAIN: u64 = 31_337;
const GAS: u64 = 100_000;

/// What the gas below costs at most.
const FEE: u128 = 100_000 * 1_000;

const TO: &str = "0x1111111111111111111111111111111111111111";
const OTHER: &str = "0x2222222222222222222222222222222222222222";
const TOKEN: &str = "0x3333333333333333333333333333333333333333";
const ROUTER: &str = "0x4444444444444444444444444444444444444444";

/// A function that nobody can read.
const SWAP: [u8; 4] = [0x38, 0xed, 0x17, 0x39];

/// `transfer`, `approve`, `increaseAllowance` of ERC-20, `permit` of EIP-2612.
const TRANSFER: &str = "a9059cbb";
const APPROVE: &str = "095ea7b3";
const INCREASE: &str = "39509351";
const PERMIT: &str = "d505accf";

fn needs(quorum: u32) -> RawRequirement {
    RawRequirement {
        quorum,
        delay_seconds: 0,
    }
}

fn rules(asset: RawAsset, small: u128, limit: u128, listed: Option<&[&str]>) -> RawRules {
    let tier = |up_to, quorum| RawTier {
        up_to,
        needs: needs(quorum),
    };
    RawRules {
        asset,
        tiers: vec![tier(Some(small), 1), tier(None, 2)],
        limit: Some(RawLimit {
            amount: limit,
            window_seconds: 86_400,
        }),
        allow_list: listed.map(|listed| RawAllowList {
            activation_seconds: 0,
            destinations: listed.iter().map(|it| (*it).to_owned()).collect(),
        }),
    }
}

/// One member for little, two for more, three for what nobody can read.
fn policy(eth: Option<&[&str]>, token: Option<&[&str]>, calls: &[RawListedCalls]) -> RawPolicy {
    let contract = TOKEN.to_owned();
    let erc20 = RawAsset::Erc20 {
        chain_id: CHAIN,
        contract,
    };
    let own = RawAsset::Eth { chain_id: CHAIN };
    RawPolicy {
        assets: vec![
            rules(own, 10 * FEE, 100 * FEE, eth),
            rules(erc20, 100, 1_000, token),
        ],
        highest: needs(3),
        calls: Some(calls.to_vec()),
    }
}

fn listed(contract: &str, selector: [u8; 4]) -> RawListedCalls {
    RawListedCalls {
        chain_id: CHAIN,
        contract: contract.to_owned(),
        selectors: vec![ByteBuf::from(selector)],
    }
}

fn scene(policy: RawPolicy) -> Scene {
    let scene = Scene::new(Environment::Local);
    let members = vec![person(1), person(2), person(3)];
    scene.create_with(1, 1, "house", members, policy).unwrap();
    scene.prepare(1).unwrap();
    // Below the highest fee of the transactions, with room for a cancellation.
    scene.world.evm.borrow_mut().base_fee = 900;
    scene
}

fn transfer(value: u128) -> RawIntent {
    RawIntent::EvmTransfer(RawEvmTransfer {
        chain_id: CHAIN,
        from_index: 0,
        to: TO.to_owned(),
        value,
        gas_limit: GAS,
        max_fee_per_gas: 1_000,
        max_priority_fee_per_gas: 10,
    })
}

fn token(amount: u128) -> RawIntent {
    RawIntent::Erc20Transfer(RawErc20Transfer {
        chain_id: CHAIN,
        from_index: 0,
        contract: TOKEN.to_owned(),
        to: TO.to_owned(),
        amount,
        gas_limit: GAS,
        max_fee_per_gas: 1_000,
        max_priority_fee_per_gas: 10,
    })
}

fn call(contract: &str, value: u128, data: Vec<u8>) -> RawIntent {
    RawIntent::EvmCall(RawEvmCall {
        chain_id: CHAIN,
        from_index: 0,
        to: contract.to_owned(),
        value,
        data: ByteBuf::from(data),
        gas_limit: GAS,
        max_fee_per_gas: 1_000,
        max_priority_fee_per_gas: 10,
    })
}

fn word(hex: &str) -> String {
    format!("{hex:0>64}")
}

/// A function's selector and its arguments, each a word.
fn data(selector: &str, words: &[&str]) -> Vec<u8> {
    let words: String = words.iter().map(|hex| word(hex)).collect();
    let hex = format!("{selector}{words}");
    data_encoding::HEXLOWER.decode(hex.as_bytes()).unwrap()
}

fn quoted(scene: &Scene, intent: RawIntent) -> Quote {
    scene.call_as(1);
    quote(&scene.kit.borrow(), &scene.world, WalletId::FIRST, intent).unwrap()
}

fn quorum(scene: &Scene, intent: RawIntent) -> u32 {
    quoted(scene, intent).needs.quorum
}

/// What leaves, of Ether and of the token.
fn amounts(scene: &Scene, intent: RawIntent) -> (u128, Option<u128>) {
    let spends = quoted(scene, intent).spends;
    let of = |token: bool| {
        let mut own = spends.iter();
        let found = own.find(|spend| matches!(spend.asset, RawAsset::Erc20 { .. }) == token);
        found.map(|spend| spend.amount)
    };
    (of(false).unwrap(), of(true))
}

#[test]
fn what_leaves_is_value_and_highest_fee_and_the_token_beside_it() {
    let scene = scene(policy(None, None, &[]));
    assert_eq!(amounts(&scene, transfer(5)), (FEE + 5, None));
    assert_eq!(amounts(&scene, token(7)), (FEE, Some(7)));
    let send = call(TOKEN, 5, data(TRANSFER, &[&TO[2..], "7"]));
    assert_eq!(amounts(&scene, send), (FEE + 5, Some(7)));
    assert_eq!(amounts(&scene, call(ROUTER, 5, vec![])), (FEE + 5, None));
    assert_eq!(
        amounts(&scene, call(ROUTER, 5, SWAP.to_vec())),
        (FEE + 5, None)
    );
    assert_eq!(quorum(&scene, transfer(9 * FEE)), 1);
    assert_eq!(quorum(&scene, transfer(9 * FEE + 1)), 2);
    assert_eq!(
        (quorum(&scene, token(100)), quorum(&scene, token(101))),
        (1, 2)
    );
}

#[test]
fn letting_somebody_take_tokens_by_a_call_counts_as_paying_them() {
    let scene = scene(policy(None, Some(&[TO]), &[]));
    let max = "f".repeat(64);
    let (to, other) = (&TO[2..], &OTHER[2..]);
    let permit = |spender: &str, amount: &str| {
        data(
            PERMIT,
            &[other, spender, amount, "77359400", "1b", "1", "1"],
        )
    };
    for small in [
        data(TRANSFER, &[to, "64"]),
        data(APPROVE, &[to, "64"]),
        data(INCREASE, &[to, "64"]),
        permit(to, "64"),
    ] {
        assert_eq!(quorum(&scene, call(TOKEN, 0, small.clone())), 1);
        assert!(quoted(&scene, call(TOKEN, 0, small)).denials.is_empty());
    }
    for large in [
        data(TRANSFER, &[to, &max]),
        data(APPROVE, &[to, &max]),
        data(INCREASE, &[to, &max]),
        permit(to, &max),
    ] {
        let quote = quoted(&scene, call(TOKEN, 0, large));
        let over = matches!(quote.denials[..], [Denial::OverLimit { .. }]);
        assert!(over, "{:?}", quote.denials);
    }
    for elsewhere in [
        data(TRANSFER, &[other, "1"]),
        data(APPROVE, &[other, "1"]),
        data(INCREASE, &[other, "1"]),
        permit(other, "1"),
    ] {
        let quote = quoted(&scene, call(TOKEN, 0, elsewhere));
        let no = matches!(quote.denials[..], [Denial::NotListed { .. }]);
        assert!(no, "{:?}", quote.denials);
    }
    // A token without rules needs the highest requirement.
    assert_eq!(
        quorum(&scene, call(ROUTER, 0, data(APPROVE, &[to, "1"]))),
        3
    );
}

#[test]
fn what_nobody_can_read_needs_the_highest_requirement_unless_it_is_listed() {
    let scene = scene(policy(None, None, &[listed(ROUTER, SWAP)]));
    let swap = |contract: &str, value: u128| call(contract, value, data("38ed1739", &["1", "2"]));
    assert_eq!(quorum(&scene, swap(ROUTER, 5)), 1);
    assert_eq!(
        quorum(&scene, swap(ROUTER, 10 * FEE)),
        2,
        "under the rules of Eth"
    );
    assert_eq!(quorum(&scene, swap(OTHER, 5)), 3, "another contract");
    assert_eq!(
        quorum(&scene, call(ROUTER, 0, vec![0x38, 0xed, 0x17])),
        3,
        "no selector"
    );
    assert_eq!(
        quorum(&scene, call(ROUTER, 0, vec![1, 2, 3, 4])),
        3,
        "another function"
    );
    // A call that does not read because of a byte too much is none of the function's, whatever its selector.
    let mut dirty = data(TRANSFER, &[&TO[2..], "1"]);
    dirty.push(0);
    assert_eq!(quorum(&scene, call(TOKEN, 0, dirty)), 3);
}

#[test]
fn a_listed_calls_contract_is_itself_a_destination() {
    let calls = [listed(ROUTER, SWAP), listed(OTHER, SWAP)];
    let scene = scene(policy(Some(&[ROUTER, TO]), None, &calls));
    let swap = |contract: &str, value| quoted(&scene, call(contract, value, SWAP.to_vec()));
    for value in [0, 5] {
        assert!(swap(ROUTER, value).denials.is_empty());
        let denials = swap(OTHER, value).denials;
        assert!(
            matches!(denials[..], [Denial::NotListed { .. }]),
            "{denials:?}"
        );
    }
    assert!(quoted(&scene, transfer(5)).denials.is_empty());
    // The token's own list says where tokens go; that the contract is called with nothing of Eth is no payment to it.
    assert!(quoted(&scene, token(5)).denials.is_empty());
}

#[test]
fn the_lowest_tier_cannot_list_a_call() {
    let scene = scene(policy(None, None, &[]));
    let wider = policy(None, None, &[listed(ROUTER, SWAP)]);
    let proposal = scene
        .propose(1, 2, 1, RawIntent::PolicyChange(wider))
        .unwrap();
    let three = Standing::NeedsApprovals {
        given: 1,
        quorum: 3,
    };
    assert_eq!(proposal.stage, StageView::Open(three.clone()));
    let refused = scene.execute(1, 3, proposal.id);
    assert_eq!(refused, Err(WalletError::NotReady(three)));
    scene.approve(2, proposal.id).unwrap();
    scene.approve(3, proposal.id).unwrap();
    let changed = scene.execute(1, 3, proposal.id).unwrap().unwrap();
    assert_eq!(changed.stage, StageView::Changed);
    assert_eq!(quorum(&scene, call(ROUTER, 5, SWAP.to_vec())), 1);
}

#[test]
fn a_selector_that_can_be_read_cannot_be_listed() {
    let scene = scene(policy(None, None, &[]));
    let approve = [0x09, 0x5e, 0xa7, 0xb3];
    let change = RawIntent::PolicyChange(policy(None, None, &[listed(TOKEN, approve)]));
    let refused = scene.propose(1, 2, 1, change);
    assert!(
        matches!(refused, Err(WalletError::Intent(_))),
        "{refused:?}"
    );
}

#[test]
fn no_function_of_a_token_with_rules_can_be_listed() {
    let scene = scene(policy(None, None, &[]));
    let transfer_and_call = [0x40, 0x00, 0xae, 0xa0];
    let calls = [listed(TOKEN, transfer_and_call)];
    let change = RawIntent::PolicyChange(policy(None, None, &calls));
    let refused = scene.propose(1, 2, 1, change).unwrap_err();
    let token = EvmAddress::parse(TOKEN).unwrap().to_string();
    let reason = PolicyError::Calls(CallsError::TokenWithRules(token));
    assert_eq!(refused, WalletError::Intent(IntentError::Policy(reason)));
    // The same contract on another chain is another one, and without rules it has none to pass by.
    let elsewhere = RawListedCalls {
        chain_id: CHAIN + 1,
        ..listed(TOKEN, transfer_and_call)
    };
    let mut without = policy(None, None, &calls);
    without.assets.pop();
    for policy in [policy(None, None, &[elsewhere]), without] {
        let change = RawIntent::PolicyChange(policy);
        let id = (scene.kit.borrow().product().next_proposal().number() + 10) as u8;
        scene.propose(1, id, 1, change).unwrap();
    }
}

#[test]
fn a_call_that_reads_but_moves_nothing_needs_the_highest_requirement() {
    let scene = scene(policy(None, None, &[]));
    // transferFrom((address,address,uint160,address)[]) of Permit2 with an empty list.
    let nothing = data("0d58b1db", &["20", "0"]);
    let selector = nothing.first_chunk().copied().unwrap();
    assert!(decode::call::reads(decode::PERMIT2, selector));
    let permit2 = decode::PERMIT2.to_string();
    for value in [0, 5] {
        let call = call(&permit2, value, nothing.clone());
        assert_eq!(quorum(&scene, call), 3);
    }
}

#[test]
fn what_was_sent_counts_for_both_limits_whatever_became_of_it() {
    let scene = scene(policy(None, None, &[]));
    let own = {
        scene.call_as(1);
        let index = crate::account::path::AccountIndex(0);
        let kit = scene.kit.borrow();
        let all = crate::read::addresses(&kit, &scene.world, WalletId::FIRST, index);
        EvmAddress::parse(&all.unwrap().evm).unwrap()
    };
    let contract = EvmAddress::parse(TOKEN).unwrap();
    scene.world.evm.borrow_mut().give(own, u128::MAX / 2);
    scene.world.evm.borrow_mut().failing.insert(contract);
    scene.propose(1, 2, 1, token(90)).unwrap();
    scene.execute(1, 3, 1).unwrap();
    scene.world.evm.borrow_mut().mine(100);
    let reverted = scene.resume(1, 1).unwrap().unwrap();
    assert_eq!(reverted.stage, StageView::Reverted);
    let chain = ChainId(CHAIN);
    let kit = scene.kit.borrow();
    for (asset, amount) in [
        (Asset::Eth(chain), FEE),
        (Asset::Erc20(chain, contract), 90),
    ] {
        let spent = kit.product().spent(WalletId::FIRST, &asset);
        let window = crate::policy::Seconds(86_400);
        let now = canister_kit::runtime::Runtime::now(&scene.world);
        assert_eq!(spent.within(window, now), Amount(amount));
    }
}

#[test]
fn refresh_tells_balance_nonces_and_fees() {
    let scene = scene(policy(None, None, &[]));
    let refreshed = |account: RawAccount| {
        scene.world.world.pass(60 * Timestamp::SECOND);
        let caller = scene.call_as(1);
        let begun = holdings::begin(
            &mut scene.kit.borrow_mut(),
            &scene.world,
            caller,
            WalletId::FIRST,
            account,
        );
        let answer = now(begun?.ask(&scene.world));
        holdings::end(&mut scene.kit.borrow_mut(), &scene.world, answer)
    };
    scene.propose(1, 2, 1, transfer(5)).unwrap();
    scene.execute(1, 3, 1).unwrap();
    let own = RawAccount::Eth {
        chain_id: CHAIN,
        index: 0,
    };
    match refreshed(own).unwrap() {
        Holdings::Eth {
            balance,
            nonce,
            next_nonce,
            in_flight,
            base_fee_per_gas,
            ..
        } => {
            assert_eq!((balance, nonce, next_nonce), (0, 0, 1));
            assert_eq!((in_flight, base_fee_per_gas), (vec![1], 900));
        }
        other => panic!("{other:?}"),
    }
    let erc20 = |contract: &str| RawAccount::Erc20 {
        chain_id: CHAIN,
        contract: contract.to_owned(),
        index: 0,
    };
    let told = refreshed(erc20(TOKEN)).unwrap();
    assert!(
        matches!(told, Holdings::Erc20 { balance: 77, .. }),
        "{told:?}"
    );
    assert!(matches!(
        refreshed(erc20("0x33")),
        Err(WalletError::Intent(_))
    ));
    *scene.world.fates.borrow_mut() = vec![crate::runtime::fake::Fate::Differ].into();
    assert!(matches!(
        refreshed(erc20(TOKEN)),
        Err(WalletError::Silent(_))
    ));
}
