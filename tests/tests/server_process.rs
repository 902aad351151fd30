//! The life of the server process: its version, its port file, its time to live and its end.

use std::process::Command;
use std::time::Duration;

use chainkey_tests::server::{Server, ServerConfig, binary};

fn config(ttl: Option<u64>, hard_ttl: Option<u64>) -> ServerConfig {
    ServerConfig {
        ttl,
        hard_ttl,
        log: None,
    }
}

#[test]
fn the_version_is_one_that_the_client_takes() {
    let output = Command::new(binary().unwrap())
        .arg("--version")
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let version = text
        .trim()
        .strip_prefix("pocket-ic-server ")
        .expect("the name");
    let major = version.split('.').next().unwrap();
    assert_eq!(major, "16", "{text}");
    assert_eq!(version.split('.').count(), 3, "{text}");
}

#[test]
fn an_idle_server_ends_after_its_ttl_and_removes_its_port_file() {
    let mut server = Server::start(&config(Some(1), None)).unwrap();
    assert!(server.port_file().exists());
    let status = server.wait_for_exit(Duration::from_secs(10)).unwrap();
    assert!(status.expect("the server has ended").success());
    assert!(!server.port_file().exists());
}

#[test]
fn a_server_in_use_outlives_its_ttl() {
    let mut server = Server::start(&config(Some(2), None)).unwrap();
    let pic = server.instance();
    for _ in 0..8 {
        std::thread::sleep(Duration::from_millis(500));
        pic.tick();
    }
    assert!(server.exit_status().unwrap().is_none());
}

#[test]
fn a_server_ends_after_its_hard_ttl_in_any_case() {
    let mut server = Server::start(&config(None, Some(1))).unwrap();
    let status = server.wait_for_exit(Duration::from_secs(10)).unwrap();
    assert!(status.is_some());
}

#[test]
fn a_signal_ends_the_server_gracefully() {
    for signal in ["TERM", "INT"] {
        let mut server = Server::start(&config(None, None)).unwrap();
        let pic = server.instance();
        assert!(server.signal(signal).unwrap().success());
        let status = server.wait_for_exit(Duration::from_secs(10)).unwrap();
        assert!(status.is_some(), "{signal}");
        assert!(!server.port_file().exists(), "{signal}");
        // The instance is gone with its server; dropping its handle only warns.
        drop(pic);
    }
}

#[test]
fn a_second_server_leaves_an_existing_port_file_alone() {
    let server = Server::start(&config(None, None)).unwrap();
    let before = std::fs::read_to_string(server.port_file()).unwrap();
    let second = Command::new(binary().unwrap())
        .arg("--port-file")
        .arg(server.port_file())
        .output()
        .unwrap();
    assert!(second.status.success());
    assert_eq!(std::fs::read_to_string(server.port_file()).unwrap(), before);
    server.instance().tick();
}
