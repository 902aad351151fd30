//! What a draw is: its specification, fixed when it is made.
//!
//! Source: docs/protocols/draws.md, steps 3 and 4. In: a [`RawSpec`] as somebody wrote it, or its encoding. Out: a [`Spec`] that keeps the rules, and its hash.

use crate::beacon::Round;
use crate::domain::{Domain, Hash};
use crate::encoding::{Reader, Writer};
use crate::error::DrawProofError;
use minicbor::{Decode, Encode};

/// The version of the encoding.
const VERSION: u8 = 1;

/// Longest title, in bytes.
pub const MAX_TITLE_BYTES: usize = 100;
/// Most entries of a draw.
pub const MAX_ENTRIES: u32 = 200_000;
/// Most entries of one person where anyone may enter.
pub const MAX_EACH: u32 = 1000;
/// Greatest weight: all weights of a draw add up to less than 2^58.
pub const MAX_WEIGHT: u64 = 1 << 40;
/// Most dice, and the highest lottery number.
pub const MAX_NUMBERS: u32 = 10_000;
/// Longest principal, in bytes.
pub const MAX_PRINCIPAL_BYTES: usize = 29;

/// What is drawn.
#[derive(Encode, Decode, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Winners among the entries, without putting back, by weight.
    #[n(0)]
    Raffle {
        /// How many; all entries if there are fewer.
        #[n(0)]
        winners: u32,
    },
    /// All entries in a random order.
    #[n(1)]
    Shuffle,
    /// Throws of dice.
    #[n(2)]
    Dice {
        /// How many.
        #[n(0)]
        count: u32,
        /// Each shows a number from 1 to this one.
        #[n(1)]
        sides: u32,
    },
    /// Different numbers from 1 on.
    #[n(3)]
    Lottery {
        /// How many.
        #[n(0)]
        count: u32,
        /// The highest of all numbers.
        #[n(1)]
        highest: u32,
    },
}

/// Who enters.
#[derive(Encode, Decode, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entrants {
    /// Everyone, for themselves, with weight 1.
    #[n(0)]
    Anyone {
        /// Most entries of one person.
        #[n(0)]
        each: u32,
    },
    /// The creator, for whomever it wants.
    #[n(1)]
    Creator {
        /// Greatest weight of an entry.
        #[n(0)]
        most_weight: u64,
    },
}

/// Where the randomness comes from.
#[derive(Encode, Decode, Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// The canister's verifiable random function alone.
    #[n(0)]
    Vrf,
    /// The nodes' randomness, without a proof.
    #[n(1)]
    RawRand,
    /// The verifiable random function on the nodes' randomness, which is drawn after the close.
    #[n(2)]
    VrfAndRawRand,
    /// A round of a beacon.
    #[n(3)]
    Beacon {
        /// The beacon's canister id.
        #[n(0)]
        #[cbor(with = "minicbor::bytes")]
        canister: Vec<u8>,
        /// Which round.
        #[n(1)]
        round: u64,
    },
}

impl Source {
    /// The number that stands for it.
    pub const fn number(&self) -> u8 {
        match self {
            Self::Vrf => 0,
            Self::RawRand => 1,
            Self::VrfAndRawRand => 2,
            Self::Beacon { .. } => 3,
        }
    }

    /// Whether 32 bytes of the nodes' randomness are drawn after the close.
    pub const fn takes_fresh(&self) -> bool {
        matches!(self, Self::RawRand | Self::VrfAndRawRand)
    }

    /// Whether there is a signature.
    pub const fn is_signed(&self) -> bool {
        !matches!(self, Self::RawRand)
    }
}

/// A specification as somebody wrote it.
#[derive(Encode, Decode, Clone, Debug, PartialEq, Eq)]
#[cbor(map)]
pub struct RawSpec {
    /// What people call it: 1 to [`MAX_TITLE_BYTES`] bytes, without control characters.
    #[n(0)]
    pub title: String,
    /// Who made it: a principal of 1 to 29 bytes.
    #[n(1)]
    #[cbor(with = "minicbor::bytes")]
    pub creator: Vec<u8>,
    /// What is drawn.
    #[n(2)]
    pub kind: Kind,
    /// Who enters.
    #[n(3)]
    pub entrants: Entrants,
    /// Most entries, up to [`MAX_ENTRIES`].
    #[n(4)]
    pub most_entries: u32,
    /// From then on there are no more entries: nanoseconds since 1970.
    #[n(5)]
    pub closes_at: u64,
    /// Where the randomness comes from.
    #[n(6)]
    pub source: Source,
}

/// A specification that keeps the rules.
#[derive(Encode, Decode, Clone, Debug, PartialEq, Eq)]
#[cbor(transparent)]
pub struct Spec(#[n(0)] RawSpec);

impl Spec {
    /// Checks every rule of step 3.
    ///
    /// # Errors
    /// [`DrawProofError::Title`], [`DrawProofError::Principal`], [`DrawProofError::Bounds`] or [`DrawProofError::EarlyRound`].
    pub fn parse(raw: RawSpec) -> Result<Self, DrawProofError> {
        let title = raw.title.as_bytes();
        if title.is_empty() || title.len() > MAX_TITLE_BYTES || raw.title.contains(char::is_control)
        {
            return Err(DrawProofError::Title);
        }
        principal(&raw.creator)?;
        match raw.kind {
            Kind::Raffle { winners } => within("winners", winners, 1, MAX_ENTRIES)?,
            Kind::Shuffle => {}
            Kind::Dice { count, sides } => {
                within("count", count, 1, MAX_NUMBERS)?;
                within("sides", sides, 2, u32::MAX)?;
            }
            Kind::Lottery { count, highest } => {
                within("highest", highest, 1, MAX_NUMBERS)?;
                within("count", count, 1, highest)?;
            }
        }
        match raw.entrants {
            Entrants::Anyone { each } => within("each", each, 1, MAX_EACH)?,
            Entrants::Creator { most_weight } => {
                within("most_weight", most_weight, 1u64, MAX_WEIGHT)?;
            }
        }
        within("most_entries", raw.most_entries, 0, MAX_ENTRIES)?;
        if let Source::Beacon { canister, round } = &raw.source {
            principal(canister)?;
            match Round(*round).drawn_from() {
                Some(time) if time > raw.closes_at => {}
                _ => return Err(DrawProofError::EarlyRound),
            }
        }
        Ok(Self(raw))
    }

    /// What it says.
    pub fn get(&self) -> &RawSpec {
        &self.0
    }

    /// The encoding (step 3).
    pub fn encode(&self) -> Vec<u8> {
        let spec = &self.0;
        let out = Writer::new()
            .u8(VERSION)
            .bytes(spec.title.as_bytes())
            .bytes(&spec.creator);
        let out = match spec.kind {
            Kind::Raffle { winners } => out.u8(0).u32(winners),
            Kind::Shuffle => out.u8(1),
            Kind::Dice { count, sides } => out.u8(2).u32(count).u32(sides),
            Kind::Lottery { count, highest } => out.u8(3).u32(count).u32(highest),
        };
        let out = match spec.entrants {
            Entrants::Anyone { each } => out.u8(0).u32(each),
            Entrants::Creator { most_weight } => out.u8(1).u64(most_weight),
        };
        let out = out.u32(spec.most_entries).u64(spec.closes_at);
        let out = out.u8(spec.source.number());
        match &spec.source {
            Source::Beacon { canister, round } => out.bytes(canister).u64(*round),
            Source::Vrf | Source::RawRand | Source::VrfAndRawRand => out,
        }
        .finish()
    }

    /// Reads an encoding.
    ///
    /// # Errors
    /// Those of [`Spec::parse`] and of [`Reader`].
    pub fn decode(bytes: &[u8]) -> Result<Self, DrawProofError> {
        let mut from = Reader::new(bytes);
        match from.u8()? {
            VERSION => {}
            tag => return Err(DrawProofError::Tag { tag }),
        }
        let title = String::from_utf8(from.bytes(MAX_TITLE_BYTES)?.to_vec());
        let raw = RawSpec {
            title: title.map_err(|_| DrawProofError::Title)?,
            creator: from.bytes(MAX_PRINCIPAL_BYTES)?.to_vec(),
            kind: kind(&mut from)?,
            entrants: entrants(&mut from)?,
            most_entries: from.u32()?,
            closes_at: from.u64()?,
            source: source(&mut from)?,
        };
        from.finish()?;
        Self::parse(raw)
    }

    /// The hash that fixes it (step 4).
    pub fn hash(&self) -> Hash {
        Domain::Spec.hash(&[&self.encode()])
    }
}

fn kind(from: &mut Reader<'_>) -> Result<Kind, DrawProofError> {
    Ok(match from.u8()? {
        0 => Kind::Raffle {
            winners: from.u32()?,
        },
        1 => Kind::Shuffle,
        2 => Kind::Dice {
            count: from.u32()?,
            sides: from.u32()?,
        },
        3 => Kind::Lottery {
            count: from.u32()?,
            highest: from.u32()?,
        },
        tag => return Err(DrawProofError::Tag { tag }),
    })
}

fn entrants(from: &mut Reader<'_>) -> Result<Entrants, DrawProofError> {
    Ok(match from.u8()? {
        0 => Entrants::Anyone { each: from.u32()? },
        1 => Entrants::Creator {
            most_weight: from.u64()?,
        },
        tag => return Err(DrawProofError::Tag { tag }),
    })
}

fn source(from: &mut Reader<'_>) -> Result<Source, DrawProofError> {
    Ok(match from.u8()? {
        0 => Source::Vrf,
        1 => Source::RawRand,
        2 => Source::VrfAndRawRand,
        3 => Source::Beacon {
            canister: from.bytes(MAX_PRINCIPAL_BYTES)?.to_vec(),
            round: from.u64()?,
        },
        tag => return Err(DrawProofError::Tag { tag }),
    })
}

fn principal(bytes: &[u8]) -> Result<(), DrawProofError> {
    match (1..=MAX_PRINCIPAL_BYTES).contains(&bytes.len()) {
        true => Ok(()),
        false => Err(DrawProofError::Principal),
    }
}

fn within<N: Into<u64>>(
    what: &'static str,
    value: N,
    at_least: N,
    at_most: N,
) -> Result<(), DrawProofError> {
    let (value, at_least, at_most) = (value.into(), at_least.into(), at_most.into());
    match (at_least..=at_most).contains(&value) {
        true => Ok(()),
        false => Err(DrawProofError::Bounds {
            what,
            value,
            at_least,
            at_most,
        }),
    }
}
