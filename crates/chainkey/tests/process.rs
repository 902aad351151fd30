//! The binary as a process: flags, port file, times to live, signals.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const BINARY: &str = env!("CARGO_BIN_EXE_chainkey");

fn start(port_file: &Path, arguments: &[&str]) -> Child {
    Command::new(BINARY)
        .args(arguments)
        .arg("--port-file")
        .arg(port_file)
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

fn wait_for<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(seen) = look() {
            return seen;
        }
        assert!(start.elapsed() < Duration::from_secs(20), "no {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn port_of(port_file: &Path) -> u16 {
    wait_for("port", || {
        let text = std::fs::read_to_string(port_file).ok()?;
        text.strip_suffix('\n')?.parse().ok()
    })
}

fn kill(child: &Child, signal: &str) {
    let pid = child.id().to_string();
    assert!(
        Command::new("kill")
            .args([signal, &pid])
            .status()
            .unwrap()
            .success()
    );
}

#[test]
fn the_version_is_that_of_the_server_whose_api_it_speaks() {
    for arguments in [vec!["--version"], vec!["pocket-ic", "--version"]] {
        let output = Command::new(BINARY).args(arguments).output().unwrap();
        assert_eq!(output.stdout, b"pocket-ic-server 16.0.0\n");
    }
    let output = Command::new(BINARY)
        .arg("--version")
        .env("CHAINKEY_POCKET_IC_VERSION", "10.0.0")
        .output()
        .unwrap();
    assert_eq!(output.stdout, b"pocket-ic-server 10.0.0\n");
}

#[test]
fn a_signal_ends_the_server_and_removes_the_port_file() {
    for signal in ["-INT", "-TERM"] {
        let directory = tempfile::tempdir().unwrap();
        let port_file = directory.path().join("port");
        let mut server = start(&port_file, &[]);
        port_of(&port_file);
        kill(&server, signal);
        assert!(server.wait().unwrap().success());
        assert!(!port_file.exists());
    }
}

#[test]
fn a_second_server_for_the_same_port_file_ends_quietly() {
    let directory = tempfile::tempdir().unwrap();
    let port_file = directory.path().join("port");
    let mut first = start(&port_file, &["pocket-ic"]);
    let port = port_of(&port_file);
    let second = start(&port_file, &[]).wait().unwrap();
    assert!(second.success());
    assert_eq!(port_of(&port_file), port);
    kill(&first, "-TERM");
    first.wait().unwrap();
}

#[test]
fn an_idle_server_ends_and_a_hard_limit_ends_it_too() {
    for arguments in [["--ttl", "1"], ["--hard-ttl", "1"]] {
        let directory = tempfile::tempdir().unwrap();
        let port_file = directory.path().join("port");
        let mut server = start(&port_file, &arguments);
        port_of(&port_file);
        let ended = wait_for("end", || server.try_wait().unwrap());
        assert!(ended.success());
        assert!(!port_file.exists());
    }
}
