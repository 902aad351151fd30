//! The life of canisters through the unmodified `pocket-ic` client, blocking and nonblocking.

use std::time::Duration;

use candid::Principal;
use chainkey_tests::modules::{COUNTER, FORWARDER, forward, large, wasm};
use chainkey_tests::server::{Server, ServerConfig};
use pocket_ic::common::rest::BlobCompression;
use pocket_ic::{CanisterSettings, ErrorCode, PocketIc, RejectCode, RejectResponse, Time};

/// An instance is built in one round for each of its subnets.
const START_NANOS: u64 = 1_620_328_630_000_000_001;
const TRILLION: u128 = 1_000_000_000_000;

fn server() -> Server {
    Server::start(&ServerConfig::default()).expect("the server starts")
}

fn user(byte: u8) -> Principal {
    Principal::self_authenticating([byte])
}

fn number(answer: Result<Vec<u8>, RejectResponse>) -> u32 {
    let bytes = answer.expect("a reply");
    u32::from_le_bytes(bytes.try_into().expect("four bytes"))
}

fn inc(pic: &PocketIc, canister: Principal) -> u32 {
    number(pic.update_call(canister, Principal::anonymous(), "inc", vec![]))
}

fn read(pic: &PocketIc, canister: Principal) -> u32 {
    number(pic.query_call(canister, Principal::anonymous(), "read", vec![]))
}

fn install(pic: &PocketIc, text: &str) -> Principal {
    let canister = pic.create_canister();
    pic.install_canister(canister, wasm(text), vec![], None);
    canister
}

fn refused<T: std::fmt::Debug>(result: Result<T, RejectResponse>, code: ErrorCode) -> String {
    let reject = result.expect_err("a reject");
    assert_eq!(reject.error_code, code, "{reject}");
    reject.reject_message
}

#[test]
fn a_canister_lives_from_creation_to_deletion() {
    let server = server();
    let pic = server.instance();
    let canister = pic.create_canister();
    assert_eq!(canister.to_text(), "lxzze-o7777-77777-aaaaa-cai");
    assert!(pic.canister_exists(canister));
    pic.install_canister(canister, wasm(COUNTER), 40u32.to_le_bytes().to_vec(), None);
    assert_eq!(inc(&pic, canister), 41);
    assert_eq!(read(&pic, canister), 41);
    pic.upgrade_canister(canister, wasm(COUNTER), vec![], None)
        .unwrap();
    assert_eq!(
        read(&pic, canister),
        41,
        "an upgrade keeps what stable memory holds"
    );
    pic.reinstall_canister(canister, wasm(COUNTER), vec![], None)
        .unwrap();
    assert_eq!(read(&pic, canister), 0, "a reinstall starts anew");
    pic.stop_canister(canister, None).unwrap();
    let call = pic.update_call(canister, Principal::anonymous(), "inc", vec![]);
    refused(call, ErrorCode::CanisterStopped);
    pic.start_canister(canister, None).unwrap();
    assert_eq!(inc(&pic, canister), 1);
    refused(
        pic.delete_canister(canister, None),
        ErrorCode::CanisterNotStopped,
    );
    pic.uninstall_canister(canister, None).unwrap();
    let call = pic.query_call(canister, Principal::anonymous(), "read", vec![]);
    refused(call, ErrorCode::CanisterWasmModuleNotFound);
    pic.stop_canister(canister, None).unwrap();
    pic.delete_canister(canister, None).unwrap();
    assert!(!pic.canister_exists(canister));
}

#[tokio::test]
async fn a_canister_lives_through_the_nonblocking_client_too() {
    let server = server();
    let pic = server
        .builder()
        .with_application_subnet()
        .build_async()
        .await;
    let anonymous = Principal::anonymous();
    let canister = pic.create_canister().await;
    assert_eq!(pic.add_cycles(canister, TRILLION).await, 101 * TRILLION);
    pic.install_canister(canister, wasm(COUNTER), vec![], None)
        .await;
    assert_eq!(
        number(pic.update_call(canister, anonymous, "inc", vec![]).await),
        1
    );
    assert_eq!(
        number(pic.query_call(canister, anonymous, "read", vec![]).await),
        1
    );
    let message = pic
        .submit_call(canister, anonymous, "inc", vec![])
        .await
        .unwrap();
    assert!(pic.ingress_status(message.clone()).await.is_none());
    pic.tick().await;
    assert_eq!(
        number(pic.ingress_status(message.clone()).await.expect("answered")),
        2
    );
    assert_eq!(number(pic.await_call(message).await), 2);
    pic.upgrade_canister(canister, wasm(COUNTER), vec![], None)
        .await
        .unwrap();
    assert_eq!(
        number(pic.query_call(canister, anonymous, "read", vec![]).await),
        2
    );
    pic.stop_canister(canister, None).await.unwrap();
    pic.delete_canister(canister, None).await.unwrap();
    assert!(!pic.canister_exists(canister).await);
    pic.drop().await;
}

#[test]
fn a_trap_rolls_the_state_back_and_is_told() {
    let server = server();
    let pic = server.instance();
    let canister = install(&pic, COUNTER);
    assert_eq!(inc(&pic, canister), 1);
    let reject = pic
        .update_call(canister, Principal::anonymous(), "trap", vec![])
        .unwrap_err();
    assert_eq!(reject.reject_code, RejectCode::CanisterError);
    assert_eq!(reject.error_code, ErrorCode::CanisterTrapped);
    assert!(reject.certified);
    let beginning = format!("Error from Canister {canister}: Canister trapped: unreachable");
    assert!(
        reject.reject_message.starts_with(&beginning),
        "{}",
        reject.reject_message
    );
    assert_eq!(read(&pic, canister), 1);
}

#[test]
fn unknown_methods_and_broken_modules_are_refused() {
    let server = server();
    let pic = server.instance();
    let canister = install(&pic, COUNTER);
    let call = pic.update_call(canister, Principal::anonymous(), "nothing", vec![]);
    let message = refused(call, ErrorCode::CanisterMethodNotFound);
    assert!(
        message.contains("has no update method 'nothing'"),
        "{message}"
    );
    let call = pic.query_call(canister, Principal::anonymous(), "nothing", vec![]);
    refused(call, ErrorCode::CanisterMethodNotFound);
    let broken = pic.upgrade_canister(canister, b"\0asm broken".to_vec(), vec![], None);
    refused(broken, ErrorCode::CanisterInvalidWasm);
    assert_eq!(inc(&pic, canister), 1, "the old module is kept");
    let again = pic.install_chunked_canister(
        canister,
        None,
        pocket_ic::CanisterInstallMode::Install,
        canister,
        vec![],
        vec![0; 32],
        vec![],
    );
    assert!(again.is_err());
}

#[test]
fn time_moves_by_rounds_and_by_hand() {
    let server = server();
    let pic = server.instance();
    let now = || pic.get_time().as_nanos_since_unix_epoch();
    assert_eq!(now(), START_NANOS);
    pic.tick();
    assert_eq!(now(), START_NANOS + 1);
    pic.advance_time(Duration::from_secs(10));
    assert_eq!(now(), START_NANOS + 1 + 10_000_000_000);
    pic.tick();
    let before = now();
    pic.set_time(Time::from_nanos_since_unix_epoch(before + 5));
    assert_eq!(now(), before + 5);
    pic.set_certified_time(Time::from_nanos_since_unix_epoch(before + 7));
    assert!(now() >= before + 7);
}

#[test]
fn the_past_is_refused_and_the_server_lives() {
    let server = server();
    let pic = server.instance();
    let past = Time::from_nanos_since_unix_epoch(START_NANOS - 1);
    let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| pic.set_time(past)));
    assert!(result.is_err());
    assert_eq!(pic.get_time().as_nanos_since_unix_epoch(), START_NANOS);
}

#[test]
fn snapshots_restore_the_state() {
    let server = server();
    let pic = server.instance();
    let canister = install(&pic, COUNTER);
    assert_eq!(inc(&pic, canister), 1);
    let snapshot = pic.take_canister_snapshot(canister, None, None).unwrap();
    assert_eq!(inc(&pic, canister), 2);
    assert_eq!(
        pic.list_canister_snapshots(canister, None).unwrap().len(),
        1
    );
    pic.load_canister_snapshot(canister, None, snapshot.id.clone())
        .unwrap();
    assert_eq!(read(&pic, canister), 1);
    pic.delete_canister_snapshot(canister, None, snapshot.id.clone())
        .unwrap();
    assert!(
        pic.list_canister_snapshots(canister, None)
            .unwrap()
            .is_empty()
    );
    let gone = pic.load_canister_snapshot(canister, None, snapshot.id);
    refused(gone, ErrorCode::CanisterSnapshotNotFound);
}

#[test]
fn a_snapshot_goes_through_a_directory_to_another_instance() {
    let server = server();
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("snapshot");
    let anonymous = Principal::anonymous();
    let one = server.instance();
    let canister = install(&one, COUNTER);
    assert_eq!(inc(&one, canister), 1);
    let snapshot = one.take_canister_snapshot(canister, None, None).unwrap();
    one.canister_snapshot_download(canister, anonymous, snapshot.id, path.clone());
    let two = server.instance();
    let other = two.create_canister();
    let id = two.canister_snapshot_upload(other, anonymous, None, path);
    two.load_canister_snapshot(other, None, id).unwrap();
    assert_eq!(read(&two, other), 1);
}

#[test]
fn only_controllers_control() {
    let server = server();
    let pic = server.instance();
    let canister = install(&pic, COUNTER);
    assert_eq!(pic.get_controllers(canister), [Principal::anonymous()]);
    pic.set_controllers(canister, None, vec![user(1), user(2)])
        .unwrap();
    let mut controllers = pic.get_controllers(canister);
    controllers.sort();
    let mut expected = vec![user(1), user(2)];
    expected.sort();
    assert_eq!(controllers, expected);
    refused(
        pic.stop_canister(canister, None),
        ErrorCode::CanisterInvalidController,
    );
    pic.stop_canister(canister, Some(user(2))).unwrap();
    let settings = CanisterSettings {
        freezing_threshold: Some(1000u64.into()),
        ..CanisterSettings::default()
    };
    pic.update_canister_settings(canister, Some(user(1)), settings)
        .unwrap();
    let status = pic.canister_status(canister, Some(user(1))).unwrap();
    assert_eq!(status.settings.freezing_threshold, 1000u64);
    assert!(status.module_hash.is_some());
}

#[test]
fn cycles_are_added_and_spent() {
    let server = server();
    let pic = server.instance();
    let canister = install(&pic, COUNTER);
    let before = pic.cycle_balance(canister);
    assert_eq!(pic.add_cycles(canister, TRILLION), before + TRILLION);
    inc(&pic, canister);
    let spent = before + TRILLION - pic.cycle_balance(canister);
    assert!((6_000_000..8_000_000).contains(&spent), "{spent}");
}

#[test]
fn stable_memory_is_set_and_read() {
    let server = server();
    let pic = server.instance();
    let canister = install(&pic, COUNTER);
    let data = [7u8; 100_000];
    pic.set_stable_memory(canister, data.to_vec(), BlobCompression::NoCompression);
    let read_back = pic.get_stable_memory(canister);
    assert_eq!(read_back.len(), 2 * 65_536, "whole pages");
    assert_eq!(read_back[..data.len()], data);
    assert!(read_back[data.len()..].iter().all(|byte| *byte == 0));
}

#[test]
fn instances_do_not_touch_each_other() {
    let server = server();
    let instances: Vec<PocketIc> = (0..4).map(|_| server.instance()).collect();
    let ids: std::collections::BTreeSet<_> = instances.iter().map(PocketIc::instance_id).collect();
    assert_eq!(ids.len(), 4);
    let canisters: Vec<_> = instances.iter().map(|pic| install(pic, COUNTER)).collect();
    assert!(
        canisters.windows(2).all(|pair| pair[0] == pair[1]),
        "the same ids in each"
    );
    for (n, pic) in instances.iter().enumerate() {
        for _ in 0..n {
            inc(pic, canisters[n]);
        }
    }
    instances[3].advance_time(Duration::from_secs(1));
    for (n, pic) in instances.iter().enumerate() {
        assert_eq!(read(pic, canisters[n]) as usize, n);
    }
    let time = |n: usize| instances[n].get_time().as_nanos_since_unix_epoch();
    assert!(time(3) > time(0) + 900_000_000);
}

#[test]
fn instances_work_at_the_same_time() {
    let server = server();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let pic = server.instance();
                let canister = install(&pic, COUNTER);
                for n in 1..=20 {
                    assert_eq!(inc(&pic, canister), n);
                }
            });
        }
    });
}

#[test]
fn logs_are_kept_and_read_by_controllers() {
    let server = server();
    let pic = server.instance();
    let canister = install(&pic, COUNTER);
    let anonymous = Principal::anonymous();
    for text in ["one", "two"] {
        pic.update_call(canister, anonymous, "print", text.into())
            .unwrap();
    }
    let logs = pic.fetch_canister_logs(canister, anonymous).unwrap();
    let texts: Vec<_> = logs.iter().map(|r| (r.idx, r.content.clone())).collect();
    assert_eq!(texts, [(0, b"one".to_vec()), (1, b"two".to_vec())]);
    assert!(pic.fetch_canister_logs(canister, user(1)).is_err());
}

#[test]
fn subnets_have_their_canister_ranges() {
    let server = server();
    let pic = server
        .builder()
        .with_nns_subnet()
        .with_ii_subnet()
        .with_application_subnet()
        .with_application_subnet()
        .build();
    let topology = pic.topology();
    assert_eq!(topology.subnet_configs.len(), 4);
    let apps = topology.get_app_subnets();
    let canisters: Vec<_> = apps
        .iter()
        .map(|subnet| pic.create_canister_on_subnet(None, None, *subnet))
        .collect();
    for (canister, subnet) in canisters.iter().zip(&apps) {
        assert_eq!(pic.get_subnet(*canister), Some(*subnet));
        assert_eq!(topology.get_subnet(*canister), Some(*subnet));
    }
    let ledger = Principal::from_text("ryjl3-tyaaa-aaaaa-aaaba-cai").unwrap();
    assert_eq!(pic.create_canister_with_id(None, None, ledger), Ok(ledger));
    assert_eq!(pic.get_subnet(ledger), topology.get_nns());
    assert!(
        pic.create_canister_with_id(None, None, ledger).is_err(),
        "taken"
    );
}

#[test]
fn a_canister_of_mainnet_gets_a_subnet_of_its_own() {
    let server = server();
    let pic = server.instance();
    let id = Principal::from_text("74iy7-xqaaa-aaaaf-qagra-cai").unwrap();
    assert_eq!(pic.create_canister_with_id(None, None, id), Ok(id));
    assert_eq!(pic.topology().subnet_configs.len(), 2);
    pic.install_canister(id, wasm(COUNTER), vec![], None);
    assert_eq!(inc(&pic, id), 1);
}

#[test]
fn calls_between_canisters_and_subnets_are_answered() {
    let server = server();
    let pic = server
        .builder()
        .with_application_subnet()
        .with_application_subnet()
        .build();
    let apps = pic.topology().get_app_subnets();
    let caller = pic.create_canister_on_subnet(None, None, apps[0]);
    pic.install_canister(caller, wasm(FORWARDER), vec![], None);
    for subnet in apps {
        let callee = pic.create_canister_on_subnet(None, None, subnet);
        pic.install_canister(callee, wasm(COUNTER), vec![], None);
        let arg = forward(callee.as_slice(), 0, "inc", &[]);
        let answer = pic.update_call(caller, Principal::anonymous(), "forward", arg);
        assert_eq!(number(answer), 1);
        let arg = forward(callee.as_slice(), 0, "nothing", &[]);
        let answer = pic.update_call(caller, Principal::anonymous(), "forward", arg);
        let reject = answer.unwrap_err();
        assert!(
            reject.reject_message.contains("has no update method"),
            "{reject}"
        );
    }
}

#[test]
fn a_module_larger_than_a_message_is_installed_in_chunks() {
    let server = server();
    let pic = server.instance();
    let canister = pic.create_canister();
    let mut module = large(1);
    // A custom section brings the module over the size at which the client uploads chunks.
    let size = 2_000_000u32;
    let mut section = vec![0];
    let mut rest = size + 2;
    while rest >= 128 {
        section.push((rest % 128) as u8 | 128);
        rest /= 128;
    }
    section.extend([rest as u8, 1, b'x']);
    section.resize(section.len() + size as usize, 0);
    module.extend(section);
    pic.install_canister(canister, module, vec![], None);
    let answer = pic.update_call(canister, Principal::anonymous(), "run", vec![]);
    assert_eq!(answer.unwrap().len(), 4);
    assert_eq!(pic.stored_chunks(canister, None).unwrap().len(), 3);
}

#[test]
fn a_thousand_submitted_messages_are_all_answered() {
    let server = server();
    let pic = server.instance();
    let canister = install(&pic, COUNTER);
    let anonymous = Principal::anonymous();
    let submit = |_| pic.submit_call(canister, anonymous, "inc", vec![]).unwrap();
    let messages: Vec<_> = (0..1000).map(submit).collect();
    let mut values: Vec<_> = messages
        .into_iter()
        .map(|m| number(pic.await_call(m)))
        .collect();
    values.sort();
    assert_eq!(values, (1..=1000).collect::<Vec<_>>());
}

#[test]
fn an_instance_makes_progress_by_itself_until_it_is_stopped() {
    let server = server();
    let pic = server.instance();
    let canister = install(&pic, COUNTER);
    pic.auto_progress();
    assert!(pic.auto_progress_enabled());
    let message = pic
        .submit_call(canister, Principal::anonymous(), "inc", vec![])
        .unwrap();
    assert_eq!(number(pic.await_call_no_ticks(message)), 1);
    let wall = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap();
    let now = Duration::from_nanos(pic.get_time().as_nanos_since_unix_epoch());
    assert!(
        now.abs_diff(wall) < Duration::from_secs(5),
        "{now:?} {wall:?}"
    );
    pic.stop_progress();
    assert!(!pic.auto_progress_enabled());
}

#[test]
fn the_same_seed_gives_the_same_answers() {
    let server = server();
    let run = || {
        let pic = server.instance();
        let canister = install(&pic, COUNTER);
        inc(&pic, canister);
        (
            pic.topology()
                .subnet_configs
                .keys()
                .cloned()
                .collect::<Vec<_>>(),
            pic.cycle_balance(canister),
            pic.get_time().as_nanos_since_unix_epoch(),
        )
    };
    assert_eq!(run(), run());
}
