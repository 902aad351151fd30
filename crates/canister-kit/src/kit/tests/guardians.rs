//! Who may pause, change the allow-list and pay in, and what a pause stops.

use super::*;
use crate::encoding::Cycles;
use candid::Principal;

#[test]
fn only_the_named_guardian_pauses_and_not_even_a_controller_else() {
    let world = Fake::new();
    let mut kit = installed(&world, Admission::Prepaid);
    for stranger in [person(1), world.controller] {
        let refused = kit.set_paused(world.call_as(stranger), true);
        assert_eq!(refused, Err(Refusal::NotGuardian));
    }
    let anonymous = kit.set_paused(world.call_as(Principal::anonymous()), true);
    assert_eq!(anonymous, Err(Refusal::Anonymous));
    assert!(!kit.info().paused);
    kit.set_paused(world.call_as(person(50)), true).unwrap();
    assert!(kit.info().paused);
    kit.set_paused(&world, false).unwrap();
    assert!(!kit.info().paused);
}

#[test]
fn without_a_named_guardian_every_controller_is_one() {
    let world = Fake::new();
    let mut kit = open(VectorMemory::default());
    let nobody = InitArgs {
        guardian: None,
        ..args(Admission::Prepaid)
    };
    kit.install(&world, nobody).unwrap();
    let refused = kit.set_paused(world.call_as(person(1)), true);
    assert_eq!(refused, Err(Refusal::NotGuardian));
    kit.set_paused(world.call_as(world.controller), true)
        .unwrap();
    assert!(kit.info().paused);
}

#[test]
fn setting_what_is_set_already_is_no_event() {
    let world = Fake::new();
    let mut kit = installed(&world, Admission::AllowList(vec![person(1)]));
    world.call_as(person(50));
    kit.set_paused(&world, false).unwrap();
    kit.set_allowed(&world, person(1), true).unwrap();
    kit.set_allowed(&world, person(2), false).unwrap();
    assert_eq!(kit.log.len(), 1);
    kit.set_allowed(&world, person(2), true).unwrap();
    assert_eq!(kit.log.len(), 2);
}

#[test]
fn the_allow_list_is_the_guardians_and_never_has_the_anonymous_principal() {
    let world = Fake::new();
    let mut kit = installed(&world, Admission::AllowList(vec![person(1)]));
    let refused = kit.set_allowed(&world, person(2), true);
    assert_eq!(refused, Err(Refusal::NotGuardian));
    world.call_as(person(50));
    let anonymous = kit.set_allowed(&world, Principal::anonymous(), true);
    assert_eq!(anonymous, Err(Refusal::Anonymous));
    let mut other = installed(&world, Admission::Prepaid);
    let refused = other.set_allowed(&world, person(2), true);
    assert_eq!(refused, Err(Refusal::OtherAdmission));
}

#[test]
fn a_deposit_takes_all_attached_cycles_for_the_named_account() {
    let world = Fake::new();
    let mut kit = installed(&world, Admission::Prepaid);
    world.attached.set(MIN_DEPOSIT);
    assert_eq!(kit.deposit(&world, person(2)), Ok(MIN_DEPOSIT.0));
    assert_eq!(world.attached.get(), Cycles::ZERO);
    let usage = kit.usage(world.call_as(person(2)));
    let balance = crate::UsageStanding::Balance(MIN_DEPOSIT.0);
    assert_eq!(usage.standing, balance);
}

#[test]
fn a_refused_deposit_takes_no_cycles() {
    let world = Fake::new();
    let mut kit = installed(&world, Admission::Prepaid);
    let small = Cycles(MIN_DEPOSIT.0 - 1);
    world.attached.set(small);
    let refusal = Refusal::DepositTooSmall {
        attached: small.0,
        minimum: MIN_DEPOSIT.0,
    };
    assert_eq!(kit.deposit(&world, person(2)), Err(refusal));
    world.attached.set(MIN_DEPOSIT);
    let anonymous = kit.deposit(&world, Principal::anonymous());
    assert_eq!(anonymous, Err(Refusal::Anonymous));
    kit.set_paused(world.call_as(person(50)), true).unwrap();
    assert_eq!(kit.deposit(&world, person(2)), Err(Refusal::Paused));
    let mut other = installed(&world, open_budget(1));
    let refused = other.deposit(&world, person(2));
    assert_eq!(refused, Err(Refusal::OtherAdmission));
    world.call_as(Principal::anonymous());
    assert_eq!(kit.deposit(&world, person(2)), Err(Refusal::Anonymous));
    assert_eq!(world.attached.get(), MIN_DEPOSIT);
}
