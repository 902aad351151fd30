//! Settings, status, info.

use super::*;
use candid::Nat;

fn update(id: CanisterId, settings: types::CanisterSettings) -> types::UpdateSettingsArgs {
    types::UpdateSettingsArgs {
        canister_id: id.principal(),
        settings,
        sender_canister_version: None,
    }
}

fn refused(settings: types::CanisterSettings) -> UserError {
    let mut world = World::new();
    let id = world.canister(1_000 * TRILLION);
    let before = world.get(id).settings.clone();
    let error = world.refusal(USER, "update_settings", &update(id, settings));
    assert_eq!(world.get(id).settings, before);
    assert_eq!(world.get(id).version, 0);
    error
}

#[test]
fn settings_are_shown_as_they_were_set() {
    let mut world = World::new();
    let id = world.canister(1_000 * TRILLION);
    let settings = types::CanisterSettings {
        controllers: Some(vec![USER, other_user()]),
        compute_allocation: Some(Nat::from(2_u32)),
        memory_allocation: Some(Nat::from(10_000_000_u32)),
        freezing_threshold: Some(Nat::from(1_000_u32)),
        reserved_cycles_limit: Some(Nat::from(5_u32)),
        minimum_incoming_canister_call_cycles: Some(Nat::from(6_u32)),
        log_visibility: Some(types::LogVisibility::Public),
        log_memory_limit: Some(Nat::from(7_u32)),
        snapshot_visibility: Some(types::SnapshotVisibility::AllowedViewers(
            vec![other_user()],
        )),
        status_visibility: Some(types::StatusVisibility::Public),
        wasm_memory_limit: Some(Nat::from(8_u32)),
        wasm_memory_threshold: Some(Nat::from(9_u32)),
        environment_variables: Some(vec![types::EnvironmentVariable {
            name: "a".into(),
            value: "b".into(),
        }]),
    };
    world
        .call(USER, "update_settings", &update(id, settings))
        .expect("the settings are valid");
    let status = world.status(id);
    assert_eq!(status.version, 1);
    assert_eq!(status.settings.compute_allocation, Nat::from(2_u32));
    assert_eq!(
        status.settings.minimum_incoming_canister_call_cycles,
        Nat::from(6_u32)
    );
    assert_eq!(status.settings.log_memory_limit, Nat::from(7_u32));
    assert_eq!(status.settings.wasm_memory_threshold, Nat::from(9_u32));
    assert_eq!(status.settings.environment_variables.len(), 1);
    // Recorded: oracle `mgmt/settings/several_at_once`.
    assert_eq!(
        status.idle_cycles_burned_per_day,
        Nat::from(1_728_102_192_163_u64)
    );
    let shown: types::CanisterStatusResult =
        world.reply(other_user(), "canister_status", &record(id));
    assert_eq!(shown.settings, status.settings);
}

#[test]
fn a_value_out_of_range_is_refused_and_nothing_is_applied() {
    let error = refused(types::CanisterSettings {
        freezing_threshold: Some(Nat::from(1_u32)),
        compute_allocation: Some(Nat::from(200_u32)),
        ..Default::default()
    });
    assert_eq!(
        error.message,
        "ComputeAllocation expected to be in the range [0..100], got 200"
    );
    let error = refused(types::CanisterSettings {
        freezing_threshold: Some(Nat::from(1_u128 << 64)),
        ..Default::default()
    });
    assert_eq!(
        error.message,
        "Freezing threshold expected to be in the range of [0..2^64-1], got 18_446_744_073_709_551_616"
    );
    let error = refused(types::CanisterSettings {
        environment_variables: Some(vec![Default::default(), Default::default()]),
        ..Default::default()
    });
    assert_eq!(
        error.message,
        "Duplicate environment variables are not allowed"
    );
    let error = refused(types::CanisterSettings {
        controllers: Some(
            (0..11)
                .map(|i| Principal::self_authenticating([i]))
                .collect(),
        ),
        ..Default::default()
    });
    assert_eq!(
        error.message,
        "Error decoding candid: Fail to decode argument 0: Deserialize error: The number of elements exceeds maximum allowed 10"
    );
}

#[test]
fn an_allocation_that_cannot_be_paid_is_refused_with_what_is_missing() {
    let mut world = World::new();
    let id = world.canister(998_680_000);
    let memory = types::CanisterSettings {
        memory_allocation: Some(Nat::from(10_000_000_000_u64)),
        ..Default::default()
    };
    // Recorded: oracle `mgmt/settings/low_cycles`.
    let error = world.refusal(USER, "update_settings", &update(id, memory));
    assert_eq!(
        error.message,
        "Cannot increase memory allocation to 9.31 GiB due to insufficient cycles. At least 3_064_766_224_010 additional cycles are required.\nTop up the canister with more cycles. See documentation: https://internetcomputer.org/docs/current/references/execution-errors#insufficient-cycles-in-memory-allocation"
    );
    let compute = types::CanisterSettings {
        compute_allocation: Some(Nat::from(300_u32)),
        ..Default::default()
    };
    let error = world.refusal(USER, "update_settings", &update(id, compute));
    assert_eq!(code(&error), ErrorCode::CanisterContractViolation);
}

#[test]
fn a_small_update_of_settings_is_charged_after_it_is_done() {
    let mut world = World::new();
    let id = world.canister(1_000 * TRILLION);
    let before = world.get(id).balance;
    let settings = types::CanisterSettings {
        freezing_threshold: Some(Nat::from(7_u32)),
        ..Default::default()
    };
    let arguments = update(id, settings);
    let bytes = "update_settings".len() + candid::encode_one(&arguments).expect("encodes").len();
    world
        .call(USER, "update_settings", &arguments)
        .expect("the settings are valid");
    assert_eq!(
        before - world.get(id).balance,
        Cycles(1_200_000 + 2_000 * bytes as u128)
    );
}

#[test]
fn the_history_tells_who_changed_what() {
    let mut world = World::new();
    let id = world.installed("(module)");
    let controllers = types::CanisterSettings {
        controllers: Some(vec![USER, other_user()]),
        ..Default::default()
    };
    world
        .call(USER, "update_settings", &update(id, controllers))
        .expect("the settings are valid");
    let asker = world.canister(1);
    let arguments = types::CanisterInfoArgs {
        canister_id: id.principal(),
        num_requested_changes: Some(2),
    };
    world.canister_call(asker, "canister_info", &arguments, 0);
    let responses = world.responses();
    let [(Payload::Reply(reply), _)] = responses.as_slice() else {
        panic!("a reply is expected")
    };
    let info: types::CanisterInfoResult = candid::decode_one(reply).expect("the clients' type");
    assert_eq!(info.total_num_changes, 3);
    assert_eq!(info.recent_changes.len(), 2);
    assert!(matches!(
        info.recent_changes[0].details,
        Some(types::ChangeDetails::CodeDeployment(_))
    ));
    assert_eq!(info.recent_changes[1].canister_version, 2);
    assert_eq!(info.controllers.len(), 2);
}

#[test]
fn canister_status_counts_memory_as_recorded() {
    let mut world = World::new();
    let id = world.canister(TRILLION);
    assert_eq!(world.status(id).memory_size, Nat::from(190_u32));
    let id = world.installed("(module)");
    let status = world.status(id);
    assert_eq!(
        status.memory_metrics.canister_history_size,
        Nat::from(350_u32)
    );
    assert_eq!(status.memory_metrics.wasm_binary_size, Nat::from(8_u32));
    assert_eq!(status.memory_size, Nat::from(390_u32));
}

#[test]
fn an_allocation_on_a_crowded_subnet_reserves_cycles_up_to_the_limit() {
    const GIB: u64 = 1 << 30;
    let mut world = World::new();
    let crowd = world.canister(1_000_000 * TRILLION);
    let id = world.canister(1_000_000 * TRILLION);
    let allocate = |bytes: u64, limit: Option<u128>| types::UpdateSettingsArgs {
        canister_id: id.principal(),
        settings: types::CanisterSettings {
            memory_allocation: Some(bytes.into()),
            reserved_cycles_limit: limit.map(Nat::from),
            ..Default::default()
        },
        sender_canister_version: None,
    };
    let mut whole = allocate(700 * GIB, None);
    whole.canister_id = crowd.principal();
    world
        .call(USER, "update_settings", &whole)
        .expect("below the threshold nothing is reserved");
    assert_eq!(world.get(crowd).reserved_balance, Cycles::ZERO);
    let error = world.refusal(USER, "update_settings", &allocate(200 * GIB, None));
    assert_eq!(
        code(&error),
        ErrorCode::ReservedCyclesLimitExceededInMemoryAllocation
    );
    assert!(error.message.starts_with("Cannot increase memory allocation to 200.00 GiB due to its reserved cycles limit. The current limit (5_000_000_000_000) would be exceeded by "));
    let before = world.get(id).balance;
    world
        .call(
            USER,
            "update_settings",
            &allocate(200 * GIB, Some(1 << 100)),
        )
        .expect("the limit is high enough");
    // The two and the system's part are 160 GiB above 750 of 2048.
    let seconds = 300_000_000 * 160 / 1298;
    let reserved = world.state.fees.storage(160 * GIB, seconds / 2);
    assert_eq!(world.get(id).reserved_balance, reserved);
    // The same again changes nothing and costs the fee of the message only.
    let between = world.get(id).balance;
    world
        .call(
            USER,
            "update_settings",
            &allocate(200 * GIB, Some(1 << 100)),
        )
        .expect("nothing more is asked for");
    let fee = between - world.get(id).balance;
    assert_eq!(before - between, reserved + fee);
}
