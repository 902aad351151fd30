//! A transfer whose outcome got lost, on a ledger whose fee changes before anybody resumes it.

use crate::chain::icrc::TransferError;
use crate::fake::person;
use crate::intent::RawIntent;
use crate::proposal::{Setback, StageView};
use crate::runtime::CallError;
use crate::runtime::fake::Fate;
use crate::scene::Scene;
use candid::Principal;
use canister_kit::Environment;
use canister_kit::encoding::Timestamp;

const HOUR: u64 = 3_600 * Timestamp::SECOND;

/// A transfer that was sent with a fate, after which the ledger takes another fee, and tells that before anything else.
fn scene(fate: Fate) -> Scene {
    let scene = Scene::new(Environment::Local);
    scene.create(1, 200, "house", &[1, 2]).unwrap();
    let ledger = Principal::from_slice(&[0, 0, 0, 0, 0, 0, 0, 9, 1, 1]);
    let intent = RawIntent::IcrcTransfer {
        ledger,
        from_index: 0,
        to: person(77).to_text(),
        amount: 500,
        max_fee: 20,
    };
    scene.propose(1, 1, 1, intent).unwrap();
    *scene.world.fates.borrow_mut() = vec![Fate::Answered, fate].into();
    scene.execute(1, 2, 1).unwrap();
    scene.world.ledger.borrow_mut().fee = 15;
    scene
}

fn fates() -> [(Fate, bool); 4] {
    let lost = || CallError::new(6, "no answer came in time");
    [
        (Fate::AnswerLost(lost()), true),
        (Fate::EffectAndSilence, true),
        (Fate::Rejected(lost()), false),
        (Fate::Silence, false),
    ]
}

#[test]
fn another_fee_proves_nothing_as_long_as_the_ledger_may_take_the_transfer() {
    for (fate, _) in fates() {
        let scene = scene(fate);
        scene.world.world.pass(24 * HOUR);
        let view = scene.resume(2, 1).unwrap().unwrap();
        let refused = TransferError::BadFee { expected_fee: 15 };
        assert_eq!(view.setback, Some(Setback::RefusedAfterLoss(refused)));
        assert_eq!(view.stage, StageView::Sent);
    }
}

#[test]
fn long_after_that_the_log_tells_what_became_of_it() {
    for (fate, happened) in fates() {
        let scene = scene(fate);
        scene.world.world.pass(26 * HOUR);
        let view = scene.resume(2, 1).unwrap().unwrap();
        if happened {
            assert_eq!(view.stage, StageView::Transferred { block: 0 });
        } else {
            assert_eq!(view.setback, Some(Setback::NeverHappened));
            let paid = scene.execute(1, 3, 1).unwrap().unwrap();
            assert_eq!(paid.stage, StageView::Transferred { block: 0 });
        }
        assert_eq!(scene.world.ledger.borrow().made.len(), 1);
    }
}
