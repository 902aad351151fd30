//! Snapshots: taken, loaded, read, uploaded.

use super::*;

const MODULE: &str = r#"(module
    (import "ic0" "stable_grow" (func $grow (param i32) (result i32)))
    (memory 1)
    (global $n (mut i32) (i32.const 0))
    (data (i32.const 3) "abc")
    (func (export "canister_init") (global.set $n (i32.const 5)) (drop (call $grow (i32.const 1)))))"#;

fn take(id: CanisterId, replace: Option<Vec<u8>>) -> types::TakeCanisterSnapshotArgs {
    types::TakeCanisterSnapshotArgs {
        canister_id: id.principal(),
        replace_snapshot: replace,
        uninstall_code: None,
        sender_canister_version: None,
    }
}

fn load(id: CanisterId, snapshot: &[u8]) -> types::LoadCanisterSnapshotArgs {
    types::LoadCanisterSnapshotArgs {
        canister_id: id.principal(),
        snapshot_id: snapshot.to_vec(),
        sender_canister_version: None,
    }
}

#[test]
fn a_snapshot_brings_code_and_memory_back() {
    let mut world = World::new();
    let id = world.installed(MODULE);
    let before = world.get(id).balance;
    let snapshot: types::Snapshot = world.reply(USER, "take_canister_snapshot", &take(id, None));
    assert_eq!(
        before - world.get(id).balance,
        Cycles(2_005_000_000 + snapshot.total_size as u128)
    );
    assert_eq!(snapshot.id[..8], [0; 8]);
    let uninstall = types::UninstallCodeArgs {
        canister_id: id.principal(),
        sender_canister_version: None,
    };
    world
        .call(USER, "uninstall_code", &uninstall)
        .expect("uninstalls");
    world
        .call(USER, "load_canister_snapshot", &load(id, &snapshot.id))
        .expect("loads");
    let canister = world.get(id);
    assert_eq!(
        (
            canister.stable_bytes(),
            canister.heap_bytes(),
            canister.version
        ),
        (65_536, 65_536, 3)
    );
    let list: types::ListCanisterSnapshotsResult =
        world.reply(USER, "list_canister_snapshots", &record(id));
    assert_eq!(list.len(), 1);
}

#[test]
fn ten_snapshots_are_kept_and_an_old_one_can_be_replaced() {
    let mut world = World::new();
    let id = world.installed(MODULE);
    let mut last = Vec::new();
    for _ in 0..10 {
        last = world
            .reply::<types::Snapshot>(USER, "take_canister_snapshot", &take(id, None))
            .id;
    }
    let error = world.refusal(USER, "take_canister_snapshot", &take(id, None));
    assert_eq!(
        error.message,
        format!(
            "Canister {id} has reached the maximum number of snapshots allowed: 10.\nConsider deleting an unnecessary snapshot of the specified canister before creating a new one. See documentation: canister-snapshot-limit-exceeded"
        )
    );
    let _: types::Snapshot = world.reply(
        USER,
        "take_canister_snapshot",
        &take(id, Some(last.clone())),
    );
    let error = world.refusal(USER, "load_canister_snapshot", &load(id, &last));
    assert_eq!(code(&error), ErrorCode::CanisterSnapshotNotFound);
    let delete = types::DeleteCanisterSnapshotArgs {
        canister_id: id.principal(),
        snapshot_id: last,
    };
    let error = world.refusal(USER, "delete_canister_snapshot", &delete);
    assert_eq!(code(&error), ErrorCode::CanisterSnapshotNotFound);
}

#[test]
fn an_empty_canister_has_no_snapshot() {
    let mut world = World::new();
    let id = world.canister(TRILLION);
    let error = world.refusal(USER, "take_canister_snapshot", &take(id, None));
    assert_eq!(
        error.message,
        format!("Failed to create snapshot for empty canister {id}:")
    );
}

fn read(
    world: &mut World,
    id: CanisterId,
    snapshot: &[u8],
    kind: types::SnapshotDataKind,
) -> Result<Vec<u8>, UserError> {
    let arguments = types::ReadCanisterSnapshotDataArgs {
        canister_id: id.principal(),
        snapshot_id: snapshot.to_vec(),
        kind,
    };
    let reply = world.call(USER, "read_canister_snapshot_data", &arguments)?;
    let data: types::ReadCanisterSnapshotDataResult = candid::decode_one(&reply).expect("decodes");
    Ok(data.chunk)
}

fn write(
    world: &mut World,
    id: CanisterId,
    snapshot: &[u8],
    kind: types::SnapshotDataOffset,
    chunk: Vec<u8>,
) -> Result<Vec<u8>, UserError> {
    let arguments = types::UploadCanisterSnapshotDataArgs {
        canister_id: id.principal(),
        snapshot_id: snapshot.to_vec(),
        kind,
        chunk,
    };
    world.call(USER, "upload_canister_snapshot_data", &arguments)
}

/// Uploads what was read of a snapshot as a new one of `copy`, and loads it.
fn upload_and_load(
    world: &mut World,
    copy: CanisterId,
    metadata: types::ReadCanisterSnapshotMetadataResult,
    module: Vec<u8>,
    heap: Vec<u8>,
) {
    let upload = types::UploadCanisterSnapshotMetadataArgs {
        canister_id: copy.principal(),
        replace_snapshot: None,
        wasm_module_size: metadata.wasm_module_size,
        globals: metadata.globals.into_iter().flatten().collect(),
        wasm_memory_size: metadata.wasm_memory_size,
        stable_memory_size: metadata.stable_memory_size,
        certified_data: metadata.certified_data,
        global_timer: None,
        on_low_wasm_memory_hook_status: None,
    };
    let uploaded: types::UploadCanisterSnapshotMetadataResult =
        world.reply(USER, "upload_canister_snapshot_metadata", &upload);
    let uploaded = uploaded.snapshot_id;
    write(
        world,
        copy,
        &uploaded,
        types::SnapshotDataOffset::WasmModule { offset: 0 },
        module,
    )
    .expect("writes");
    write(
        world,
        copy,
        &uploaded,
        types::SnapshotDataOffset::WasmMemory { offset: 0 },
        heap,
    )
    .expect("writes");
    world
        .call(USER, "load_canister_snapshot", &load(copy, &uploaded))
        .expect("loads");
}

#[test]
fn a_snapshot_is_copied_to_another_canister_by_reading_and_uploading() {
    let mut world = World::new();
    let (id, copy) = (world.installed(MODULE), world.canister(1_000 * TRILLION));
    let snapshot = world
        .reply::<types::Snapshot>(USER, "take_canister_snapshot", &take(id, None))
        .id;
    let arguments = types::ReadCanisterSnapshotMetadataArgs {
        canister_id: id.principal(),
        snapshot_id: snapshot.clone(),
    };
    let metadata: types::ReadCanisterSnapshotMetadataResult =
        world.reply(USER, "read_canister_snapshot_metadata", &arguments);
    assert!(matches!(
        metadata.globals.as_slice(),
        [Some(types::SnapshotMetadataGlobal::I32(5))]
    ));
    let module = read(
        &mut world,
        id,
        &snapshot,
        types::SnapshotDataKind::WasmModule {
            offset: 0,
            size: metadata.wasm_module_size,
        },
    )
    .expect("reads");
    let heap = read(
        &mut world,
        id,
        &snapshot,
        types::SnapshotDataKind::WasmMemory {
            offset: 0,
            size: 65_536,
        },
    )
    .expect("reads");
    assert_eq!(heap[3..6], *b"abc");
    upload_and_load(&mut world, copy, metadata, module, heap);
    let (from, to) = (world.get(id), world.get(copy));
    assert_eq!(from.module().map(|m| m.hash), to.module().map(|m| m.hash));
    assert_eq!(from.wasm_state.globals, to.wasm_state.globals);
    assert_eq!(from.wasm_state.heap.digest(), to.wasm_state.heap.digest());
}

#[test]
fn slices_must_lie_within_and_taken_snapshots_are_never_written() {
    let mut world = World::new();
    let id = world.installed(MODULE);
    let snapshot = world
        .reply::<types::Snapshot>(USER, "take_canister_snapshot", &take(id, None))
        .id;
    let error = read(
        &mut world,
        id,
        &snapshot,
        types::SnapshotDataKind::WasmMemory {
            offset: 65_530,
            size: 10,
        },
    )
    .expect_err("outside");
    assert_eq!(
        error.message,
        "Invalid subslice into wasm module / main memory / stable memory: offset: 65530, size: 10"
    );
    let error = read(
        &mut world,
        id,
        &snapshot,
        types::SnapshotDataKind::StableMemory {
            offset: 0,
            size: 2_000_001,
        },
    )
    .expect_err("too large");
    assert_eq!(
        error.message,
        "Requested slice too large: 2000001 > 2000000"
    );
    let error = write(
        &mut world,
        id,
        &snapshot,
        types::SnapshotDataOffset::WasmMemory { offset: 0 },
        vec![1],
    )
    .expect_err("immutable");
    assert_eq!(code(&error), ErrorCode::CanisterSnapshotImmutable);
}

#[test]
fn metadata_that_no_snapshot_can_have_is_refused() {
    let valid = types::UploadCanisterSnapshotMetadataArgs {
        canister_id: Principal::anonymous(),
        replace_snapshot: None,
        wasm_module_size: 8,
        globals: vec![],
        wasm_memory_size: 65_536,
        stable_memory_size: 65_536,
        certified_data: vec![],
        global_timer: None,
        on_low_wasm_memory_hook_status: None,
    };
    let wrong: [fn(&mut types::UploadCanisterSnapshotMetadataArgs); 7] = [
        |metadata| metadata.wasm_module_size = 0,
        |metadata| metadata.wasm_module_size = (100 << 20) + 1,
        |metadata| metadata.wasm_memory_size = 65_535,
        |metadata| metadata.wasm_memory_size = (4 << 30) + 65_536,
        |metadata| metadata.stable_memory_size = (500 << 30) + 65_536,
        |metadata| metadata.globals = vec![types::SnapshotMetadataGlobal::I32(0); 1_001],
        |metadata| metadata.certified_data = vec![0; 33],
    ];
    let mut world = World::new();
    let id = world.canister(10 * TRILLION);
    for spoil in wrong {
        let mut metadata = valid.clone();
        metadata.canister_id = id.principal();
        spoil(&mut metadata);
        let error = world.refusal(USER, "upload_canister_snapshot_metadata", &metadata);
        assert_eq!(code(&error), ErrorCode::CanisterContractViolation);
        assert!(
            error
                .message
                .starts_with("Could not validate the settings: ")
        );
    }
    assert!(world.get(id).snapshots.is_empty());
}
