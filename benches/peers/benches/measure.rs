//! CPU time of this process as criterion's measure, and the figures that came of it.
//!
//! In: work. Out: the median CPU time of one run of it, in milliseconds. The time of all threads counts and that of other programs does not, so
//! that a busy machine does no harm beyond its effect on caches and clock rates.

use chainkey_algebra::{BlsG1, BlsG2, Curve, Ed25519, Secp256k1};
use cpu_time::ProcessTime;
use criterion::measurement::{Measurement, ValueFormatter, WallTime};
use criterion::{BatchSize, Criterion, Throughput};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Work that takes longer is run three times, not the ten times and more of criterion.
const LONG: Duration = Duration::from_millis(700);

/// The clock CLOCK_PROCESS_CPUTIME_ID.
struct CpuTime;

impl Measurement for CpuTime {
    type Intermediate = ProcessTime;
    type Value = Duration;

    fn start(&self) -> ProcessTime {
        ProcessTime::now()
    }

    fn end(&self, start: ProcessTime) -> Duration {
        start.elapsed()
    }

    fn add(&self, one: &Duration, other: &Duration) -> Duration {
        *one + *other
    }

    fn zero(&self) -> Duration {
        Duration::ZERO
    }

    fn to_f64(&self, value: &Duration) -> f64 {
        WallTime.to_f64(value)
    }

    fn formatter(&self) -> &dyn ValueFormatter {
        &Printed
    }
}

/// Prints as wall time is printed.
struct Printed;

impl ValueFormatter for Printed {
    fn scale_values(&self, typical: f64, values: &mut [f64]) -> &'static str {
        WallTime.formatter().scale_values(typical, values)
    }

    fn scale_throughputs(
        &self,
        typical: f64,
        throughput: &Throughput,
        values: &mut [f64],
    ) -> &'static str {
        let wall = WallTime;
        wall.formatter()
            .scale_throughputs(typical, throughput, values)
    }

    fn scale_for_machines(&self, values: &mut [f64]) -> &'static str {
        WallTime.formatter().scale_for_machines(values)
    }
}

/// CPU time of one run.
fn timed<T>(work: impl FnOnce() -> T) -> Duration {
    let start = ProcessTime::now();
    std::hint::black_box(work());
    start.elapsed()
}

/// Measures, and keeps what was found by its name.
pub struct Figures {
    criterion: Criterion<CpuTime>,
    filter: Option<String>,
    found: BTreeMap<String, f64>,
    calibrations: BTreeMap<String, Vec<f64>>,
}

impl Figures {
    /// Without figures. The first argument that is no option chooses what is measured: names that contain it.
    pub fn new() -> Self {
        let criterion = Criterion::default()
            .with_measurement(CpuTime)
            .output_directory(&target().join("criterion"))
            .sample_size(10)
            .warm_up_time(Duration::from_millis(100))
            .measurement_time(Duration::from_millis(400))
            .without_plots();
        let mut arguments = std::env::args().skip(1);
        Figures {
            criterion,
            filter: arguments.find(|argument| !argument.starts_with('-')),
            found: BTreeMap::new(),
            calibrations: BTreeMap::new(),
        }
    }

    /// Milliseconds by name.
    pub fn found(&self) -> &BTreeMap<String, f64> {
        &self.found
    }

    /// Whether somebody wants to know.
    pub fn wanted(&self, name: &str) -> bool {
        let filter = self.filter.as_deref();
        filter.is_none_or(|filter| name.contains(filter))
    }

    /// One run of the work, divided among `parts` things that it makes.
    pub fn of_each<T>(&mut self, name: &str, parts: usize, mut work: impl FnMut() -> T) {
        self.prepared(name, parts, || (), |()| work());
    }

    /// One run of the work.
    pub fn of<T>(&mut self, name: &str, work: impl FnMut() -> T) {
        self.of_each(name, 1, work);
    }

    /// As [`Self::of_each`], of work that consumes something, the making of which does not count.
    pub fn prepared<I, T>(
        &mut self,
        name: &str,
        parts: usize,
        mut make: impl FnMut() -> I,
        mut work: impl FnMut(I) -> T,
    ) {
        if !self.wanted(name) {
            return;
        }
        let input = make();
        let first = timed(|| work(input));
        let whole = if first > LONG {
            let mut runs = [first; 3];
            for run in &mut runs[1..] {
                let input = make();
                *run = timed(|| work(input));
            }
            runs.sort();
            runs[1].as_secs_f64() * 1e3
        } else {
            self.criterion.bench_function(name, |bencher| {
                bencher.iter_batched(&mut make, &mut work, BatchSize::PerIteration)
            });
            median(name)
        };
        self.keep(name, whole / parts as f64);
    }

    /// A single run, for work that takes very long.
    pub fn once<T>(&mut self, name: &str, work: impl FnOnce() -> T) {
        if self.wanted(name) {
            let time = timed(work);
            self.keep(name, time.as_secs_f64() * 1e3);
        }
    }

    /// What the machine makes of a multiplication right now. The figure is the median of all times that this is called in a run.
    pub fn calibrate(&mut self) {
        self.calibrate_on::<Secp256k1>("secp256k1");
        self.calibrate_on::<Ed25519>("ed25519");
        self.calibrate_on::<BlsG1>("bls12_381_g1");
        self.calibrate_on::<BlsG2>("bls12_381_g2");
    }

    fn calibrate_on<C: Curve>(&mut self, curve: &str) {
        const TIMES: u32 = 500;
        let (point, scalar) = (C::second_generator(), C::scalar_from_wide(&[0x5a; 64]));
        let time = timed(|| (0..TIMES).fold(point, |point, _| C::mul(&point, &scalar)));
        let name = format!("calibration_multiplication_{curve}");
        let times = self.calibrations.entry(name.clone()).or_default();
        times.push((time / TIMES).as_secs_f64() * 1e3);
        times.sort_by(f64::total_cmp);
        let median = times[times.len() / 2];
        self.keep(&name, median);
    }

    fn keep(&mut self, name: &str, milliseconds: f64) {
        println!("{name}: {milliseconds:.4} ms");
        self.found.insert(name.to_owned(), milliseconds);
    }

    /// Writes `target/bench-peers.json`.
    pub fn write(&self) {
        let rounded = |milliseconds: f64| (milliseconds * 1e4).round() / 1e4;
        let figures = self.found.iter().map(|(name, figure)| {
            let figure = json!({"figure": rounded(*figure), "unit": "ms"});
            (name.clone(), figure)
        });
        let figures = Value::Object(figures.collect::<Map<_, _>>());
        let text = serde_json::to_string_pretty(&figures).expect("figures are JSON");
        let path = target().join("bench-peers.json");
        match std::fs::write(&path, text + "\n") {
            Ok(()) => println!("wrote {}", path.display()),
            Err(error) => panic!("{}: {error}", path.display()),
        }
    }
}

/// The median that criterion wrote, in milliseconds.
fn median(name: &str) -> f64 {
    let folder = target().join("criterion").join(name);
    let path = folder.join("new/estimates.json");
    let text = std::fs::read_to_string(path).expect("criterion has written its estimates");
    let estimates: Value = serde_json::from_str(&text).expect("estimates are JSON");
    let nanoseconds = estimates["median"]["point_estimate"].as_f64();
    nanoseconds.expect("the median is a number") / 1e6
}

fn target() -> PathBuf {
    let ours = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target");
    std::env::var_os("CARGO_TARGET_DIR").map_or(ours, PathBuf::from)
}
