//! Draws that anyone can check: raffles, shuffles, dice and lottery numbers, from their specification to a transcript and its verdict.
//!
//! - What it does: [`spec`] and [`entry`] say what a draw is; [`merkle`] commits to the entries; [`history`] and [`seed`] make the seed of what is
//!   recorded and of a verifiable random function ([`vrf`]); [`stream`] and [`evaluation`] make the outcome of the seed; [`transcript`] writes all
//!   of it down, and [`mod@verify`] judges it. [`beacon`] has the rounds of the beacon.
//! - Specification: docs/protocols/draws.md, in numbered steps that the modules cite. Vectors: tests/vectors/draws.
//! - In and out: bytes. The same code runs in the canister, on the command line and in the browser; it knows no network, clock or
//!   randomness of its own.
//! - Leaves out: signatures of the network's certificates. What a transcript alone can't prove is in the verdict.
//!
//! ```
//! use draw_proof::verify::{TrustAnchor, verify};
//! let refused = verify(b"no transcript", &TrustAnchor::Mainnet);
//! assert!(refused.is_err());
//! ```

mod anchor;
pub mod beacon;
pub mod domain;
pub mod encoding;
pub mod entry;
mod error;
pub mod evaluation;
pub mod evidence;
pub mod history;
pub mod merkle;
pub mod seed;
pub mod spec;
pub mod stream;
pub mod transcript;
pub mod verify;
pub mod vrf;
mod weights;

pub use domain::Hash;
pub use error::DrawProofError;
