//! The nodes of a subnet, the network between them with its faults, key ceremonies and signing.
//!
//! - What it does: n = 3f + 1 nodes, each with its own secrets, run the protocols of the other crates over an ordered broadcast: they make keys at
//!   first use, keep presignatures ready, sign, and make randomness. Faults are values that can be put in and taken away while it runs.
//! - Source: protocols.md of the design; docs/protocols.
//! - In: requests and rounds. Out: public keys, verified signatures, random bytes.
//! - The caller must guarantee: that a request's id is used once.
//! - Leaves out: consensus (the ordered broadcast stands in for block making, notarisation and finalisation), Wasm, canisters.

mod agenda;
mod beacon;
mod board;
mod broadcast;
mod ceremony;
mod certification;
mod curves;
mod epoch;
mod handover;
mod inheritance;
mod key_source;
mod lanes;
mod liar;
mod low_key;
mod membership;
mod message;
mod node;
mod overview;
mod randomness;
mod repeated;
mod request;
mod shares;
mod signing;
mod subnet;
mod tape;
mod threshold_signatures;
mod vetkd_lane;
mod waiting;

pub use ceremony::Blame;
pub use chainkey_threshold_bls::der::encode as public_key_der;
pub use key_source::KeySource;
pub use membership::{Member, Membership, MembershipError};
pub use message::RequestId;
pub use randomness::Seed;
pub use request::{Derivation, Request, RequestError, Work, is_transport_key, path_scheme};
pub use signing::{Answer, StockTarget};
pub use subnet::{Subnet, SubnetConfig, SubnetError};
pub use waiting::Asker;
