//! What our protocols cost beside the libraries of others, in one run on one machine: CPU time of all nodes together.
//!
//! - In: nothing but arguments of criterion (a filter). Out: criterion's own report, `target/bench-peers.json` (name -> figure and unit), and the
//!   table of BENCHMARKS.md on standard output.
//! - "alone": each node does everything itself, as on machines of its own. "shared": what every node would compute alike from public data is
//!   computed once for all, as the nodes of one process do it. Both count what is secret (dealing, opening, shares) once for every node.
//! - Bench-only: a workspace of its own, so that no library of others enters the lock file, the licences or the build of what is shipped.
//! - Left out: the network, and the order of messages; libraries for BLS and vetKeys, as there are none that are threshold.

#[path = "../../../crates/threshold-bls/tests/dealt/mod.rs"]
#[expect(dead_code, reason = "only the high threshold is measured")]
mod bls_dealt;
mod cggmp;
#[path = "../../../crates/threshold-ecdsa/tests/dealer/mod.rs"]
mod ecdsa_dealer;
mod frost;
mod keys;
mod measure;
mod online;
mod pairings;
mod presignatures;
#[path = "../../../crates/idkg/benches/rounds/mod.rs"]
mod rounds;
#[path = "../../../crates/threshold-schnorr/tests/dealer/mod.rs"]
mod schnorr_dealer;
mod table;
#[path = "../../../crates/vetkd/tests/dealt/mod.rs"]
mod vetkd_dealt;
#[path = "../../../crates/idkg/tests/world/mod.rs"]
mod world;

use measure::Figures;

fn main() {
    let mut figures = Figures::new();
    let steps = [
        online::measure,
        pairings::measure,
        presignatures::measure,
        keys::measure,
        frost::measure,
        cggmp::measure,
    ];
    for measure in steps {
        figures.calibrate();
        measure(&mut figures);
    }
    figures.calibrate();
    figures.write();
    print!("{}", table::markdown(figures.found()));
}
