//! The REST API below the clients: leniency, bad input, statuses.

use reqwest::blocking::Client;
use serde_json::{Value, json};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

struct Server {
    child: Child,
    url: String,
    client: Client,
    _directory: tempfile::TempDir,
}

impl Server {
    fn start() -> Server {
        let directory = tempfile::tempdir().unwrap();
        let port_file = directory.path().join("port");
        let child = Command::new(env!("CARGO_BIN_EXE_chainkey"))
            .arg("--port-file")
            .arg(&port_file)
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let port = port(&port_file);
        Server {
            child,
            url: format!("http://127.0.0.1:{port}"),
            client: Client::new(),
            _directory: directory,
        }
    }

    fn post(&self, path: &str, body: impl Into<String>) -> (u16, Value) {
        let request = self.client.post(format!("{}{path}", self.url));
        let response = request.body(body.into()).send().unwrap();
        (
            response.status().as_u16(),
            serde_json::from_str(&response.text().unwrap()).unwrap(),
        )
    }

    fn get(&self, path: &str) -> (u16, Value) {
        let response = self
            .client
            .get(format!("{}{path}", self.url))
            .send()
            .unwrap();
        (
            response.status().as_u16(),
            serde_json::from_str(&response.text().unwrap()).unwrap(),
        )
    }

    fn instance(&self) -> u64 {
        let (status, answer) = self.post("/instances", plain().to_string());
        assert_eq!(status, 201, "{answer}");
        answer["Created"]["instance_id"].as_u64().unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn port(port_file: &Path) -> u16 {
    let start = Instant::now();
    loop {
        let text = std::fs::read_to_string(port_file).unwrap_or_default();
        if let Some(port) = text.strip_suffix('\n') {
            return port.parse().unwrap();
        }
        assert!(start.elapsed() < Duration::from_secs(20), "no port");
        std::thread::sleep(Duration::from_millis(2));
    }
}

fn plain() -> Value {
    json!({"subnet_config_set": {"application": [{"state_config": "New"}]}})
}

#[test]
fn every_path_works_with_and_without_a_slash_at_its_end() {
    let server = Server::start();
    let id = server.instance();
    for slash in ["", "/"] {
        for path in [
            "read/get_time",
            "read/topology",
            "_/topology",
            "auto_progress",
        ] {
            let (status, _) = server.get(&format!("/instances/{id}/{path}{slash}"));
            assert_eq!(status, 200, "{path}{slash}");
        }
        assert_eq!(
            server.get(&format!("/instances{slash}")),
            (200, json!(["Available"]))
        );
    }
}

#[test]
fn bad_input_is_refused_and_the_server_lives() {
    let server = Server::start();
    let id = server.instance();
    let refused = [
        (
            format!("/instances/{id}/update/submit_ingress_message"),
            "not json",
        ),
        (format!("/instances/{id}/read/query"), "{}"),
        (
            format!("/instances/{id}/read/get_cycles"),
            r#"{"canister_id": "not base64"}"#,
        ),
        ("/instances".into(), "[1, 2"),
        ("/instances/99/update/tick".into(), "{}"),
        ("/instances/first/update/tick".into(), "{}"),
    ];
    for (path, body) in refused {
        let (status, answer) = server.post(&path, body);
        assert_eq!(status, 400, "{path}: {answer}");
    }
    assert_eq!(
        server.post(&format!("/instances/{id}/update/tick"), "{}").0,
        200
    );
}

#[test]
fn a_tick_takes_any_body_or_none() {
    let server = Server::start();
    let id = server.instance();
    for body in ["", "{}", "null", r#"{"blockmakers": null}"#] {
        let answer = server.post(&format!("/instances/{id}/update/tick"), body);
        assert_eq!(answer, (200, Value::Null));
    }
    let (_, time) = server.get(&format!("/instances/{id}/read/get_time"));
    assert_eq!(time["nanos_since_epoch"], 1_620_328_630_000_000_005_u64);
}

#[test]
fn an_unknown_canister_and_a_missing_key_have_their_errors() {
    let server = Server::start();
    let id = server.instance();
    let (status, answer) = server.post(
        &format!("/instances/{id}/read/get_cycles"),
        r#"{"canister_id": "AAAAAAAAAAABAQ=="}"#,
    );
    assert_eq!(
        (status, answer["message"].as_str()),
        (
            400,
            Some("CanisterNotFound(CanisterId(rwlgt-iiaaa-aaaaa-aaaaa-cai))")
        )
    );
    let (_, topology) = server.get(&format!("/instances/{id}/_/topology"));
    let subnets = topology["subnet_configs"].as_object().unwrap();
    let (_, subnet) = subnets.iter().next().unwrap();
    assert_eq!(subnet["size"], 13);
}

#[test]
fn a_deleted_instance_says_so_and_its_number_stays_taken() {
    let server = Server::start();
    let id = server.instance();
    let deleted = server
        .client
        .delete(format!("{}/instances/{id}", server.url))
        .send()
        .unwrap();
    assert_eq!(deleted.status(), 200);
    let (status, answer) = server.get(&format!("/instances/{id}/read/get_time"));
    assert_eq!(status, 400);
    assert!(
        answer["message"]
            .as_str()
            .unwrap()
            .contains("Instance was deleted")
    );
    assert_eq!(server.instance(), id + 1);
    assert_eq!(
        server.get("/instances"),
        (200, json!(["Deleted", "Available"]))
    );
}

#[test]
fn what_this_version_lacks_is_refused_with_a_message() {
    let server = Server::start();
    let id = server.instance();
    let mut features = plain();
    features["icp_features"] = json!({"icp_token": "DefaultConfig"});
    let (status, answer) = server.post("/instances", features.to_string());
    assert_eq!(status, 400);
    assert!(
        answer["Error"]["message"]
            .as_str()
            .unwrap()
            .starts_with("icp_features")
    );
    let (status, answer) = server.post("/http_gateway", "{}");
    assert_eq!(status, 501);
    assert!(answer["Error"]["message"].is_string());
    let (status, answer) = server.get(&format!("/instances/{id}/api/v2/status"));
    assert_eq!(status, 501);
    assert!(answer["message"].is_string());
}

#[test]
fn the_same_seed_gives_the_same_ids_and_another_seed_others() {
    let server = Server::start();
    let topology = |seed: u64| {
        let mut request = plain();
        request["chainkey"] = json!({"seed": seed, "nodes": {"application": 4}});
        let (status, answer) = server.post("/instances", request.to_string());
        assert_eq!(status, 201, "{answer}");
        answer["Created"]["topology"].clone()
    };
    assert_eq!(topology(5), topology(5));
    assert_ne!(topology(5), topology(6));
}

#[test]
fn blobs_come_back_under_their_hash() {
    let server = Server::start();
    let stored = server
        .client
        .post(format!("{}/blobstore/", server.url))
        .body(vec![1, 2, 3])
        .send()
        .unwrap();
    let hash = stored.text().unwrap();
    let fetched = server
        .client
        .get(format!("{}/blobstore/{hash}", server.url))
        .send()
        .unwrap();
    assert_eq!(fetched.bytes().unwrap().as_ref(), [1, 2, 3]);
    let missing = server
        .client
        .get(format!("{}/blobstore/00", server.url))
        .send()
        .unwrap();
    assert_eq!(missing.status(), 404);
}
