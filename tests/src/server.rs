//! One PocketIC server process, started from the binary that POCKET_IC_BIN names and stopped when the handle is dropped.
//!
//! The client can start a server by itself, but it starts one process more for each instance, lets the last one run until its TTL and
//! prints its log in between. Tests that need many instances, or the life of the process itself, use this handle and hand its
//! [`Server::url`] to `PocketIcBuilder::with_server_url`; the client stays unmodified.
//! The caller must keep the handle alive as long as its instances.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use pocket_ic::{PocketIc, PocketIcBuilder};
use tempfile::TempDir;
use thiserror::Error;

/// The environment variable that names the server binary, as the client has it.
pub const BINARY_VARIABLE: &str = "POCKET_IC_BIN";

/// Why a server did not start.
#[derive(Debug, Error)]
pub enum ServerError {
    /// POCKET_IC_BIN is not set and no `chainkey` is built.
    #[error("POCKET_IC_BIN must name the server binary, or `chainkey` must be built")]
    NoBinary,
    /// A file of the process could not be made, or the process could not be started.
    #[error("{0}: {1}")]
    Start(String, io::Error),
    /// The process ended before it wrote its port.
    #[error("the server ended before it was ready: {0}")]
    Ended(ExitStatus),
    /// No port was written in time.
    #[error("the server wrote no port within {0:?}")]
    Silent(Duration),
}

/// How to start a server.
#[derive(Clone, Debug, Default)]
pub struct ServerConfig {
    /// `--ttl` in seconds; the server's own default where absent.
    pub ttl: Option<u64>,
    /// `--hard-ttl` in seconds.
    pub hard_ttl: Option<u64>,
    /// Where stdout and stderr of the process go; nowhere where absent.
    pub log: Option<PathBuf>,
}

/// A running server.
#[derive(Debug)]
pub struct Server {
    child: Child,
    port: u16,
    port_file: PathBuf,
    _directory: TempDir,
}

/// The path in POCKET_IC_BIN, or else the `chainkey` that was built in the folder of this test.
pub fn binary() -> Result<PathBuf, ServerError> {
    if let Some(path) = std::env::var_os(BINARY_VARIABLE) {
        return Ok(PathBuf::from(path));
    }
    let this = std::env::current_exe().map_err(|_| ServerError::NoBinary)?;
    let built = this
        .ancestors()
        .skip(1)
        .take(2)
        .map(|dir| dir.join("chainkey"));
    built
        .into_iter()
        .find(|path| path.is_file())
        .ok_or(ServerError::NoBinary)
}

impl Server {
    /// Starts the server binary and waits until it has written its port.
    pub fn start(config: &ServerConfig) -> Result<Self, ServerError> {
        let binary = binary()?;
        let start_error = |e| ServerError::Start(binary.display().to_string(), e);
        let directory = tempfile::tempdir().map_err(start_error)?;
        let port_file = directory.path().join("port");
        let mut command = Command::new(&binary);
        command.arg("--port-file").arg(&port_file);
        if let Some(ttl) = config.ttl {
            command.arg("--ttl").arg(ttl.to_string());
        }
        if let Some(hard_ttl) = config.hard_ttl {
            command.arg("--hard-ttl").arg(hard_ttl.to_string());
        }
        let (out, err) = outputs(config.log.as_deref()).map_err(start_error)?;
        command.stdin(Stdio::null()).stdout(out).stderr(err);
        let mut child = command.spawn().map_err(start_error)?;
        let port = wait_for_port(&mut child, &port_file)?;
        Ok(Self {
            child,
            port,
            port_file,
            _directory: directory,
        })
    }

    /// The base address, with a slash at the end.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}/", self.port)
    }

    /// A builder of instances on this server.
    pub fn builder(&self) -> PocketIcBuilder {
        let url = self
            .url()
            .parse()
            .expect("an address and a port make an URL");
        PocketIcBuilder::new().with_server_url(url)
    }

    /// An instance with one application subnet.
    pub fn instance(&self) -> PocketIc {
        self.builder().with_application_subnet().build()
    }

    /// The file with the port; the server removes it when it ends gracefully.
    pub fn port_file(&self) -> &Path {
        &self.port_file
    }

    /// The exit status if the process has ended.
    pub fn exit_status(&mut self) -> io::Result<Option<ExitStatus>> {
        self.child.try_wait()
    }

    /// Waits at most `limit` for the end of the process.
    pub fn wait_for_exit(&mut self, limit: Duration) -> io::Result<Option<ExitStatus>> {
        let start = Instant::now();
        loop {
            match self.child.try_wait()? {
                Some(status) => return Ok(Some(status)),
                None if start.elapsed() > limit => return Ok(None),
                None => sleep(Duration::from_millis(5)),
            }
        }
    }

    /// Sends a signal (`TERM`, `INT`) to the process.
    pub fn signal(&self, name: &str) -> io::Result<ExitStatus> {
        let pid = self.child.id().to_string();
        Command::new("kill")
            .arg(format!("-{name}"))
            .arg(pid)
            .status()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            let _ = self.signal("TERM");
            if !matches!(self.wait_for_exit(Duration::from_secs(5)), Ok(Some(_))) {
                let _ = self.child.kill();
                let _ = self.child.wait();
            }
        }
    }
}

fn outputs(log: Option<&Path>) -> io::Result<(Stdio, Stdio)> {
    match log {
        None => Ok((Stdio::null(), Stdio::null())),
        Some(path) => {
            let file = File::create(path)?;
            Ok((file.try_clone()?.into(), file.into()))
        }
    }
}

fn wait_for_port(child: &mut Child, port_file: &Path) -> Result<u16, ServerError> {
    let limit = Duration::from_secs(30);
    let start = Instant::now();
    loop {
        let text = std::fs::read_to_string(port_file).unwrap_or_default();
        if let Some(port) = text.strip_suffix('\n').and_then(|line| line.parse().ok()) {
            return Ok(port);
        }
        if let Ok(Some(status)) = child.try_wait() {
            return Err(ServerError::Ended(status));
        }
        if start.elapsed() > limit {
            let _ = child.kill();
            return Err(ServerError::Silent(limit));
        }
        sleep(Duration::from_millis(1));
    }
}
