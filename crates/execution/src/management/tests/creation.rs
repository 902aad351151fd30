//! Creation, cycles, lifecycle.

use super::*;
use crate::canister::Status;

fn specified(number: u64) -> types::ProvisionalCreateCanisterWithCyclesArgs {
    types::ProvisionalCreateCanisterWithCyclesArgs {
        amount: None,
        settings: None,
        specified_id: Some(CanisterId::from_number(number).principal()),
        sender_canister_version: None,
    }
}

#[test]
fn ids_are_allocated_in_order_and_others_can_be_specified_once() {
    let mut world = World::new();
    let arguments = specified(SPECIFIABLE + 1);
    let _: types::CanisterIdRecord =
        world.reply(USER, "provisional_create_canister_with_cycles", &arguments);
    assert_eq!(world.canister(1), CanisterId::from_number(FIRST));
    assert_eq!(world.canister(1), CanisterId::from_number(FIRST + 1));
    let again = world.refusal(USER, "provisional_create_canister_with_cycles", &arguments);
    assert_eq!(code(&again), ErrorCode::CanisterIdAlreadyExists);
}

#[test]
fn an_id_that_the_subnet_allocates_cannot_be_specified() {
    let mut world = World::new();
    let arguments = specified(FIRST + 1);
    let error = world.refusal(USER, "provisional_create_canister_with_cycles", &arguments);
    assert_eq!(code(&error), ErrorCode::InvalidManagementPayload);
}

#[test]
fn a_specified_id_must_belong_to_the_subnet() {
    let mut world = World::new();
    let arguments = specified(5);
    let error = world.refusal(USER, "provisional_create_canister_with_cycles", &arguments);
    assert_eq!(code(&error), ErrorCode::CanisterNotHostedBySubnet);
}

#[test]
fn a_provisional_canister_gets_a_hundred_trillion_unless_told_otherwise() {
    let mut world = World::new();
    let arguments = types::ProvisionalCreateCanisterWithCyclesArgs {
        amount: None,
        settings: None,
        specified_id: None,
        sender_canister_version: None,
    };
    let reply: types::CanisterIdRecord =
        world.reply(USER, "provisional_create_canister_with_cycles", &arguments);
    let id = CanisterId::new(reply.canister_id);
    assert_eq!(world.get(id).balance, Cycles(100 * TRILLION));
    let top_up = types::ProvisionalTopUpCanisterArgs {
        canister_id: id.principal(),
        amount: 7_u32.into(),
    };
    world
        .call(USER, "provisional_top_up_canister", &top_up)
        .expect("anyone may top up");
    assert_eq!(world.get(id).balance, Cycles(100 * TRILLION + 7));
}

#[test]
fn a_canister_pays_for_what_it_creates() {
    let mut world = World::new();
    let creator = world.canister(TRILLION);
    world.canister_call(
        creator,
        "create_canister",
        &types::CreateCanisterArgs::default(),
        2 * TRILLION,
    );
    let responses = world.responses();
    let [(Payload::Reply(reply), refund)] = responses.as_slice() else {
        panic!("a reply is expected, not {responses:?}");
    };
    let created: types::CanisterIdRecord = candid::decode_one(reply).expect("an id");
    let created = world.get(CanisterId::new(created.canister_id));
    assert_eq!(created.balance, Cycles(2 * TRILLION - 500_000_000_000));
    assert!(created.settings.controllers.contains(&creator.principal()));
    assert_eq!(*refund, Cycles::ZERO);
}

#[test]
fn too_few_cycles_for_a_creation_are_given_back() {
    let mut world = World::new();
    let creator = world.canister(TRILLION);
    world.canister_call(
        creator,
        "create_canister",
        &types::CreateCanisterArgs::default(),
        400_000_000_000,
    );
    let (code, message, refund) = world.reject();
    assert_eq!(code, RejectCode::CanisterReject);
    assert!(message.starts_with("Creating a canister requires a fee of 500_000_000_000 that is deducted from the canister's initial balance but only 400_000_000_000 cycles were received with the create_canister request.\nTry sending more"));
    assert_eq!(refund, Cycles(400_000_000_000));
}

#[test]
fn deposited_cycles_arrive_whoever_sends_them() {
    let mut world = World::new();
    let (sender, receiver) = (world.canister(1), world.canister(1));
    world.canister_call(sender, "deposit_cycles", &record(receiver), 100);
    assert_eq!(world.responses().len(), 1);
    assert_eq!(world.get(receiver).balance, Cycles(101));
    world.canister_call(
        sender,
        "deposit_cycles",
        &record(CanisterId::from_number(FIRST + 9)),
        100,
    );
    let (code, _, refund) = world.reject();
    assert_eq!(
        (code, refund),
        (RejectCode::DestinationInvalid, Cycles(100))
    );
}

#[test]
fn a_canister_is_stopped_started_and_deleted() {
    let mut world = World::new();
    let id = world.canister(TRILLION);
    let error = world.refusal(USER, "delete_canister", &record(id));
    assert_eq!(code(&error), ErrorCode::CanisterNotStopped);
    let stop = world.send(USER, "stop_canister", &record(id));
    assert_eq!(world.answer(stop), None);
    assert!(matches!(world.get(id).status, Status::Stopping(_)));
    world
        .call(USER, "start_canister", &record(id))
        .expect("starting is allowed at any time");
    let cancelled = world
        .answer(stop)
        .expect("the stop is answered")
        .expect_err("it is cancelled");
    assert_eq!(
        cancelled.message,
        format!("Canister {id}'s stop request was cancelled.")
    );
    world
        .state
        .canisters
        .get_mut(&id)
        .expect("it exists")
        .status = Status::Stopped;
    world
        .call(USER, "delete_canister", &record(id))
        .expect("a stopped canister is deleted");
    let error = world.refusal(USER, "canister_status", &record(id));
    assert_eq!(error.message, format!("Canister {id} not found"));
}

#[test]
fn a_stop_that_takes_five_minutes_is_rejected_and_the_canister_goes_on_stopping() {
    let mut world = World::new();
    let id = world.canister(TRILLION);
    let stop = world.send(USER, "stop_canister", &record(id));
    world.advance(299);
    management::expire(&mut world.state);
    assert_eq!(world.answer(stop), None);
    world.advance(1);
    management::expire(&mut world.state);
    let error = world
        .answer(stop)
        .expect("answered")
        .expect_err("timed out");
    assert_eq!(
        (code(&error), error.message.as_str()),
        (
            ErrorCode::StopCanisterRequestTimeout,
            "Stop canister request timed out"
        )
    );
    assert!(matches!(world.get(id).status, Status::Stopping(_)));
}

#[test]
fn only_controllers_rule_a_canister() {
    let mut world = World::new();
    let id = world.canister(TRILLION);
    for method in [
        "start_canister",
        "stop_canister",
        "delete_canister",
        "canister_status",
        "stored_chunks",
    ] {
        let error = world.refusal(other_user(), method, &record(id));
        assert_eq!(
            code(&error),
            ErrorCode::CanisterInvalidController,
            "{method}"
        );
    }
}
