//! A round of the beacon, as it is stored and as it is shown.
//!
//! - Specification: docs/protocols/draws.md, step 14.

use candid::CandidType;
use canister_kit::encoding::Timestamp;
use draw_proof::beacon::Round;
use minicbor::{Decode, Encode};
use serde::Deserialize;
use serde_bytes::ByteBuf;

/// What is stored of a round.
#[derive(Encode, Decode, Clone, Debug, PartialEq, Eq)]
#[cbor(map)]
pub struct StoredRound {
    /// When it was asked for first.
    #[n(0)]
    pub asked_at: Timestamp,
    /// How often it was asked for.
    #[n(1)]
    pub requests: u32,
    /// When an attempt failed last.
    #[n(2)]
    pub failed_at: Option<Timestamp>,
    /// Attempts that failed.
    #[n(3)]
    pub failures: u32,
    /// What was drawn.
    #[n(4)]
    pub drawn: Option<Drawn>,
}

canister_kit::stored!(StoredRound, "a round");

/// What was drawn in a round.
#[derive(Encode, Decode, Clone, Debug, PartialEq, Eq)]
#[cbor(map)]
pub struct Drawn {
    /// When.
    #[n(0)]
    pub at: Timestamp,
    /// Its number among the drawn rounds, in the order in which they were drawn, from 0.
    #[n(1)]
    pub sequence: u64,
    /// The signature.
    #[n(2)]
    #[cbor(with = "minicbor::bytes")]
    pub signature: [u8; 48],
    /// The randomness.
    #[n(3)]
    #[cbor(with = "minicbor::bytes")]
    pub randomness: [u8; 32],
}

/// A round as it is shown.
#[derive(CandidType, Deserialize, Clone, Debug, PartialEq, Eq)]
pub struct RoundView {
    /// Its number.
    pub round: u64,
    /// From when on it can be drawn.
    pub drawn_from: u64,
    /// How often it was asked for.
    pub requests: u32,
    /// Attempts that failed.
    pub failures: u32,
    /// What was drawn.
    pub drawn: Option<DrawnView>,
}

/// What was drawn, as it is shown.
#[derive(CandidType, Deserialize, Clone, Debug, PartialEq, Eq)]
pub struct DrawnView {
    /// When.
    pub at: u64,
    /// Its number among the drawn rounds.
    pub sequence: u64,
    /// The signature: 48 bytes.
    pub signature: ByteBuf,
    /// The randomness: 32 bytes.
    pub randomness: ByteBuf,
}

impl RoundView {
    /// Of a stored round.
    pub fn of(round: Round, stored: &StoredRound) -> Self {
        let drawn = stored.drawn.as_ref().map(|drawn| DrawnView {
            at: drawn.at.0,
            sequence: drawn.sequence,
            signature: ByteBuf::from(drawn.signature),
            randomness: ByteBuf::from(drawn.randomness),
        });
        Self {
            round: round.0,
            drawn_from: round.drawn_from().unwrap_or(u64::MAX),
            requests: stored.requests,
            failures: stored.failures,
            drawn,
        }
    }
}

/// A round and the proof that the canister says so.
#[derive(CandidType, Deserialize, Clone, Debug, PartialEq, Eq)]
pub struct CertifiedRound {
    /// The round.
    pub round: RoundView,
    /// The certificate of the canister's certified data; nothing in updates.
    pub certificate: Option<ByteBuf>,
    /// A hash tree in CBOR whose root is the certified data; nothing for a round that is not drawn.
    pub witness: Option<ByteBuf>,
}
