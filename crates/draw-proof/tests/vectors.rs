//! The published vectors of tests/vectors/draws: what this code computes is what they say.
//!
//! With CHAINKEY_WRITE_VECTORS set, the file is written anew; the second implementation (tests/draws-js) then says whether it is right.

mod scene;

use draw_proof::beacon::{Round, of_label};
use draw_proof::evaluation::Evaluation;
use draw_proof::merkle::{Peaks, node};
use draw_proof::spec::Spec;
use draw_proof::stream::Stream;
use draw_proof::verify::{TrustAnchor, verify};
use draw_proof::vrf::{BEACON_CONTEXT, DRAWS_CONTEXT};
use scene::{BEACON, CANISTER, Scene, kinds, sources};
use serde_json::{Value, json};

const FILE: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../tests/vectors/draws/draws.json"
);

fn specs() -> Vec<Value> {
    let mut all = Vec::new();
    for source in sources() {
        for kind in kinds() {
            let spec = Spec::parse(Scene::new(kind, source.clone(), 9).spec).unwrap();
            all.push(json!({
                "encoding": hex::encode(spec.encode()),
                "hash": hex::encode(spec.hash()),
            }));
        }
    }
    all
}

fn trees() -> Vec<Value> {
    let made = |count| {
        let scene = Scene::new(kinds()[1], sources().remove(0), count);
        let mut peaks = Peaks::default();
        let leaves: Vec<_> = (0..)
            .zip(&scene.entries)
            .map(|(index, entry)| {
                let leaf = entry.leaf(index);
                peaks.push(leaf, node);
                json!({"entry": hex::encode(entry.encode()), "leaf": hex::encode(leaf)})
            })
            .collect();
        json!({"entries": leaves, "root": hex::encode(peaks.root())})
    };
    [0, 1, 2, 3, 5, 8, 13].map(made).to_vec()
}

fn streams() -> Value {
    let mut words = Stream::new([3; 32]);
    let words: Vec<String> = (0..10).map(|_| format!("{:016x}", words.word())).collect();
    let below = |bound: u64| {
        let mut stream = Stream::new([4; 32]);
        let numbers: Vec<String> = (0..12).map(|_| stream.below(bound).to_string()).collect();
        json!({"bound": bound.to_string(), "numbers": numbers})
    };
    let bounds = [1, 2, 3, 6, 200, 256, 257, 1 << 40, u64::MAX];
    json!({
        "words": {"seed": hex::encode([3; 32]), "words": words},
        "below": {"seed": hex::encode([4; 32]), "of": bounds.map(below)},
    })
}

fn outcomes() -> Vec<Value> {
    let made = |kind| {
        let scene = Scene::new(kind, sources().remove(0), 20);
        let weights: Vec<u64> = scene.entries.iter().map(|entry| entry.weight).collect();
        let outcome = Evaluation::new(kind, 20, [5; 32]).all(|index| weights[index as usize]);
        let spec = Spec::parse(scene.spec).unwrap();
        json!({
            "seed": hex::encode([5; 32]),
            "spec": hex::encode(spec.encode()),
            "weights": weights,
            "outcome": outcome,
        })
    };
    kinds().map(made).to_vec()
}

fn functions() -> Value {
    let round = Round(59_000_000);
    let signature = scene::sign(&BEACON, BEACON_CONTEXT, &round.input(&BEACON));
    let key = scene::key(&BEACON, BEACON_CONTEXT);
    let randomness = round.randomness(&BEACON, &key, &signature).unwrap();
    json!({
        "draws_key": hex::encode(scene::key(&CANISTER, DRAWS_CONTEXT).bytes()),
        "canister": hex::encode(CANISTER),
        "beacon": hex::encode(BEACON),
        "beacon_key": hex::encode(key.bytes()),
        "round": round.0,
        "input": hex::encode(round.input(&BEACON)),
        "signature": hex::encode(signature),
        "randomness": hex::encode(randomness),
        "requester": hex::encode([1, 2, 3]),
        "label": hex::encode(b"a label"),
        "of_label": hex::encode(of_label(&randomness, &[1, 2, 3], b"a label")),
    })
}

fn transcripts() -> Vec<Value> {
    let anchor = TrustAnchor::Given(scene::master().to_vec());
    let mut all = Vec::new();
    for source in sources() {
        for kind in kinds() {
            let mut scene = Scene::new(kind, source.clone(), 9);
            scene.history.drawn.facts.total_changes += 1;
            let bytes = scene.transcript().encode();
            let verdict = verify(&bytes, &anchor).unwrap();
            all.push(json!({
                "bytes": hex::encode(&bytes),
                "grade": format!("{:?}", verdict.grade),
                "flags": verdict.flags.len(),
                "seed": hex::encode(verdict.seed),
                "root": hex::encode(verdict.root),
                "outcome": verdict.outcome,
                "digest": hex::encode(verdict.digest),
            }));
        }
    }
    all
}

#[test]
fn the_published_vectors_are_what_this_code_computes() {
    let made = json!({
        "source": "docs/protocols/draws.md; signatures under PocketIC's published vetKD key test_key_1",
        "master_key": hex::encode(scene::master()),
        "specs": specs(),
        "trees": trees(),
        "streams": streams(),
        "outcomes": outcomes(),
        "functions": functions(),
        "transcripts": transcripts(),
    });
    if std::env::var_os("CHAINKEY_WRITE_VECTORS").is_some() {
        let text = serde_json::to_string_pretty(&made).unwrap() + "\n";
        std::fs::write(FILE, text).unwrap();
    }
    let published = std::fs::read_to_string(FILE).expect("the vectors are there");
    let published: Value = serde_json::from_str(&published).expect("the vectors are JSON");
    assert!(published == made, "the vectors say something else");
}
