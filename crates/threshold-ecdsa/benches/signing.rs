//! What a signature costs online: sessions, shares, combining, and blame.

#[path = "../tests/dealer/mod.rs"]
mod dealer;

use chainkey_algebra::{Curve, Secp256k1, Secp256r1};
use criterion::{BatchSize, BenchmarkId, Criterion, criterion_group, criterion_main};
use dealer::{Dealer, combiner, with_scalar};

const SIZES: [u16; 3] = [4, 13, 34];

fn curve<C: Curve>(c: &mut Criterion, name: &str) {
    let mut group = c.benchmark_group(format!("ecdsa/{name}"));
    group.sample_size(20);
    for nodes in SIZES {
        let mut dealer = Dealer::<C>::new(nodes, 1);
        let needed = dealer.committee.low().shares();
        let request = dealer.request([1; 32]);
        let public = dealer.presignature()[0].public().clone();
        let begin = || {
            let bound = request.clone().bind(public.clone()).unwrap();
            bound.rerandomize(&[2; 32]).unwrap()
        };
        group.bench_function(BenchmarkId::new("session", nodes), |b| b.iter(begin));

        let session = begin();
        let fresh = |dealer: &mut Dealer<C>| {
            let request = dealer.request([1; 32]);
            let part = dealer.presignature().remove(0);
            let bound = request.bind(part.public().clone()).unwrap();
            (bound.rerandomize(&[2; 32]).unwrap(), part)
        };
        group.bench_function(BenchmarkId::new("share", nodes), |b| {
            b.iter_batched(
                || fresh(&mut dealer),
                |(session, part)| part.sign(&session).unwrap(),
                BatchSize::SmallInput,
            )
        });

        let (session_of_shares, shares) = dealer.signed([1; 32]);
        group.bench_function(BenchmarkId::new("verify one share", nodes), |b| {
            b.iter(|| session_of_shares.verify_share(shares[0].clone()).unwrap())
        });
        let clean: Vec<_> = shares[..needed].to_vec();
        group.bench_function(BenchmarkId::new("combine", nodes), |b| {
            b.iter(|| combiner(&session_of_shares, clean.iter().cloned()).combine())
        });
        let mut bad: Vec<_> = shares[..needed + 1].to_vec();
        bad[0] = with_scalar(&bad[0], 0, |value| value + C::Scalar::from(1));
        group.bench_function(BenchmarkId::new("combine, one bad share", nodes), |b| {
            b.iter(|| combiner(&session_of_shares, bad.iter().cloned()).combine())
        });
        drop(session);

        // f + 1 nodes make a session and a share each, then one combines and verifies.
        group.bench_function(BenchmarkId::new("online, all f+1 signers", nodes), |b| {
            b.iter_batched(
                || {
                    let mut parts = dealer.presignature();
                    parts.truncate(needed);
                    (dealer.request([1; 32]), parts)
                },
                |(request, parts)| {
                    let sessions: Vec<_> = (0..parts.len())
                        .map(|_| {
                            let public = parts[0].public().clone();
                            let bound = request.clone().bind(public).unwrap();
                            bound.rerandomize(&[3; 32]).unwrap()
                        })
                        .collect();
                    let signed = parts.into_iter().zip(&sessions);
                    let shares = signed.map(|(part, session)| part.sign(session).unwrap());
                    combiner(&sessions[0], shares).combine().unwrap()
                },
                BatchSize::SmallInput,
            )
        });
    }
    group.finish();
}

fn signing(c: &mut Criterion) {
    curve::<Secp256k1>(c, "secp256k1");
    curve::<Secp256r1>(c, "secp256r1");
}

criterion_group!(benches, signing);
criterion_main!(benches);
