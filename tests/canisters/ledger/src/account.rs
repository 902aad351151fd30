//! Accounts: as callers write them, and as the ledger tells them apart.
//!
//! - What it does: [`Account`] keeps what the caller wrote, because blocks and deduplication do; [`Account::key`] is the same for an
//!   account without a subaccount and one whose subaccount is all zeros.
//! - Specification: ICRC-1, "account"; ICRC-3, "Account Type".
//! - Stored as CBOR: an array of the owner's bytes and, where it was given, the subaccount's 32 bytes.

use candid::{CandidType, Principal};
use minicbor::decode::Error as DecodeError;
use minicbor::encode::{Error as EncodeError, Write};
use minicbor::{Decode, Decoder, Encode, Encoder};
use serde::Deserialize;

/// The second half of an account's name.
pub type Subaccount = [u8; 32];

/// What tells accounts apart; 61 bytes at most in stable memory.
pub type AccountKey = (Principal, Subaccount);

/// An account as a caller writes it.
#[derive(CandidType, Deserialize, Clone, Copy, Debug, PartialEq, Eq)]
pub struct Account {
    /// Whose it is.
    pub owner: Principal,
    /// Which of the owner's; without one, the default account.
    pub subaccount: Option<Subaccount>,
}

impl Account {
    /// What tells this account from others.
    pub fn key(&self) -> AccountKey {
        (self.owner, self.subaccount.unwrap_or_default())
    }
}

impl From<Principal> for Account {
    fn from(owner: Principal) -> Self {
        Self {
            owner,
            subaccount: None,
        }
    }
}

impl<C> Encode<C> for Account {
    fn encode<W: Write>(
        &self,
        out: &mut Encoder<W>,
        _: &mut C,
    ) -> Result<(), EncodeError<W::Error>> {
        match &self.subaccount {
            None => out.array(1)?.bytes(self.owner.as_slice())?.ok(),
            Some(subaccount) => {
                let out = out.array(2)?.bytes(self.owner.as_slice())?;
                out.bytes(subaccount)?.ok()
            }
        }
    }
}

impl<'b, C> Decode<'b, C> for Account {
    fn decode(from: &mut Decoder<'b>, _: &mut C) -> Result<Self, DecodeError> {
        let length = from.array()?;
        let owner = Principal::try_from_slice(from.bytes()?)
            .map_err(|_| DecodeError::message("a principal of more than 29 bytes"))?;
        let subaccount = match length {
            Some(1) => None,
            Some(2) => Some(
                from.bytes()?
                    .try_into()
                    .map_err(|_| DecodeError::message("a subaccount is 32 bytes"))?,
            ),
            _ => {
                return Err(DecodeError::message(
                    "an account is one or two byte strings",
                ));
            }
        };
        Ok(Self { owner, subaccount })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use candid::{decode_one, encode_one};
    use serde_bytes::ByteBuf;

    fn with(subaccount: Option<Subaccount>) -> Account {
        Account {
            owner: Principal::from_slice(&[1, 2]),
            subaccount,
        }
    }

    #[test]
    fn the_default_account_has_two_writings_and_one_key() {
        assert_eq!(with(None).key(), with(Some([0; 32])).key());
        assert_ne!(with(None), with(Some([0; 32])));
        assert_ne!(with(None).key(), with(Some([1; 32])).key());
    }

    #[test]
    fn what_is_stored_is_read_back_as_it_was_written() {
        for account in [with(None), with(Some([0; 32])), with(Some([7; 32]))] {
            let bytes = minicbor::to_vec(account).unwrap();
            assert_eq!(minicbor::decode::<Account>(&bytes).unwrap(), account);
        }
        assert_eq!(minicbor::to_vec(with(None)).unwrap(), [0x81, 0x42, 1, 2]);
        assert!(minicbor::decode::<Account>(&[0x82, 0x42, 1, 2, 0x41, 9]).is_err());
    }

    #[test]
    fn refuses_a_subaccount_of_another_length_instead_of_dropping_it() {
        #[derive(CandidType)]
        struct Loose {
            owner: Principal,
            subaccount: Option<ByteBuf>,
        }
        let bytes = |length: usize| {
            let account = Loose {
                owner: Principal::from_slice(&[1, 2]),
                subaccount: Some(ByteBuf::from(vec![3; length])),
            };
            encode_one(account).unwrap()
        };
        assert_eq!(
            decode_one::<Account>(&bytes(32)).unwrap(),
            with(Some([3; 32]))
        );
        for length in [0, 31, 33] {
            assert!(decode_one::<Account>(&bytes(length)).is_err(), "{length}");
        }
    }
}
