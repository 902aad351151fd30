//! One process of anvil, Foundry's EVM, started from the binary that npm installed.
//!
//! - In: arguments of anvil. Out: the port on which it listens, chosen by the system.
//! - It ends when the handle is dropped, and also when this process dies without dropping anything: between them stands a shell that reads
//!   from a pipe whose other end only this process holds, and ends anvil when that pipe closes.
//! - Reference: getfoundry.sh/anvil/reference.

use super::EvmError;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// Runs anvil until the standard input closes.
const GUARD: &str = r#""$0" "$@" < /dev/null & anvil=$!; read -r _; kill "$anvil"; wait "$anvil""#;
/// What anvil prints before its address.
const LISTENING: &str = "Listening on 127.0.0.1:";
const TO_LISTEN: Duration = Duration::from_secs(30);
const TO_END: Duration = Duration::from_secs(5);

/// Where npm puts what `tests/chains/ethereum/package.json` names.
pub(super) fn installed(path: &str) -> Result<PathBuf, EvmError> {
    let modules = Path::new(env!("CARGO_MANIFEST_DIR")).join("ethereum/node_modules");
    let path = modules.join(path);
    match path.exists() {
        true => Ok(path),
        false => Err(EvmError::NotInstalled { path }),
    }
}

fn binary() -> Result<PathBuf, EvmError> {
    let package = match std::env::consts::ARCH {
        "x86_64" => "anvil-linux-amd64",
        other => return Err(EvmError::UnknownMachine(other)),
    };
    installed(&format!("@foundry-rs/{package}/bin/anvil"))
}

/// A running anvil.
#[derive(Debug)]
pub(super) struct Process {
    guard: Child,
    pub(super) port: u16,
    _directory: TempDir,
}

impl Process {
    /// Starts anvil and waits until it listens.
    ///
    /// # Errors
    /// It is not installed, does not start, or does not listen.
    pub(super) fn start(arguments: &[String]) -> Result<Self, EvmError> {
        let binary = binary()?;
        let failed = |error| EvmError::Start(binary.display().to_string(), error);
        let directory = tempfile::tempdir().map_err(failed)?;
        let log = directory.path().join("log");
        let out = File::create(&log).map_err(failed)?;
        let guard = Command::new("sh")
            .args(["-c", GUARD])
            .arg(&binary)
            .args(["--host", "127.0.0.1", "--port", "0"])
            .args(arguments)
            .current_dir(directory.path())
            .stdin(Stdio::piped())
            .stdout(out.try_clone().map_err(failed)?)
            .stderr(out)
            .spawn()
            .map_err(failed)?;
        let mut process = Self {
            guard,
            port: 0,
            _directory: directory,
        };
        process.port = wait_for_port(&log)?;
        Ok(process)
    }
}

fn wait_for_port(log: &Path) -> Result<u16, EvmError> {
    let start = Instant::now();
    loop {
        let text = std::fs::read_to_string(log).unwrap_or_default();
        let complete = text
            .split_inclusive('\n')
            .filter_map(|line| line.strip_suffix('\n'));
        let mut ports =
            complete.filter_map(|line| line.strip_prefix(LISTENING)?.trim().parse().ok());
        if let Some(port) = ports.next_back() {
            return Ok(port);
        }
        if start.elapsed() > TO_LISTEN {
            return Err(EvmError::Silent(text));
        }
        sleep(Duration::from_millis(5));
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        drop(self.guard.stdin.take());
        let start = Instant::now();
        while matches!(self.guard.try_wait(), Ok(None)) {
            if start.elapsed() > TO_END {
                let _ = self.guard.kill();
                let _ = self.guard.wait();
                return;
            }
            sleep(Duration::from_millis(2));
        }
    }
}
