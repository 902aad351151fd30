//! The tables of master keys and PocketIC's published secrets against the packages that publish them.

use key_path::masters::{Network, public_key, vetkd_public_key};
use key_path::{Scheme, published_test_keys};

/// `VetKDKeyId` of whichever version of the types the package has.
fn vetkd_key_id<T: serde::de::DeserializeOwned>(name: &str) -> T {
    let id = serde_json::json!({ "curve": "bls12_381_g2", "name": name });
    serde_json::from_value(id).expect("a key id")
}

#[test]
fn the_master_keys_of_mainnet_are_those_of_the_packages() {
    use ic_secp256k1::MasterPublicKeyId as K1;
    use ic_secp256r1::MasterPublicKeyId as R1;
    let key = |scheme, name| public_key(Network::Mainnet, scheme, name).unwrap().to_vec();
    for (scheme, name, id) in [
        (Scheme::EcdsaSecp256k1, "key_1", K1::EcdsaKey1),
        (Scheme::EcdsaSecp256k1, "test_key_1", K1::EcdsaTestKey1),
        (Scheme::Bip340Secp256k1, "key_1", K1::SchnorrKey1),
        (Scheme::Bip340Secp256k1, "test_key_1", K1::SchnorrTestKey1),
    ] {
        let theirs = ic_secp256k1::PublicKey::mainnet_key(id);
        assert_eq!(key(scheme, name), theirs.serialize_sec1(true));
    }
    for (name, id) in [("key_1", R1::EcdsaKey1), ("test_key_1", R1::EcdsaTestKey1)] {
        let theirs = ic_secp256r1::PublicKey::mainnet_key(id);
        assert_eq!(
            key(Scheme::EcdsaSecp256r1, name),
            theirs.serialize_sec1(true)
        );
    }
    for (name, id) in [
        ("key_1", ic_ed25519::MasterPublicKeyId::Key1),
        ("test_key_1", ic_ed25519::MasterPublicKeyId::TestKey1),
    ] {
        let theirs = ic_ed25519::PublicKey::mainnet_key(id);
        assert_eq!(key(Scheme::Ed25519, name), theirs.serialize_raw());
    }
    for name in ["key_1", "test_key_1"] {
        let theirs = ic_vetkeys::MasterPublicKey::for_mainnet_key(&vetkd_key_id(name)).unwrap();
        let ours = vetkd_public_key(Network::Mainnet, name).unwrap();
        assert_eq!(ours.to_vec(), theirs.serialize());
    }
}

const POCKET_NAMES: [&str; 3] = ["key_1", "test_key_1", "dfx_test_key"];

#[test]
fn the_published_secrets_belong_to_the_public_keys_that_the_packages_have() {
    for name in POCKET_NAMES {
        for scheme in [Scheme::EcdsaSecp256k1, Scheme::Bip340Secp256k1] {
            let secret = published_test_keys::secret_key(scheme, name);
            let secret = ic_secp256k1::PrivateKey::deserialize_sec1(&secret).unwrap();
            let public = public_key(Network::PocketIc, scheme, name).unwrap();
            assert_eq!(secret.public_key().serialize_sec1(true), public);
        }
        let secret = published_test_keys::secret_key(Scheme::EcdsaSecp256r1, name);
        let secret = ic_secp256r1::PrivateKey::deserialize_sec1(&secret).unwrap();
        let public = public_key(Network::PocketIc, Scheme::EcdsaSecp256r1, name).unwrap();
        assert_eq!(secret.public_key().serialize_sec1(true), public);

        let mut secret = published_test_keys::secret_key(Scheme::Ed25519, name);
        secret.reverse();
        let secret = curve25519_dalek::Scalar::from_canonical_bytes(secret).unwrap();
        let own = curve25519_dalek::EdwardsPoint::mul_base(&secret).compress();
        let public = public_key(Network::PocketIc, Scheme::Ed25519, name).unwrap();
        assert_eq!(&own.as_bytes()[..], public);

        let mut secret = published_test_keys::vetkd_secret_key(name);
        secret.reverse();
        let secret = ic_bls12_381::Scalar::from_bytes(&secret).unwrap();
        let own = ic_bls12_381::G2Affine::from(ic_bls12_381::G2Affine::generator() * secret);
        let public = vetkd_public_key(Network::PocketIc, name).unwrap();
        assert_eq!(&own.to_compressed(), public);
        let theirs = ic_vetkeys::MasterPublicKey::for_pocketic_key(&vetkd_key_id(name)).unwrap();
        assert_eq!(theirs.serialize(), public);
    }
}

#[test]
fn the_master_keys_of_pocket_ic_are_those_of_the_packages() {
    use ic_ed25519::PocketIcMasterPublicKeyId as Ed;
    use ic_secp256k1::PocketIcMasterPublicKeyId as K1;
    use ic_secp256r1::PocketIcMasterPublicKeyId as R1;
    let ecdsa = [K1::EcdsaKey1, K1::EcdsaTestKey1, K1::EcdsaDfxTestKey];
    let schnorr = [K1::SchnorrKey1, K1::SchnorrTestKey1, K1::SchnorrDfxTestKey];
    let r1 = [R1::EcdsaKey1, R1::EcdsaTestKey1, R1::EcdsaDfxTestKey];
    let ed = [Ed::Key1, Ed::TestKey1, Ed::DfxTestKey];
    let key = |scheme, name| {
        public_key(Network::PocketIc, scheme, name)
            .unwrap()
            .to_vec()
    };
    for (index, name) in POCKET_NAMES.into_iter().enumerate() {
        let theirs = ic_secp256k1::PublicKey::pocketic_key(ecdsa[index]).serialize_sec1(true);
        assert_eq!(key(Scheme::EcdsaSecp256k1, name), theirs);
        let theirs = ic_secp256k1::PublicKey::pocketic_key(schnorr[index]).serialize_sec1(true);
        assert_eq!(key(Scheme::Bip340Secp256k1, name), theirs);
        let theirs = ic_secp256r1::PublicKey::pocketic_key(r1[index]).serialize_sec1(true);
        assert_eq!(key(Scheme::EcdsaSecp256r1, name), theirs);
        let theirs = ic_ed25519::PublicKey::pocketic_key(ed[index]).serialize_raw();
        assert_eq!(key(Scheme::Ed25519, name), theirs);
    }
}

#[test]
fn secrets_of_any_name_are_made_as_the_packages_make_them() {
    for name in ["", "anything", "fuzzy_key_9"] {
        let element = name.as_bytes().to_vec();
        let root = ic_secp256k1::PrivateKey::generate_from_seed(&[42; 32]);
        let path = vec![ic_secp256k1::DerivationIndex(element.clone())];
        let (theirs, _) = root.derive_subkey(&ic_secp256k1::DerivationPath::new(path));
        let ours = published_test_keys::secret_key(Scheme::EcdsaSecp256k1, name);
        assert_eq!(ours.to_vec(), theirs.serialize_sec1());

        let root = ic_secp256r1::PrivateKey::generate_insecure_key_for_testing(42);
        let path = vec![ic_secp256r1::DerivationIndex(element.clone())];
        let (theirs, _) = root.derive_subkey(&ic_secp256r1::DerivationPath::new(path));
        let ours = published_test_keys::secret_key(Scheme::EcdsaSecp256r1, name);
        assert_eq!(ours.to_vec(), theirs.serialize_sec1());

        let root = ic_ed25519::PrivateKey::generate_from_seed(&[42; 32]);
        let path = vec![ic_ed25519::DerivationIndex(element)];
        let (theirs, _) = root.derive_subkey(&ic_ed25519::DerivationPath::new(path));
        let mut ours = published_test_keys::secret_key(Scheme::Ed25519, name);
        ours.reverse();
        let ours = curve25519_dalek::Scalar::from_canonical_bytes(ours).unwrap();
        let ours = curve25519_dalek::EdwardsPoint::mul_base(&ours).compress();
        assert_eq!(ours.to_bytes(), theirs.public_key().serialize_raw());
    }
}

#[test]
fn names_that_nobody_published_have_no_public_key() {
    assert_eq!(
        public_key(Network::Mainnet, Scheme::Ed25519, "dfx_test_key"),
        None
    );
    assert_eq!(
        public_key(Network::PocketIc, Scheme::Ed25519, "key_2"),
        None
    );
    assert_eq!(vetkd_public_key(Network::Mainnet, "dfx_test_key"), None);
}
