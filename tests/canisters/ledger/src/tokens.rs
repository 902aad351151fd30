//! Amounts of the token, in its smallest unit.
//!
//! - What it does: [`Tokens`] is an amount of at most 128 bits. Callers write amounts of any size; what does not fit counts as the
//!   largest amount, which is more than [`Tokens::MOST`], the most that all accounts together may hold.
//! - Stored as 16 bytes, big-endian.

use candid::Nat;
use ic_stable_structures::storable::{Bound, Storable};
use minicbor::decode::Error as DecodeError;
use minicbor::encode::{Error as EncodeError, Write};
use minicbor::{Decode, Decoder, Encode, Encoder};
use std::borrow::Cow;

/// An amount.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Tokens(pub u128);

impl Tokens {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// The most that all accounts together may hold: 2^127 - 1.
    pub const MOST: Self = Self(u128::MAX >> 1);

    /// The sum, or the largest amount where the sum is larger.
    pub fn plus(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    /// What is left; nothing where `other` is more.
    pub fn minus(self, other: Self) -> Option<Self> {
        self.0.checked_sub(other.0).map(Self)
    }
}

impl From<&Nat> for Tokens {
    fn from(amount: &Nat) -> Self {
        Self(u128::try_from(&amount.0).unwrap_or(u128::MAX))
    }
}

impl From<Tokens> for Nat {
    fn from(amount: Tokens) -> Self {
        Self::from(amount.0)
    }
}

impl Storable for Tokens {
    const BOUND: Bound = u128::BOUND;

    fn to_bytes(&self) -> Cow<'_, [u8]> {
        Cow::Owned(self.into_bytes())
    }

    fn into_bytes(self) -> Vec<u8> {
        self.0.to_be_bytes().to_vec()
    }

    fn from_bytes(bytes: Cow<'_, [u8]>) -> Self {
        Self(u128::from_bytes(bytes))
    }
}

impl<C> Encode<C> for Tokens {
    fn encode<W: Write>(
        &self,
        out: &mut Encoder<W>,
        _: &mut C,
    ) -> Result<(), EncodeError<W::Error>> {
        out.bytes(&self.0.to_be_bytes())?.ok()
    }
}

impl<'b, C> Decode<'b, C> for Tokens {
    fn decode(from: &mut Decoder<'b>, _: &mut C) -> Result<Self, DecodeError> {
        let amount = from.bytes()?.try_into().map(u128::from_be_bytes);
        amount
            .map(Self)
            .map_err(|_| DecodeError::message("an amount is 16 bytes"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_beyond_128_bits_is_more_than_anybody_can_have() {
        let beyond = Nat::from(u128::MAX) + 1_u8;
        assert_eq!(Tokens::from(&beyond), Tokens(u128::MAX));
        assert!(Tokens::from(&beyond) > Tokens::MOST);
        assert_eq!(Tokens::from(&Nat::from(7_u8)), Tokens(7));
    }

    #[test]
    fn what_is_stored_is_read_back() {
        for amount in [Tokens::ZERO, Tokens(1), Tokens::MOST, Tokens(u128::MAX)] {
            assert_eq!(Tokens::from_bytes(amount.to_bytes()), amount);
            let bytes = minicbor::to_vec(amount).unwrap();
            assert_eq!(minicbor::decode::<Tokens>(&bytes).unwrap(), amount);
        }
    }
}
