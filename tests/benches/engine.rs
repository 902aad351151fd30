//! What a developer waits for, measured through the unmodified client: updates, queries, rounds, the start of a server and of an
//! instance, the installation of a module of 640 kB, and joint keys (`joint_keys`).
//!
//! Criterion measures; the medians also go to `target/bench.json` as name -> {figure, unit}. The names are stable.
//! Needs the server of POCKET_IC_BIN (or the built `chainkey`).

#[path = "developer/joint_keys.rs"]
mod joint_keys;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use candid::Principal;
use chainkey_tests::modules::{COUNTER, large, wasm};
use chainkey_tests::server::{Server, ServerConfig};
use criterion::{Bencher, Criterion};
use pocket_ic::PocketIc;
use serde_json::{Map, Value, json};

/// Names of all measurements, as in `bench.json`; all figures are milliseconds.
const NAMES: [&str; 11] = [
    "update_first",
    "update_after_10000",
    "update_1000_together",
    "query",
    "tick",
    "server_start_one_subnet",
    "instance_further",
    "install_640kb_cold",
    "install_640kb_cached_same_server",
    "install_640kb_cached_other_server",
    "install_small",
];

fn start() -> Server {
    let config = ServerConfig {
        ttl: Some(600),
        ..ServerConfig::default()
    };
    Server::start(&config).expect("the server starts")
}

fn counter(pic: &PocketIc) -> Principal {
    let canister = pic.create_canister();
    pic.add_cycles(canister, 1_000_000_000_000_000);
    pic.install_canister(canister, wasm(COUNTER), vec![], None);
    canister
}

fn inc(pic: &PocketIc, canister: Principal) {
    let reply = pic.update_call(canister, Principal::anonymous(), "inc", vec![]);
    assert_eq!(reply.expect("a reply").len(), 4);
}

fn timed(f: impl FnOnce()) -> Duration {
    let start = Instant::now();
    f();
    start.elapsed()
}

fn sum(iterations: u64, mut once: impl FnMut() -> Duration) -> Duration {
    (0..iterations).map(|_| once()).sum()
}

fn messages(c: &mut Criterion) {
    let server = start();
    c.bench_function("update_first", |b| {
        b.iter_custom(|iterations| {
            let pic = server.instance();
            let canister = counter(&pic);
            inc(&pic, canister);
            timed(|| (0..iterations).for_each(|_| inc(&pic, canister)))
        })
    });
    let pic = server.instance();
    let canister = counter(&pic);
    (0..10_000).for_each(|_| inc(&pic, canister));
    c.bench_function("update_after_10000", |b| b.iter(|| inc(&pic, canister)));
    let read = || {
        let reply = pic.query_call(canister, Principal::anonymous(), "read", vec![]);
        assert_eq!(reply.expect("a reply").len(), 4);
    };
    c.bench_function("query", |b| b.iter(read));
    let idle = server.instance();
    c.bench_function("tick", |b| b.iter(|| idle.tick()));
    c.bench_function("update_1000_together", |b| together(b, &server));
}

/// 1000 updates, submitted over eight connections and then awaited.
fn together(b: &mut Bencher, server: &Server) {
    const CONNECTIONS: usize = 8;
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    b.iter_custom(|iterations| {
        let pic = runtime.block_on(server.builder().with_application_subnet().build_async());
        let canister = runtime.block_on(async {
            let canister = pic.create_canister().await;
            pic.install_canister(canister, wasm(COUNTER), vec![], None)
                .await;
            canister
        });
        let pic = Arc::new(pic);
        let total = sum(iterations, || {
            let start = Instant::now();
            let messages = runtime.block_on(async {
                let tasks: Vec<_> = (0..CONNECTIONS)
                    .map(|_| tokio::spawn(submit(pic.clone(), canister, 1000 / CONNECTIONS)))
                    .collect();
                let mut messages = Vec::new();
                for task in tasks {
                    messages.push(task.await.expect("no panic"));
                }
                messages
            });
            runtime.block_on(async {
                let tasks: Vec<_> = messages
                    .into_iter()
                    .map(|part| tokio::spawn(await_all(pic.clone(), part)))
                    .collect();
                for task in tasks {
                    task.await.expect("no panic");
                }
            });
            start.elapsed()
        });
        let pic = Arc::into_inner(pic).expect("all tasks have ended");
        runtime.block_on(pic.drop());
        total
    });
}

type Message = pocket_ic::common::rest::RawMessageId;
type AsyncPocketIc = pocket_ic::nonblocking::PocketIc;

async fn submit(pic: Arc<AsyncPocketIc>, canister: Principal, count: usize) -> Vec<Message> {
    let mut messages = Vec::new();
    for _ in 0..count {
        let message = pic.submit_call(canister, Principal::anonymous(), "inc", vec![]);
        messages.push(message.await.expect("accepted"));
    }
    messages
}

async fn await_all(pic: Arc<AsyncPocketIc>, messages: Vec<Message>) {
    for message in messages {
        assert_eq!(pic.await_call(message).await.expect("a reply").len(), 4);
    }
}

fn starts(c: &mut Criterion) {
    c.bench_function("server_start_one_subnet", |b| {
        b.iter_custom(|iterations| {
            sum(iterations, || {
                let begin = Instant::now();
                let server = start();
                let pic = server.instance();
                let time = begin.elapsed();
                drop(pic);
                drop(server);
                time
            })
        })
    });
    let server = start();
    let _first = server.instance();
    c.bench_function("instance_further", |b| {
        b.iter_custom(|iterations| {
            sum(iterations, || {
                let begin = Instant::now();
                let pic = server.instance();
                let time = begin.elapsed();
                drop(pic);
                time
            })
        })
    });
}

fn installs(c: &mut Criterion) {
    let server = start();
    // Modules of earlier runs may be in a cache on disk, so each run begins with another salt.
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    let mut salt = now.subsec_nanos() ^ now.as_secs() as u32;
    c.bench_function("install_640kb_cold", |b| {
        b.iter_custom(|iterations| {
            let pic = server.instance();
            sum(iterations, || {
                salt = salt.wrapping_add(1);
                install(&pic, large(salt))
            })
        })
    });
    let module = large(salt);
    install(&server.instance(), module.clone());
    c.bench_function("install_640kb_cached_same_server", |b| {
        b.iter_custom(|n| sum(n, || install(&server.instance(), module.clone())))
    });
    c.bench_function("install_640kb_cached_other_server", |b| {
        b.iter_custom(|n| sum(n, || install(&start().instance(), module.clone())))
    });
    let small = wasm(COUNTER);
    c.bench_function("install_small", |b| {
        b.iter_custom(|n| sum(n, || install(&server.instance(), small.clone())))
    });
}

fn install(pic: &PocketIc, module: Vec<u8>) -> Duration {
    let canister = pic.create_canister();
    timed(|| pic.install_canister(canister, module, vec![], None))
}

fn target() -> PathBuf {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target");
    std::env::var_os("CARGO_TARGET_DIR").map_or(workspace, PathBuf::from)
}

/// The medians that criterion wrote, in milliseconds.
fn medians() -> Value {
    let read = |name: &str| {
        let path = target()
            .join("criterion")
            .join(name)
            .join("new/estimates.json");
        let text = std::fs::read_to_string(path).ok()?;
        let estimates: Value = serde_json::from_str(&text).ok()?;
        estimates["median"]["point_estimate"].as_f64()
    };
    let names = NAMES.iter().chain(&joint_keys::NAMES);
    let figures = names.filter_map(|name| {
        let milliseconds = (read(name)? / 1000.0).round() / 1000.0;
        let figure = json!({"figure": milliseconds, "unit": "ms"});
        Some((name.to_string(), figure))
    });
    Value::Object(figures.collect::<Map<_, _>>())
}

fn main() {
    let mut c = Criterion::default()
        .sample_size(10)
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(3))
        .configure_from_args();
    messages(&mut c);
    starts(&mut c);
    installs(&mut c);
    joint_keys::measure(&mut c);
    c.final_summary();
    let path = target().join("bench.json");
    let text = serde_json::to_string_pretty(&medians()).expect("figures are JSON");
    match std::fs::write(&path, text + "\n") {
        Ok(()) => println!("wrote {}", path.display()),
        Err(e) => panic!("{}: {e}", path.display()),
    }
}
