//! Derivation against the recorded vector and against the published packages, on random inputs.

use key_path::{Derived, KeyPathError, MASTER_CHAIN_CODE, Path, Scheme, derive, masters, vetkd};
use proptest::collection::vec;
use proptest::prelude::*;

#[derive(serde::Deserialize)]
struct Vectors {
    signing: Vec<SigningVector>,
    vetkd: Vec<VetKdVector>,
}

#[derive(serde::Deserialize)]
struct SigningVector {
    key_name: String,
    canister_id: candid::Principal,
    path: Vec<String>,
    ecdsa_secp256k1: String,
    bip340_secp256k1: String,
    ed25519: String,
}

#[derive(serde::Deserialize)]
struct VetKdVector {
    key_name: String,
    canister_id: candid::Principal,
    context: String,
    public_key: String,
}

fn vectors() -> Vectors {
    serde_json::from_str(include_str!("vectors/derivation.json")).expect("the vectors are JSON")
}

#[test]
fn the_recorded_signing_keys_of_mainnet_are_derived() {
    for vector in vectors().signing {
        let path = vector
            .path
            .iter()
            .map(|element| hex::decode(element).unwrap());
        let path = Path::of_canister(vector.canister_id.as_slice(), path).unwrap();
        let cases = [
            (Scheme::EcdsaSecp256k1, vector.ecdsa_secp256k1),
            (Scheme::Bip340Secp256k1, vector.bip340_secp256k1),
            (Scheme::Ed25519, vector.ed25519),
        ];
        for (scheme, expected) in cases {
            let network = masters::Network::Mainnet;
            let master = masters::public_key(network, scheme, &vector.key_name).unwrap();
            let derived = derive(scheme, master, &MASTER_CHAIN_CODE, &path).unwrap();
            assert_eq!(hex::encode(derived.public_key), expected, "{scheme:?}");
        }
    }
}

#[test]
fn the_recorded_vetkd_keys_of_mainnet_are_derived() {
    for vector in vectors().vetkd {
        let network = masters::Network::Mainnet;
        let master = masters::vetkd_public_key(network, &vector.key_name).unwrap();
        let canister_id = vector.canister_id.as_slice();
        let derived = vetkd::derive(master, canister_id, vector.context.as_bytes()).unwrap();
        assert_eq!(hex::encode(derived.public_key), vector.public_key);
    }
}

/// The steps of a path as the packages write them.
macro_rules! packages_path {
    ($package:ident, $path:expr) => {
        $package::DerivationPath::new(
            $path
                .elements()
                .map(|element| $package::DerivationIndex(element.to_vec()))
                .collect(),
        )
    };
}

/// Derives with ours and with a package's public and private keys; all three must agree, the private key through the tweak.
macro_rules! agrees_on_sec1 {
    ($package:ident, $curve:ident, $scheme:expr, $seed:expr, $chain_code:expr, $path:expr) => {{
        use $curve::elliptic_curve::PrimeField;
        let seed: [u8; 32] = $seed;
        let secret = $package::PrivateKey::deserialize_sec1(&seed);
        let Ok(secret) = secret else {
            return Err(TestCaseError::reject("not a secret key"));
        };
        let public = secret.public_key();
        let package_path = packages_path!($package, $path);
        let encoded = public.serialize_sec1(true);
        let ours = derive($scheme, &encoded, $chain_code, $path).unwrap();
        let (theirs, chain_code) = public.derive_subkey_with_chain_code(&package_path, $chain_code);
        prop_assert_eq!(&ours.public_key, &theirs.serialize_sec1(true));
        prop_assert_eq!(ours.chain_code, chain_code);
        let (secret, _) = secret.derive_subkey_with_chain_code(&package_path, $chain_code);
        let scalar = |bytes: [u8; 32]| $curve::Scalar::from_repr(bytes.into()).unwrap();
        let shifted = scalar(seed) + scalar(ours.tweak);
        prop_assert_eq!(shifted.to_bytes().to_vec(), secret.serialize_sec1());
    }};
}

fn paths() -> impl Strategy<Value = Path> {
    let element = || vec(any::<u8>(), 0..40);
    let of_canister = (vec(any::<u8>(), 0..30), vec(element(), 0..6))
        .prop_map(|(canister, path)| Path::of_canister(&canister, path).unwrap());
    let below = vec(element(), 0..6).prop_map(|path| Path::below(path).unwrap());
    prop_oneof![of_canister, below]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn secp256k1_agrees_with_ic_secp256k1(seed: [u8; 32], chain_code: [u8; 32], path in paths()) {
        agrees_on_sec1!(ic_secp256k1, k256, Scheme::EcdsaSecp256k1, seed, &chain_code, &path);
        agrees_on_sec1!(ic_secp256k1, k256, Scheme::Bip340Secp256k1, seed, &chain_code, &path);
    }

    #[test]
    fn secp256r1_agrees_with_ic_secp256r1(seed: [u8; 32], chain_code: [u8; 32], path in paths()) {
        agrees_on_sec1!(ic_secp256r1, p256, Scheme::EcdsaSecp256r1, seed, &chain_code, &path);
    }

    #[test]
    fn ed25519_agrees_with_ic_ed25519(seed: [u8; 32], chain_code: [u8; 32], path in paths()) {
        use curve25519_dalek::{EdwardsPoint, Scalar, edwards::CompressedEdwardsY};
        let public = ic_ed25519::PrivateKey::deserialize_raw_32(&seed).public_key();
        let ours = derive(Scheme::Ed25519, &public.serialize_raw(), &chain_code, &path).unwrap();
        let path = packages_path!(ic_ed25519, path);
        let (theirs, next) = public.derive_subkey_with_chain_code(&path, &chain_code);
        prop_assert_eq!(&ours.public_key, &theirs.serialize_raw());
        prop_assert_eq!(ours.chain_code, next);
        let mut tweak = ours.tweak;
        tweak.reverse();
        let tweak = Scalar::from_canonical_bytes(tweak).unwrap();
        let start = CompressedEdwardsY(public.serialize_raw()).decompress().unwrap();
        let shifted = start + EdwardsPoint::mul_base(&tweak);
        prop_assert_eq!(&ours.public_key[..], &shifted.compress().to_bytes()[..]);
    }

    #[test]
    fn vetkd_agrees_with_ic_vetkeys(
        factor in 1u64..,
        canister in vec(any::<u8>(), 0..30),
        context in vec(any::<u8>(), 0..60),
    ) {
        use ic_bls12_381::{G2Affine, G2Projective, Scalar};
        let point = G2Affine::from(G2Affine::generator() * Scalar::from(factor));
        let master = point.to_compressed();
        let theirs = ic_vetkeys::MasterPublicKey::deserialize(&master).unwrap();
        let own = theirs.derive_canister_key(&canister);
        let theirs = own.derive_sub_key(&context).serialize();
        let ours = vetkd::derive(&master, &canister, &context).unwrap();
        prop_assert_eq!(&ours.public_key[..], &theirs[..]);
        let below = vetkd::derive_below(&own.serialize(), &context).unwrap();
        prop_assert_eq!(below.public_key, ours.public_key);
        let mut delta = ours.delta;
        delta.reverse();
        let delta = Scalar::from_bytes(&delta).unwrap();
        let shifted = G2Affine::from(G2Projective::from(point) + G2Affine::generator() * delta);
        prop_assert_eq!(shifted.to_compressed(), ours.public_key);
    }

    #[test]
    fn keys_of_mainnet_agree_with_ic_pub_key(
        canister in vec(any::<u8>(), 0..29),
        path in vec(vec(any::<u8>(), 0..40), 0..6),
        name in prop_oneof![Just("key_1"), Just("test_key_1")],
    ) {
        let ours = |scheme| -> Derived {
            let master = masters::public_key(masters::Network::Mainnet, scheme, name).unwrap();
            let path = Path::of_canister(&canister, path.clone()).unwrap();
            derive(scheme, master, &MASTER_CHAIN_CODE, &path).unwrap()
        };
        let canister_id = Some(candid::Principal::from_slice(&canister));
        let theirs = ic_pub_key::derive_ecdsa_key(&ic_pub_key::EcdsaPublicKeyArgs {
            canister_id,
            derivation_path: path.clone(),
            key_id: ic_pub_key::EcdsaKeyId {
                curve: ic_pub_key::EcdsaCurve::Secp256k1,
                name: name.to_owned(),
            },
        })
        .unwrap();
        let own = ours(Scheme::EcdsaSecp256k1);
        prop_assert_eq!(own.public_key, theirs.public_key);
        prop_assert_eq!(own.chain_code.to_vec(), theirs.chain_code);
        let algorithms = [
            (Scheme::Bip340Secp256k1, ic_pub_key::SchnorrAlgorithm::Bip340secp256k1),
            (Scheme::Ed25519, ic_pub_key::SchnorrAlgorithm::Ed25519),
        ];
        for (scheme, algorithm) in algorithms {
            let name = name.to_owned();
            let theirs = ic_pub_key::derive_schnorr_key(&ic_pub_key::SchnorrPublicKeyArgs {
                canister_id,
                derivation_path: path.clone(),
                key_id: ic_pub_key::SchnorrKeyId { algorithm, name },
            })
            .unwrap();
            let own = ours(scheme);
            prop_assert_eq!(own.public_key, theirs.public_key);
            prop_assert_eq!(own.chain_code.to_vec(), theirs.chain_code);
        }
    }
}

#[test]
fn refuses_bytes_that_are_no_public_key() {
    let path = Path::below([]).unwrap();
    let refused = |scheme, bytes: &[u8]| {
        let refused = derive(scheme, bytes, &MASTER_CHAIN_CODE, &path);
        assert_eq!(refused, Err(KeyPathError::BadPublicKey(scheme)));
    };
    for scheme in [
        Scheme::EcdsaSecp256k1,
        Scheme::Bip340Secp256k1,
        Scheme::EcdsaSecp256r1,
        Scheme::Ed25519,
    ] {
        let master = masters::public_key(masters::Network::Mainnet, scheme, "key_1").unwrap();
        assert!(derive(scheme, master, &MASTER_CHAIN_CODE, &path).is_ok());
        refused(scheme, &[]);
        refused(scheme, &[0]);
        refused(scheme, &[0; 33]);
        refused(scheme, &master[1..]);
        refused(scheme, &[master, &[0]].concat());
        refused(scheme, &[0xff; 33]);
        refused(scheme, &[0xff; 32]);
    }
    // Not compressed, hence a second encoding of the same key.
    let key = ic_secp256k1::PublicKey::mainnet_key(ic_secp256k1::MasterPublicKeyId::EcdsaKey1);
    refused(Scheme::EcdsaSecp256k1, &key.serialize_sec1(false));
}

#[test]
fn refuses_bytes_that_are_no_public_key_of_vetkd() {
    let mut identity = [0; 96];
    identity[0] = 0xc0;
    let outside = (0u8..255)
        .map(|x| {
            let mut bytes = [0; 96];
            (bytes[0], bytes[95]) = (0x80, x);
            bytes
        })
        .find(|bytes| {
            bool::from(ic_bls12_381::G2Affine::from_compressed_unchecked(bytes).is_some())
        })
        .expect("half of all x are on the curve");
    for bytes in [
        &identity[..],
        &outside,
        &[],
        &[0xff; 96],
        &[0; 95],
        &[0; 192],
    ] {
        let refused = vetkd::derive(bytes, &[1], &[]);
        assert_eq!(refused, Err(KeyPathError::BadVetKdKey));
        assert_eq!(
            vetkd::derive_below(bytes, &[1]),
            Err(KeyPathError::BadVetKdKey)
        );
    }
}
