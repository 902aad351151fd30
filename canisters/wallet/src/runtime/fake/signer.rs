//! Signatures of the fake management canister.
//!
//! - Its master keys are the generators, so their secrets are 1, and a derived secret is 1 plus the tweak of its path.

use super::super::{CallError, Keys};
use super::{FakeOutside, generator};
use crate::root_key::{KeyKind, RawKey};
use crate::signing::SigningRequest;
use bitcoin::key::{Keypair, Secp256k1, TapTweak};
use bitcoin::secp256k1::Message;
use canister_kit::KeyName;
use canister_kit::encoding::Cycles;
use curve25519_dalek::edwards::EdwardsPoint;
use curve25519_dalek::scalar::Scalar;
use k256::ecdsa::signature::hazmat::PrehashSigner;
use key_path::{Derived, Path, Scheme};
use sha2::{Digest, Sha512};

impl Keys for FakeOutside {
    async fn public_key(&self, kind: KeyKind, name: &KeyName) -> Result<RawKey, CallError> {
        self.asked.borrow_mut().push((kind, name.to_string()));
        self.keys.borrow()[&kind].clone()
    }

    fn signature_fee(&self, _: KeyKind, _: &KeyName) -> Option<Cycles> {
        Some(Cycles(10_000_000_000))
    }

    async fn sign(&self, request: &SigningRequest, _: &KeyName) -> Result<Vec<u8>, CallError> {
        self.meet(|| {
            self.signed.borrow_mut().push(request.clone());
            let mut signature = sign(request);
            signature[0] ^= u8::from(self.forges.get());
            signature
        })
        .await
    }
}

/// 64 bytes.
fn sign(request: &SigningRequest) -> Vec<u8> {
    match request.kind() {
        KeyKind::Ecdsa => {
            let secret = secret(&derived(request, Scheme::EcdsaSecp256k1, 1));
            let key = k256::ecdsa::SigningKey::from(secret);
            let signature: k256::ecdsa::Signature = key.sign_prehash(&request.message).unwrap();
            signature.to_vec()
        }
        KeyKind::Bip340 => {
            let secret = secret(&derived(request, Scheme::Bip340Secp256k1, 2));
            if request.aux().is_some() {
                return taproot(&secret, &request.message);
            }
            let key = k256::schnorr::SigningKey::from(secret);
            let signature = key.sign_raw(&request.message, &[0; 32]).unwrap();
            signature.to_bytes().to_vec()
        }
        KeyKind::Ed25519 => ed25519(&derived(request, Scheme::Ed25519, 3), &request.message),
    }
}

fn derived(request: &SigningRequest, scheme: Scheme, code: u8) -> Derived {
    let root = generator(request.kind(), code);
    let path = Path::below([request.path.to_vec()]).unwrap();
    key_path::derive(scheme, &root.public_key, &[code; 32], &path).unwrap()
}

fn secret(derived: &Derived) -> k256::SecretKey {
    let tweak = k256::SecretKey::from_slice(&derived.tweak).unwrap();
    let secret = *tweak.to_nonzero_scalar() + k256::Scalar::ONE;
    k256::SecretKey::new(secret.into())
}

/// BIP-341 without scripts, by another library.
fn taproot(secret: &k256::SecretKey, message: &[u8]) -> Vec<u8> {
    let curve = Secp256k1::new();
    let keys = Keypair::from_seckey_slice(&curve, &secret.to_bytes()).unwrap();
    let message = Message::from_digest(message.try_into().unwrap());
    let tweaked = keys.tap_tweak(&curve, None).to_keypair();
    let signature = curve.sign_schnorr_no_aux_rand(&message, &tweaked);
    signature.serialize().to_vec()
}

/// RFC 8032 with a secret scalar instead of a seed; the nonce is the hash of secret and message.
fn ed25519(derived: &Derived, message: &[u8]) -> Vec<u8> {
    let mut tweak = derived.tweak;
    tweak.reverse();
    let secret = Scalar::from_bytes_mod_order(tweak) + Scalar::ONE;
    let hash = |parts: [&[u8]; 3]| {
        let wide: [u8; 64] = Sha512::digest(parts.concat()).into();
        Scalar::from_bytes_mod_order_wide(&wide)
    };
    let nonce = hash([secret.as_bytes(), message, &[]]);
    let point = EdwardsPoint::mul_base(&nonce).compress();
    let challenge = hash([point.as_bytes(), &derived.public_key, message]);
    let response = nonce + challenge * secret;
    [*point.as_bytes(), *response.as_bytes()].concat()
}
