//! What a signature costs online: sessions, shares, combining, and blame.

#[path = "../tests/dealer/mod.rs"]
mod dealer;

use chainkey_threshold_schnorr::{Bip340, Ed25519, Rerandomized, Scalar, Scheme, SigningRequest};
use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use dealer::{Dealer, Dealing, unwatched, with_scalar};

fn begin<S: Scheme>(request: &SigningRequest<S>, dealing: &Dealing<S>) -> Rerandomized<S> {
    let bound = request.clone().bind(dealing.public.clone()).unwrap();
    bound.rerandomize(&[3; 32]).unwrap()
}

fn scheme<S: Scheme>(c: &mut Criterion) {
    let mut group = c.benchmark_group(S::NAME);
    for nodes in [4, 13, 34] {
        let mut dealer = Dealer::<S>::new(nodes, 1);
        let needed = dealer.committee.low().shares();
        let (request, dealing) = (dealer.request(&[1; 32]), dealer.deal());
        let (session, shares) = dealer.signed_with(&dealing, request.clone());

        // What one node does: its own session, its own share.
        let share = |node: usize| {
            let key = &dealer.key_shares[node];
            let session = begin(&request, &dealing);
            let share = dealing.part(key.node()).sign(key, &session).unwrap();
            (session, share)
        };
        group.bench_function(BenchmarkId::new("session and share", nodes), |b| {
            b.iter(|| share(0))
        });
        group.bench_function(BenchmarkId::new("check of one share", nodes), |b| {
            b.iter(|| session.verify_share(shares[0].clone()).unwrap())
        });
        group.bench_function(BenchmarkId::new("combine and verify", nodes), |b| {
            b.iter(|| unwatched(&session, shares[..needed].to_vec()).combine())
        });
        let mut bad = shares[..needed + 1].to_vec();
        bad[0] = with_scalar(&bad[0], |value| value + Scalar::<S>::from(1));
        group.bench_function(BenchmarkId::new("one bad share", nodes), |b| {
            b.iter(|| unwatched(&session, bad.clone()).combine().unwrap())
        });
        // Nobody is to spare: every share is checked, and there are too few.
        bad.truncate(needed);
        group.bench_function(BenchmarkId::new("one bad share of f+1", nodes), |b| {
            b.iter(|| unwatched(&session, bad.clone()).combine().unwrap_err())
        });
        // f + 1 nodes make a session and a share each, then one combines and verifies.
        group.bench_function(BenchmarkId::new("all of it", nodes), |b| {
            b.iter(|| {
                let (mut sessions, shares): (Vec<_>, Vec<_>) = (0..needed).map(share).unzip();
                unwatched(&sessions.remove(0), shares).combine().unwrap()
            })
        });
    }
    group.finish();
}

fn signing(c: &mut Criterion) {
    scheme::<Bip340>(c);
    scheme::<Ed25519>(c);
}

criterion_group!(benches, signing);
criterion_main!(benches);
