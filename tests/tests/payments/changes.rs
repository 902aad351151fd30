//! Changes of a policy and of the members: what loosens waits for a veto, and nobody's approval outlives its ground.

use crate::scene::{ANN, BOB, Scene, tiered};
use candid::Principal;
use chainkey_tests::wallet::interface::{
    Denial, Intent, IntentError, PolicyError, RequirementError, Stage, Standing, WalletError, needs,
};
use chainkey_tests::wallet::person;
use chainkey_tests::world::World;

fn wants(given: u32, quorum: u32) -> Stage {
    Stage::Open(Standing::NeedsApprovals { given, quorum })
}

fn is_waiting(stage: &Stage) -> bool {
    matches!(stage, Stage::Open(Standing::Waits { .. }))
}

/// The policy of the scene with another limit.
fn limited(ledger: Principal, amount: u128) -> Intent {
    let mut policy = tiered(ledger);
    if let Some(limit) = &mut policy.assets[0].limit {
        limit.amount = amount;
    }
    Intent::PolicyChange(policy)
}

#[test]
fn what_tightens_comes_at_once_and_what_loosens_waits_for_a_veto() {
    let world = World::new().unwrap();
    let scene = Scene::new(&world);
    let (ann, bob, wallet) = (person(ANN), person(BOB), scene.wallet);
    let ledger = scene.token.canister();
    let tighter = scene.agree(b"1", &limited(ledger, 2_000_000));
    assert_eq!(tighter.stage, Stage::Open(Standing::Ready));
    let changed = scene.execute(ANN, tighter.id).unwrap();
    assert_eq!(changed.stage, Stage::Changed);
    let shown = wallet.get(ann, 1).unwrap();
    assert_eq!(shown.policy_version, 2);
    assert_eq!(Intent::PolicyChange(shown.policy), tighter.intent);

    let looser = limited(ledger, 2_000_001);
    let vetoed = scene.agree(b"2", &looser);
    assert!(is_waiting(&vetoed.stage), "{:?}", vetoed.stage);
    let early = scene.execute(ANN, vetoed.id);
    assert!(matches!(early, Err(WalletError::NotReady(_))));
    assert_eq!(
        wallet.reject(bob, vetoed.id).unwrap().stage,
        Stage::Rejected
    );
    let waited = scene.agree(b"3", &looser);
    scene.pass(7_200);
    scene.execute(BOB, waited.id).unwrap();
    assert_eq!(wallet.get(ann, 1).unwrap().policy_version, 3);

    // What nobody could agree to any more is refused as a whole.
    let mut unreachable = tiered(ledger);
    unreachable.highest = needs(3, 7_200);
    let refused = wallet.propose(ann, b"4", 1, &Intent::PolicyChange(unreachable));
    let (quorum, members) = (3, 2);
    let reason = PolicyError::HighestRequirement(RequirementError::Quorum { quorum, members });
    let reason = WalletError::Intent(IntentError::Policy(reason));
    assert_eq!(refused, Err(reason));
}

#[test]
fn whoever_may_pay_little_alone_can_change_nothing_alone() {
    let world = World::new().unwrap();
    let scene = Scene::new(&world);
    let (ann, bob, wallet) = (person(ANN), person(BOB), scene.wallet);
    let ledger = scene.token.canister();
    let mut free = tiered(ledger);
    free.assets[0].tiers.truncate(1);
    free.assets[0].tiers[0].up_to = None;
    let mut lone = free.clone();
    lone.highest = needs(1, 0);
    let before = wallet.get(ann, 1).unwrap();
    let wishes = [
        Intent::PolicyChange(free),
        Intent::PolicyChange(lone),
        Intent::MemberChange(vec![ann]),
        limited(ledger, 1),
    ];
    for (wish, id) in wishes.iter().zip(1..) {
        let proposed = wallet.propose(ann, &[id], 1, wish).unwrap();
        let alone = match wish {
            // Nor could she ever do anything after it.
            Intent::MemberChange(_) => {
                let (quorum, members) = (2, 1);
                let denial = Denial::QuorumUnreachable { quorum, members };
                Stage::Open(Standing::Denied(vec![denial]))
            }
            _ => wants(1, 2),
        };
        assert_eq!(proposed.stage, alone, "{wish:?}");
        scene.pass(8_000);
        let refused = scene.execute(ANN, proposed.id);
        assert!(matches!(refused, Err(WalletError::NotReady(_))));
        let rejected = wallet.reject(bob, proposed.id).unwrap().stage;
        // Whom a change would put out has no veto: but so far it is denied anyway.
        let ended = match wish {
            Intent::MemberChange(_) => alone,
            _ => Stage::Rejected,
        };
        assert_eq!(rejected, ended, "{wish:?}");
    }
    assert_eq!(wallet.get(ann, 1), Ok(before));
}

#[test]
fn approvals_under_an_earlier_policy_do_not_count() {
    let world = World::new().unwrap();
    let scene = Scene::new(&world);
    let (ann, bob, wallet) = (person(ANN), person(BOB), scene.wallet);
    let payment = scene.agree(b"1", &scene.pay(5_000_000));
    assert_eq!(payment.stage, Stage::Open(Standing::Ready));
    let change = limited(scene.token.canister(), 6_000_000);
    let change = scene.agree(b"2", &change);
    scene.execute(ANN, change.id).unwrap();
    let shown = wallet.proposal(bob, payment.id).unwrap();
    assert_eq!(shown.stage, wants(0, 2));
    assert_ne!(shown.intent_digest, payment.intent_digest);
    let refused = scene.execute(ANN, payment.id);
    assert!(matches!(refused, Err(WalletError::NotReady(_))));
    let old = wallet.approve_digest(bob, payment.id, &payment.intent_digest);
    assert_eq!(old, Err(WalletError::OtherDigest));
    assert_eq!(wallet.approve(bob, payment.id).unwrap().stage, wants(1, 2));
    wallet.approve(ann, payment.id).unwrap();
    let paid = scene.execute(ANN, payment.id).unwrap();
    assert!(matches!(paid.stage, Stage::Transferred { .. }));
}

#[test]
fn whom_a_change_puts_out_has_no_veto_and_its_approval_does_not_count() {
    let world = World::new().unwrap();
    let scene = Scene::of(&world, &[ANN, BOB, "mallory"], tiered);
    let (ann, bob, mallory) = (person(ANN), person(BOB), person("mallory"));
    let wallet = scene.wallet;
    let wish = scene.pay_to("mallory", 5_000_000);
    let payment = wallet.propose(mallory, b"1", 1, &wish).unwrap();
    let approved = wallet.approve(ann, payment.id).unwrap();
    assert_eq!(approved.stage, Stage::Open(Standing::Ready));

    let out = Intent::MemberChange(vec![ann, bob]);
    let out = scene.agree(b"2", &out);
    assert!(is_waiting(&out.stage));
    let rejected = wallet.reject(mallory, out.id).unwrap();
    assert!(is_waiting(&rejected.stage), "{:?}", rejected.stage);
    scene.pass(7_200);
    let changed = scene.execute(ANN, out.id).unwrap();
    assert_eq!(changed.stage, Stage::Changed);
    let mut members = [ann, bob];
    members.sort();
    assert_eq!(wallet.get(ann, 1).unwrap().members, members);

    assert_eq!(wallet.get(mallory, 1), Err(WalletError::NoSuchWallet));
    assert!(wallet.list(mallory).is_empty());
    let none = Err(WalletError::NoSuchProposal);
    assert_eq!(wallet.execute(mallory, b"3", payment.id), none);
    assert_eq!(wallet.approve_digest(mallory, payment.id, &[0; 32]), none);
    assert_eq!(wallet.proposal(ann, payment.id).unwrap().stage, wants(1, 2));
    let refused = scene.execute(ANN, payment.id);
    assert!(matches!(refused, Err(WalletError::NotReady(_))));
    assert_eq!(scene.received("mallory"), 0);

    // A veto of somebody who stays counts.
    let back = Intent::MemberChange(vec![ann, bob, mallory]);
    let back = wallet.propose(ann, b"4", 1, &back).unwrap();
    assert_eq!(wallet.reject(bob, back.id).unwrap().stage, Stage::Rejected);
}
