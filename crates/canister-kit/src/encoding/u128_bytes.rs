//! Amounts as CBOR byte strings of 16 bytes, big-endian: `#[cbor(with = "canister_kit::encoding::u128_bytes")]`.
//!
//! - In and out: every `u128` has one encoding; decoding refuses every other length or kind.
//!
//! ```
//! use minicbor::{Decode, Encode};
//!
//! #[derive(Encode, Decode)]
//! #[cbor(transparent)]
//! struct Satoshi(#[cbor(n(0), with = "canister_kit::encoding::u128_bytes")] u128);
//!
//! let bytes = canister_kit::encoding::to_cbor(&Satoshi(1));
//! assert_eq!((bytes.len(), bytes[0]), (17, 0x50));
//! ```

use minicbor::decode::{Decoder, Error as DecodeError};
use minicbor::encode::{Encoder, Error as EncodeError, Write};

/// Writes an amount.
///
/// # Errors
/// Those of the writer.
pub fn encode<C, W: Write>(
    amount: &u128,
    out: &mut Encoder<W>,
    _: &mut C,
) -> Result<(), EncodeError<W::Error>> {
    out.bytes(&amount.to_be_bytes())?.ok()
}

/// Reads an amount.
///
/// # Errors
/// Anything but a byte string of 16 bytes.
pub fn decode<C>(bytes: &mut Decoder<'_>, _: &mut C) -> Result<u128, DecodeError> {
    let amount = bytes.bytes()?.try_into().map(u128::from_be_bytes);
    amount.map_err(|_| DecodeError::message("an amount is 16 bytes"))
}
