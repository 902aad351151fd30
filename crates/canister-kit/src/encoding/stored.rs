//! How whole values are written as CBOR, and how stable memory keeps them so.
//!
//! - What it does: [`to_cbor`] and [`from_cbor`]; [`crate::stored!`] makes them the stored form of a type.
//! - The caller stores only values whose encoders do not fail: those that minicbor derives do not, where their fields' do not.
//! - Bytes that do not decode are a bug of this code or of an earlier version of it. They end the message, which changes
//!   nothing: a value that stood in for them would be kept in their place.

use minicbor::{Decode, Encode};
use std::any::type_name;

/// The CBOR of a value.
///
/// # Panics
/// If an encoder fails; no stored type has one that does.
pub fn to_cbor<T: Encode<()> + ?Sized>(value: &T) -> Vec<u8> {
    match minicbor::to_vec(value) {
        Ok(bytes) => bytes,
        // A vector takes every write, so only an encoder that fails by itself leads here.
        Err(error) => panic!("{} does not encode: {error}", type_name::<T>()),
    }
}

/// The value that stable memory holds as CBOR; `what` names it, as in "a wallet".
///
/// # Panics
/// If the bytes do not decode.
pub fn from_cbor<'b, T: Decode<'b, ()>>(bytes: &'b [u8], what: &str) -> T {
    match minicbor::decode(bytes) {
        Ok(value) => value,
        Err(error) => panic!("{what} in stable memory does not decode: {error}"),
    }
}

/// Lets stable memory keep a type as its CBOR, without a bound. The type encodes and decodes; the text names it where
/// stored bytes do not decode.
///
/// ```
/// use ic_stable_structures::{StableCell, VectorMemory};
/// use minicbor::{Decode, Encode};
///
/// #[derive(Encode, Decode, Default)]
/// #[cbor(map)]
/// struct Tally {
///     #[n(0)]
///     votes: u64,
/// }
/// canister_kit::stored!(Tally, "a tally");
///
/// let memory = VectorMemory::default();
/// StableCell::init(memory.clone(), Tally::default()).set(Tally { votes: 7 });
/// let reopened = StableCell::init(memory, Tally::default());
/// assert_eq!(reopened.get().votes, 7);
/// ```
#[macro_export]
macro_rules! stored {
    ($stored:ty, $what:literal) => {
        impl $crate::stable::Storable for $stored {
            const BOUND: $crate::stable::Bound = $crate::stable::Bound::Unbounded;

            fn to_bytes(&self) -> ::std::borrow::Cow<'_, [u8]> {
                ::std::borrow::Cow::Owned($crate::encoding::to_cbor(self))
            }

            fn into_bytes(self) -> ::std::vec::Vec<u8> {
                $crate::encoding::to_cbor(&self)
            }

            fn from_bytes(bytes: ::std::borrow::Cow<'_, [u8]>) -> Self {
                $crate::encoding::from_cbor(&bytes, $what)
            }
        }
    };
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encoding::Cycles;
    use ic_stable_structures::Storable;
    use std::borrow::Cow;

    #[derive(Encode, Decode, Clone, Debug, PartialEq)]
    #[cbor(map)]
    struct Tally {
        #[n(0)]
        spent: Cycles,
        #[n(1)]
        votes: Option<u64>,
    }
    stored!(Tally, "a tally");

    #[test]
    fn a_type_is_stored_as_its_cbor_and_read_again() {
        let tally = Tally {
            spent: Cycles(9),
            votes: Some(7),
        };
        let bytes = minicbor::to_vec(&tally).unwrap();
        assert_eq!(to_cbor(&tally), bytes);
        assert_eq!(tally.to_bytes(), bytes);
        assert_eq!(tally.clone().into_bytes(), bytes);
        assert_eq!(Tally::from_bytes(Cow::Borrowed(&bytes)), tally);
    }

    #[test]
    #[should_panic(expected = "a tally in stable memory does not decode")]
    fn what_does_not_decode_is_named_and_never_guessed() {
        Tally::from_bytes(Cow::Borrowed(&[0xa1, 0x01, 0x07]));
    }
}
