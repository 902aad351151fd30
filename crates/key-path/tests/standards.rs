//! The unhardened steps of BIP-32's and SLIP-10's own vectors; each file in `vectors` names its source.
//!
//! A step of the standards is a path element of four bytes, big endian, here. Every step starts from the parent's public key and chain code as
//! they are published. Left out, as in the package: hardened steps, which need secret keys.

use hmac::{Hmac, Mac};
use k256::elliptic_curve::{Curve, CurveArithmetic, PrimeField};
use key_path::{Derived, Path, Scheme, derive};
use serde::Deserialize;
use sha2::{Digest, Sha256, Sha512};

#[derive(Deserialize)]
struct Vectors<K> {
    chains: Vec<Chain<K>>,
}

#[derive(Deserialize)]
struct Chain<K> {
    name: String,
    #[serde(default)]
    curve: String,
    keys: Vec<K>,
}

#[derive(Deserialize)]
struct Slip10Key {
    path: String,
    #[serde(with = "hex")]
    chain_code: [u8; 32],
    #[serde(with = "hex")]
    private_key: [u8; 32],
    #[serde(with = "hex")]
    public_key: Vec<u8>,
}

#[derive(Deserialize)]
struct Bip32Key {
    path: String,
    xpub: String,
}

fn slip10() -> Vec<Chain<Slip10Key>> {
    let text = include_str!("vectors/slip10.json");
    let file: Vectors<Slip10Key> = serde_json::from_str(text).expect("the vectors are JSON");
    file.chains
}

fn bip32() -> Vec<Chain<Bip32Key>> {
    let text = include_str!("vectors/bip32.json");
    let file: Vectors<Bip32Key> = serde_json::from_str(text).expect("the vectors are JSON");
    file.chains
}

fn scheme(curve: &str) -> Scheme {
    match curve {
        "secp256k1" => Scheme::EcdsaSecp256k1,
        "nist256p1" => Scheme::EcdsaSecp256r1,
        other => panic!("{other} is no curve of these vectors"),
    }
}

/// The numbers by which `below` goes on from `above`; none if one of them is hardened or it does not.
fn unhardened(above: &str, below: &str) -> Option<Vec<u32>> {
    let rest = below.strip_prefix(above)?.strip_prefix('/')?;
    rest.split('/').map(|step| step.parse().ok()).collect()
}

/// A path of the standards.
fn path(steps: &[u32]) -> Path {
    Path::below(steps.iter().map(|step| step.to_be_bytes().to_vec())).unwrap()
}

/// The sum of two scalars modulo the order of a curve.
fn sum<C: CurveArithmetic>(a: [u8; 32], b: [u8; 32]) -> Vec<u8> {
    let scalar = |bytes: [u8; 32]| {
        let bytes = k256::elliptic_curve::FieldBytes::<C>::clone_from_slice(&bytes);
        Option::<C::Scalar>::from(C::Scalar::from_repr(bytes)).expect("below the order")
    };
    (scalar(a) + scalar(b)).to_repr().to_vec()
}

fn shifted(scheme: Scheme, key: [u8; 32], tweak: [u8; 32]) -> Vec<u8> {
    match scheme {
        Scheme::EcdsaSecp256r1 => sum::<p256::NistP256>(key, tweak),
        _ => sum::<k256::Secp256k1>(key, tweak),
    }
}

#[test]
fn every_unhardened_walk_of_slip_10_arrives_at_the_published_key() {
    let mut walks = Vec::new();
    for chain in slip10() {
        let scheme = scheme(&chain.curve);
        for (parent, child) in pairs(&chain.keys) {
            let Some(steps) = unhardened(&parent.path, &child.path) else {
                continue;
            };
            let found = derive(
                scheme,
                &parent.public_key,
                &parent.chain_code,
                &path(&steps),
            );
            let found = found.unwrap();
            let name = format!("{}: {} from {}", chain.name, child.path, parent.path);
            assert_eq!(found.public_key, child.public_key, "{name}");
            assert_eq!(found.chain_code, child.chain_code, "{name}");
            let secret = shifted(scheme, parent.private_key, found.tweak);
            assert_eq!(secret, child.private_key, "{name}");
            walks.push((scheme, steps.len()));
        }
    }
    // In each of the vectors 1 and 2 three steps, and in vector 1 two of them in one walk; and the retry.
    let count = |scheme, length| {
        walks
            .iter()
            .filter(|walk| **walk == (scheme, length))
            .count()
    };
    assert_eq!(count(Scheme::EcdsaSecp256k1, 1), 6);
    assert_eq!(count(Scheme::EcdsaSecp256k1, 2), 1);
    assert_eq!(count(Scheme::EcdsaSecp256r1, 1), 7);
    assert_eq!(count(Scheme::EcdsaSecp256r1, 2), 1);
}

/// Every key with every key after it.
fn pairs<K>(keys: &[K]) -> impl Iterator<Item = (&K, &K)> {
    let later = |at: usize| keys[at + 1..].iter();
    (0..keys.len()).flat_map(move |at| later(at).map(move |child| (&keys[at], child)))
}

#[test]
fn slip_10s_retry_is_really_needed_and_made() {
    let chains = slip10();
    let retry = chains
        .iter()
        .find(|chain| chain.name.contains("derivation retry"))
        .expect("the vector is there");
    let [_, parent, child] = &retry.keys[..] else {
        panic!("three keys");
    };
    assert_eq!(child.path, "m/28578H/33941");
    let hmac = Hmac::<Sha512>::new_from_slice(&parent.chain_code).unwrap();
    let hmac = hmac.chain_update(&parent.public_key);
    let first = hmac.chain_update(33941u32.to_be_bytes()).finalize();
    // The first answer is no scalar: not below the order.
    let order = hex::decode(format!("{:x}", p256::NistP256::ORDER)).unwrap();
    assert!(first.into_bytes()[..32] >= order[..]);
    let derived = derive(
        Scheme::EcdsaSecp256r1,
        &parent.public_key,
        &parent.chain_code,
        &path(&[33941]),
    );
    assert_eq!(derived.unwrap().public_key, child.public_key);
}

/// What an extended public key of BIP-32 holds.
struct Extended {
    depth: u8,
    number: u32,
    chain_code: [u8; 32],
    public_key: Vec<u8>,
}

/// Base58Check of BIP-32's 78 bytes: version, depth, the parent's fingerprint, number, chain code, key.
fn extended(xpub: &str) -> Extended {
    const ALPHABET: &str = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
    // 78 bytes and four of the checksum; the version is not zero, so none are left out in front.
    let mut bytes = [0u8; 82];
    for letter in xpub.chars() {
        let digit = ALPHABET.find(letter).expect("a letter of base 58");
        let carry = bytes.iter_mut().rev().fold(digit, |carry, byte| {
            let value = usize::from(*byte) * 58 + carry;
            *byte = (value % 256) as u8;
            value / 256
        });
        assert_eq!(carry, 0, "too long");
    }
    let (payload, checksum) = bytes.split_at(78);
    assert_eq!(Sha256::digest(Sha256::digest(payload))[..4], *checksum);
    assert_eq!(payload[..4], [0x04, 0x88, 0xb2, 0x1e], "a public key");
    Extended {
        depth: payload[4],
        number: u32::from_be_bytes(payload[9..13].try_into().unwrap()),
        chain_code: payload[13..45].try_into().unwrap(),
        public_key: payload[45..].to_vec(),
    }
}

#[test]
fn every_unhardened_step_of_bip_32_arrives_at_the_published_key() {
    let mut steps = 0;
    for chain in bip32() {
        for pair in chain.keys.windows(2) {
            let (parent, child) = (extended(&pair[0].xpub), extended(&pair[1].xpub));
            assert_eq!(child.depth, parent.depth + 1);
            let Some(numbers) = unhardened(&pair[0].path, &pair[1].path) else {
                assert!(child.number >= 1 << 31, "a hardened step");
                continue;
            };
            assert_eq!(numbers, [child.number]);
            for scheme in [Scheme::EcdsaSecp256k1, Scheme::Bip340Secp256k1] {
                let Derived {
                    public_key,
                    chain_code,
                    ..
                } = derive(
                    scheme,
                    &parent.public_key,
                    &parent.chain_code,
                    &path(&numbers),
                )
                .unwrap();
                let name = format!("{}: {}", chain.name, pair[1].path);
                assert_eq!(public_key, child.public_key, "{name}");
                assert_eq!(chain_code, child.chain_code, "{name}");
            }
            steps += 1;
        }
    }
    assert_eq!(steps, 6);
}

/// Positive control: a derivation that forgot the element, its width or the chain code would be noticed.
#[test]
fn another_number_width_or_chain_code_leads_to_another_key() {
    let chains = slip10();
    let (parent, child) = (&chains[0].keys[1], &chains[0].keys[2]);
    let key_at = |chain_code: &[u8; 32], path: Path| {
        derive(
            Scheme::EcdsaSecp256k1,
            &parent.public_key,
            chain_code,
            &path,
        )
        .unwrap()
        .public_key
    };
    assert_eq!(key_at(&parent.chain_code, path(&[1])), child.public_key);
    assert_ne!(key_at(&parent.chain_code, path(&[2])), child.public_key);
    assert_ne!(key_at(&child.chain_code, path(&[1])), child.public_key);
    let narrow = Path::below([vec![1]]).unwrap();
    assert_ne!(key_at(&parent.chain_code, narrow), child.public_key);
}
