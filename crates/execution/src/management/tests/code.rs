//! Installation, chunks, logs.

use super::*;
use crate::canister::CyclesUse;
use candid::Nat;
use types::CanisterInstallMode as Mode;

const INIT_TRAPS: &str = r#"(module (func (export "canister_init") unreachable))"#;
const COUNTER: &str = r#"(module
    (import "ic0" "stable_grow" (func $grow (param i32) (result i32)))
    (memory 1)
    (global $n (mut i32) (i32.const 0))
    (func (export "canister_init") (global.set $n (i32.const 5)) (drop (call $grow (i32.const 2))))
    (func (export "canister_pre_upgrade") (drop (call $grow (i32.const 1))))
)"#;
const PRE_UPGRADE_TRAPS: &str = r#"(module (func (export "canister_pre_upgrade") unreachable))"#;

fn upgrade(skip: bool, persistence: Option<types::WasmMemoryPersistence>) -> Mode {
    Mode::Upgrade(Some(types::UpgradeFlags {
        skip_pre_upgrade: Some(skip),
        wasm_memory_persistence: persistence,
    }))
}

#[test]
fn installing_runs_init_and_charges_compilation_once_per_subnet() {
    let mut world = World::new();
    let id = world.canister(1_000 * TRILLION);
    let before = world.get(id).balance;
    world
        .install(id, Mode::Install, "(module)", &[])
        .expect("installs");
    // Recorded: oracle `mgmt/info/from_canister`.
    assert_eq!(before - world.get(id).balance, Cycles(5_432_000));
    let second = world.canister(1_000 * TRILLION);
    let before = world.get(second).balance;
    world
        .install(second, Mode::Install, "(module)", &[])
        .expect("installs");
    assert_eq!(before - world.get(second).balance, Cycles(5_004_320));
    assert_eq!(world.get(second).version, 1);
}

#[test]
fn a_trap_leaves_the_canister_as_it_was_but_for_fee_and_log() {
    let mut world = World::new();
    let id = world.installed(COUNTER);
    let (hash, version) = (
        world.get(id).module().map(|m| m.hash),
        world.get(id).version,
    );
    let before = world.get(id).balance;
    let error = world
        .install(id, Mode::Reinstall, INIT_TRAPS, &[])
        .expect_err("init traps");
    assert_eq!(code(&error), ErrorCode::CanisterTrapped);
    let canister = world.get(id);
    assert_eq!(canister.module().map(|m| m.hash), hash);
    assert_eq!(canister.version, version);
    assert_eq!(canister.stable_bytes(), 2 * 65_536);
    assert!(before - canister.balance > Cycles(5_000_000));
    assert!(
        canister
            .log
            .records()
            .any(|record| record.content.starts_with(b"[TRAP]"))
    );
    assert_eq!(
        canister.consumed[&CyclesUse::Instructions] + canister.balance,
        Cycles(1_000 * TRILLION)
    );
}

#[test]
fn an_upgrade_keeps_stable_memory_and_a_reinstall_does_not() {
    let mut world = World::new();
    let id = world.installed(COUNTER);
    world
        .install(id, Mode::Upgrade(None), COUNTER, &[])
        .expect("upgrades");
    assert_eq!(world.get(id).stable_bytes(), 3 * 65_536);
    world
        .install(id, upgrade(true, None), COUNTER, &[])
        .expect("upgrades");
    assert_eq!(world.get(id).stable_bytes(), 3 * 65_536);
    world
        .install(id, Mode::Reinstall, COUNTER, &[])
        .expect("reinstalls");
    assert_eq!(world.get(id).stable_bytes(), 2 * 65_536);
    assert_eq!(world.get(id).version, 4);
}

#[test]
fn a_trapping_pre_upgrade_can_be_skipped() {
    let mut world = World::new();
    let id = world.installed(PRE_UPGRADE_TRAPS);
    let error = world
        .install(id, Mode::Upgrade(None), "(module)", &[])
        .expect_err("pre_upgrade traps");
    assert_eq!(code(&error), ErrorCode::CanisterTrapped);
    world
        .install(id, upgrade(true, None), "(module)", &[])
        .expect("upgrades without it");
}

#[test]
fn the_mode_must_fit_what_is_installed() {
    let mut world = World::new();
    let id = world.canister(1_000 * TRILLION);
    let error = world
        .install(id, Mode::Upgrade(None), "(module)", &[])
        .expect_err("there is no code");
    assert_eq!(code(&error), ErrorCode::CanisterWasmModuleNotFound);
    assert_eq!(
        Cycles(1_000 * TRILLION) - world.get(id).balance,
        Cycles(5_000_000)
    );
    world
        .install(id, Mode::Install, "(module)", &[])
        .expect("installs");
    let error = world
        .install(id, Mode::Install, "(module)", &[])
        .expect_err("there is code");
    assert!(error.message.starts_with(&format!("Canister {id} cannot be installed because the canister is not empty. Try installing with mode='reinstall' instead.\nCheck")));
    let poor = world.canister(1_000_000);
    let error = world
        .install(poor, Mode::Install, "(module)", &[])
        .expect_err("it can't pay");
    assert_eq!(code(&error), ErrorCode::CanisterOutOfCycles);
}

#[test]
fn an_invalid_module_is_refused() {
    let mut world = World::new();
    let id = world.canister(1_000 * TRILLION);
    let error = world
        .install(
            id,
            Mode::Install,
            r#"(module (import "env" "f" (func)))"#,
            &[],
        )
        .expect_err("bad import");
    assert_eq!(code(&error), ErrorCode::CanisterInvalidWasm);
    assert!(error.message.starts_with(&format!(
        "Error from Canister {id}: Canister's Wasm module is not valid: "
    )));
    assert!(world.get(id).installed.is_none());
}

#[test]
fn the_heap_is_kept_only_by_agreement() {
    let marked =
        r#"(module (memory 1) (@custom "icp:private enhanced-orthogonal-persistence" ""))"#;
    let mut world = World::new();
    let id = world.installed("(module (memory 1))");
    let keep = upgrade(false, Some(types::WasmMemoryPersistence::Keep));
    let error = world
        .install(id, keep, "(module (memory 1))", &[])
        .expect_err("not supported");
    assert!(error.message.starts_with("Invalid upgrade option: "));
    world
        .install(id, Mode::Reinstall, marked, &[])
        .expect("installs");
    world.install(id, keep, marked, &[]).expect("keeps");
    let error = world
        .install(id, Mode::Upgrade(None), marked, &[])
        .expect_err("must choose");
    assert!(error.message.starts_with("Missing upgrade option: "));
    let replace = upgrade(false, Some(types::WasmMemoryPersistence::Replace));
    world
        .install(id, replace, "(module (memory 1))", &[])
        .expect("replaces");
}

#[test]
fn uninstalling_takes_code_and_state() {
    let mut world = World::new();
    let id = world.installed(COUNTER);
    let arguments = types::UninstallCodeArgs {
        canister_id: id.principal(),
        sender_canister_version: None,
    };
    let error = world.refusal(other_user(), "uninstall_code", &arguments);
    assert_eq!(code(&error), ErrorCode::CanisterInvalidController);
    world
        .call(USER, "uninstall_code", &arguments)
        .expect("uninstalls");
    let status = world.status(id);
    assert_eq!((status.module_hash, status.version), (None, 2));
    assert_eq!(status.memory_metrics.stable_memory_size, Nat::from(0_u32));
}

#[test]
fn a_module_is_installed_from_chunks() {
    let mut world = World::new();
    let id = world.canister(1_000 * TRILLION);
    let wasm = wat::parse_str("(module)").expect("parses");
    let (front, back) = wasm.split_at(3);
    let mut list = Vec::new();
    for part in [front, back] {
        let before = world.get(id).balance;
        let upload = types::UploadChunkArgs {
            canister_id: id.principal(),
            chunk: part.to_vec(),
        };
        list.push(world.reply::<types::ChunkHash>(USER, "upload_chunk", &upload));
        assert_eq!(before - world.get(id).balance, Cycles(205_000_000));
    }
    let stored: types::StoredChunksResult = world.reply(USER, "stored_chunks", &record(id));
    assert_eq!(stored.len(), 2);
    let mut arguments = types::InstallChunkedCodeArgs {
        mode: Mode::Install,
        target_canister: id.principal(),
        store_canister: None,
        chunk_hashes_list: list,
        wasm_module_hash: vec![1; 31],
        arg: Vec::new(),
        sender_canister_version: None,
    };
    let error = world.refusal(USER, "install_chunked_code", &arguments);
    assert!(error.message.starts_with("Invalid wasm hash [1, 1, "));
    arguments.wasm_module_hash = vec![1; 32];
    let error = world.refusal(USER, "install_chunked_code", &arguments);
    assert!(
        error
            .message
            .contains("does not match given hash WasmHash([1, 1, ")
    );
    use sha2::Digest;
    arguments.wasm_module_hash = sha2::Sha256::digest(&wasm).to_vec();
    let before = world.get(id).balance;
    world
        .call(USER, "install_chunked_code", &arguments)
        .expect("installs");
    assert_eq!(
        before - world.get(id).balance,
        Cycles(5_000_000 + 2 * 1_048_576 + 432_000)
    );
    world
        .call(USER, "clear_chunk_store", &record(id))
        .expect("clears");
    let stored: types::StoredChunksResult = world.reply(USER, "stored_chunks", &record(id));
    assert!(stored.is_empty());
}

#[test]
fn a_chunk_larger_than_a_mebibyte_is_refused() {
    let mut world = World::new();
    let id = world.canister(TRILLION);
    let upload = types::UploadChunkArgs {
        canister_id: id.principal(),
        chunk: vec![0; (1 << 20) + 1],
    };
    let error = world.refusal(USER, "upload_chunk", &upload);
    assert!(error.message.starts_with("Error from Wasm chunk store: Wasm chunk size 1048577 exceeds the maximum chunk size of 1048576"));
}

#[test]
fn logs_are_read_by_those_who_may_and_filtered() {
    let mut world = World::new();
    let id = world.canister(1_000 * TRILLION);
    world
        .install(id, Mode::Install, INIT_TRAPS, &[])
        .expect_err("traps");
    world
        .install(id, Mode::Install, INIT_TRAPS, &[])
        .expect_err("traps");
    let ask = |filter| {
        let arguments = types::FetchCanisterLogsArgs {
            canister_id: id.principal(),
            filter,
        };
        candid::encode_one(arguments).expect("encodes")
    };
    let read = |payload: &[u8]| -> types::FetchCanisterLogsResult {
        let reply = management::query(&world.state, USER, "fetch_canister_logs", payload)
            .expect("may read");
        candid::decode_one(&reply).expect("decodes")
    };
    assert_eq!(read(&ask(None)).canister_log_records.len(), 2);
    let second = types::CanisterLogFilter::ByIdx { start: 1, end: 2 };
    assert_eq!(read(&ask(Some(second))).canister_log_records[0].idx, 1);
    let nothing = types::CanisterLogFilter::ByTimestampNanos { start: 5, end: 5 };
    assert!(read(&ask(Some(nothing))).canister_log_records.is_empty());
    let error = management::query(
        &world.state,
        other_user(),
        "fetch_canister_logs",
        &ask(None),
    )
    .expect_err("may not");
    assert_eq!(
        error.message,
        format!(
            "Caller {} is not allowed to access canister logs",
            other_user()
        )
    );
    let arguments = types::FetchCanisterLogsArgs {
        canister_id: id.principal(),
        filter: None,
    };
    let asker = world.canister(1);
    world.canister_call(asker, "fetch_canister_logs", &arguments, 0);
    assert_eq!(
        world.reject().1,
        "fetch_canister_logs API is only accessible to end users in non-replicated mode"
    );
}
