//! Derivation of vetKD's public keys, and the check of what they sign.
//!
//! Source: interface specification, `vetkd_public_key`; docs/protocols/key-derivation.md, steps 8 to 10. A scalar is hashed by RFC 9380's
//! `hash_to_field` (expand_message_xmd with SHA-256, 48 bytes) over the public key and the canister's id or the context, each after its
//! length (8 bytes, big endian). In: a compressed key of G2 (96 bytes). Out: the derived key and the sum of the scalars.
//!
//! A derived key of an input is the BLS signature of that input under the derived public key (docs/protocols/vetkd.md, steps 3 and 8), and there is
//! only one. [`check_key`] is for whoever publishes derived keys, as signatures or randomness; keys that hide something never come here.

use crate::error::KeyPathError;
use ic_bls12_381::hash_to_curve::{ExpandMsgXmd, HashToCurve, HashToField};
use ic_bls12_381::{
    G1Affine, G1Projective, G2Affine, G2Prepared, G2Projective, Gt, Scalar, multi_miller_loop,
};
use sha2::Sha256;

/// Separates the hash over a canister's id.
const CANISTER_DST: &[u8] = b"ic-vetkd-bls12-381-g2-canister-id";
/// Separates the hash over a context.
const CONTEXT_DST: &[u8] = b"ic-vetkd-bls12-381-g2-context";
/// Separates the hash of an input to G1.
const INPUT_DST: &[u8] = b"BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_AUG_";

/// A derived key of vetKD.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct DerivedVetKdKey {
    /// The public key, compressed in G2.
    pub public_key: [u8; 96],
    /// What was added: this key is the master key plus delta times the generator. Big endian, below the order. Not a secret.
    pub delta: [u8; 32],
}

/// The public key that `vetkd_public_key` gives a canister for a context; an empty context gives the canister's own key.
pub fn derive(
    master: &[u8],
    canister_id: &[u8],
    context: &[u8],
) -> Result<DerivedVetKdKey, KeyPathError> {
    let master = decode(master)?;
    let first = tweak(&master.to_compressed(), canister_id, CANISTER_DST);
    let canister_key = shifted(&master, &first);
    let (key, delta) = if context.is_empty() {
        (canister_key, first)
    } else {
        let second = tweak(&canister_key.to_compressed(), context, CONTEXT_DST);
        (shifted(&canister_key, &second), first + second)
    };
    Ok(DerivedVetKdKey {
        public_key: key.to_compressed(),
        delta: to_big_endian(&delta),
    })
}

/// The key that a context gives below a canister's own public key; an empty context changes nothing.
pub fn derive_below(canister_key: &[u8], context: &[u8]) -> Result<DerivedVetKdKey, KeyPathError> {
    let key = decode(canister_key)?;
    let delta = match context {
        [] => Scalar::zero(),
        context => tweak(&key.to_compressed(), context, CONTEXT_DST),
    };
    Ok(DerivedVetKdKey {
        public_key: shifted(&key, &delta).to_compressed(),
        delta: to_big_endian(&delta),
    })
}

/// What a canister's id adds to a master key: 32 bytes, big endian. For whoever holds the key as a checked point already and adds by itself.
pub fn canister_tweak(master: &[u8; 96], canister_id: &[u8]) -> [u8; 32] {
    to_big_endian(&tweak(master, canister_id, CANISTER_DST))
}

/// What a context adds to a canister's own key: 32 bytes, big endian; zero for the empty context. For whoever holds the key as a checked
/// point already and adds by itself.
pub fn context_tweak(canister_key: &[u8; 96], context: &[u8]) -> [u8; 32] {
    match context {
        [] => [0; 32],
        context => to_big_endian(&tweak(canister_key, context, CONTEXT_DST)),
    }
}

/// Checks that a published key (compressed in G1, 48 bytes) is the one that belongs to an input under a derived public key.
pub fn check_key(public_key: &[u8], input: &[u8], key: &[u8]) -> Result<(), KeyPathError> {
    let public_key = decode(public_key)?;
    let bytes: &[u8; 48] = key.try_into().map_err(|_| KeyPathError::OtherVetKey)?;
    let point: Option<G1Affine> = G1Affine::from_compressed(bytes).into();
    let point = point.ok_or(KeyPathError::OtherVetKey)?;
    let message = [&public_key.to_compressed(), input].concat();
    let hashed =
        <G1Projective as HashToCurve<ExpandMsgXmd<Sha256>>>::hash_to_curve(message, INPUT_DST);
    // e(key, -g2) e(H, public key) = 1
    let terms = [
        (&point, &G2Prepared::from(-G2Affine::generator())),
        (&G1Affine::from(hashed), &G2Prepared::from(public_key)),
    ];
    match multi_miller_loop(&terms).final_exponentiation() == Gt::identity() {
        true => Ok(()),
        false => Err(KeyPathError::OtherVetKey),
    }
}

fn decode(bytes: &[u8]) -> Result<G2Affine, KeyPathError> {
    let bytes: &[u8; 96] = bytes.try_into().map_err(|_| KeyPathError::BadVetKdKey)?;
    let point: Option<G2Affine> = G2Affine::from_compressed(bytes).into();
    point
        .filter(|point| !bool::from(point.is_identity()))
        .ok_or(KeyPathError::BadVetKdKey)
}

fn shifted(key: &G2Affine, tweak: &Scalar) -> G2Affine {
    G2Affine::from(G2Projective::from(key) + G2Affine::generator() * tweak)
}

fn tweak(key: &[u8; 96], input: &[u8], dst: &[u8]) -> Scalar {
    let mut message = Vec::with_capacity(2 * 8 + 96 + input.len());
    for part in [key, input] {
        message.extend_from_slice(&(part.len() as u64).to_be_bytes());
        message.extend_from_slice(part);
    }
    hash_to_scalar(&message, dst)
}

/// RFC 9380's `hash_to_field` with SHA-256 into the scalars of BLS12-381.
pub(crate) fn hash_to_scalar(message: &[u8], dst: &[u8]) -> Scalar {
    let mut scalars = [Scalar::zero()];
    <Scalar as HashToField>::hash_to_field::<ExpandMsgXmd<Sha256>>(message, dst, &mut scalars);
    scalars[0]
}

/// The scalar as 32 bytes, big endian.
pub(crate) fn to_big_endian(scalar: &Scalar) -> [u8; 32] {
    let mut bytes = scalar.to_bytes();
    bytes.reverse();
    bytes
}
