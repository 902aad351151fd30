//! A smoke run of the REST bodies: valid bodies of every route, spoilt by a seeded generator.
//!
//! Whatever comes, the server answers, does not panic, and loses nothing: other instances stay as they were, and the one that is shot at
//! stays usable. A failure prints the seed, the path and the body.

use candid::Principal;
use chainkey_tests::modules::{COUNTER, wasm};
use chainkey_tests::server::{Server, ServerConfig};
use pocket_ic::PocketIc;
use pocket_ic::common::rest;
use reqwest::blocking::Client;
use serde_json::{Value, json};
use std::time::Duration;

const SEED: u64 = 0x5eed_0fb0_d1e5;
const SPOILT_BODIES: usize = 60;

/// The generator xorshift64*.
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    fn below(&mut self, end: usize) -> usize {
        (self.roll() % end.max(1) as u64) as usize
    }

    fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }
}

/// Values that stand in for others.
fn odd_values() -> Vec<Value> {
    vec![
        Value::Null,
        json!(true),
        json!(0),
        json!(-1),
        json!(u64::MAX),
        json!(1e300),
        json!(""),
        json!("AAAAAAAAAAABAQ=="),
        json!("\u{0}\u{fffd}"),
        json!([]),
        json!([[[[]]]]),
        json!({}),
        json!([255, 256]),
    ]
}

/// Replaces, removes or doubles something somewhere in the value.
fn spoil_value(value: &mut Value, dice: &mut Dice) {
    let descend = dice.below(4) > 0;
    match value {
        Value::Object(fields) if descend && !fields.is_empty() => {
            let names: Vec<String> = fields.keys().cloned().collect();
            let name = dice.pick(&names).clone();
            match dice.below(5) {
                0 => drop(fields.remove(&name)),
                1 => drop(fields.insert(format!("{name}_"), json!(1))),
                _ => spoil_value(&mut fields[&name], dice),
            }
        }
        Value::Array(items) if descend && !items.is_empty() => {
            let place = dice.below(items.len());
            match dice.below(4) {
                0 => drop(items.remove(place)),
                1 => items.push(items[place].clone()),
                _ => spoil_value(&mut items[place], dice),
            }
        }
        other => *other = dice.pick(&odd_values()).clone(),
    }
}

/// Cuts, flips or inserts bytes.
fn spoil_bytes(bytes: &mut Vec<u8>, dice: &mut Dice) {
    let place = dice.below(bytes.len());
    match dice.below(4) {
        0 => bytes.truncate(place),
        1 if !bytes.is_empty() => bytes[place] ^= 1 << dice.below(8),
        2 => bytes.insert(place, dice.roll() as u8),
        _ => bytes.extend_from_within(place..),
    }
}

fn spoilt(body: &Value, dice: &mut Dice) -> Vec<u8> {
    let mut value = body.clone();
    for _ in 0..=dice.below(3) {
        spoil_value(&mut value, dice);
    }
    let mut bytes = value.to_string().into_bytes();
    if dice.below(3) == 0 {
        spoil_bytes(&mut bytes, dice);
    }
    bytes
}

fn json_of(body: &impl serde::Serialize) -> Value {
    serde_json::to_value(body).expect("the client's bodies are JSON")
}

fn mock(subnet_id: &rest::RawSubnetId) -> rest::RawMockCanisterHttpResponse {
    let reply = rest::CanisterHttpReply {
        status: 200,
        headers: vec![],
        body: b"body".to_vec(),
    };
    rest::RawMockCanisterHttpResponse {
        subnet_id: subnet_id.clone(),
        request_id: 0,
        response: rest::CanisterHttpResponse::CanisterHttpReply(reply),
        additional_responses: vec![],
    }
}

fn tick(subnet_id: &rest::RawSubnetId) -> rest::RawTickConfigs {
    rest::RawTickConfigs {
        blockmakers: Some(vec![rest::RawSubnetBlockmakers {
            subnet: subnet_id.clone(),
            blockmaker: Principal::anonymous().into(),
            failed_blockmakers: vec![],
        }]),
    }
}

fn snapshot_bodies(
    id: rest::RawCanisterId,
    sender: rest::RawPrincipalId,
) -> [(&'static str, Value); 2] {
    let download = rest::RawCanisterSnapshotDownload {
        sender: sender.clone(),
        canister_id: id.clone(),
        snapshot_id: vec![1, 2, 3],
        snapshot_dir: "/".into(),
    };
    let upload = rest::RawCanisterSnapshotUpload {
        sender,
        canister_id: id,
        replace_snapshot: None,
        snapshot_dir: "/nowhere".into(),
    };
    [
        ("update/canister_snapshot_download", json_of(&download)),
        ("update/canister_snapshot_upload", json_of(&upload)),
    ]
}

/// The routes below an instance that take a body, each with a valid one about this canister of this subnet.
fn bodies(canister: Principal, subnet: Principal) -> Vec<(&'static str, Value)> {
    let id = rest::RawCanisterId::from(canister);
    let subnet_id = rest::RawSubnetId::from(subnet);
    let sender = rest::RawPrincipalId::from(Principal::anonymous());
    let call = json_of(&rest::RawCanisterCall {
        sender: Principal::anonymous().as_slice().to_vec(),
        canister_id: canister.as_slice().to_vec(),
        effective_principal: rest::RawEffectivePrincipal::None,
        method: "inc".to_string(),
        payload: b"DIDL\0\0".to_vec(),
        sender_info: None,
    });
    let time = json_of(&rest::RawTime {
        nanos_since_epoch: 1_700_000_000_000_000_000,
    });
    let message = rest::RawMessageId {
        effective_principal: rest::RawEffectivePrincipal::CanisterId(id.canister_id.clone()),
        message_id: vec![7; 32],
    };
    let (mock, tick) = (mock(&subnet_id), tick(&subnet_id));
    let stable = rest::RawSetStableMemory {
        canister_id: canister.as_slice().to_vec(),
        blob_id: rest::BlobId(vec![1; 32]),
    };
    let cycles = rest::RawAddCycles {
        canister_id: canister.as_slice().to_vec(),
        amount: 1_000,
    };
    let status = rest::RawIngressStatusArgs {
        raw_message_id: message.clone(),
        raw_caller: None,
    };
    let mut bodies = vec![
        ("read/query", call.clone()),
        ("read/pub_key", json_of(&subnet_id)),
        ("read/ingress_status", json_of(&status)),
        ("update/submit_ingress_message", call),
        ("update/await_ingress_message", json_of(&message)),
        ("update/tick", json_of(&tick)),
        ("update/set_time", time.clone()),
        ("update/set_certified_time", time),
        ("update/add_cycles", json_of(&cycles)),
        ("update/set_stable_memory", json_of(&stable)),
        ("update/mock_canister_http", json_of(&mock)),
        ("update/mock_flexible_canister_http", json_of(&mock)),
        ("update/delete_subnet", json_of(&subnet_id)),
        ("auto_progress", json!({"artificial_delay_ms": 1_000})),
        ("stop_progress", json!({})),
    ];
    for path in [
        "read/get_controllers",
        "read/get_cycles",
        "read/get_stable_memory",
        "read/get_subnet",
    ] {
        bodies.push((path, json_of(&id)));
    }
    bodies.extend(snapshot_bodies(id, sender));
    bodies
}

fn count(pic: &PocketIc, canister: Principal, method: &str) -> u8 {
    let reply = pic.update_call(canister, Principal::anonymous(), method, vec![]);
    reply.expect("a reply")[0]
}

#[test]
fn spoilt_bodies_of_every_route_are_answered_and_nothing_is_lost() {
    let directory = tempfile::tempdir().expect("a directory");
    let log = directory.path().join("log");
    let config = ServerConfig {
        log: Some(log.clone()),
        ..ServerConfig::default()
    };
    let mut server = Server::start(&config).expect("the server starts");
    let (bystander, target) = (server.instance(), server.instance());
    let kept = bystander.create_canister();
    bystander.install_canister(kept, wasm(COUNTER), vec![], None);
    assert_eq!(count(&bystander, kept, "inc"), 1);
    let canister = target.create_canister();
    target.install_canister(canister, wasm(COUNTER), vec![], None);
    let subnet = target.topology().get_app_subnets()[0];
    let client = Client::builder()
        .timeout(Duration::from_secs(60))
        .build()
        .expect("a client");
    let mut dice = Dice(SEED);
    let mut shoot = |path: &str, body: &Value| {
        for _ in 0..SPOILT_BODIES {
            let body = spoilt(body, &mut dice);
            let shown = String::from_utf8_lossy(&body).into_owned();
            let request = client.post(format!("{}{path}", server.url())).body(body);
            let response = request.send();
            let status = response
                .unwrap_or_else(|error| panic!("seed {SEED:#x}, {path} {shown}: {error}"))
                .status();
            let answered = status.is_success() || status.is_client_error() || status == 501;
            assert!(answered, "seed {SEED:#x}, {path} {shown}: {status}");
        }
    };
    let instance = format!("instances/{}", target.instance_id());
    for (path, body) in bodies(canister, subnet) {
        shoot(&format!("{instance}/{path}"), &body);
    }
    let specification = json!({"state_config": "New", "instruction_config": "Production"});
    let creation = json!({"subnet_config_set": {"application": [specification], "system": []},
        "chainkey": {"seed": 3, "nodes": {"application": 4}}});
    shoot("instances", &creation);
    for path in ["blobstore", "verify_signature", "http_gateway"] {
        shoot(path, &json!({"msg": [1], "sig": [2], "pubkey": [3]}));
    }
    target.stop_progress();
    assert_eq!(count(&bystander, kept, "inc"), 2);
    assert!(target.canister_exists(canister));
    count(&target, canister, "inc");
    assert!(matches!(server.exit_status(), Ok(None)));
    let log = std::fs::read_to_string(log).expect("a log");
    assert!(!log.contains("panicked"), "seed {SEED:#x}: {log}");
}
