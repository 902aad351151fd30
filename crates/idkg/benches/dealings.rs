//! What presignatures, keys and resharing cost: CPU time of all nodes together, from the first dealing to the last share.
//!
//! "alone": each node does everything itself, as on machines of its own. "shared": what is public is verified once for all nodes, as in one
//! process.

#[path = "cpu_time.rs"]
mod cpu_time;
#[path = "rounds/mod.rs"]
mod rounds;
#[path = "../tests/world/mod.rs"]
mod world;

use chainkey_algebra::{Curve, Ed25519, NodeIndex, Secp256k1};
use chainkey_idkg::acknowledged::HighParams;
use chainkey_idkg::{DealerInput, Extraction};
use cpu_time::CpuTime;
use criterion::{BenchmarkGroup, BenchmarkId, Criterion, criterion_group, criterion_main};
use rounds::{Public, high, make_key, nonces, presign};
use world::{World, id};

type Group<'a> = BenchmarkGroup<'a, CpuTime>;

fn both(group: &mut Group<'_>, name: &str, nodes: u16, work: impl Fn(Public) -> usize) {
    for public in [Public::Shared, Public::Alone] {
        let made = work(public);
        let name = match made {
            0 | 1 => format!("{name}, {}", public.name()),
            made => format!("{name}, {}, {made} in all", public.name()),
        };
        group.bench_function(BenchmarkId::new(name, nodes), |b| b.iter(|| work(public)));
    }
}

fn presignatures(c: &mut Criterion<CpuTime>) {
    let mut group = c.benchmark_group("ecdsa presignature");
    for nodes in [4, 13, 34] {
        let world = World::new(nodes, 1);
        let key = world.key::<Secp256k1>(9);
        let (sum, matrix) = (Extraction::Sum, Extraction::Matrix);
        both(&mut group, "one", nodes, |public| {
            presign(&world, &key, 1, sum, public)
        });
        let gain = world.members.committee().low().shares();
        let batch = 10usize.div_ceil(gain);
        both(&mut group, "batch", nodes, |public| {
            presign(&world, &key, batch, matrix, public)
        });
    }
    group.finish();
    let mut group = c.benchmark_group("schnorr presignature");
    for nodes in [4, 13, 34] {
        let world = World::new(nodes, 1);
        let (sum, matrix) = (Extraction::Sum, Extraction::Matrix);
        both(&mut group, "secp256k1, one", nodes, |public| {
            nonces::<Secp256k1>(&world, 1, sum, public)
        });
        both(&mut group, "ed25519, one", nodes, |public| {
            nonces::<Ed25519>(&world, 1, sum, public)
        });
        let gain = world.members.committee().low().shares();
        let batch = 10usize.div_ceil(gain);
        both(&mut group, "secp256k1, batch", nodes, |public| {
            nonces::<Secp256k1>(&world, batch, matrix, public)
        });
    }
    group.finish();
}

fn keys(c: &mut Criterion<CpuTime>) {
    let mut group = c.benchmark_group("secp256k1 key");
    for nodes in [4, 13, 34] {
        let world = World::new(nodes, 1);
        both(&mut group, "made", nodes, |public| {
            make_key::<Secp256k1>(&world, public);
            1
        });
    }
    group.finish();
    let mut group = c.benchmark_group("bls12-381 high threshold");
    for nodes in [4, 13, 34, 40] {
        let world = World::new(nodes, 1);
        let fresh = HighParams::random_unmasked(id(1), &world.members, &world.members, 1).unwrap();
        let (transcript, shares) = high(&world, &fresh, |_| DealerInput::Nothing, Public::Shared);
        let next = HighParams::reshare_of_unmasked(id(2), &transcript, &world.members).unwrap();
        let input = |node: NodeIndex| DealerInput::Unmasked(&shares[usize::from(node.0)]);
        both(&mut group, "reshared", nodes, |public| {
            high(&world, &next, input, public);
            1
        });
    }
    group.finish();
}

/// What the machine makes of it: one multiplication of a variable point in constant time, to compare figures of other hours with.
fn calibration(c: &mut Criterion<CpuTime>) {
    let mut group = c.benchmark_group("calibration");
    let point = Secp256k1::second_generator();
    let scalar = Secp256k1::scalar_from_wide(&[0x5a; 64]);
    group.bench_function("a thousand multiplications on secp256k1", |b| {
        b.iter(|| (0..1000).fold(point, |point, _| Secp256k1::mul(&point, &scalar)))
    });
    group.finish();
}

criterion_group! {
    name = benches;
    config = Criterion::default()
        .with_measurement(CpuTime)
        .sample_size(10)
        .warm_up_time(std::time::Duration::from_millis(100))
        .measurement_time(std::time::Duration::from_secs(1));
    targets = calibration, presignatures, keys
}
criterion_main!(benches);
