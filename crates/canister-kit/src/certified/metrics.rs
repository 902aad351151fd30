//! The text of `/metrics`, in the format of Prometheus.
//!
//! - Specification: Prometheus, "Exposition formats", text format 0.0.4. Every sample carries the time of the
//!   update that measured it.
//! - In: numbers. Out: text. Names begin with `canister_`, or with the canister's name for what is its own.
//! - Numbers are floating-point there: above 2^53 they are rounded.

use crate::encoding::{Cycles, Timestamp};
use ic_metrics_encoder::MetricsEncoder;
use std::io;

/// Samples of one measurement.
pub struct Samples(MetricsEncoder<Vec<u8>>);

impl Samples {
    /// No sample yet; those to come were measured at this time.
    pub fn new(now: Timestamp) -> Self {
        let milliseconds = i64::try_from(now.0 / 1_000_000).unwrap_or(i64::MAX);
        Self(MetricsEncoder::new(Vec::new(), milliseconds))
    }

    /// A number that goes up and down.
    pub fn gauge(&mut self, name: &str, help: &str, value: f64) {
        written(self.0.encode_gauge(name, value, help));
    }

    /// An amount of cycles.
    pub fn cycles(&mut self, name: &str, help: &str, value: Cycles) {
        self.gauge(name, help, value.0 as f64);
    }

    /// A number that only goes up, but for upgrades that set it back to 0.
    pub fn counter(&mut self, name: &str, help: &str, value: f64) {
        written(self.0.encode_counter(name, value, help));
    }

    /// Numbers that go up and down, told apart by a label.
    pub fn gauges(&mut self, name: &str, help: &str, label: &str, values: &[(&str, f64)]) {
        let mut family = written(self.0.gauge_vec(name, help));
        for (kind, value) in values {
            family = written(family.value(&[(label, kind)], *value));
        }
    }

    /// Numbers that only go up, told apart by a label.
    pub fn counters(&mut self, name: &str, help: &str, label: &str, values: &[(&str, f64)]) {
        let mut family = written(self.0.counter_vec(name, help));
        for (kind, value) in values {
            family = written(family.value(&[(label, kind)], *value));
        }
    }

    /// A sample of 1 whose labels say what does not change.
    pub fn facts(&mut self, name: &str, help: &str, labels: &[(&str, &str)]) {
        let family = written(self.0.gauge_vec(name, help));
        written(family.value(labels, 1.0));
    }

    /// The text.
    pub fn into_text(self) -> Vec<u8> {
        self.0.into_inner()
    }
}

fn written<T>(result: io::Result<T>) -> T {
    match result {
        Ok(value) => value,
        // A vector takes every write.
        Err(error) => panic!("a sample does not write: {error}"),
    }
}
