//! Proposing and deciding: idempotence, refusals, the pause, and that the log is the state.

use super::*;
use crate::asset::{Asset, RawAsset};
use crate::event::WalletEvent;
use crate::fake::person;
use crate::intent::IntentError;
use crate::policy::{RawLimit, RawPolicy, RawRequirement, RawRules, RawTier};
use crate::proposal::{NoteError, StageView};
use crate::runtime::fake::Fate;
use crate::scene::{Scene, policy};
use crate::state::Wallets;
use candid::Principal;
use canister_kit::encoding::Identity;
use canister_kit::event::Stamped;
use canister_kit::memory::Regions;
use canister_kit::stable::DefaultMemoryImpl;
use canister_kit::{Environment, Logged, Product};

fn ledger() -> Principal {
    Principal::from_slice(&[0, 0, 0, 0, 0, 0, 0, 9, 1, 1])
}

fn transfer(amount: u128) -> RawIntent {
    RawIntent::IcrcTransfer {
        ledger: ledger(),
        from_index: 0,
        to: person(77).to_text(),
        amount,
        max_fee: 10,
    }
}

/// All members' approval, and a delay.
fn slow(quorum: u32, delay_seconds: u64) -> RawPolicy {
    RawPolicy {
        highest: RawRequirement {
            quorum,
            delay_seconds,
        },
        ..policy()
    }
}

/// Wallet 1 of members 1 and 2.
fn scene(policy: RawPolicy) -> Scene {
    let scene = Scene::new(Environment::Local);
    let members = vec![person(1), person(2)];
    scene.create_with(1, 200, "house", members, policy).unwrap();
    scene.prepare(1).unwrap();
    scene
}

fn ask(
    scene: &Scene,
    by: u32,
    request: &[u8],
    intent: RawIntent,
    expires_at: Timestamp,
) -> Result<ProposalView, WalletError> {
    let caller = scene.call_as(by);
    let note = "rent".to_owned();
    let wish = Wish::of(
        WalletId::FIRST,
        request.to_vec(),
        intent,
        expires_at.0,
        note,
    );
    propose(&mut scene.kit.borrow_mut(), &scene.world, caller, wish)
}

fn cancelled(scene: &Scene, by: u32, id: u64) -> Result<ProposalView, WalletError> {
    let caller = scene.call_as(by);
    cancel(
        &mut scene.kit.borrow_mut(),
        &scene.world,
        caller,
        ProposalId::new(id),
    )
}

fn pause(scene: &Scene, paused: bool) {
    scene.call_as(50);
    scene
        .kit
        .borrow_mut()
        .set_paused(&scene.world, paused)
        .unwrap();
}

fn month(scene: &Scene) -> Timestamp {
    scene.world.now().after(30 * Timestamp::DAY)
}

#[test]
fn a_repeated_request_finds_the_same_proposal_as_it_is_now() {
    let scene = scene(slow(2, 0));
    let until = month(&scene);
    let first = ask(&scene, 1, b"a", transfer(5), until).unwrap();
    assert_eq!(first.id, 1);
    assert_eq!(first.approvals, [person(1)]);
    scene.approve(2, 1).unwrap();
    let events = scene.events();
    scene.world.world.pass(Timestamp::DAY);
    scene.upgrade();
    pause(&scene, true);
    let again = ask(&scene, 1, b"a", transfer(5), until).unwrap();
    assert_eq!(again.id, 1);
    assert_eq!(again.approvals, [person(1), person(2)]);
    assert_eq!(again.stage, StageView::Open(Standing::Ready));
    pause(&scene, false);
    let reused = Err(Refusal::RequestIdReused.into());
    assert_eq!(ask(&scene, 1, b"a", transfer(6), until), reused);
    assert_eq!(ask(&scene, 1, b"a", transfer(5), until.after(1)), reused);
    // The switch was set twice; nothing else has happened.
    assert_eq!(scene.events(), events + 2);
    assert_eq!(
        ask(&scene, 2, b"a", transfer(5), until).unwrap().id,
        2,
        "an id is its caller's"
    );
}

#[test]
fn an_execution_that_is_asked_for_again_pays_once() {
    let scene = scene(policy());
    scene.propose(1, 1, 1, transfer(5)).unwrap();
    for _ in 0..3 {
        let view = scene.execute(1, 9, 1).unwrap().unwrap();
        assert_eq!(view.stage, StageView::Transferred { block: 0 });
    }
    assert_eq!(scene.world.ledger.borrow().made.len(), 1);
    assert_eq!(scene.execute(1, 10, 1), Err(WalletError::NotOpen));
    scene.propose(1, 2, 1, transfer(5)).unwrap();
    *scene.world.fates.borrow_mut() = vec![Fate::Answered, Fate::EffectAndSilence].into();
    assert_eq!(scene.execute(1, 11, 2), Ok(None));
    assert_eq!(
        scene.execute(1, 12, 2),
        Err(WalletError::NotOpen),
        "another request"
    );
    for _ in 0..2 {
        let view = scene.execute(1, 11, 2).unwrap().unwrap();
        assert_eq!(view.stage, StageView::Transferred { block: 1 });
    }
    assert_eq!(scene.world.ledger.borrow().made.len(), 2);
}

#[test]
fn an_execution_that_was_interrupted_before_it_began_begins_nothing_when_it_is_asked_for_again() {
    let scene = scene(policy());
    scene.propose(1, 1, 1, transfer(5)).unwrap();
    *scene.world.fates.borrow_mut() = vec![Fate::Silence].into();
    assert_eq!(scene.execute(1, 11, 1), Ok(None));
    let view = scene.execute(1, 11, 1).unwrap().unwrap();
    assert_eq!(view.stage, StageView::Open(Standing::Ready));
    assert_eq!(scene.world.ledger.borrow().made.len(), 0);
    let view = scene.execute(1, 11, 1).unwrap().unwrap();
    assert_eq!(view.stage, StageView::Transferred { block: 0 });
}

#[test]
fn no_number_of_interruptions_shuts_a_member_out() {
    let scene = scene(policy());
    for number in 0..300_u16 {
        scene.world.world.pass(3_600 * Timestamp::SECOND);
        let request = [b"p", &number.to_be_bytes()[..]].concat();
        let id = ask(&scene, 1, &request, transfer(5), month(&scene))
            .unwrap()
            .id;
        let execution = (number % 200) as u8;
        *scene.world.fates.borrow_mut() = vec![Fate::Answered, Fate::Silence].into();
        assert_eq!(scene.execute(1, execution, id), Ok(None));
        if number % 2 == 0 {
            scene.resume(2, id).unwrap().unwrap();
        }
        let view = scene.execute(1, execution, id).unwrap().unwrap();
        assert!(
            matches!(view.stage, StageView::Transferred { .. }),
            "{view:?}"
        );
    }
    assert_eq!(scene.world.ledger.borrow().made.len(), 300);
}

#[test]
fn a_stranger_learns_not_even_whether_there_is_such_a_proposal() {
    let scene = scene(policy());
    scene.propose(1, 1, 1, transfer(5)).unwrap();
    let until = month(&scene);
    assert_eq!(
        ask(&scene, 3, b"a", transfer(5), until),
        Err(WalletError::NoSuchWallet)
    );
    for id in [1, 2] {
        let none = Err(WalletError::NoSuchProposal);
        assert_eq!(scene.approve(3, id), none);
        let caller = scene.call_as(3);
        let (number, mut kit) = (ProposalId::new(id), scene.kit.borrow_mut());
        assert_eq!(
            approve(&mut kit, &scene.world, caller, number, &[0; 32]),
            none
        );
        drop(kit);
        assert_eq!(scene.reject(3, id), none);
        assert_eq!(cancelled(&scene, 3, id), none);
        assert_eq!(scene.execute(3, 1, id), Err(WalletError::NoSuchProposal));
        assert_eq!(scene.resume(3, id), Err(WalletError::NoSuchProposal));
    }
}

#[test]
fn a_proposal_is_open_longer_than_its_delay_and_at_most_90_days_beyond() {
    let scene = scene(slow(1, 3_600));
    let earliest = scene.world.now().after(3_600 * Timestamp::SECOND);
    let latest = earliest.after(90 * Timestamp::DAY);
    let refusal = WalletError::Expiry {
        after: earliest.0,
        at_latest: latest.0,
    };
    for (number, time) in [Timestamp(0), earliest, latest.after(1)]
        .into_iter()
        .enumerate()
    {
        let refused = ask(&scene, 1, &[number as u8], transfer(5), time);
        assert_eq!(refused, Err(refusal.clone()));
    }
    for (number, time) in [earliest.after(1), latest].into_iter().enumerate() {
        ask(&scene, 1, &[number as u8], transfer(5), time).unwrap();
    }
}

#[test]
fn an_intent_or_note_that_is_refused_leaves_no_trace() {
    let scene = scene(policy());
    let (events, until) = (scene.events(), month(&scene));
    let refused = ask(&scene, 1, b"a", transfer(0), until);
    assert_eq!(refused, Err(IntentError::NothingSent.into()));
    let caller = scene.call_as(1);
    let note = "tab\t".to_owned();
    let wish = Wish::of(WalletId::FIRST, vec![1], transfer(1), until.0, note);
    let refused = propose(&mut scene.kit.borrow_mut(), &scene.world, caller, wish);
    assert_eq!(refused, Err(NoteError::NotPlain.into()));
    assert_eq!(scene.events(), events);
}

#[test]
fn an_approval_names_the_intent_under_the_policy_in_force() {
    let scene = scene(slow(2, 0));
    let shown = scene.propose(1, 1, 1, transfer(5)).unwrap();
    let other = scene.propose(1, 2, 1, transfer(6)).unwrap();
    let give = |digest: &[u8]| {
        let caller = scene.call_as(2);
        let (id, mut kit) = (ProposalId::new(1), scene.kit.borrow_mut());
        approve(&mut kit, &scene.world, caller, id, digest)
    };
    for digest in [&[][..], &[0; 32], &other.intent_digest] {
        assert_eq!(give(digest), Err(WalletError::OtherDigest));
    }
    scene
        .propose(1, 3, 1, RawIntent::PolicyChange(slow(2, 60)))
        .unwrap();
    scene.approve(2, 3).unwrap();
    scene.execute(1, 113, 3).unwrap().unwrap();
    assert_eq!(give(&shown.intent_digest), Err(WalletError::OtherDigest));
    let missing = Standing::NeedsApprovals {
        given: 1,
        quorum: 2,
    };
    // The proposer's own approval was given under the earlier policy.
    assert_eq!(scene.approve(2, 1).unwrap().stage, StageView::Open(missing));
    let waits = scene.approve(1, 1).unwrap().stage;
    assert!(
        matches!(waits, StageView::Open(Standing::Waits { .. })),
        "{waits:?}"
    );
}

#[test]
fn approving_or_rejecting_what_is_so_changes_nothing() {
    let scene = scene(slow(2, 0));
    scene.propose(1, 1, 1, transfer(5)).unwrap();
    let events = scene.events();
    scene.approve(1, 1).unwrap();
    assert_eq!(scene.events(), events);
    let view = scene.approve(2, 1).unwrap();
    assert_eq!(scene.approve(2, 1), Ok(view));
    assert_eq!(scene.events(), events + 1);
    // One of two against a quorum of two ends it.
    assert_eq!(scene.reject(2, 1).unwrap().stage, StageView::Rejected);
    assert_eq!(scene.events(), events + 3);
    assert_eq!(scene.reject(1, 1), Err(WalletError::NotOpen));
    assert_eq!(scene.approve(1, 1), Err(WalletError::NotOpen));
}

#[test]
fn who_has_rejected_may_change_its_mind_as_long_as_the_proposal_is_open() {
    let scene = scene(policy());
    let three = vec![person(1), person(2), person(3)];
    scene.create_with(1, 9, "three", three, policy()).unwrap();
    scene.propose(1, 1, 2, transfer(5)).unwrap();
    let view = scene.reject(1, 1).unwrap();
    assert_eq!((view.approvals, view.rejections), (vec![], vec![person(1)]));
    let view = scene.approve(1, 1).unwrap();
    assert_eq!((view.approvals, view.rejections), (vec![person(1)], vec![]));
}

#[test]
fn only_its_proposer_cancels_a_proposal_and_only_while_it_is_open() {
    let scene = scene(policy());
    scene.propose(1, 1, 1, transfer(5)).unwrap();
    assert_eq!(cancelled(&scene, 2, 1), Err(WalletError::NotProposer));
    assert_eq!(cancelled(&scene, 1, 1).unwrap().stage, StageView::Cancelled);
    assert_eq!(cancelled(&scene, 1, 1), Err(WalletError::NotOpen));
    assert_eq!(scene.execute(1, 111, 1), Err(WalletError::NotOpen));
    assert_eq!(scene.resume(1, 1), Err(WalletError::NothingToResume));
}

#[test]
fn nobody_decides_about_what_is_over() {
    let scene = scene(policy());
    let until = scene.world.now().after(60);
    ask(&scene, 1, b"a", transfer(5), until).unwrap();
    scene.world.world.pass(60);
    let over = Err(WalletError::NotOpen);
    assert_eq!(scene.approve(2, 1), over);
    assert_eq!(scene.reject(2, 1), over);
    assert_eq!(cancelled(&scene, 1, 1), over);
    assert_eq!(scene.execute(1, 111, 1), Err(WalletError::NotOpen));
    let shown = crate::read::proposal(&scene.kit.borrow(), &scene.world, ProposalId::new(1));
    assert_eq!(shown.unwrap().stage, StageView::Expired);
}

#[test]
fn what_is_over_makes_room_for_others() {
    let scene = scene(policy());
    let (soon, late) = (scene.world.now().after(Timestamp::DAY), month(&scene));
    for number in 0..MAX_UNENDED as u8 {
        scene.world.world.pass(30 * Timestamp::SECOND);
        let until = if number < 3 { soon } else { late };
        ask(&scene, 1, &[number], transfer(5), until).unwrap();
    }
    let refused = ask(&scene, 1, b"more", transfer(5), late);
    assert_eq!(refused, Err(WalletError::TooManyProposals { at_most: 100 }));
    scene.world.world.pass(Timestamp::DAY);
    let made = ask(&scene, 1, b"more", transfer(5), late).unwrap();
    assert_eq!(made.id, 101);
    let first = ProposalId::new(0);
    let unended = scene
        .kit
        .borrow()
        .product()
        .unended_of(WalletId::FIRST, first, 1_000);
    let expected: Vec<ProposalId> = (4..=101).map(ProposalId::new).collect();
    assert_eq!(unended, expected);
}

#[test]
fn a_pause_stops_what_begins_to_pay_and_nothing_else() {
    let scene = scene(policy());
    for number in 1..=4 {
        scene.propose(1, number, 1, transfer(5)).unwrap();
    }
    *scene.world.fates.borrow_mut() = vec![Fate::Answered, Fate::Silence].into();
    assert_eq!(scene.execute(1, 11, 1), Ok(None));
    pause(&scene, true);
    let paused = WalletError::from(Refusal::Paused);
    assert_eq!(scene.propose(1, 9, 1, transfer(5)), Err(paused.clone()));
    assert_eq!(scene.execute(1, 12, 2), Err(paused));
    scene.approve(2, 2).unwrap();
    scene.reject(2, 3).unwrap();
    assert_eq!(cancelled(&scene, 1, 4).unwrap().stage, StageView::Cancelled);
    let resumed = scene.resume(2, 1).unwrap().unwrap();
    assert_eq!(resumed.stage, StageView::Transferred { block: 0 });
}

/// Reads the whole log and applies the wallets' events to empty state.
pub fn replayed(scene: &Scene) -> Wallets<DefaultMemoryImpl> {
    let mut wallets = Wallets::open(&Regions::of(DefaultMemoryImpl::default()));
    let mut next = 0;
    loop {
        let page = scene.kit.borrow().audit_log(&scene.world, next, 1_000);
        if page.events.is_empty() {
            return wallets;
        }
        next += page.events.len() as u64;
        for bytes in page.events {
            let stamped: Stamped<Logged<WalletEvent>> = minicbor::decode(&bytes).unwrap();
            let stamp = stamped.stamp();
            if let Logged::Product(event) = stamped.event {
                wallets.apply(stamp, &event);
            }
        }
    }
}

/// Compares all that can be asked of two states.
pub fn assert_same(
    one: &Wallets<DefaultMemoryImpl>,
    other: &Wallets<DefaultMemoryImpl>,
    ledgers: &[Principal],
) {
    assert_eq!(one.next_id(), other.next_id());
    assert_eq!(one.next_proposal(), other.next_proposal());
    assert_eq!(one.keys(), other.keys());
    for number in 0..other.next_proposal().number() {
        let id = ProposalId::new(number);
        assert_eq!(one.proposal(id), other.proposal(id), "{number}");
    }
    for who in (0..100).map(person) {
        let from = WalletId::FIRST;
        assert_eq!(one.list(who, from, 1_000), other.list(who, from, 1_000));
    }
    for number in 0..other.next_id().number() {
        let (id, from) = (WalletId::new(number), ProposalId::new(0));
        assert_eq!(one.get(id), other.get(id));
        assert_eq!(
            one.proposals_of(id, from, 10_000),
            other.proposals_of(id, from, 10_000)
        );
        assert_eq!(
            one.unended_of(id, from, 10_000),
            other.unended_of(id, from, 10_000)
        );
        for ledger in ledgers {
            let asset = Asset::Icrc(Identity(*ledger));
            assert_eq!(one.spent(id, &asset), other.spent(id, &asset));
        }
    }
}

#[test]
fn replaying_the_log_gives_the_proposals_and_what_they_have_left() {
    let mut limited = slow(1, 0);
    limited.assets.push(RawRules {
        asset: RawAsset::Icrc(ledger()),
        tiers: vec![RawTier {
            up_to: None,
            needs: limited.highest.clone(),
        }],
        limit: Some(RawLimit {
            amount: 1_000,
            window_seconds: 86_400,
        }),
        allow_list: None,
    });
    let scene = scene(limited);
    for number in 1..=6 {
        scene.propose(1, number, 1, transfer(90)).unwrap();
    }
    scene.execute(1, 11, 1).unwrap().unwrap();
    *scene.world.fates.borrow_mut() = vec![Fate::Answered, Fate::EffectAndSilence].into();
    assert_eq!(scene.execute(1, 12, 2), Ok(None));
    scene.reject(1, 3).unwrap();
    cancelled(&scene, 1, 4).unwrap();
    scene
        .propose(2, 7, 1, RawIntent::MemberChange(vec![person(2), person(5)]))
        .unwrap();
    scene.execute(2, 17, 7).unwrap().unwrap();
    scene.approve(5, 6).unwrap();
    scene
        .propose(5, 8, 1, RawIntent::PolicyChange(slow(2, 60)))
        .unwrap();
    scene.execute(5, 18, 8).unwrap().unwrap();
    scene.resume(5, 2).unwrap().unwrap();
    let replayed = replayed(&scene);
    assert_same(&replayed, scene.kit.borrow().product(), &[ledger()]);
    scene.upgrade();
    assert_same(&replayed, scene.kit.borrow().product(), &[ledger()]);
}
