//! One process of `solana-chain`.
//!
//! - In: how long a slot is. Out: the URL at which it answers. `SOLANA_CHAIN_BIN` names the program; default: the one that `make build` builds.
//! - The program ends when its input closes: when the handle is dropped, or this process dies.

use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use thiserror::Error;

/// Why a chain did not start.
#[derive(Debug, Error)]
pub enum NotStarted {
    /// The program is not built.
    #[error("no program at {}; run `make build` or set SOLANA_CHAIN_BIN", path.display())]
    NotBuilt {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// It can't be started, or said nothing.
    #[error("solana-chain does not start: {0}")]
    Start(#[from] io::Error),
    /// It does not answer.
    #[error(transparent)]
    Rpc(#[from] crate::rpc::RpcError),
}

/// A running chain.
#[derive(Debug)]
pub(super) struct Process {
    child: Child,
    url: String,
}

impl Process {
    pub(super) fn start(slot_milliseconds: u64) -> Result<Self, NotStarted> {
        let default =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/release/solana-chain");
        let path = std::env::var_os("SOLANA_CHAIN_BIN").map_or(default, PathBuf::from);
        if !path.is_file() {
            return Err(NotStarted::NotBuilt { path });
        }
        let mut child = Command::new(path)
            .args(["--port", "0", "--genesis", "1700000000"])
            .args(["--slot-milliseconds", &slot_milliseconds.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let mut url = String::new();
        let output = child.stdout.take();
        let output = output.ok_or_else(|| io::Error::from(io::ErrorKind::BrokenPipe))?;
        // If it says nothing, it has ended, and there is no URL to ask.
        BufReader::new(output).read_line(&mut url)?;
        let url = url.trim_end().to_owned();
        Ok(Self { child, url })
    }

    pub(super) fn url(&self) -> &str {
        &self.url
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        // Nothing is left to be said to whoever drops it.
        let _ended = self.child.wait();
    }
}
