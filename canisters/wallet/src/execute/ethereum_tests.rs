//! The life of a transaction on a chain of Ethereum's kind through every interruption, in the fake world.

use super::raise_tests::{bump, cancel, raised};
use super::{RaiseWanted, Started, drive};
use crate::account::ethereum::EvmAddress;
use crate::account::path::AccountIndex;
use crate::error::WalletError;
use crate::fake::person;
use crate::intent::{RawErc20Transfer, RawEvmCall, RawEvmTransfer, RawIntent};
use crate::proposal::{EvmView, ProposalId, ProposalView, Setback, StageView};
use crate::runtime::CallError;
use crate::runtime::fake::{DEPTH, FakeEvm, Fate, Seen};
use crate::scene::{Scene, policy};
use crate::state::MAX_IN_FLIGHT;
use crate::wallet::WalletId;
use canister_kit::Environment;
use canister_kit::encoding::Timestamp;
use serde_bytes::ByteBuf;
use std::cell::RefMut;

pub const CHAIN: u64 = 31_337;
const TO: &str = "0x1111111111111111111111111111111111111111";
const TOKEN: &str = "0x6B175474E89094C44Da98b954EedeAC495271d0F";

/// The caps of the transactions below: the market offers a maximum of 2 100 and a priority of 100.
pub const MAX_FEE: u128 = 5_000;
pub const MAX_PRIORITY: u128 = 500;

pub fn scene() -> Scene {
    let scene = Scene::new(Environment::Local);
    let members = vec![person(1), person(2)];
    scene.create_with(1, 1, "house", members, policy()).unwrap();
    scene.prepare(1).unwrap();
    chain(&scene).give(account(&scene), u128::MAX / 4);
    scene
}

pub fn chain(scene: &Scene) -> RefMut<'_, FakeEvm> {
    scene.world.evm.borrow_mut()
}

pub fn account(scene: &Scene) -> EvmAddress {
    scene.call_as(1);
    let kit = scene.kit.borrow();
    let own = crate::read::addresses(&kit, &scene.world, WalletId::FIRST, AccountIndex(0)).unwrap();
    EvmAddress::parse(&own.evm).unwrap()
}

pub fn transfer(value: u128) -> RawIntent {
    RawIntent::EvmTransfer(RawEvmTransfer {
        chain_id: CHAIN,
        from_index: 0,
        to: TO.to_owned(),
        value,
        gas_limit: 21_000,
        max_fee_per_gas: MAX_FEE,
        max_priority_fee_per_gas: MAX_PRIORITY,
    })
}

fn token(amount: u128) -> RawIntent {
    RawIntent::Erc20Transfer(RawErc20Transfer {
        chain_id: CHAIN,
        from_index: 0,
        contract: TOKEN.to_owned(),
        to: TO.to_owned(),
        amount,
        gas_limit: 90_000,
        max_fee_per_gas: MAX_FEE,
        max_priority_fee_per_gas: MAX_PRIORITY,
    })
}

fn call(value: u128, data: &[u8]) -> RawIntent {
    RawIntent::EvmCall(RawEvmCall {
        chain_id: CHAIN,
        from_index: 0,
        to: TOKEN.to_owned(),
        value,
        data: ByteBuf::from(data),
        gas_limit: 90_000,
        max_fee_per_gas: MAX_FEE,
        max_priority_fee_per_gas: MAX_PRIORITY,
    })
}

pub fn pay(scene: &Scene, id: u8, intent: RawIntent, fates: Vec<Fate>) -> Option<ProposalView> {
    let proposal = scene.propose(1, id, 1, intent).unwrap();
    *scene.world.fates.borrow_mut() = fates.into();
    scene.world.world.pass(60 * Timestamp::SECOND);
    scene.execute(1, id + 100, proposal.id).unwrap()
}

pub fn resume(scene: &Scene, id: u64) -> ProposalView {
    scene.resume(2, id).unwrap().unwrap()
}

pub fn work(view: &ProposalView) -> EvmView {
    view.evm.clone().unwrap()
}

/// Everything that was ever sent under one nonce is one of these acts.
pub fn acts(scene: &Scene, nonce: u64) -> Vec<Seen> {
    let sent = chain(scene).sent.clone();
    sent.into_iter()
        .filter(|seen| seen.raw.nonce.0 == nonce)
        .collect()
}

pub fn busy() -> CallError {
    CallError::new(2, "the queue is full")
}

pub fn lost() -> CallError {
    CallError::new(6, "no answer came in time")
}

#[test]
fn each_intent_is_signed_sent_once_and_confirmed_when_its_block_is_final() {
    for (intent, to, value, data) in [
        (transfer(7), TO, 7, 0),
        (token(9), TOKEN, 0, 68),
        (call(3, &[1, 2, 3, 4, 5]), TOKEN, 3, 5),
        (call(3, &[]), TOKEN, 3, 0),
    ] {
        let scene = scene();
        let sent = pay(&scene, 2, intent, vec![]).unwrap();
        assert_eq!(sent.stage, StageView::Sent);
        assert_eq!(sent.setback, Some(Setback::NotFinal));
        let raw = acts(&scene, 0)[0].raw.clone();
        let shown = work(&sent);
        assert_eq!((shown.nonce, shown.chain_id), (0, CHAIN));
        assert_eq!(raw.to.to_string().to_lowercase(), to.to_lowercase());
        assert_eq!((raw.value.0, raw.data.len()), (value, data));
        assert_eq!(
            raw.fees.max_fee_per_gas.0, 2_100,
            "twice the base fee and the tip"
        );
        assert_eq!(raw.fees.max_priority_fee_per_gas.0, 100);
        chain(&scene).mine(1);
        assert_eq!(resume(&scene, 1).setback, Some(Setback::NotFinal));
        chain(&scene).mine(DEPTH - 1);
        assert_eq!(resume(&scene, 1).stage, StageView::Sent);
        chain(&scene).mine(1);
        let settled = resume(&scene, 1);
        assert_eq!(settled.stage, StageView::Confirmed);
        let mined = work(&settled).mined.unwrap();
        assert_eq!(Some(mined.hash), shown.versions[0].hash);
        assert_eq!(mined.block, 101);
        assert_eq!(scene.resume(1, 1), Err(WalletError::NothingToResume));
        assert_eq!(scene.world.signed.borrow().len(), 1);
    }
}

#[test]
fn what_fails_on_the_chain_is_an_end_of_its_own() {
    let scene = scene();
    let to = EvmAddress::parse(&TOKEN.to_lowercase()).unwrap();
    chain(&scene).failing.insert(to);
    pay(&scene, 2, token(9), vec![]).unwrap();
    chain(&scene).mine(DEPTH + 1);
    assert_eq!(resume(&scene, 1).stage, StageView::Reverted);
    let next = pay(&scene, 3, transfer(1), vec![]).unwrap();
    assert_eq!(work(&next).nonce, 1);
}

#[test]
fn refuses_what_can_be_seen_to_be_wrong_before_the_chain_is_asked() {
    let scene = scene();
    let changed = |change: fn(&mut RawEvmTransfer)| match transfer(1) {
        RawIntent::EvmTransfer(mut raw) => {
            change(&mut raw);
            scene
                .propose(1, 50, 1, RawIntent::EvmTransfer(raw))
                .unwrap_err()
        }
        other => panic!("{other:?}"),
    };
    let refused = [
        changed(|raw| raw.chain_id = 0),
        changed(|raw| raw.value = 0),
        changed(|raw| raw.to = "0x11".to_owned()),
        changed(|raw| raw.gas_limit = 20_999),
        changed(|raw| raw.gas_limit = (1 << 24) + 1),
        changed(|raw| raw.chain_id = 42_161),
        changed(|raw| raw.max_fee_per_gas = 50_000_000_000_000),
        changed(|raw| raw.max_priority_fee_per_gas = 1),
        changed(|raw| raw.max_priority_fee_per_gas = MAX_FEE + 1),
        changed(|raw| raw.max_fee_per_gas = u128::MAX),
        changed(|raw| raw.value = u128::MAX),
    ];
    for error in refused {
        assert!(matches!(error, WalletError::Intent(_)), "{error:?}");
    }
    for intent in [token(0), call(0, &[]), call(0, &vec![0; 32 * 1024 + 1])] {
        let error = scene.propose(1, 51, 1, intent).unwrap_err();
        assert!(matches!(error, WalletError::Intent(_)), "{error:?}");
    }
}

#[test]
fn only_known_chains_are_paid_on_outside_a_developers_machine() {
    let scene = Scene::new(Environment::Staging);
    scene.create(1, 1, "house", &[1, 2]).unwrap();
    let error = scene.propose(1, 2, 1, transfer(1)).unwrap_err();
    let none = crate::intent::IntentError::NoSuchChain { chain_id: CHAIN };
    assert_eq!(error, WalletError::Intent(none));
}

#[test]
fn several_transactions_of_an_account_take_consecutive_nonces() {
    let scene = scene();
    for id in 0..MAX_IN_FLIGHT as u8 {
        let sent = pay(&scene, 2 + id, transfer(1), vec![]).unwrap();
        assert_eq!(work(&sent).nonce, u64::from(id));
    }
    let full = pay(&scene, 60, transfer(1), vec![]).unwrap();
    let in_flight = MAX_IN_FLIGHT as u64;
    assert_eq!(full.setback, Some(Setback::TooManyInFlight { in_flight }));
    assert!(matches!(full.stage, StageView::Open(_)));
    chain(&scene).mine(DEPTH + 1);
    assert_eq!(resume(&scene, 1).stage, StageView::Confirmed);
    let sent = scene.execute(1, 161, full.id).unwrap().unwrap();
    assert_eq!(work(&sent).nonce, in_flight);
}

#[test]
fn two_proposals_that_are_carried_out_at_once_never_share_a_nonce() {
    let scene = scene();
    for id in 2..=3 {
        scene.propose(1, id, 1, transfer(u128::from(id))).unwrap();
    }
    // The first one is held up between its count and its fees; the other one overtakes it.
    let slow = |fates: Vec<Fate>| *scene.world.fates.borrow_mut() = fates.into();
    slow(vec![Fate::Answered, Fate::Slow(Box::new(Fate::Answered))]);
    let caller = scene.call_as(1);
    let begun = super::begin(
        &mut scene.kit.borrow_mut(),
        &scene.world,
        caller,
        vec![102],
        ProposalId::new(1),
    );
    let Ok(Started::Run(run)) = begun else {
        panic!("it begins")
    };
    let mut first = std::pin::pin!(drive(&scene, &scene.world, run));
    let waker = std::task::Waker::noop();
    let mut poll = || {
        first
            .as_mut()
            .poll(&mut std::task::Context::from_waker(waker))
    };
    use std::future::Future;
    assert!(poll().is_pending());
    slow(vec![]);
    let second = scene.execute(1, 103, 2).unwrap().unwrap();
    assert_eq!(work(&second).nonce, 0);
    assert!(poll().is_pending(), "the answer is held up too");
    let std::task::Poll::Ready(first) = poll() else {
        panic!("it ends")
    };
    assert_eq!(work(&first).nonce, 1);
    assert_eq!((acts(&scene, 0).len(), acts(&scene, 1).len()), (1, 1));
}

#[test]
fn what_was_surely_not_signed_gives_its_nonce_back_if_it_is_the_last_one() {
    let scene = scene();
    let questions = vec![Fate::Answered; 3];
    let fates = [questions, vec![Fate::Rejected(busy())]].concat();
    let open = pay(&scene, 2, transfer(1), fates).unwrap();
    assert_eq!(open.setback, Some(Setback::NotSigned(busy())));
    assert!(matches!(open.stage, StageView::Open(_)));
    let next = pay(&scene, 3, transfer(2), vec![]).unwrap();
    assert_eq!(work(&next).nonce, 0);
    let again = scene.execute(1, 102, 1).unwrap().unwrap();
    assert_eq!(work(&again).nonce, 1);
}

#[test]
fn a_nonce_whose_signature_may_exist_is_kept_and_its_transaction_resumed() {
    for fate in [
        Fate::Rejected(lost()),
        Fate::AnswerLost(lost()),
        Fate::EffectAndSilence,
        Fate::Silence,
    ] {
        let scene = scene();
        let fates = [vec![Fate::Answered; 3], vec![fate.clone()]].concat();
        pay(&scene, 2, transfer(1), fates);
        let next = pay(&scene, 3, transfer(2), vec![]).unwrap();
        assert_eq!(work(&next).nonce, 1, "{fate:?}");
        scene.upgrade();
        // Also a reject that is surely without effect does not give it back any more.
        *scene.world.fates.borrow_mut() = vec![Fate::Rejected(busy())].into();
        let kept = resume(&scene, 1);
        assert_eq!(kept.stage, StageView::Signing, "{fate:?}");
        let sent = resume(&scene, 1);
        assert_eq!(work(&sent).nonce, 0, "{fate:?}");
        assert_eq!(sent.stage, StageView::Sent);
        chain(&scene).mine(DEPTH + 1);
        assert_eq!(resume(&scene, 1).stage, StageView::Confirmed);
        assert_eq!(resume(&scene, 2).stage, StageView::Confirmed);
    }
}

#[test]
fn whatever_interrupts_a_transaction_resuming_sends_the_same_one() {
    let fates = [
        Fate::Rejected(busy()),
        Fate::Rejected(lost()),
        Fate::AnswerLost(lost()),
        Fate::EffectAndSilence,
        Fate::Silence,
        Fate::Differ,
    ];
    // Call five sends; before it, nothing is reserved or the signature is asked for.
    for fate in &fates {
        let scene = scene();
        let fates = [vec![Fate::Answered; 4], vec![fate.clone()]].concat();
        pay(&scene, 2, transfer(5), fates);
        scene.upgrade();
        let sent = resume(&scene, 1);
        assert_eq!(sent.stage, StageView::Sent, "{fate:?}");
        let hash = work(&sent).versions[0].hash.clone().unwrap();
        let seen = acts(&scene, 0);
        assert!(
            seen.iter().all(|seen| seen.hash.to_string() == hash),
            "{fate:?}"
        );
        chain(&scene).mine(DEPTH + 1);
        assert_eq!(resume(&scene, 1).stage, StageView::Confirmed, "{fate:?}");
        assert_eq!(scene.world.signed.borrow().len(), 1, "{fate:?}");
    }
}

#[test]
fn a_question_that_is_not_answered_before_the_reservation_changes_nothing() {
    let fates = [
        Fate::Rejected(busy()),
        Fate::AnswerLost(lost()),
        Fate::Differ,
    ];
    for place in 0..3 {
        for fate in &fates {
            let scene = scene();
            let fates = [vec![Fate::Answered; place], vec![fate.clone()]].concat();
            let open = pay(&scene, 2, transfer(5), fates).unwrap();
            assert!(matches!(open.stage, StageView::Open(_)), "{place} {fate:?}");
            let expected = match fate {
                Fate::Rejected(error) | Fate::AnswerLost(error) => {
                    Setback::EvmSilent(error.clone())
                }
                _ => Setback::ProvidersDiffer,
            };
            assert_eq!(open.setback, Some(expected));
            assert_eq!(
                scene.execute(1, 102, 1).unwrap().unwrap().stage,
                StageView::Sent
            );
        }
    }
}

#[test]
fn nothing_is_assumed_of_a_chain_whose_providers_differ_about_what_was_sent() {
    let scene = scene();
    pay(&scene, 2, transfer(5), vec![]).unwrap();
    chain(&scene).mine(DEPTH + 1);
    for place in 0..2 {
        let fates = [vec![Fate::Answered; place], vec![Fate::Differ]].concat();
        *scene.world.fates.borrow_mut() = fates.into();
        let view = resume(&scene, 1);
        assert_eq!(view.setback, Some(Setback::ProvidersDiffer));
        assert_eq!(view.stage, StageView::Sent);
    }
    assert_eq!(resume(&scene, 1).stage, StageView::Confirmed);
}

#[test]
fn a_base_fee_above_the_highest_one_reserves_nothing() {
    let scene = scene();
    chain(&scene).base_fee = MAX_FEE + 1;
    let open = pay(&scene, 2, transfer(5), vec![]).unwrap();
    let (base_fee, max_fee_per_gas) = (MAX_FEE + 1, MAX_FEE);
    let above = Setback::BaseFeeAboveCap {
        base_fee,
        max_fee_per_gas,
    };
    assert_eq!(open.setback, Some(above));
    // Ten elevenths: a cancellation has still room.
    chain(&scene).base_fee = 4_545;
    let sent = scene.execute(1, 102, 1).unwrap().unwrap();
    assert_eq!(work(&sent).versions[0].max_fee_per_gas, 4_545);
}

#[test]
fn a_strangers_transaction_is_never_written_over() {
    let scene = scene();
    let other = self::scene();
    // The same keys without the record, as after a loss of state: what it sends is a stranger's here.
    pay(&other, 2, transfer(9), vec![]).unwrap();
    let foreign = acts(&other, 0)[0].clone();
    let place = (foreign.from, 0);
    chain(&scene).pool.insert(place, foreign.clone());
    let open = pay(&scene, 2, transfer(5), vec![]).unwrap();
    let waits = Setback::ForeignTransaction {
        pending: 1,
        next: 0,
    };
    assert_eq!(open.setback, Some(waits));
    chain(&scene).mine(1);
    let sent = scene.execute(1, 102, 1).unwrap().unwrap();
    assert_eq!(work(&sent).nonce, 1);
}

#[test]
fn a_nonce_that_a_stranger_has_used_ends_the_proposal_and_is_never_signed_again() {
    let scene = scene();
    let other = self::scene();
    pay(&other, 2, transfer(9), vec![]).unwrap();
    let foreign = acts(&other, 0)[0].clone();
    pay(&scene, 2, transfer(5), vec![]).unwrap();
    chain(&scene).mine_only(foreign);
    assert_eq!(resume(&scene, 1).setback, Some(Setback::NonceUsed));
    let bumped = bump(&scene, 9, 1, (3_000, 200));
    assert_eq!(bumped.setback, Some(Setback::NonceUsed));
    assert_eq!(work(&bumped).versions.len(), 1);
    chain(&scene).mine(DEPTH);
    let missing = resume(&scene, 1);
    assert!(matches!(
        missing.setback,
        Some(Setback::ReceiptMissing { .. })
    ));
    scene.world.world.pass(Timestamp::DAY);
    assert_eq!(resume(&scene, 1).stage, StageView::Superseded);
    let refused = raised(
        &scene,
        RaiseWanted::fees(ProposalId::new(1), vec![10], (4_000, 300)),
    );
    assert_eq!(refused, Err(WalletError::NothingToBump));
    assert_eq!(scene.world.signed.borrow().len(), 1);
}

#[test]
fn an_account_without_funds_waits_for_them() {
    let scene = scene();
    chain(&scene).balances.clear();
    let sent = pay(&scene, 2, transfer(5), vec![]).unwrap();
    assert_eq!(sent.setback, Some(Setback::InsufficientFunds));
    assert_eq!(sent.stage, StageView::Sent);
    chain(&scene).give(account(&scene), u128::MAX / 4);
    assert_eq!(resume(&scene, 1).setback, Some(Setback::NotFinal));
}

#[test]
fn replaying_the_log_gives_the_same_nonces() {
    let scene = scene();
    for id in 2..=4 {
        pay(&scene, id, transfer(1), vec![]).unwrap();
    }
    cancel(&scene, 9, 2, (3_000, 200));
    chain(&scene).mine(DEPTH + 1);
    resume(&scene, 1);
    let key = crate::state::NonceKey {
        wallet: WalletId::FIRST,
        chain: crate::chain::ethereum::quantity::ChainId(CHAIN),
        index: AccountIndex(0),
    };
    let kit = scene.kit.borrow();
    let nonces = kit.product().nonces(&key);
    assert_eq!(nonces.held().count(), 2);
    let replayed = crate::propose::tests::replayed(&scene);
    assert_eq!(replayed.nonces(&key), nonces);
}
