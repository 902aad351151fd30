//! The server: its socket, its port file and its end.
//!
//! In: addresses, times to live, an environment. Out: served requests until a signal comes or the time is over; then pending
//! requests are finished and the port file is removed. The caller runs it on a multi-threaded tokio runtime.

use crate::app::{App, Defaults};
use crate::auto_progress;
use crate::routes::router;
use axum::serve::ListenerExt;
use chainkey_instance::Environment;
use std::fs::File;
use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::{Duration, Instant};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

/// How often the idle time is looked at.
const WATCH_PERIOD: Duration = Duration::from_millis(500);

/// How long pending requests may take after the end was decided.
const GRACE: Duration = Duration::from_secs(10);

/// How to serve.
#[derive(Clone, Debug)]
pub struct ServerConfig {
    /// Where to listen; port 0 for any.
    pub address: SocketAddr,
    /// Gets the port and a line feed, once the server listens; must not exist.
    pub port_file: Option<PathBuf>,
    /// Ends the server after so much idle time.
    pub idle: Duration,
    /// Ends the server after so much time in any case.
    pub hard: Option<Duration>,
    /// For instances whose request does not say.
    pub defaults: Defaults,
}

/// Why there is no server.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// The port file exists: another server serves there.
    #[error("the port file exists already")]
    PortFileExists,
    /// The port file can't be written.
    #[error("the port file can't be written: {0}")]
    PortFile(std::io::Error),
    /// The address can't be listened on.
    #[error("can't listen on {address}: {error}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// The reason.
        error: std::io::Error,
    },
    /// Serving failed.
    #[error("serving failed: {0}")]
    Serve(std::io::Error),
}

/// The port file; removed at the end.
struct PortFile {
    path: PathBuf,
    file: File,
}

impl PortFile {
    fn create(path: PathBuf) -> Result<Self, ServerError> {
        match File::options().write(true).create_new(true).open(&path) {
            Ok(file) => Ok(PortFile { path, file }),
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
                Err(ServerError::PortFileExists)
            }
            Err(error) => Err(ServerError::PortFile(error)),
        }
    }

    fn announce(&mut self, port: u16) -> Result<(), ServerError> {
        self.file
            .write_all(format!("{port}\n").as_bytes())
            .and_then(|()| self.file.flush())
            .map_err(ServerError::PortFile)
    }
}

impl Drop for PortFile {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.path);
    }
}

/// A server that listens.
pub struct Server {
    config: ServerConfig,
    listener: TcpListener,
    port_file: Option<PortFile>,
}

impl Server {
    /// Claims the port file, then the address.
    pub async fn bind(config: ServerConfig) -> Result<Self, ServerError> {
        let port_file = match config.port_file.clone() {
            Some(path) => Some(PortFile::create(path)?),
            None => None,
        };
        let address = config.address;
        let listener = TcpListener::bind(address)
            .await
            .map_err(|error| ServerError::Listen { address, error })?;
        Ok(Server {
            config,
            listener,
            port_file,
        })
    }

    /// The port.
    pub fn port(&self) -> Result<u16, ServerError> {
        let address = self.listener.local_addr().map_err(ServerError::Serve)?;
        Ok(address.port())
    }

    /// Serves until the end.
    pub async fn run(mut self, environment: Environment) -> Result<(), ServerError> {
        let port = self.port()?;
        let app = App::new(environment, self.config.defaults.clone());
        let listener = self.listener.tap_io(|stream| {
            let _ = stream.set_nodelay(true);
        });
        let (finish, finished) = tokio::sync::watch::channel(false);
        let mut told = finished.clone();
        let graceful = async move {
            let _ = told.wait_for(|finished| *finished).await;
        };
        let serve = axum::serve(listener, router(app.clone())).with_graceful_shutdown(graceful);
        let serving = tokio::spawn(serve.into_future());
        if let Some(port_file) = &mut self.port_file {
            port_file.announce(port)?;
        }
        tracing::info!(port, "listening");
        end_of(&app, self.config.idle, self.config.hard).await;
        tracing::info!("ending");
        for hosted in app.0.slots.all() {
            auto_progress::stop(&hosted).await;
        }
        let _ = finish.send(true);
        match tokio::time::timeout(GRACE, serving).await {
            Ok(Ok(result)) => result.map_err(ServerError::Serve),
            Ok(Err(_)) | Err(_) => Ok(()),
        }
    }
}

/// Waits for a signal or for the end of the time to live.
async fn end_of(app: &App, idle: Duration, hard: Option<Duration>) {
    let start = Instant::now();
    let over = async {
        loop {
            tokio::time::sleep(WATCH_PERIOD).await;
            if app.0.activity.idle_for(idle) || hard.is_some_and(|hard| start.elapsed() > hard) {
                return;
            }
        }
    };
    tokio::select! {
        () = over => {}
        () = signalled(SignalKind::interrupt()) => {}
        () = signalled(SignalKind::terminate()) => {}
    }
}

async fn signalled(kind: SignalKind) {
    match signal(kind) {
        Ok(mut signals) => {
            signals.recv().await;
        }
        Err(error) => {
            tracing::warn!(%error, "a signal can't be handled");
            std::future::pending::<()>().await;
        }
    }
}
