//! The work for one derived key: all shares that are needed, and one combiner, by size of the committee.

#[path = "../tests/dealt/mod.rs"]
mod dealt;

use chainkey_algebra::{BlsG1, Curve, NodeIndex, Secret};
use chainkey_vetkd::{EncryptedKeyShare, TransportPublicKey};
use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use dealt::Dealt;
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;

fn deriving(criterion: &mut Criterion) {
    let mut rng = ChaCha20Rng::seed_from_u64(1);
    let point = BlsG1::mul_base(Secret::<BlsG1>::random(&mut rng).expose());
    let transport = TransportPublicKey::from_bytes(&BlsG1::point_to_bytes(&point)).unwrap();
    let mut group = criterion.benchmark_group("vetkd");
    for nodes in [4, 13, 34, 40] {
        let dealt = Dealt::new(nodes);
        let derived = dealt.master.derive(b"canister", b"context");
        let request = derived.request(b"input", transport);
        let mut shares = dealt.shares(&request);
        let name = |what| BenchmarkId::new(what, nodes);
        group.bench_function(name("derive and hash"), |bencher| {
            bencher.iter(|| {
                let derived = dealt.master.derive(b"canister", b"context");
                derived.request(b"input", transport)
            });
        });
        let needed = dealt.master.threshold();
        group.bench_function(name("one node's share"), |bencher| {
            let share = dealt.key_share(NodeIndex(0));
            bencher.iter(|| EncryptedKeyShare::create(&share, &request, &mut rng));
        });
        group.bench_function(name("combine and check"), |bencher| {
            bencher.iter(|| dealt.master.combine(&request, &shares[..needed]).unwrap());
        });
        let key_shares: Vec<_> = (0..needed as u16)
            .map(|node| (NodeIndex(node), dealt.key_share(NodeIndex(node))))
            .collect();
        group.bench_function(name("all shares, combine and check"), |bencher| {
            bencher.iter(|| {
                let shares: Vec<_> = key_shares
                    .iter()
                    .map(|(node, share)| {
                        (*node, EncryptedKeyShare::create(share, &request, &mut rng))
                    })
                    .collect();
                dealt.master.combine(&request, &shares).unwrap()
            });
        });
        let encoded: Vec<_> = shares
            .iter()
            .take(needed)
            .map(|(node, share)| (*node, share.to_bytes()))
            .collect();
        group.bench_function(name("decode, combine and check"), |bencher| {
            bencher.iter(|| {
                let decoded: Vec<_> = encoded
                    .iter()
                    .map(|(node, bytes)| (*node, EncryptedKeyShare::from_bytes(bytes).unwrap()))
                    .collect();
                dealt.master.combine(&request, &decoded).unwrap()
            });
        });
        shares[1].1 = shares[0].1;
        group.bench_function(name("one wrong share"), |bencher| {
            bencher.iter(|| dealt.master.combine(&request, &shares).unwrap());
        });
    }
    group.finish();
}

criterion_group!(benches, deriving);
criterion_main!(benches);
