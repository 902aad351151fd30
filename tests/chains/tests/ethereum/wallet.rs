//! The wallet's transactions on an EVM: what it pays, what its policy makes of calls, fees, and what the chain then says.

use super::scene::{
    CHAIN, FEES, GWEI, Scene, TOKENS, calling, calling_with, ether, hash, is_at, is_sent, only,
    stranger, token, tokens, transaction,
};
use chainkey_chains::ethereum::ETHER;
use chainkey_chains::ethereum::abi::call;
use chainkey_tests::wallet::interface::{
    Account, Asset, Denial, EvmTransfer, Holdings, Intent, IntentError, Proposal, Setback, Stage,
    Standing, WalletError,
};
use chainkey_tests::wallet::person;
use chainkey_tests::world::World;
use serde_json::json;
use std::time::Duration;

const TWO: Standing = Standing::NeedsApprovals {
    given: 1,
    quorum: 2,
};

fn standing(proposal: &Proposal) -> Standing {
    match &proposal.stage {
        Stage::Open(standing) => standing.clone(),
        other => panic!("{other:?}"),
    }
}

fn denials(proposal: &Proposal) -> Vec<Denial> {
    match standing(proposal) {
        Standing::Denied(denials) => denials,
        other => panic!("{other:?}"),
    }
}

#[test]
fn ether_is_paid_once_and_the_proposal_ends_when_its_block_is_final() {
    let world = World::new().unwrap();
    let mut scene = Scene::new(&world);
    let to = stranger(7);
    let intent = ether(to, ETHER / 2);
    let proposed = scene.propose(b"pay", &intent);
    assert_eq!(standing(&proposed), Standing::Ready, "one member is enough");
    let sent = scene.execute(b"pay", proposed.id);
    is_sent(&sent);
    assert_eq!(scene.waiting(), [hash(&sent)]);
    let work = transaction(&sent);
    assert_eq!((work.nonce, work.chain_id), (0, CHAIN));
    let offered = &work.versions[0];
    assert!(offered.max_fee_per_gas <= FEES.0, "{offered:?}");

    scene.pay.evm.mine(1).unwrap();
    assert_eq!(scene.ether(to), ETHER / 2);
    is_sent(&scene.resume(proposed.id));
    let settled = scene.settle(proposed.id);
    is_at(&settled, &Stage::Confirmed, None);
    let mined = transaction(&settled).mined.clone().expect("is mined");
    assert_eq!(mined.hash, hash(&sent));
    let left = scene.ether(scene.own);
    assert_eq!(left, 10 * ETHER - ETHER / 2 - mined.fee);
    assert_eq!((scene.ether(to), scene.nonce()), (ETHER / 2, 1));
    let again = scene.execute(b"pay", proposed.id);
    assert_eq!(again.stage, Stage::Confirmed, "the request is known");
}

#[test]
fn tokens_are_paid_by_two_members_and_seen_on_the_chain() {
    let world = World::new().unwrap();
    let mut scene = Scene::new(&world);
    let (to, contract) = (stranger(8), scene.pay.token);
    let intent = tokens(contract, to, 300);
    let proposed = scene.propose(b"pay", &intent);
    assert_eq!(standing(&proposed), TWO);
    scene
        .pay
        .wallet
        .approve(person("bob"), proposed.id)
        .unwrap();
    is_sent(&scene.execute(b"pay", proposed.id));
    let settled = scene.settle(proposed.id);
    is_at(&settled, &Stage::Confirmed, None);
    assert_eq!(scene.pay.tokens(to).unwrap(), 300);
    assert_eq!(scene.pay.tokens(scene.own).unwrap(), TOKENS - 300);

    let account = Account::Erc20 {
        chain_id: CHAIN,
        contract: contract.to_string(),
        index: 0,
    };
    let holdings = scene.pay.refresh(person("bob"), 1, account).unwrap();
    let Holdings::Erc20 { balance, .. } = holdings else {
        panic!("{holdings:?}");
    };
    assert_eq!(balance, TOKENS - 300);
    let account = Account::Eth {
        chain_id: CHAIN,
        index: 0,
    };
    let holdings = scene.pay.refresh(person("bob"), 1, account).unwrap();
    let Holdings::Eth {
        balance,
        nonce,
        next_nonce,
        in_flight,
        ..
    } = holdings
    else {
        panic!("{holdings:?}");
    };
    assert_eq!(balance, scene.ether(scene.own));
    assert_eq!((nonce, next_nonce, in_flight), (1, 1, Vec::new()));
}

#[test]
fn a_listed_call_is_a_small_payment_and_an_unlisted_one_needs_the_highest_requirement() {
    let world = World::new().unwrap();
    let mut scene = Scene::new(&world);
    let contract = scene.pay.spender;
    let listed = calling(contract, "increase(uint256)", 5, 1_000);
    let proposed = scene.propose(b"listed", &listed);
    assert_eq!(standing(&proposed), Standing::Ready);
    is_sent(&scene.execute(b"listed", proposed.id));
    is_at(&scene.settle(proposed.id), &Stage::Confirmed, None);
    let number = |name: &str| {
        scene
            .pay
            .evm
            .ask_number(contract, &call(name, &[]))
            .unwrap()
    };
    assert_eq!((number("count()"), number("received()")), (5, 1_000));

    let unlisted = calling(contract, "fail(uint256)", 5, 1_000);
    assert_eq!(standing(&scene.propose(b"unlisted", &unlisted)), TWO);
    // The same function of another contract is not listed.
    let other = calling(scene.pay.verifier, "increase(uint256)", 5, 0);
    assert_eq!(standing(&scene.propose(b"other", &other)), TWO);
}

#[test]
fn a_call_that_the_contract_refuses_ends_without_effect_and_its_fee_is_gone() {
    let world = World::new().unwrap();
    let mut scene = Scene::new(&world);
    let contract = scene.pay.spender;
    let sent = scene.carry_out(b"fail", &calling(contract, "fail(uint256)", 5, ETHER));
    is_sent(&sent);
    let settled = scene.settle(sent.id);
    is_at(&settled, &Stage::Reverted, None);
    let fee = transaction(&settled).mined.clone().expect("is mined").fee;
    assert!(fee > 0);
    assert_eq!(scene.ether(scene.own), 10 * ETHER - fee);
    assert_eq!((scene.ether(contract), scene.nonce()), (0, 1));
}

#[test]
fn an_approval_counts_as_what_it_lets_somebody_take() {
    let world = World::new().unwrap();
    let mut scene = Scene::new(&world);
    let (contract, spender) = (scene.pay.token, scene.pay.spender);
    let approve = |amount: u128| {
        let arguments = [spender.into(), amount.into()];
        calling_with(contract, call("approve(address,uint256)", &arguments), 0)
    };
    let quote = scene
        .pay
        .wallet
        .quote(person("ann"), 1, &approve(400))
        .unwrap();
    let spend = quote
        .spends
        .iter()
        .find(|spend| spend.asset != Asset::Eth { chain_id: CHAIN });
    assert_eq!(spend.map(|spend| spend.amount), Some(400), "{quote:?}");
    assert_eq!(
        standing(&scene.propose(b"small", &approve(100))),
        Standing::Ready
    );
    let id = scene.agree(b"approve", &approve(400));
    is_sent(&scene.execute(b"approve", id));
    is_at(&scene.settle(id), &Stage::Confirmed, None);
    let take = |amount: u128| {
        let arguments = [contract.into(), scene.own.into(), amount.into()];
        let take = call("take(address,address,uint256)", &arguments);
        scene.pay.carry_out(spender, &take).is_ok()
    };
    assert!(take(400));
    assert!(!take(1));
    // 400 of the day's 1 000 are spent.
    let denied = denials(&scene.propose(b"more", &approve(601)));
    let [
        Denial::OverLimit {
            spent,
            limit,
            amount,
            ..
        },
    ] = denied.as_slice()
    else {
        panic!("{denied:?}");
    };
    assert_eq!((*spent, *limit, *amount), (400, 1_000, 601));
    let unlimited = denials(&scene.propose(b"all", &approve(u128::MAX)));
    assert!(matches!(unlimited.as_slice(), [Denial::OverLimit { .. }]));
}

#[test]
fn lists_and_limits_refuse_before_anything_is_signed() {
    let world = World::new().unwrap();
    let friend = stranger(1);
    let scene = Scene::with(&world, |policy| {
        for rules in &mut policy.assets {
            rules.allow_list = only(&[friend]);
        }
    });
    let paid = scene.propose(b"friend", &ether(friend, 1));
    assert_eq!(standing(&paid), Standing::Ready);
    let contract = scene.pay.token;
    for (request, intent) in [
        (b"1".as_slice(), ether(stranger(2), 1)),
        (b"2", tokens(contract, stranger(2), 1)),
        (b"3", calling(scene.pay.spender, "increase(uint256)", 1, 1)),
    ] {
        let denied = denials(&scene.propose(request, &intent));
        assert!(
            matches!(denied.as_slice(), [Denial::NotListed { .. }]),
            "{denied:?}"
        );
    }
    // The fee counts: just below the limit is above it.
    let denied = denials(&scene.propose(b"4", &ether(friend, 5 * ETHER - 1)));
    assert!(
        matches!(denied.as_slice(), [Denial::OverLimit { .. }]),
        "{denied:?}"
    );
    assert_eq!((scene.nonce(), scene.waiting().len()), (0, 0));
    let nowhere = Intent::EvmTransfer(EvmTransfer {
        chain_id: 0,
        from_index: 0,
        to: friend.to_string(),
        value: 1,
        gas_limit: 21_000,
        max_fee_per_gas: GWEI,
        max_priority_fee_per_gas: 1,
    });
    let refused = scene.pay.wallet.propose(person("ann"), b"5", 1, &nowhere);
    let refused = refused.expect_err("is no chain");
    assert!(matches!(
        refused,
        WalletError::Intent(IntentError::NoSuchChain { chain_id: 0 })
    ));
}

#[test]
fn a_base_fee_above_the_approved_one_and_an_empty_account_stop_without_loss() {
    let world = World::new().unwrap();
    let mut scene = Scene::new(&world);
    let to = stranger(3);
    scene.pay.evm.set_base_fee(100 * GWEI).unwrap();
    scene.pay.evm.mine(1).unwrap();
    let id = scene.propose(b"pay", &ether(to, ETHER / 2)).id;
    let stopped = scene.execute(b"pay", id);
    assert!(matches!(
        stopped.setback,
        Some(Setback::BaseFeeAboveCap { max_fee_per_gas, .. }) if max_fee_per_gas == FEES.0
    ));
    assert_eq!(standing(&stopped), Standing::Ready);
    assert!(stopped.evm.is_none(), "no nonce is reserved");

    scene.pay.evm.set_base_fee(GWEI).unwrap();
    scene.pay.evm.mine(1).unwrap();
    scene.pay.evm.set_balance(scene.own, 1_000).unwrap();
    let stopped = scene.execute(b"again", id);
    is_at(&stopped, &Stage::Sent, Some(&Setback::InsufficientFunds));
    assert_eq!(scene.waiting(), Vec::<String>::new());
    scene.pay.evm.set_balance(scene.own, ETHER).unwrap();
    is_sent(&scene.resume(id));
    is_at(&scene.settle(id), &Stage::Confirmed, None);
    assert_eq!((scene.ether(to), scene.nonce()), (ETHER / 2, 1));
}

#[test]
fn fees_are_raised_under_the_same_nonce_and_one_version_is_mined() {
    let world = World::new().unwrap();
    let mut scene = Scene::new(&world);
    let to = stranger(4);
    let first = scene.carry_out(b"pay", &ether(to, ETHER / 4));
    is_sent(&first);
    let offered = transaction(&first).versions[0].clone();
    let fees = (
        offered.max_fee_per_gas * 2,
        (offered.max_priority_fee_per_gas * 2).max(2),
    );
    let bumped = scene
        .pay
        .bump(person("bob"), b"bump", first.id, fees)
        .unwrap();
    is_sent(&bumped);
    let work = transaction(&bumped);
    assert_eq!((work.nonce, work.versions.len()), (0, 2));
    assert_ne!(hash(&bumped), hash(&first));
    assert_eq!(
        scene.waiting(),
        [hash(&bumped)],
        "the first one is replaced"
    );
    // Nobody raises fees above what was approved, or by too little.
    for fees in [(FEES.0 + 1, FEES.1), (fees.0 + 1, fees.1 + 1)] {
        let request = fees.0.to_be_bytes();
        let refused = scene
            .pay
            .bump(person("bob"), &request, first.id, fees)
            .unwrap();
        assert!(
            matches!(refused.setback, Some(Setback::NotPlanned(_))),
            "{refused:?}"
        );
    }
    let settled = scene.settle(first.id);
    is_at(&settled, &Stage::Confirmed, None);
    let mined = transaction(&settled).mined.clone().expect("is mined");
    assert_eq!(mined.hash, hash(&bumped));
    assert_eq!((scene.ether(to), scene.nonce()), (ETHER / 4, 1));
}

#[test]
fn what_is_cancelled_in_time_never_takes_effect_and_what_is_not_does() {
    let world = World::new().unwrap();
    let mut scene = Scene::new(&world);
    let to = stranger(5);
    let double = |proposal: &Proposal| {
        let offered = &transaction(proposal).versions[0];
        let priority = (offered.max_priority_fee_per_gas * 2).max(2);
        (offered.max_fee_per_gas * 2, priority)
    };
    let sent = scene.carry_out(b"1", &ether(to, ETHER / 4));
    let cancelled = scene
        .pay
        .cancel(person("bob"), b"cancel 1", sent.id, double(&sent));
    let cancelled = cancelled.unwrap();
    is_sent(&cancelled);
    assert!(transaction(&cancelled).versions[0].cancels);
    assert_eq!(scene.waiting(), [hash(&cancelled)]);
    let settled = scene.settle(sent.id);
    is_at(&settled, &Stage::Replaced, None);
    assert_eq!((scene.ether(to), scene.nonce()), (0, 1));

    // Too late: the nonce is used, and nothing is signed.
    let sent = scene.carry_out(b"2", &ether(to, ETHER / 4));
    scene.pay.evm.mine(1).unwrap();
    let late = scene
        .pay
        .cancel(person("bob"), b"cancel 2", sent.id, double(&sent));
    let late = late.unwrap();
    is_at(&late, &Stage::Sent, Some(&Setback::NonceUsed));
    assert_eq!(transaction(&late).versions.len(), 1);
    is_at(&scene.settle(sent.id), &Stage::Confirmed, None);
    assert_eq!((scene.ether(to), scene.nonce()), (ETHER / 4, 2));
}

#[test]
fn a_stranger_who_uses_the_account_is_noticed_before_and_after() {
    let world = World::new().unwrap();
    let mut scene = Scene::new(&world);
    let to = stranger(6);
    let rpc = scene.pay.evm.rpc();
    let own = json!([scene.own.to_string()]);
    rpc.call("anvil_impersonateAccount", own).expect("pretends");
    let foreign = |scene: &Scene<'_>| {
        let evm = &scene.pay.evm;
        evm.send(scene.own, Some(scene.pay.payer), 1, &[])
            .expect("is taken")
    };
    foreign(&scene);
    let id = scene.agree(b"pay", &ether(to, ETHER / 4));
    let stopped = scene.execute(b"pay", id);
    let expected = Setback::ForeignTransaction {
        pending: 1,
        next: 0,
    };
    assert_eq!(stopped.setback, Some(expected));
    scene.pay.evm.mine(1).unwrap();
    let sent = scene.execute(b"again", id);
    is_sent(&sent);
    assert_eq!(transaction(&sent).nonce, 1);
    // The node forgets it, and the stranger is faster.
    scene.pay.evm.forget(&hash(&sent)).unwrap();
    foreign(&scene);
    scene.pay.evm.mine(1).unwrap();
    is_at(&scene.resume(id), &Stage::Sent, Some(&Setback::NonceUsed));
    // Nobody tells a receipt of the wallet's; that is an end only when it has been so for a day.
    let missing = scene.settle(id);
    assert_eq!(missing.stage, Stage::Sent);
    let waits = matches!(missing.setback, Some(Setback::ReceiptMissing { .. }));
    assert!(waits, "{missing:?}");
    world.network().advance_time(Duration::from_secs(86_400));
    is_at(&scene.resume(id), &Stage::Superseded, None);
    assert_eq!((scene.ether(to), scene.nonce()), (0, 2));
    // And the next one goes on behind it.
    let next = scene.carry_out(b"next", &tokens(scene.pay.token, to, 5));
    assert_eq!(transaction(&next).nonce, 2);
    is_at(&scene.settle(next.id), &Stage::Confirmed, None);
    let spent = Asset::Eth { chain_id: CHAIN };
    assert_ne!(token(&scene.pay), spent);
    assert_eq!(scene.pay.tokens(to).unwrap(), 5);
}
