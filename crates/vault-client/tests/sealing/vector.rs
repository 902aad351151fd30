//! The published vector: what this client seals, for another implementation to open.

use crate::dealer::dealer;
use crate::{CANISTER, rng};
use ic_vetkeys::TransportSecretKey;
use rand_core::RngCore;
use serde_json::{Value, json};
use vault_client::{Place, SpaceKeys, Transport, hash, input, root};

const FILE: &str = include_str!("../../../../tests/vectors/vault/sealed.json");

const SPACE: u64 = 7;
const EPOCH: u64 = 2;

/// Everything in it, made anew.
fn vector() -> Value {
    let place = Place {
        item: b"note",
        version: 3,
    };
    let mut seed = vec![0; 32];
    rng().fill_bytes(&mut seed);
    let secret = TransportSecretKey::from_seed(seed).unwrap();
    // The library writes it little endian here and reads it big endian in JavaScript.
    let big_endian: Vec<u8> = secret.serialize().into_iter().rev().collect();
    let transport = Transport::fresh(&mut rng());
    assert_eq!(transport.public_key()[..], secret.public_key());
    let (public_key, input) = (dealer().public_key(), input(SPACE, EPOCH));
    let answer = dealer().derive(&transport.public_key(), &input);
    let keys = SpaceKeys::of(CANISTER, SPACE, &public_key).unwrap();
    let key = keys.open(transport, &answer, EPOCH).unwrap();
    let (text, texts) = ("for members only", ["first part", "second"]);
    let rng = &mut rng();
    let sealed = key.seal(place, text.as_bytes(), rng).unwrap();
    let chunk = |(index, text): (u32, &&str)| {
        let sealed = key.seal_chunk(place, (index, 2), text.as_bytes(), rng);
        sealed.unwrap()
    };
    let chunks: Vec<Vec<u8>> = (0..).zip(&texts).map(chunk).collect();
    let hashes: Vec<_> = chunks.iter().map(|chunk| hash(chunk)).collect();
    json!({
        "source": "crates/vault-client/tests/sealing/vector.rs; docs/vault.md says what it is; all bytes in hexadecimal digits, the transport secret big endian",
        "canister": hex::encode(CANISTER),
        "space": SPACE,
        "epoch": EPOCH,
        "input": hex::encode(input),
        "verification_key": hex::encode(public_key),
        "transport_secret": hex::encode(big_endian),
        "encrypted_key": hex::encode(answer),
        "item": hex::encode(place.item),
        "version": place.version,
        "text": hex::encode(text),
        "sealed": hex::encode(sealed),
        "chunk_texts": texts.map(hex::encode),
        "chunks": chunks.iter().map(hex::encode).collect::<Vec<_>>(),
        "root": hex::encode(root(&hashes)),
    })
}

#[test]
fn the_published_vector_is_what_this_client_seals() {
    let published: Value = serde_json::from_str(FILE).unwrap();
    let made = vector();
    assert!(
        published == made,
        "{}",
        serde_json::to_string_pretty(&made).unwrap()
    );
}
