//! What is sealed opens for the same place under the same key, and nowhere else.
//!
//! - A dealer with a secret key stands in for the network; that the network's own nodes give such keys is tested through the client of the network.

#[path = "sealing/dealer.rs"]
mod dealer;
#[path = "sealing/vector.rs"]
mod vector;

use dealer::{Dealer, dealer};
use ic_bls12_381::{G1Affine, Scalar};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use vault_client::{CHUNK, ClientError, EpochKey, Place, SpaceKeys, Transport, hash, input, root};

const CANISTER: &[u8] = &[0, 0, 0, 0, 1, 0xa0, 0, 4, 1, 1];

fn rng() -> ChaCha20Rng {
    ChaCha20Rng::seed_from_u64(7)
}

fn key_in(canister: &[u8], space: u64, epoch: u64) -> EpochKey {
    let keys = SpaceKeys::of(canister, space, &dealer().public_key()).unwrap();
    let transport = Transport::fresh(&mut rng());
    let answer = dealer().derive(&transport.public_key(), &input(space, epoch));
    keys.open(transport, &answer, epoch).unwrap()
}

fn key(space: u64, epoch: u64) -> EpochKey {
    key_in(CANISTER, space, epoch)
}

const PLACE: Place<'static> = Place {
    item: b"note",
    version: 3,
};

#[test]
fn an_item_opens_for_its_own_place_only() {
    let sealed = key(1, 2).seal(PLACE, b"text", &mut rng()).unwrap();
    assert_eq!(sealed.len(), 4 + 36);
    // Each member derives the same key.
    let opening = key(1, 2);
    assert_eq!(*opening.open(PLACE, &sealed).unwrap(), b"text");
    let closed = Err(ClientError::DoesNotOpen);
    for other in [key(2, 2), key(1, 3), key_in(&[1; 10], 1, 2)] {
        assert_eq!(other.open(PLACE, &sealed).map(|_| ()), closed);
    }
    let moved = [
        Place {
            item: b"nota",
            ..PLACE
        },
        Place {
            version: 4,
            ..PLACE
        },
    ];
    for place in moved {
        assert_eq!(opening.open(place, &sealed).map(|_| ()), closed);
    }
    for at in 0..sealed.len() {
        let mut changed = sealed.clone();
        changed[at] ^= 1;
        assert_eq!(opening.open(PLACE, &changed).map(|_| ()), closed);
    }
    assert_eq!(opening.open(PLACE, &[]).map(|_| ()), closed);
}

#[test]
fn an_item_is_no_chunk_and_a_chunk_no_item() {
    let (key, rng) = (key(1, 1), &mut rng());
    let item = key.seal(PLACE, b"text", rng).unwrap();
    let chunk = key.seal_chunk(PLACE, (0, 1), b"text", rng).unwrap();
    assert!(key.open_chunk(PLACE, (0, 1), &item).is_err());
    assert!(key.open(PLACE, &chunk).is_err());
}

#[test]
fn a_file_opens_whole_and_in_order_only() {
    let key = key(1, 1);
    let text: Vec<u8> = (0..2 * CHUNK + 5).map(|at| at as u8).collect();
    let chunks = key.seal_file(PLACE, &text, &mut rng()).unwrap();
    let lengths: Vec<usize> = chunks.iter().map(Vec::len).collect();
    assert_eq!(lengths, [CHUNK + 36, CHUNK + 36, 5 + 36]);
    assert_eq!(*key.open_file(PLACE, &chunks).unwrap(), text);
    let closed = Err(ClientError::DoesNotOpen);
    let open = |chunks: &[&Vec<u8>]| key.open_file(PLACE, chunks).map(|_| ());
    // Cut off, swapped, doubled.
    assert_eq!(open(&[&chunks[0], &chunks[1]]), closed);
    assert_eq!(open(&[&chunks[1], &chunks[0], &chunks[2]]), closed);
    assert_eq!(open(&[&chunks[0], &chunks[0], &chunks[2]]), closed);
    let longer = [&chunks[0], &chunks[1], &chunks[2], &chunks[2]];
    assert_eq!(open(&longer), closed);
    let (chunks, at_most) = (0, 128);
    assert_eq!(open(&[]), Err(ClientError::Chunks { chunks, at_most }));
}

#[test]
fn an_empty_file_is_one_chunk_and_a_very_long_one_is_refused() {
    let key = key(1, 1);
    let chunks = key.seal_file(PLACE, b"", &mut rng()).unwrap();
    assert_eq!(chunks.len(), 1);
    assert_eq!(*key.open_file(PLACE, &chunks).unwrap(), b"");
    let long = vec![0; 128 * CHUNK + 1];
    let (chunks, at_most) = (129, 128);
    let refused = key.seal_file(PLACE, &long, &mut rng());
    assert_eq!(refused, Err(ClientError::Chunks { chunks, at_most }));
}

#[test]
fn only_the_key_that_was_asked_for_is_taken() {
    let keys = SpaceKeys::of(CANISTER, 1, &dealer().public_key()).unwrap();
    let ask = |answer: &dyn Fn(&[u8; 48]) -> Vec<u8>, epoch| {
        let transport = Transport::fresh(&mut rng());
        let answer = answer(&transport.public_key());
        keys.open(transport, &answer, epoch).map(|_| ())
    };
    let honest = |transport: &[u8; 48]| dealer().derive(transport, &input(1, 2));
    assert_eq!(ask(&honest, 2), Ok(()));
    let other = Err(ClientError::OtherKey);
    // Of another epoch, another space, another dealer, and for somebody else.
    assert_eq!(ask(&honest, 3), other);
    assert_eq!(ask(&|to| dealer().derive(to, &input(2, 2)), 2), other);
    let eve = Dealer(Scalar::from(4));
    assert_eq!(ask(&|to| eve.derive(to, &input(1, 2)), 2), other);
    let theirs = G1Affine::generator().to_compressed();
    assert_eq!(ask(&|_| dealer().derive(&theirs, &input(1, 2)), 2), other);
    assert_eq!(ask(&|_| vec![1; 192], 2), Err(ClientError::EncryptedKey));
    assert_eq!(ask(&|_| Vec::new(), 2), Err(ClientError::EncryptedKey));
    let no_key = SpaceKeys::of(CANISTER, 1, &[0; 96]).map(|_| ());
    assert_eq!(no_key, Err(ClientError::VerificationKey));
}

#[test]
fn keys_print_nothing_of_themselves() {
    assert_eq!(format!("{:?}", key(4, 2)), "EpochKey(4/2: <redacted>)");
}

#[test]
fn the_same_text_is_never_sealed_to_the_same_bytes() {
    let (key, rng) = (key(1, 1), &mut rng());
    let one = key.seal(PLACE, b"text", rng).unwrap();
    assert_ne!(key.seal(PLACE, b"text", rng).unwrap(), one);
}

#[test]
fn hashes_are_those_of_the_document() {
    let (a, b) = (hash(b"a"), hash(b"b"));
    let bytes = [&b"\x0cvault/body/1"[..], &a, &b].concat();
    assert_eq!(root(&[a, b]), hash(&bytes));
}
