//! What a signature costs online: sessions, shares, combining, and blame.

#[path = "../tests/dealer/mod.rs"]
mod dealer;

use chainkey_algebra::{Curve, NodeIndex, Secp256k1, Secp256r1};
use chainkey_threshold_ecdsa::{Rerandomized, SigningRequest};
use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use dealer::{Dealer, Dealing, unwatched, with_scalar};

fn begin<C: Curve>(request: &SigningRequest<C>, dealing: &Dealing<C>) -> Rerandomized<C> {
    let bound = request.clone().bind(dealing.public.clone()).unwrap();
    bound.rerandomize(&[3; 32]).unwrap()
}

fn curve<C: Curve>(c: &mut Criterion, name: &str) {
    let mut group = c.benchmark_group(format!("ecdsa {name}"));
    for nodes in [4, 13, 34] {
        let mut dealer = Dealer::<C>::new(nodes, 1);
        let needed = dealer.committee.low().shares();
        let (request, dealing) = (dealer.request([1; 32]), dealer.presignature());
        let (session, shares) = dealer.signed_with(&dealing, request.clone());

        // What one node does: its own session, its own share. (The dealer's making of the part is in it.)
        let share = |node: usize| {
            let session = begin(&request, &dealing);
            let part = dealing.part(NodeIndex(node as u16));
            let share = part.sign(&session).unwrap();
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
        bad[0] = with_scalar(&bad[0], 0, |value| value + C::Scalar::from(1));
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
    curve::<Secp256k1>(c, "secp256k1");
    curve::<Secp256r1>(c, "secp256r1");
}

criterion_group!(benches, signing);
criterion_main!(benches);
