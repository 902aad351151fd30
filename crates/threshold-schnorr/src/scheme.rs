//! What the two schemes have in common: s = e x' + k' for a key x' and a nonce k' that the scheme may negate.
//!
//! - In: public points. Out: factors that turn shares of the master key and of the nonce into shares of s; steps 3 to 5 of
//!   `docs/protocols/threshold-schnorr.md`.
//! - Leaves out: everything about nodes.

use crate::error::SchnorrError;
use chainkey_algebra::Curve;
use std::fmt::Debug;

/// A scheme's scalars.
pub type Scalar<S> = <<S as Scheme>::Curve as Curve>::Scalar;
/// A scheme's points.
pub type Point<S> = <<S as Scheme>::Curve as Curve>::Point;

/// The key under which a signature verifies, and how its secret follows from the derived secret key: `sign` times that plus `addend`.
#[derive(Clone, Copy, Debug)]
pub struct OutputKey<S: Scheme> {
    /// The key.
    pub point: Point<S>,
    /// 1 or -1.
    pub sign: Scalar<S>,
    /// The taproot tweak with its sign, or 0.
    pub addend: Scalar<S>,
}

/// A Schnorr signature scheme: [`crate::Bip340`] or [`crate::Ed25519`].
pub trait Scheme: 'static + Copy + Eq + Debug + Send + Sync {
    /// Its group.
    type Curve: Curve;
    /// What a request may say besides key and message.
    type Aux: Clone + PartialEq + Eq + Debug + Default + Send + Sync;
    /// Its name, as it is hashed.
    const NAME: &'static str;

    /// The auxiliary input in one encoding, as it is hashed.
    fn aux_bytes(aux: &Self::Aux) -> Vec<u8>;

    /// The key under which signatures for the derived key verify.
    fn output_key(derived: &Point<Self>, aux: &Self::Aux) -> Result<OutputKey<Self>, SchnorrError>;

    /// Whether this nonce has to be negated.
    fn negates(nonce: &Point<Self>) -> bool;

    /// e, from the nonce, the output key and the message.
    fn challenge(nonce: &Point<Self>, key: &Point<Self>, message: &[u8]) -> Scalar<Self>;

    /// The public key as the scheme's standard writes it: 32 bytes.
    fn key_to_bytes(key: &Point<Self>) -> [u8; 32];

    /// Reads a public key; refuses what is not one.
    fn key_from_bytes(bytes: &[u8]) -> Result<Point<Self>, SchnorrError>;

    /// The signature as the scheme's standard writes it: nonce and s, 32 bytes each.
    fn encode(nonce: &Point<Self>, s: &Scalar<Self>) -> [u8; 64];

    /// Verifies a signature as the scheme's standard says, and strictly: one encoding, no small-order points.
    fn verify(key: &Point<Self>, message: &[u8], signature: &[u8; 64]) -> Result<(), SchnorrError>;
}
