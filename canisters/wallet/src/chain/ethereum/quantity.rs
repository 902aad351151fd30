//! Numbers of Ethereum, each a type of its own.
//!
//! - Stored as CBOR: [`Wei`] as a byte string of 16 bytes, big endian, like every amount of the wallet; the others as integers.

use crate::asset::Amount;
use minicbor::decode::Error as DecodeError;
use minicbor::encode::{Error as EncodeError, Write};
use minicbor::{Decode, Decoder, Encode, Encoder};

/// Ether in its smallest unit, 10^-18 of it. All Ether that exists is less than 2^90 of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Wei(pub u128);

impl From<Wei> for Amount {
    fn from(wei: Wei) -> Self {
        Self(wei.0)
    }
}

impl<C> Encode<C> for Wei {
    fn encode<W: Write>(
        &self,
        out: &mut Encoder<W>,
        context: &mut C,
    ) -> Result<(), EncodeError<W::Error>> {
        Amount::from(*self).encode(out, context)
    }
}

impl<'b, C> Decode<'b, C> for Wei {
    fn decode(bytes: &mut Decoder<'b>, context: &mut C) -> Result<Self, DecodeError> {
        Amount::decode(bytes, context).map(|amount| Self(amount.0))
    }
}

/// Which chain (EIP-155); not 0.
#[derive(Encode, Decode, Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[cbor(transparent)]
pub struct ChainId(#[n(0)] pub u64);

/// A measure of work.
#[derive(Encode, Decode, Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[cbor(transparent)]
pub struct Gas(#[n(0)] pub u64);

/// How many transactions an account sent before one; below 2^64 - 1 (EIP-2681).
#[derive(Encode, Decode, Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[cbor(transparent)]
pub struct Nonce(#[n(0)] pub u64);
