//! How long it takes to verify a transcript of 100 000 entries.

#[path = "../tests/scene/mod.rs"]
mod scene;

use criterion::{Criterion, criterion_group, criterion_main};
use draw_proof::spec::{Kind, Source};
use draw_proof::verify::{TrustAnchor, verify};
use scene::Scene;

fn transcripts(bench: &mut Criterion) {
    let mut group = bench.benchmark_group("draw-proof");
    group.sample_size(10);
    let kinds = [
        ("raffle", Kind::Raffle { winners: 1000 }),
        ("shuffle", Kind::Shuffle),
    ];
    for (name, kind) in kinds {
        let bytes = Scene::new(kind, Source::VrfAndRawRand, 100_000)
            .transcript()
            .encode();
        let anchor = TrustAnchor::Given(scene::master().to_vec());
        group.bench_function(format!("verify 100000 entries, {name}"), |bench| {
            bench.iter(|| verify(&bytes, &anchor).expect("it verifies"));
        });
    }
    group.finish();
}

criterion_group!(benches, transcripts);
criterion_main!(benches);
