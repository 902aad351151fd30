//! The unmodified client drives the binary.

use candid::{Encode, Principal};
use pocket_ic::common::rest::{BlobCompression, SubnetKind};
use pocket_ic::{PocketIc, PocketIcBuilder, Time};
use std::time::Duration;

const COUNTER: &str = r#"(module
    (import "ic0" "msg_reply" (func $msg_reply))
    (import "ic0" "msg_reply_data_append" (func $append (param i32 i32)))
    (memory 1)
    (func $reply (call $append (i32.const 0) (i32.const 4)) (call $msg_reply))
    (func (export "canister_query read") (call $reply))
    (func (export "canister_update write")
        (i32.store (i32.const 0) (i32.add (i32.load (i32.const 0)) (i32.const 1)))
        (call $reply)))"#;

fn builder() -> PocketIcBuilder {
    PocketIcBuilder::new().with_server_binary(env!("CARGO_BIN_EXE_chainkey").into())
}

fn plain() -> PocketIc {
    builder().with_application_subnet().build()
}

fn counter(instance: &PocketIc) -> Principal {
    let canister = instance.create_canister();
    let module = wat::parse_str(COUNTER).unwrap();
    instance.install_canister(canister, module, Vec::new(), None);
    canister
}

fn call(instance: &PocketIc, canister: Principal, method: &str) -> Vec<u8> {
    instance
        .update_call(canister, Principal::anonymous(), method, Vec::new())
        .unwrap()
}

#[test]
fn a_canister_is_created_installed_called_and_queried() {
    let instance = plain();
    let canister = counter(&instance);
    assert_eq!(canister.to_text(), "lxzze-o7777-77777-aaaaa-cai");
    assert_eq!(call(&instance, canister, "write"), [1, 0, 0, 0]);
    assert_eq!(call(&instance, canister, "write"), [2, 0, 0, 0]);
    let read = instance.query_call(canister, Principal::anonymous(), "read", Vec::new());
    assert_eq!(read.unwrap(), [2, 0, 0, 0]);
}

#[test]
fn time_stands_still_between_rounds_and_never_goes_back() {
    let instance = plain();
    let start = instance.get_time();
    assert_eq!(start.as_nanos_since_unix_epoch(), 1_620_328_630_000_000_001);
    instance.tick();
    assert_eq!(instance.get_time(), start + Duration::from_nanos(1));
    instance.advance_time(Duration::from_secs(7));
    assert_eq!(
        instance.get_time(),
        start + Duration::from_nanos(7_000_000_001)
    );
    instance.tick();
    assert_eq!(
        instance.get_time(),
        start + Duration::from_nanos(7_000_000_001)
    );
    let later = Time::from_nanos_since_unix_epoch(1_700_000_000_000_000_000);
    instance.set_certified_time(later);
    assert_eq!(instance.get_time(), later);
}

#[test]
fn all_kinds_of_subnets_have_their_ranges() {
    let instance = builder()
        .with_nns_subnet()
        .with_sns_subnet()
        .with_ii_subnet()
        .with_fiduciary_subnet()
        .with_bitcoin_subnet()
        .with_test_threshold_keys_subnet()
        .with_system_subnet()
        .with_application_subnet()
        .with_verified_application_subnet()
        .build();
    let topology = instance.topology();
    assert_eq!(topology.subnet_configs.len(), 9);
    let nns = Principal::from_text("rwlgt-iiaaa-aaaaa-aaaaa-cai").unwrap();
    assert_eq!(topology.get_subnet(nns), topology.get_nns());
    let ii = Principal::from_text("rdmx6-jaaaa-aaaaa-aaadq-cai").unwrap();
    assert_eq!(topology.get_subnet(ii), topology.get_ii());
    let default = Principal::from_slice(&topology.default_effective_canister_id.canister_id);
    assert_eq!(
        topology.get_subnet(default),
        Some(topology.get_app_subnets()[0])
    );
}

#[test]
fn a_canister_with_a_mainnet_id_gets_a_subnet_of_its_own() {
    let instance = plain();
    let id = Principal::from_text("ghsi2-tqaaa-aaaan-aaaca-cai").unwrap();
    assert_eq!(instance.create_canister_with_id(None, None, id), Ok(id));
    let topology = instance.topology();
    let subnet = topology.get_subnet(id).unwrap();
    assert_eq!(
        topology.subnet_configs[&subnet].subnet_kind,
        SubnetKind::Bitcoin
    );
    assert!(instance.canister_exists(id));
}

#[test]
fn cycles_controllers_and_stable_memory_can_be_read_and_set() {
    let instance = plain();
    let canister = counter(&instance);
    let balance = instance.cycle_balance(canister);
    assert_eq!(instance.add_cycles(canister, 5), balance + 5);
    assert_eq!(instance.get_controllers(canister), [Principal::anonymous()]);
    instance.set_stable_memory(canister, vec![7; 10], BlobCompression::NoCompression);
    let stable = instance.get_stable_memory(canister);
    assert_eq!(
        (stable.len(), &stable[..11]),
        (65536, [[7; 10].as_slice(), &[0]].concat().as_slice())
    );
}

#[test]
fn a_snapshot_moves_to_another_canister_through_a_directory() {
    let instance = plain();
    let source = counter(&instance);
    call(&instance, source, "write");
    let snapshot = instance.take_canister_snapshot(source, None, None).unwrap();
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("snapshot");
    let sender = Principal::anonymous();
    instance.canister_snapshot_download(source, sender, snapshot.id, path.clone());
    let target = instance.create_canister();
    let uploaded = instance.canister_snapshot_upload(target, sender, None, path);
    instance
        .load_canister_snapshot(target, None, uploaded)
        .unwrap();
    assert_eq!(call(&instance, target, "write"), [2, 0, 0, 0]);
}

#[test]
fn submitted_calls_are_answered_after_a_round() {
    let instance = plain();
    let canister = counter(&instance);
    let sender = Principal::anonymous();
    let id = instance
        .submit_call(canister, sender, "write", Encode!().unwrap())
        .unwrap();
    assert!(instance.ingress_status(id.clone()).is_none());
    instance.tick();
    assert_eq!(
        instance.ingress_status(id.clone()),
        Some(Ok(vec![1, 0, 0, 0]))
    );
    assert_eq!(instance.await_call(id), Ok(vec![1, 0, 0, 0]));
}

#[test]
fn an_application_subnet_can_be_deleted_and_a_named_one_not() {
    let instance = builder()
        .with_nns_subnet()
        .with_application_subnet()
        .build();
    let topology = instance.topology();
    instance.delete_subnet(topology.get_app_subnets()[0]);
    assert_eq!(instance.topology().subnet_configs.len(), 1);
    let nns = topology.get_nns().unwrap();
    let refused =
        std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| instance.delete_subnet(nns)));
    assert!(refused.is_err());
}
