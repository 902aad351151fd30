//! The embedded local network: one binary, several doors.
//!
//! Called with the flags of a PocketIC server, or as `chainkey pocket-ic` with the same flags, it serves the PocketIC API.
//! In: flags and environment. Out: a server until its time to live is over or a signal comes. Canister logs go to stderr.

mod cache;
mod canister_log;
mod control;
mod flags;
mod verify_draw;

use chainkey_execution::sandbox::{self, heap_creator};
use chainkey_execution::wasm::WasmEngine;
use chainkey_instance::{Environment, KeySource, NodeCounts};
use chainkey_pocket::{Defaults, Server, ServerConfig, ServerError};
use flags::Flags;
use std::error::Error;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

/// Bytes of stack of every thread, as each may run canisters.
const STACK_BYTES: usize = 16 * 1024 * 1024;
const _: () = assert!(STACK_BYTES >= sandbox::STACK_BYTES);

/// Threads that read requests; short operations run on them, so there are enough to stay reachable beside a few long ones.
const WORKERS: usize = 6;

fn main() -> ExitCode {
    let arguments: Vec<std::ffi::OsString> = std::env::args_os().collect();
    match flags::read(arguments) {
        flags::Command::Version => {
            println!("pocket-ic-server {}", flags::version());
            ExitCode::SUCCESS
        }
        flags::Command::Control(control) => match control::run(control) {
            Ok(text) => {
                println!("{text}");
                ExitCode::SUCCESS
            }
            Err(error) => {
                eprintln!("chainkey: {error}");
                ExitCode::FAILURE
            }
        },
        flags::Command::VerifyDraw(draw) => match verify_draw::run(&draw) {
            Ok(text) => {
                println!("{text}");
                ExitCode::SUCCESS
            }
            Err(error) => {
                eprintln!("chainkey: {error}");
                ExitCode::FAILURE
            }
        },
        flags::Command::Serve(flags) => match serve(flags) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                eprintln!("chainkey: {error}");
                ExitCode::FAILURE
            }
        },
    }
}

fn serve(flags: Flags) -> Result<(), Box<dyn Error>> {
    log_to_stderr(flags.log_levels.as_deref());
    let config = ServerConfig {
        address: SocketAddr::new(flags.ip_addr, flags.port),
        port_file: flags.port_file,
        idle: Duration::from_secs(flags.ttl),
        hard: flags.hard_ttl.map(Duration::from_secs),
        defaults: Defaults {
            nodes: NodeCounts::parse(&flags.nodes)?,
            seed: flags.seed,
            keys: match flags.published_test_keys {
                true => KeySource::PublishedTestKeys,
                false => KeySource::Generated,
            },
        },
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(WORKERS)
        .thread_stack_size(STACK_BYTES)
        .on_thread_start(sandbox::declare_stack)
        .enable_all()
        .build()?;
    let result = runtime.block_on(async {
        let server = match Server::bind(config).await {
            // Another server serves there: it is the one that the caller will use.
            Err(ServerError::PortFileExists) => return Ok(()),
            server => server?,
        };
        let environment = Environment {
            engine: Arc::new(WasmEngine::new(
                cache::module_cache(),
                Some(heap_creator()),
            )?),
            logs: Some(Arc::new(canister_log::show)),
        };
        server.run(environment).await?;
        Ok(())
    });
    runtime.shutdown_timeout(Duration::from_secs(1));
    result
}

fn log_to_stderr(levels: Option<&str>) {
    use tracing_subscriber::EnvFilter;
    let filter = match levels {
        Some(levels) => EnvFilter::new(levels),
        None => EnvFilter::try_from_env("CHAINKEY_LOG").unwrap_or_else(|_| EnvFilter::new("warn")),
    };
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .init();
}
