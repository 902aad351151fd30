//! One combiner's work for signatures of high (certification) and low threshold (beacon, tape), by size of the committee.

#[path = "../tests/dealt/mod.rs"]
mod dealt;

use chainkey_algebra::NodeIndex;
use chainkey_threshold_bls::{Message, SignatureShare};
use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use dealt::Dealt;

fn combining(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("bls");
    for nodes in [4, 13, 34, 40] {
        let dealt = Dealt::high(nodes);
        let message = Message::new(b"message");
        let shares = dealt.sign(&message);
        let needed = dealt.keys.threshold();
        let name = |what| BenchmarkId::new(what, nodes);
        group.bench_function(name("combine and verify"), |bencher| {
            bencher.iter(|| dealt.keys.combine(&message, &shares[..needed]).unwrap());
        });
        let low = Dealt::low(nodes);
        let low_shares = low.sign(&message);
        let few = &low_shares[..low.keys.threshold()];
        group.bench_function(name("combine and verify, low threshold"), |bencher| {
            bencher.iter(|| low.keys.combine(&message, few).unwrap());
        });
        let encoded: Vec<(NodeIndex, [u8; 48])> = shares
            .iter()
            .take(needed)
            .map(|(node, share)| (*node, share.to_bytes()))
            .collect();
        group.bench_function(name("hash, decode, combine and verify"), |bencher| {
            bencher.iter(|| {
                let message = Message::new(b"message");
                let decoded: Vec<_> = encoded
                    .iter()
                    .map(|(node, bytes)| (*node, SignatureShare::from_bytes(bytes).unwrap()))
                    .collect();
                dealt.keys.combine(&message, &decoded).unwrap()
            });
        });
        let mut one_wrong = shares.clone();
        one_wrong[1].1 = shares[0].1;
        group.bench_function(name("one wrong share"), |bencher| {
            bencher.iter(|| dealt.keys.combine(&message, &one_wrong).unwrap());
        });
        let faulty = dealt.committee.faulty();
        let mut f_wrong = shares.clone();
        for index in 0..faulty {
            f_wrong[2 * index].1 = shares[2 * index + 1].1;
        }
        group.bench_function(name("f wrong shares"), |bencher| {
            bencher.iter(|| dealt.keys.combine(&message, &f_wrong).unwrap());
        });
        group.bench_function(name("one node's share"), |bencher| {
            bencher.iter(|| SignatureShare::sign(dealt.key_share(NodeIndex(0)), &message));
        });
    }
    group.finish();
}

criterion_group!(benches, combining);
criterion_main!(benches);
