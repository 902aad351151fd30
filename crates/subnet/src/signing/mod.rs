//! Signing with the nodes' joint keys: keys, stocks of presignatures, requests, each scheme in a lane of its own.
//!
//! Source: protocols.md of the design, sections 2, 3 and 9. The order is the security property: a request is bound to one presignature, which leaves the
//! stock for good; the randomness is of a tape that nobody had asked for before; then the nodes make shares. In: requests, tapes, shares. Out:
//! signatures, verified. Leaves out: the rounds (`subnet`), vetKD (`vetkd`).

mod ecdsa;
mod lane;
mod scheme;
mod schnorr;
mod stock;

pub use ecdsa::Ecdsa;
pub use lane::{Answer, NodeLane, PublicLane};
pub use scheme::SigningScheme;
pub use schnorr::Schnorr;
pub use stock::StockTarget;
