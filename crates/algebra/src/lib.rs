//! Scalars, points, polynomials and commitments over every curve of the chain-key protocols; no protocol.
//!
//! - What it does: one trait, [`Curve`], over secp256k1, secp256r1, the prime-order subgroup of edwards25519, and the two groups
//!   of BLS12-381; Shamir's polynomials over their scalars, Feldman's and Pedersen's commitments to these, Lagrange's
//!   interpolation, also of shares of which some are wrong, multi-scalar multiplication, and the random oracle that everything hashed goes through.
//! - In and out: bytes in the encodings of the curves' own standards (SEC 1, RFC 8032, the BLS12-381 convention of Zcash).
//! - Constant time: [`Curve::mul`], [`Curve::mul_base`], [`Curve::mul_second`] and everything on [`Secret`] run in time
//!   that does not depend on the secret; what is called `vartime` is for public values only.
//! - Leaves out: protocols, network, clock, global randomness (an RNG is an argument).

pub mod codec;
pub mod commitment;
pub mod curve;
mod curves;
mod domain;
mod fixed_base;
mod index;
pub mod lagrange;
mod msm;
mod oracle;
mod polynomial;
pub mod robust;
mod secret;

/// The traits of scalars, for packages that are generic over [`Curve`].
pub use ff;
/// The traits of points, for packages that are generic over [`Curve`].
pub use group;

pub use curve::{Curve, CurveId, DecodeError};
pub use curves::{BlsG1, BlsG2, Ed25519, Ed25519Table, Secp256k1, Secp256r1};
pub use domain::Domain;
pub use fixed_base::FixedBase;
pub use index::{Committee, CommitteeError, NodeIndex, Threshold};
pub use oracle::{Oracle, OracleStream};
pub use polynomial::Polynomial;
pub use secret::Secret;
