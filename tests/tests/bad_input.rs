//! Bad input at the REST door: each request gets the specified error, and the server goes on.

use candid::Principal;
use chainkey_tests::modules::{COUNTER, wasm};
use chainkey_tests::oracle::replay::{caught, silence_caught_panics};
use chainkey_tests::server::{Server, ServerConfig};
use pocket_ic::PocketIc;
use reqwest::StatusCode;
use reqwest::blocking::{Client, Response};

struct Door {
    server: Server,
    http: Client,
}

impl Door {
    fn open() -> Self {
        Self {
            server: Server::start(&ServerConfig::default()).expect("the server starts"),
            http: Client::new(),
        }
    }

    fn post(&self, path: &str, body: impl Into<reqwest::blocking::Body>) -> Response {
        let request = self.http.post(format!("{}{path}", self.server.url()));
        let request = request.header("content-type", "application/json");
        request.body(body).send().expect("an answer")
    }

    fn get(&self, path: &str) -> Response {
        let url = format!("{}{path}", self.server.url());
        self.http.get(url).send().expect("an answer")
    }

    /// The server still does its work.
    fn lives(&self) {
        let pic = self.server.instance();
        let canister = pic.create_canister();
        pic.install_canister(canister, wasm(COUNTER), vec![], None);
        let reply = pic.update_call(canister, Principal::anonymous(), "inc", vec![]);
        assert_eq!(reply.unwrap(), [1, 0, 0, 0]);
    }
}

fn endpoints(pic: &PocketIc) -> Vec<String> {
    let id = pic.instance_id();
    let names = [
        "read/query",
        "read/get_cycles",
        "read/get_controllers",
        "read/get_stable_memory",
        "read/get_subnet",
        "read/pub_key",
        "read/ingress_status",
        "update/submit_ingress_message",
        "update/await_ingress_message",
        "update/set_time",
        "update/set_certified_time",
        "update/add_cycles",
        "update/set_stable_memory",
        "update/mock_canister_http",
    ];
    names
        .iter()
        .map(|name| format!("instances/{id}/{name}"))
        .collect()
}

#[test]
fn a_body_that_is_not_json_is_a_client_error() {
    let door = Door::open();
    let pic = door.server.instance();
    for path in endpoints(&pic) {
        for body in ["{", "[1,2", "\u{0}", "{\"canister_id\": 5}", "null", "[]"] {
            let status = door.post(&path, body).status();
            assert!(status.is_client_error(), "{path} {body:?}: {status}");
        }
    }
    let status = door.post("instances", "not json").status();
    assert!(status.is_client_error(), "{status}");
    door.lives();
}

#[test]
fn an_unknown_instance_and_path_are_not_found() {
    let door = Door::open();
    let status = door.post("instances/999/update/tick", "{}").status();
    assert!(status.is_client_error(), "{status}");
    let status = door.get("instances/999/read/get_time").status();
    assert!(status.is_client_error(), "{status}");
    assert_eq!(door.get("no/such/path").status(), StatusCode::NOT_FOUND);
    let status = door.get("instances/notanumber/read/get_time").status();
    assert!(status.is_client_error(), "{status}");
    door.lives();
}

#[test]
fn a_deleted_instance_answers_no_more() {
    let door = Door::open();
    let pic = door.server.instance();
    let id = pic.instance_id();
    drop(pic);
    let status = door.get(&format!("instances/{id}/read/get_time")).status();
    assert!(status.is_client_error(), "{status}");
    door.lives();
}

#[test]
fn paths_with_a_slash_at_the_end_are_the_same_paths() {
    let door = Door::open();
    assert!(door.get("status").status().is_success());
    assert!(door.get("status/").status().is_success());
    let pic = door.server.instance();
    let path = format!("instances/{}/read/get_time", pic.instance_id());
    let one = door.get(&path).text().unwrap();
    let two = door.get(&format!("{path}/")).text().unwrap();
    assert_eq!(one, two);
}

#[test]
fn an_oversized_message_is_refused_and_nothing_is_lost() {
    silence_caught_panics();
    let door = Door::open();
    let pic = door.server.instance();
    let canister = pic.create_canister();
    pic.install_canister(canister, wasm(COUNTER), vec![], None);
    let payload = vec![0; 3 * 1024 * 1024];
    let anonymous = Principal::anonymous();
    let result = caught(|| pic.submit_call(canister, anonymous, "inc", payload));
    assert!(!matches!(result, Ok(Ok(_))), "3 MiB were accepted");
    let reply = pic.update_call(canister, anonymous, "inc", vec![]);
    assert_eq!(reply.unwrap(), [1, 0, 0, 0]);
    door.lives();
}

#[test]
fn an_unknown_canister_is_told() {
    silence_caught_panics();
    let door = Door::open();
    let pic = door.server.instance();
    let anonymous = Principal::anonymous();
    let unknown = Principal::from_text("rwlgt-iiaaa-aaaaa-aaaaa-cai").unwrap();
    let text = caught(|| pic.update_call(unknown, anonymous, "inc", vec![])).unwrap_err();
    let expected = "Canister rwlgt-iiaaa-aaaaa-aaaaa-cai does not belong to any subnet.";
    assert!(text.contains(expected), "{text}");
    let text = caught(|| pic.query_call(unknown, anonymous, "inc", vec![])).unwrap_err();
    assert!(text.contains(expected), "{text}");
    assert!(caught(|| pic.cycle_balance(unknown)).is_err());
    assert!(caught(|| pic.get_controllers(unknown)).is_err());
    assert!(caught(|| pic.get_stable_memory(unknown)).is_err());
    assert!(!pic.canister_exists(unknown));
    door.lives();
}

#[test]
fn the_public_interface_says_that_it_is_not_there_yet() {
    let door = Door::open();
    let pic = door.server.instance();
    let id = pic.instance_id();
    let canister = pic.create_canister();
    for operation in ["call", "query", "read_state"] {
        let path = format!("instances/{id}/api/v2/canister/{canister}/{operation}");
        let status = door.post(&path, vec![0xff, 0x00, 0x17]).status();
        assert_eq!(status.as_u16(), 501, "{operation}");
    }
    door.lives();
}
