//! Runs cases on a server, several at once, each on a fresh instance, and stops each case at its first difference.
//!
//! The server is started again if it has ended, so that one crash costs the cases that were running and no others. A case that takes
//! longer than the limit is given up; its thread is left behind, since the client cannot be interrupted.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use pocket_ic::PocketIcBuilder;
use serde_json::{Map, Value};

use super::compare::{Difference, compare, needs_keys};
use super::engine::Client;
use super::file::Case;
use super::replay::{Replay, caught};
use super::texts::Noise;
use crate::server::{Server, ServerConfig, ServerError};

/// How to run.
#[derive(Clone, Debug)]
pub struct Options {
    /// Cases at once.
    pub threads: usize,
    /// Most time for one case.
    pub limit: Duration,
    /// Where the server's output goes.
    pub server_log: Option<PathBuf>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            threads: 4,
            limit: Duration::from_secs(300),
            server_log: None,
        }
    }
}

/// The first difference of a case.
#[derive(Clone, Debug)]
pub struct Failure {
    /// Index of the step; none where the instance could not be built or the case took too long.
    pub step: Option<usize>,
    /// The step's operation and method.
    pub title: String,
    /// All differing fields of this step, most telling first.
    pub differences: Vec<Difference>,
    /// All that was seen in this step.
    pub seen: Map<String, Value>,
}

/// The result of one case.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The case.
    pub case: Arc<Case>,
    /// Whether it counts with the protocols.
    pub needs_keys: bool,
    /// What was let pass.
    pub noise: BTreeSet<Noise>,
    /// The first difference, if there is one.
    pub failure: Option<Failure>,
    /// How long it took.
    pub time: Duration,
}

/// Runs all cases; outcomes are in the order of the cases.
pub fn run(cases: Vec<Case>, options: &Options) -> Result<Vec<Outcome>, ServerError> {
    let config = ServerConfig {
        ttl: Some(600),
        hard_ttl: None,
        log: options.server_log.clone(),
    };
    let server = Mutex::new(Server::start(&config)?);
    let cases: Vec<Arc<Case>> = cases.into_iter().map(Arc::new).collect();
    let next = AtomicUsize::new(0);
    let outcomes = Mutex::new(Vec::new());
    let work = || {
        while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
            let outcome = run_limited(case.clone(), &server, &config, options.limit);
            outcomes.lock().expect("no panic inside").push(outcome);
        }
    };
    thread::scope(|scope| {
        for _ in 0..options.threads.max(1) {
            scope.spawn(work);
        }
    });
    let mut outcomes = outcomes.into_inner().expect("no panic inside");
    let order = |o: &Outcome| cases.iter().position(|c| Arc::ptr_eq(c, &o.case));
    outcomes.sort_by_cached_key(order);
    Ok(outcomes)
}

fn run_limited(
    case: Arc<Case>,
    server: &Mutex<Server>,
    config: &ServerConfig,
    limit: Duration,
) -> Outcome {
    let start = Instant::now();
    let builder = match live_builder(server, config) {
        Ok(builder) => builder,
        Err(e) => return outcome(case, start, Err(stopped("server", &e.to_string()))),
    };
    let (send, receive) = channel();
    let running = case.clone();
    let thread = thread::Builder::new().name(case.name.clone());
    let spawned = thread.spawn(move || {
        let result = caught(|| run_case(&running, builder));
        let _ = send.send(result.unwrap_or_else(|text| Err(stopped("instance", &text))));
    });
    let result = match spawned {
        Err(e) => Err(stopped("thread", &e.to_string())),
        Ok(_) => receive.recv_timeout(limit).unwrap_or_else(|e| match e {
            RecvTimeoutError::Timeout => Err(stopped("time", &format!("over {limit:?}"))),
            RecvTimeoutError::Disconnected => Err(stopped("thread", "ended without a result")),
        }),
    };
    outcome(case, start, result)
}

fn live_builder(
    server: &Mutex<Server>,
    config: &ServerConfig,
) -> Result<PocketIcBuilder, ServerError> {
    let mut server = server.lock().expect("no panic inside");
    if !matches!(server.exit_status(), Ok(None)) {
        *server = Server::start(config)?;
    }
    Ok(server.builder())
}

fn outcome(case: Arc<Case>, start: Instant, result: Result<BTreeSet<Noise>, Failure>) -> Outcome {
    let (noise, failure) = match result {
        Ok(noise) => (noise, None),
        Err(failure) => (BTreeSet::new(), Some(failure)),
    };
    Outcome {
        needs_keys: needs_keys(&case),
        case,
        noise,
        failure,
        time: start.elapsed(),
    }
}

fn stopped(field: &str, text: &str) -> Failure {
    Failure {
        step: None,
        title: field.to_string(),
        differences: vec![Difference {
            field: field.to_string(),
            expected: Value::Null,
            got: text.into(),
        }],
        seen: Map::new(),
    }
}

fn run_case(case: &Case, builder: PocketIcBuilder) -> Result<BTreeSet<Noise>, Failure> {
    let client = Client::build(builder, &case.subnets);
    let mut replay = Replay::new(&client, case);
    let mut noise = BTreeSet::new();
    for (index, step) in case.steps.iter().enumerate() {
        let seen = replay.step(index);
        let comparison = compare(case, index, &seen);
        noise.extend(comparison.noise);
        if !comparison.differences.is_empty() {
            return Err(Failure {
                step: Some(index),
                title: step.title.clone(),
                differences: comparison.differences,
                seen,
            });
        }
    }
    Ok(noise)
}
