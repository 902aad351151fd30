//! Encodings, recorded signatures, beacon and tape.

mod dealt;

use chainkey_algebra::commitment::{SimpleCommitment, SimpleShare};
use chainkey_algebra::{BlsG2, Committee, Curve, Secret};
use chainkey_threshold_bls::beacon::{Beacon, BeaconHash, TapeSeed, beacon_message, tape_message};
use chainkey_threshold_bls::{
    BlsError, Level, Message, PublicKey, SignatureShare, VerificationKeys, certification, der,
};
use dealt::Dealt;
use group::Group;

const VECTORS: &str = include_str!("vectors/signatures.json");

/// The strings that stand for a name in the vectors' file, in order.
fn strings(name: &str) -> Vec<Vec<u8>> {
    let label = format!("\"{name}\": \"");
    let values = VECTORS.split(&label).skip(1);
    values
        .map(|rest| hex::decode(rest.split('"').next().unwrap()).unwrap())
        .collect()
}

#[test]
fn recorded_signatures_of_the_internet_computer_verify_and_no_others() {
    let (keys, messages, signatures) = (strings("key"), strings("message"), strings("signature"));
    assert_eq!((keys.len(), messages.len(), signatures.len()), (3, 4, 4));
    for (index, key) in keys.iter().enumerate() {
        let key = PublicKey::from_bytes(key).unwrap();
        assert_eq!(key.to_bytes().to_vec(), keys[index]);
        for (other, signature) in signatures.iter().enumerate() {
            let verified = key.verify(&Message::new(&messages[index]), signature);
            if other == index {
                assert_eq!(verified.unwrap().to_bytes().to_vec(), *signature);
            } else {
                assert_eq!(verified, Err(BlsError::WrongSignature));
            }
        }
    }
    let root_hash: [u8; 32] = messages[0][14..].try_into().unwrap();
    let message = certification::message(&root_hash);
    assert_eq!(message, Message::new(&messages[0]));
}

#[test]
fn the_recorded_secret_key_makes_the_recorded_signature() {
    let scalar = BlsG2::scalar_from_bytes(&strings("secret")[0]).unwrap();
    let share = SimpleShare {
        value: Secret::new(scalar),
    };
    let message = Message::new(&strings("message")[3]);
    let signed = SignatureShare::sign(&share, &message);
    assert_eq!(signed.to_bytes().to_vec(), strings("signature")[3]);
}

#[test]
fn the_root_key_of_mainnet_has_one_encoding_in_der() {
    let der = &strings("root_key_der")[0];
    let key = der::decode(der).unwrap();
    assert_eq!(key.to_bytes().to_vec(), strings("key")[0]);
    assert_eq!(der::encode(&key).to_vec(), *der);
    for index in 0..37 {
        let mut other = der.clone();
        other[index] ^= 1;
        assert_eq!(der::decode(&other), Err(BlsError::NotDer), "{index}");
    }
    assert!(der::decode(&der[..132]).is_err());
    assert!(der::decode(&[&der[..], &[0]].concat()).is_err());
    let mut identity = der[..37].to_vec();
    identity.push(0xc0);
    identity.resize(133, 0);
    assert!(matches!(der::decode(&identity), Err(BlsError::Encoding(_))));
}

#[test]
fn what_the_subnet_certifies_verifies_under_its_encoded_key() {
    let dealt = Dealt::high(7);
    let message = certification::message(&[9; 32]);
    let shares = dealt.sign(&message);
    let combined = dealt.keys.combine(&message, &shares).unwrap();
    let signature = combined.signature.to_bytes();
    let der = der::encode(dealt.keys.public_key());
    let signed = [&b"\x0dic-state-root"[..], &[9; 32]].concat();
    ic_verify_bls_signature::verify_bls_signature(&signature, &signed, &der[37..]).unwrap();
    let key = der::decode(&der).unwrap();
    assert!(key.verify(&message, &signature).is_ok());
    let other = certification::message(&[8; 32]);
    let refused = key.verify(&other, &signature);
    assert_eq!(refused, Err(BlsError::WrongSignature));
}

#[test]
fn refuses_commitments_that_are_no_keys() {
    let committee = Committee::new(4).unwrap();
    let point = <BlsG2 as Curve>::Point::generator();
    let identity = <BlsG2 as Curve>::Point::identity();
    for (points, good) in [
        (vec![point; 1], [false, false]),
        (vec![point; 2], [true, false]),
        (vec![point; 3], [false, true]),
        (vec![point; 4], [false, false]),
        (vec![point; 5], [false, false]),
        (vec![identity, point], [false, false]),
        (vec![identity, point, point], [false, false]),
    ] {
        let commitment = SimpleCommitment::from_points(points).unwrap();
        let keys = |level| VerificationKeys::new(committee, level, &commitment).is_ok();
        assert_eq!([keys(Level::Low), keys(Level::High)], good);
    }
}

#[test]
fn beacons_form_one_chain_whoever_signs() {
    let dealt = Dealt::low(7);
    let mut chains = [Vec::new(), Vec::new()];
    for (signers, chain) in [0..3, 4..7].into_iter().zip(&mut chains) {
        let mut parent = BeaconHash::genesis(dealt.keys.public_key());
        // Heights where nothing waits have no beacon.
        for height in [1, 2, 9] {
            let message = beacon_message(height, &parent);
            let shares = dealt.sign(&message);
            let shares = &shares[signers.clone()];
            let signature = dealt.keys.combine(&message, shares).unwrap().signature;
            let beacon = Beacon {
                height,
                parent,
                signature,
            };
            parent = beacon.hash();
            assert_eq!(BeaconHash::from_bytes(parent.to_bytes()), parent);
            chain.push(beacon);
        }
    }
    assert_eq!(chains[0], chains[1]);
    let hashes: std::collections::BTreeSet<_> = chains[0].iter().map(Beacon::hash).collect();
    assert_eq!(hashes.len(), 3);
}

#[test]
fn a_beacon_is_bound_to_its_height_its_parent_and_its_key() {
    let parent = BeaconHash::genesis(Dealt::low(4).keys.public_key());
    let other = BeaconHash::genesis(Dealt::low(7).keys.public_key());
    assert_ne!(parent, other);
    let message = beacon_message(5, &parent);
    assert_ne!(message, beacon_message(6, &parent));
    assert_ne!(message, beacon_message(5, &other));
    assert_ne!(message, tape_message(5));
}

#[test]
fn the_seed_of_a_tape_is_the_same_for_all_and_another_at_each_height() {
    let dealt = Dealt::low(4);
    let seed = |height, signers: std::ops::Range<usize>| {
        let message = tape_message(height);
        let shares = dealt.sign(&message);
        let combined = dealt.keys.combine(&message, &shares[signers]).unwrap();
        TapeSeed::of(&combined.signature).to_bytes()
    };
    assert_eq!(seed(3, 0..2), seed(3, 2..4));
    assert_ne!(seed(3, 0..2), seed(4, 0..2));
}
