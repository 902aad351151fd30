//! The life of a payment on Solana through every interruption, in the fake world.

use crate::account::path::AccountIndex;
use crate::account::solana::SolanaAddress;
use crate::asset::RawAsset;
use crate::chain::solana::tests::stage::{mint, plain, tokens};
use crate::chain::solana::{TokenProgram, associated, nonce_account};
use crate::error::WalletError;
use crate::fake::person;
use crate::holdings::{self, Holdings, RawAccount};
use crate::intent::{IntentError, RawIntent, RawSolTransfer, RawSplTransfer};
use crate::policy::{Denial, RawLimit, RawPolicy, RawRequirement, RawRules, RawTier};
use crate::proposal::{ProposalId, ProposalView, Setback, StageView};
use crate::runtime::CallError;
use crate::runtime::fake::Fate;
use crate::scene::{Scene, now, policy};
use crate::wallet::WalletId;
use canister_kit::Environment;
use canister_kit::encoding::Timestamp;

/// A recipient: the key of RFC 8032's first test.
const TO: [u8; 32] = [
    0xd7, 0x5a, 0x98, 0x01, 0x82, 0xb1, 0x0a, 0xb7, 0xd5, 0x4b, 0xfe, 0xd3, 0xc9, 0x64, 0x07, 0x3a,
    0x0e, 0xe1, 0x72, 0xf3, 0xda, 0xa6, 0x23, 0x25, 0xaf, 0x02, 0x1a, 0x68, 0xf7, 0x07, 0x51, 0x1a,
];

/// What a payment without new accounts costs.
const FEE: u64 = 5_002;

/// What opening the nonce account costs, fee and rent.
const OPENING: u64 = 5_002 + 1_447_680;

const AMOUNT: u64 = 2_000_000;

pub(super) fn to() -> SolanaAddress {
    SolanaAddress::new(TO)
}

fn with_policy(policy: RawPolicy) -> Scene {
    prepared(Scene::new(Environment::Local), policy)
}

pub(super) fn prepared(scene: Scene, policy: RawPolicy) -> Scene {
    let members = vec![person(1), person(2)];
    scene.create_with(1, 1, "house", members, policy).unwrap();
    scene.prepare(1).unwrap();
    let own = own(&scene, 0);
    scene
        .world
        .solana
        .borrow_mut()
        .put(own, plain(1_000_000_000));
    scene
}

fn scene() -> Scene {
    with_policy(policy())
}

/// One whose nonce account is open.
fn opened() -> Scene {
    let scene = scene();
    let id = pay(&scene, 200, send(1_000_000)).unwrap().id;
    advance(&scene);
    resume(&scene, id);
    advance(&scene);
    assert_eq!(resume(&scene, id).stage, StageView::Confirmed);
    scene.world.solana.borrow_mut().seen.clear();
    scene
}

pub(super) fn own(scene: &Scene, index: u32) -> SolanaAddress {
    scene.call_as(1);
    let kit = scene.kit.borrow();
    let index = AccountIndex(index);
    let own = crate::read::addresses(&kit, &scene.world, WalletId::FIRST, index).unwrap();
    SolanaAddress::parse(&own.solana).unwrap()
}

pub(super) fn send(lamports: u64) -> RawIntent {
    RawIntent::SolTransfer(RawSolTransfer {
        from_index: 0,
        to: to().to_string(),
        lamports,
        off_curve: false,
        compute_unit_price: 1_000,
        max_fee: 5_000_000,
    })
}

fn send_token(mint: SolanaAddress, amount: u64) -> RawIntent {
    RawIntent::SplTransfer(RawSplTransfer {
        from_index: 0,
        mint: mint.to_string(),
        token_program: TokenProgram::Token,
        to: to().to_string(),
        amount,
        decimals: 6,
        off_curve: false,
        compute_unit_price: 1_000,
        max_fee: 5_000_000,
    })
}

fn pay(scene: &Scene, id: u8, intent: RawIntent) -> Option<ProposalView> {
    let proposal = scene.propose(1, id, 1, intent).unwrap();
    scene.execute(1, id ^ 0x80, proposal.id).unwrap()
}

fn resume(scene: &Scene, id: u64) -> ProposalView {
    scene.resume(2, id).unwrap().unwrap()
}

/// Everything lands and becomes final.
fn advance(scene: &Scene) {
    let mut chain = scene.world.solana.borrow_mut();
    chain.land();
    chain.finalize();
}

fn received(scene: &Scene) -> u64 {
    scene.world.solana.borrow().lamports(&to())
}

fn lost() -> CallError {
    CallError::new(6, "no answer came in time")
}

#[test]
fn the_first_payment_opens_the_nonce_account_and_then_pays_once() {
    let scene = scene();
    let own = own(&scene, 0);
    let sent = pay(&scene, 2, send(AMOUNT)).unwrap();
    assert_eq!(sent.stage, StageView::Sent);
    assert_eq!(sent.setback, Some(Setback::NotFinal));
    let work = sent.solana.unwrap();
    assert!(work.opening.is_some() && work.transaction.is_none());
    assert_eq!((work.fee, work.rent), (5_002, 1_447_680));

    advance(&scene);
    let paying = resume(&scene, 1);
    assert_eq!(paying.stage, StageView::Sent);
    let work = paying.solana.unwrap();
    assert!(work.transaction.is_some());
    assert_eq!((work.fee, work.rent), (5_002 + FEE, 1_447_680));
    assert_eq!(received(&scene), 0);

    scene.world.solana.borrow_mut().land();
    let landed = resume(&scene, 1);
    assert_eq!(landed.setback, Some(Setback::NotFinal));
    scene.world.solana.borrow_mut().finalize();
    let settled = resume(&scene, 1);
    assert_eq!(settled.stage, StageView::Confirmed);
    assert!(settled.solana.unwrap().slot.is_some());
    assert_eq!(received(&scene), AMOUNT);
    let chain = scene.world.solana.borrow();
    assert_eq!(chain.seen.len(), 2);
    let left = 1_000_000_000 - AMOUNT - FEE - OPENING;
    assert_eq!(chain.lamports(&own), left);
    assert_eq!(scene.resume(1, 1), Err(WalletError::NothingToResume));
}

#[test]
fn later_payments_spend_the_nonce_account_that_is_there() {
    let scene = opened();
    for (id, number) in [(3, 2), (4, 3)] {
        let sent = pay(&scene, id, send(AMOUNT)).unwrap();
        assert_eq!(sent.stage, StageView::Sent);
        assert_eq!(sent.solana.unwrap().opening, None);
        advance(&scene);
        assert_eq!(resume(&scene, number).stage, StageView::Confirmed);
    }
    assert_eq!(scene.world.solana.borrow().seen.len(), 2);
    assert_eq!(received(&scene), 1_000_000 + 2 * AMOUNT);
}

#[test]
fn two_proposals_never_spend_one_nonce_account_at_once() {
    let scene = opened();
    let first = pay(&scene, 3, send(AMOUNT)).unwrap();
    assert_eq!(first.stage, StageView::Sent);
    let second = pay(&scene, 4, send(AMOUNT + 1)).unwrap();
    assert!(matches!(second.stage, StageView::Open(_)));
    let in_use = Some(Setback::NonceInUse { proposal: 2 });
    assert_eq!(second.setback, in_use);
    scene.upgrade();
    let again = scene.execute(1, 150, 3).unwrap().unwrap();
    assert_eq!(again.setback, in_use);
    // Another index has another one.
    let other = own(&scene, 1);
    scene
        .world
        .solana
        .borrow_mut()
        .put(other, plain(1_000_000_000));
    let mut intent = send(AMOUNT);
    if let RawIntent::SolTransfer(transfer) = &mut intent {
        transfer.from_index = 1;
    }
    assert_eq!(pay(&scene, 5, intent).unwrap().stage, StageView::Sent);

    advance(&scene);
    assert_eq!(resume(&scene, 2).stage, StageView::Confirmed);
    let then = scene.execute(1, 151, 3).unwrap().unwrap();
    assert_eq!(then.stage, StageView::Sent);
}

#[test]
fn of_two_that_plan_at_the_same_time_only_one_reserves() {
    let scene = opened();
    let first = scene.propose(1, 3, 1, send(AMOUNT)).unwrap().id;
    let second = scene.propose(1, 4, 1, send(AMOUNT)).unwrap().id;
    let caller = scene.call_as(1);
    let begin = |request: u8, id: u64| {
        let id = ProposalId::new(id);
        let mut kit = scene.kit.borrow_mut();
        let begun = super::begin(&mut kit, &scene.world, caller, vec![request], id);
        match begun.unwrap() {
            super::Started::Run(run) => run,
            super::Started::Ended(_) => panic!("it goes on"),
        }
    };
    let slow = Fate::Slow(Box::new(Fate::Answered));
    *scene.world.fates.borrow_mut() = [slow].into();
    let (one, other) = (begin(103, first), begin(104, second));
    let mut one = std::pin::pin!(super::drive(&scene, &scene.world, one));
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    assert!(one.as_mut().poll(&mut context).is_pending());
    let other = now(super::drive(&scene, &scene.world, other));
    assert_eq!(other.stage, StageView::Sent);
    let one = loop {
        if let std::task::Poll::Ready(view) = one.as_mut().poll(&mut context) {
            break view;
        }
    };
    assert_eq!(one.setback, Some(Setback::NonceInUse { proposal: second }));
    assert_eq!(scene.world.solana.borrow().seen.len(), 1);
}

/// Carries on, whatever stops it, until it has ended.
fn carry_on(scene: &Scene, id: u64, clue: &str) -> ProposalView {
    for round in 0..12 {
        advance(scene);
        scene.upgrade();
        scene.world.world.pass(Timestamp::SECOND);
        scene.call_as(1);
        let kit = scene.kit.borrow();
        let shown = crate::read::proposal(&kit, &scene.world, ProposalId::new(id)).unwrap();
        drop(kit);
        match shown.stage {
            StageView::Open(_) => {
                scene.execute(1, 220 + round, id).unwrap();
            }
            StageView::Sent | StageView::Signing | StageView::Reserved => {
                scene.resume(2, id).unwrap();
            }
            _ => return shown,
        }
    }
    panic!("it does not end: {clue}")
}

#[test]
fn whatever_interrupts_a_payment_it_is_made_exactly_once() {
    let fates = [
        Fate::Rejected(CallError::new(2, "the queue is full")),
        Fate::AnswerLost(lost()),
        Fate::EffectAndSilence,
        Fate::Silence,
    ];
    // The first payment: accounts, block, signature, broadcast; then block, accounts, signature, broadcast; then statuses.
    for place in 0..9 {
        for fate in &fates {
            let clue = format!("{place} {fate:?}");
            let scene = scene();
            let mut plan = vec![Fate::Answered; place];
            plan.push(fate.clone());
            *scene.world.fates.borrow_mut() = plan.into();
            pay(&scene, 2, send(AMOUNT));
            let ended = carry_on(&scene, 1, &clue);
            assert_eq!(ended.stage, StageView::Confirmed, "{clue}");
            assert_eq!(received(&scene), AMOUNT, "{clue}");
            let chain = scene.world.solana.borrow();
            let landed = chain.statuses.values();
            assert!(landed.clone().all(|status| status.succeeded), "{clue}");
            assert_eq!(landed.count(), 2, "{clue}");
        }
    }
}

#[test]
fn only_one_payment_is_ever_signed_with_a_nonce() {
    for place in 0..4 {
        let scene = opened();
        let mut plan = vec![Fate::Answered; place];
        plan.push(Fate::EffectAndSilence);
        *scene.world.fates.borrow_mut() = plan.into();
        let signed = scene.world.signed.borrow().len();
        pay(&scene, 3, send(AMOUNT));
        for _ in 0..3 {
            scene.upgrade();
            scene.resume(2, 2).ok();
        }
        let all = scene.world.signed.borrow();
        let messages: std::collections::BTreeSet<_> =
            all[signed..].iter().map(|it| it.message.clone()).collect();
        assert!(messages.len() <= 1, "{place}");
        drop(all);
        let ended = carry_on(&scene, 2, "one nonce");
        assert_eq!(ended.stage, StageView::Confirmed);
        assert_eq!(received(&scene), 1_000_000 + AMOUNT);
    }
}

#[test]
fn an_opening_that_expired_leaves_the_proposal_open() {
    let scene = scene();
    pay(&scene, 2, send(AMOUNT)).unwrap();
    scene.world.solana.borrow_mut().pool.clear();
    scene.world.solana.borrow_mut().height += 150;
    // It can still land: it is broadcast again.
    let waits = resume(&scene, 1);
    assert_eq!(waits.setback, Some(Setback::NotFinal));
    assert_eq!(scene.world.solana.borrow().pool.len(), 1);
    scene.world.solana.borrow_mut().height += 1;
    let last = resume(&scene, 1);
    assert_eq!(
        last.stage,
        StageView::Sent,
        "a block that is not final could have it"
    );
    scene.world.solana.borrow_mut().height += 1;
    let released = resume(&scene, 1);
    assert!(matches!(released.stage, StageView::Open(_)));
    assert_eq!(released.setback, Some(Setback::NonceNotOpened));
    assert_eq!(released.solana, None);
    advance(&scene);
    assert!(
        scene.world.solana.borrow().statuses.is_empty(),
        "it was too late"
    );
    scene.execute(1, 150, 1).unwrap();
    let ended = carry_on(&scene, 1, "expired");
    assert_eq!(ended.stage, StageView::Confirmed);
    assert_eq!(received(&scene), AMOUNT);
}

#[test]
fn an_opening_that_landed_at_the_last_moment_is_found() {
    let scene = scene();
    pay(&scene, 2, send(AMOUNT)).unwrap();
    advance(&scene);
    scene.world.solana.borrow_mut().height += 1_000;
    let paying = resume(&scene, 1);
    assert!(paying.solana.unwrap().transaction.is_some());
    advance(&scene);
    assert_eq!(resume(&scene, 1).stage, StageView::Confirmed);
}

#[test]
fn a_payment_that_cannot_be_planned_after_the_opening_is_open_again_and_the_opening_counts() {
    let scene = with_policy(limited(8_000_000));
    pay(&scene, 2, send(AMOUNT)).unwrap();
    advance(&scene);
    let own = own(&scene, 0);
    scene.world.solana.borrow_mut().put(own, plain(1_000_000));
    let released = resume(&scene, 1);
    assert!(matches!(released.stage, StageView::Open(_)));
    assert!(matches!(released.setback, Some(Setback::NotPlanned(_))));
    // 8 000 000 less what the opening took, less 5 000 000 for fees.
    let left = 8_000_000 - OPENING - 5_000_000;
    assert!(denied(&scene, send(left + 1)));
    assert!(!denied(&scene, send(left)));
    scene
        .world
        .solana
        .borrow_mut()
        .put(own, plain(1_000_000_000));
}

#[test]
fn providers_that_disagree_prove_nothing() {
    let scene = opened();
    let disagree = |so: bool| scene.world.solana.borrow_mut().disagrees = so;
    disagree(true);
    let open = pay(&scene, 3, send(AMOUNT)).unwrap();
    assert!(matches!(open.stage, StageView::Open(_)));
    assert_eq!(open.setback, Some(Setback::ProvidersDiffer));
    disagree(false);
    let sent = scene.execute(1, 150, 2).unwrap().unwrap();
    assert_eq!(sent.stage, StageView::Sent);
    advance(&scene);
    disagree(true);
    let waits = resume(&scene, 2);
    assert_eq!(waits.stage, StageView::Sent);
    assert_eq!(waits.setback, Some(Setback::ProvidersDiffer));
    disagree(false);
    assert_eq!(resume(&scene, 2).stage, StageView::Confirmed);
}

#[test]
fn a_payment_that_fails_on_the_chain_ends_failed_and_counts_only_what_it_cost() {
    let scene = with_policy(limited(20_000_000));
    let (token, account) = with_tokens(&scene, 5_000);
    pay(&scene, 2, send_token(token, 4_000)).unwrap();
    advance(&scene);
    let sent = resume(&scene, 1);
    assert_eq!(sent.stage, StageView::Sent);
    // Somebody freezes the tokens before it lands.
    let mut chain = scene.world.solana.borrow_mut();
    let mut frozen = chain.newest[&account].clone();
    frozen.data[108] = 2;
    chain.put(account, frozen.clone());
    drop(chain);
    advance(&scene);
    let failed = resume(&scene, 1);
    assert_eq!(failed.stage, StageView::Reverted);
    frozen.data[108] = 1;
    scene.world.solana.borrow_mut().put(account, frozen);
    // The nonce is spent and free: the next payment goes through.
    let next = pay(&scene, 3, send_token(token, 4_000)).unwrap();
    assert_eq!(next.stage, StageView::Sent);
    advance(&scene);
    assert_eq!(resume(&scene, 2).stage, StageView::Confirmed);
    let place = associated(&to(), TokenProgram::Token, &token);
    assert_eq!(scene.world.solana.borrow().tokens(&place), 4_000);
    // Of sol the second one counts with 5 000 000, the first one with its fees and the opening.
    let left = 20_000_000 - 5_000_000 - (OPENING + 5_150) - 5_000_000;
    assert!(denied(&scene, send(left + 1)));
    assert!(!denied(&scene, send(left)));
}

#[test]
fn what_nodes_refuse_is_let_fail_on_the_chain_when_it_is_resumed() {
    let scene = opened();
    let (token, account) = with_tokens(&scene, 5_000);
    // The accounts are asked for, then it is signed; then the tokens are gone.
    *scene.world.fates.borrow_mut() = [Fate::Answered, Fate::EffectAndSilence].into();
    assert_eq!(pay(&scene, 3, send_token(token, 4_000)), None);
    let mut chain = scene.world.solana.borrow_mut();
    let empty = tokens(
        TokenProgram::Token,
        token,
        own_of(&chain.newest[&account].data),
        0,
        &[],
    );
    chain.put(account, empty);
    drop(chain);
    scene.upgrade();
    let refused = resume(&scene, 2);
    assert_eq!(refused.stage, StageView::Sent);
    assert!(matches!(refused.setback, Some(Setback::SolanaRefused(_))));
    assert!(scene.world.solana.borrow().pool.is_empty());
    let sent = resume(&scene, 2);
    assert_eq!(sent.setback, Some(Setback::NotFinal));
    advance(&scene);
    assert_eq!(resume(&scene, 2).stage, StageView::Reverted);
}

fn own_of(data: &[u8]) -> SolanaAddress {
    SolanaAddress::new(data[32..64].try_into().unwrap())
}

#[test]
fn a_spent_nonce_without_a_known_transaction_is_never_paid_again() {
    let scene = opened();
    pay(&scene, 3, send(AMOUNT)).unwrap();
    advance(&scene);
    let history = std::mem::take(&mut scene.world.solana.borrow_mut().statuses);
    for _ in 0..2 {
        let missing = resume(&scene, 2);
        assert_eq!(missing.stage, StageView::Sent);
        assert_eq!(missing.setback, Some(Setback::HistoryMissing));
    }
    let seen = scene.world.solana.borrow().seen.len();
    assert_eq!(seen, 1, "a spent nonce is not broadcast again");
    // The nodes know it again.
    scene.world.solana.borrow_mut().statuses = history;
    assert_eq!(resume(&scene, 2).stage, StageView::Confirmed);

    pay(&scene, 4, send(AMOUNT)).unwrap();
    advance(&scene);
    scene.world.solana.borrow_mut().statuses.clear();
    resume(&scene, 3);
    scene.world.world.pass(3_600 * Timestamp::SECOND);
    let ended = resume(&scene, 3);
    assert_eq!(ended.stage, StageView::Superseded);
    let not_open = scene.execute(1, 150, 3);
    assert_eq!(not_open, Err(WalletError::NotOpen));
}

#[test]
fn a_nonce_that_nodes_show_unspent_again_is_broadcast_again() {
    let scene = opened();
    let before = scene.world.solana.borrow().last.clone();
    pay(&scene, 3, send(AMOUNT)).unwrap();
    advance(&scene);
    let after = std::mem::replace(&mut scene.world.solana.borrow_mut().last, before);
    scene.world.solana.borrow_mut().statuses.clear();
    // A node that lags shows neither.
    let sent = resume(&scene, 2);
    assert_eq!(sent.setback, Some(Setback::NotFinal));
    scene.world.solana.borrow_mut().last = after;
    assert_eq!(resume(&scene, 2).setback, Some(Setback::HistoryMissing));
    let seen = scene.world.solana.borrow().seen.len();
    assert_eq!(seen, 2);
    assert_eq!(received(&scene), 1_000_000 + AMOUNT);
}

/// Tokens at the account of index 0; the mint and the token account.
fn with_tokens(scene: &Scene, amount: u64) -> (SolanaAddress, SolanaAddress) {
    let token = SolanaAddress::parse("EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v").unwrap();
    let program = TokenProgram::Token;
    let own = own(scene, 0);
    let account = associated(&own, program, &token);
    let mut chain = scene.world.solana.borrow_mut();
    chain.put(token, mint(program, 6, &[]));
    chain.put(account, tokens(program, token, own, amount, &[]));
    (token, account)
}

#[test]
fn tokens_are_paid_into_an_account_that_is_created_for_them() {
    let scene = opened();
    let (token, account) = with_tokens(&scene, 5_000);
    let place = associated(&to(), TokenProgram::Token, &token);
    for (id, number, left) in [(3, 2, 4_000), (4, 3, 3_000)] {
        let sent = pay(&scene, id, send_token(token, 1_000)).unwrap();
        assert_eq!(sent.stage, StageView::Sent, "{:?}", sent.setback);
        let rent = sent.solana.unwrap().rent;
        assert_eq!(rent, if number == 2 { 2_039_280 } else { 0 });
        advance(&scene);
        assert_eq!(resume(&scene, number).stage, StageView::Confirmed);
        let chain = scene.world.solana.borrow();
        assert_eq!(
            (chain.tokens(&account), chain.tokens(&place)),
            (left, 5_000 - left)
        );
    }
    let more = pay(&scene, 5, send_token(token, 3_001)).unwrap();
    assert!(matches!(more.setback, Some(Setback::NotPlanned(_))));
    let elsewhere = pay(&scene, 6, send_token(to(), 1)).unwrap();
    assert!(matches!(elsewhere.setback, Some(Setback::NotPlanned(_))));
}

#[test]
fn what_cannot_be_paid_is_not_planned_and_reserves_nothing() {
    let scene = opened();
    for (id, lamports) in [(3, 2_000_000_000), (4, 997_000_000)] {
        let open = pay(&scene, id, send(lamports)).unwrap();
        assert!(matches!(open.setback, Some(Setback::NotPlanned(_))));
        assert!(matches!(open.stage, StageView::Open(_)));
    }
    assert_eq!(pay(&scene, 5, send(AMOUNT)).unwrap().stage, StageView::Sent);
}

fn limited(limit: u128) -> RawPolicy {
    let needs = RawRequirement {
        quorum: 1,
        delay_seconds: 0,
    };
    RawPolicy {
        assets: vec![RawRules {
            asset: RawAsset::Sol,
            tiers: vec![RawTier {
                up_to: None,
                needs: needs.clone(),
            }],
            limit: Some(RawLimit {
                amount: limit,
                window_seconds: 86_400,
            }),
            allow_list: None,
        }],
        calls: None,
        highest: needs,
    }
}

fn quote(scene: &Scene, intent: RawIntent) -> crate::quote::Quote {
    scene.call_as(1);
    let kit = scene.kit.borrow();
    crate::quote::quote(&kit, &scene.world, WalletId::FIRST, intent).unwrap()
}

fn denied(scene: &Scene, intent: RawIntent) -> bool {
    let denials = quote(scene, intent).denials;
    denials
        .iter()
        .any(|it| matches!(it, Denial::OverLimit { .. }))
}

#[test]
fn a_payment_counts_with_everything_that_may_leave_beside_it() {
    let scene = scene();
    let of_sol = quote(&scene, send(AMOUNT)).spends;
    assert_eq!(of_sol.len(), 1);
    assert_eq!(of_sol[0].asset, RawAsset::Sol);
    assert_eq!(of_sol[0].amount, u128::from(AMOUNT) + 5_000_000);
    assert_eq!(of_sol[0].destinations, [to().to_string()]);
    let token = SolanaAddress::new([9; 32]);
    let spends = quote(&scene, send_token(token, 70)).spends;
    let pairs: Vec<_> = spends
        .iter()
        .map(|it| (it.asset.clone(), it.amount))
        .collect();
    let spl = RawAsset::Spl(token.to_string());
    assert_eq!(pairs, [(RawAsset::Sol, 5_000_000), (spl, 70)]);
    assert!(spends[0].destinations.is_empty());
    assert_eq!(spends[1].destinations, [to().to_string()]);
}

#[test]
fn an_intent_that_cannot_be_right_is_refused() {
    let scene = scene();
    let refuse = |intent: RawIntent| match scene.propose(1, 9, 1, intent) {
        Err(WalletError::Intent(error)) => error,
        other => panic!("{other:?}"),
    };
    assert_eq!(refuse(send(0)), IntentError::NothingSent);
    assert_eq!(refuse(send_token(to(), 0)), IntentError::NothingSent);
    let pda = associated(&to(), TokenProgram::Token, &to()).to_string();
    let change = |text: &str, allowed: bool| {
        let mut intent = send(AMOUNT);
        if let RawIntent::SolTransfer(transfer) = &mut intent {
            transfer.to = text.to_owned();
            transfer.off_curve = allowed;
        }
        intent
    };
    let off_curve = crate::chain::solana::PaymentError::OffCurve;
    assert_eq!(refuse(change(&pda, false)), IntentError::Solana(off_curve));
    let short = "1".repeat(31);
    assert_eq!(
        refuse(change(&short, true)),
        IntentError::BadDestination(short.clone())
    );
    let stated = change(&pda, true);
    let proposed = scene.propose(1, 10, 1, stated.clone()).unwrap();
    assert_eq!(proposed.intent, stated, "shown as it was written");
    let token = send_token(to(), 5);
    let proposed = scene.propose(1, 11, 1, token.clone()).unwrap();
    assert_eq!(proposed.intent, token);
}

#[test]
fn a_signature_that_is_not_the_keys_is_not_broadcast() {
    let scene = opened();
    let mut plan = scene.propose(1, 3, 1, send(AMOUNT)).unwrap();
    scene.world.forges.set(true);
    plan = scene.execute(1, 150, plan.id).unwrap().unwrap();
    assert_eq!(plan.setback, Some(Setback::BadSignature));
    assert_eq!(plan.stage, StageView::Signing);
    assert!(scene.world.solana.borrow().seen.is_empty());
    scene.world.forges.set(false);
    let ended = carry_on(&scene, 2, "forged");
    assert_eq!(ended.stage, StageView::Confirmed);
}

#[test]
fn members_read_the_signed_transaction_and_what_the_account_holds() {
    let scene = opened();
    let sent = pay(&scene, 3, send(AMOUNT)).unwrap();
    let bytes = {
        let kit = scene.kit.borrow();
        crate::read::signed_tx(&kit, &scene.world, ProposalId::new(sent.id)).unwrap()
    };
    let wire = crate::chain::solana::tests::wire::transaction(&bytes);
    assert_eq!(wire, scene.world.solana.borrow().seen[0]);
    let id = bs58::encode(wire.signatures[0]).into_string();
    assert_eq!(sent.solana.unwrap().transaction, Some(id));
    let (token, account) = with_tokens(&scene, 77);
    let ask = |account: RawAccount| {
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
    let Ok(Holdings::Solana(held)) = ask(RawAccount::Solana { index: 0 }) else {
        panic!("sol")
    };
    let own = own(&scene, 0);
    assert_eq!(held.balance, 1_000_000_000 - 1_000_000 - FEE - OPENING);
    assert_eq!(held.nonce_account, nonce_account(&own).to_string());
    assert!(held.nonce.is_some());
    assert_eq!(held.nonce_balance, 1_447_680);
    let mint = token.to_string();
    let spl = |mint: String, index| RawAccount::Spl {
        mint,
        token_program: TokenProgram::Token,
        index,
    };
    let Ok(Holdings::Spl(held)) = ask(spl(mint.clone(), 0)) else {
        panic!("a token")
    };
    assert_eq!((held.balance, held.decimals), (77, 6));
    assert_eq!(held.token_account, account.to_string());
    let Ok(Holdings::Spl(held)) = ask(spl(mint, 1)) else {
        panic!("a token")
    };
    assert_eq!(held.balance, 0, "there is no account yet");
    let none = ask(spl(to().to_string(), 0));
    assert!(matches!(none, Err(WalletError::Silent(_))));
    let malformed = ask(spl("x".to_owned(), 0));
    assert!(matches!(malformed, Err(WalletError::Intent(_))));
}

#[test]
fn an_executor_who_cannot_pay_the_signatures_reserves_nothing() {
    // Enough for the wallet, the proposal and for asking, and not for two signatures.
    let scene = Scene::with_budget(Environment::Local, 70_000_000_000);
    let scene = prepared(scene, policy());
    let proposal = scene.propose(1, 2, 1, send(AMOUNT)).unwrap();
    let open = scene.execute(1, 3, proposal.id).unwrap().unwrap();
    assert!(matches!(open.stage, StageView::Open(_)));
    assert!(matches!(
        open.setback,
        Some(Setback::SignaturesNotCovered { .. })
    ));
}
