//! Accounts on ledgers with ICRC-1.
//!
//! - Specification: ICRC-1, "Textual encoding of ICRC-1 accounts".
//! - The owner is the canister. The subaccount is 17 zero bytes and the path of 15 bytes (`path`), which begins with 1: so it is never the
//!   default subaccount, and no two wallets or indices share one.
//! - In: the canister's id, wallet id, index; or an account as text. Out: the account, and as text.

use super::path::{self, AccountIndex, PATH_BYTES};
use crate::wallet::WalletId;
use candid::{CandidType, Principal};
use canister_kit::encoding::Identity;
use data_encoding::{BASE32_NOPAD, HEXLOWER};
use minicbor::{Decode, Encode};
use serde::Deserialize;
use std::fmt;

/// Zero bytes in front of the path.
const ZEROS: usize = 32 - PATH_BYTES;

/// An account, and as text.
#[derive(CandidType, Deserialize, Clone, Debug, PartialEq, Eq)]
pub struct IcrcAccount {
    /// The canister.
    pub owner: Principal,
    /// 32 bytes.
    #[serde(with = "serde_bytes")]
    pub subaccount: [u8; 32],
    /// The textual encoding.
    pub text: String,
}

impl IcrcAccount {
    /// The account of a wallet of this canister.
    pub fn of(canister: Principal, wallet: WalletId, index: AccountIndex) -> Self {
        let mut subaccount = [0; 32];
        subaccount[ZEROS..].copy_from_slice(&path::element(path::ICRC, wallet, index));
        Self {
            owner: canister,
            subaccount,
            text: text(canister, &subaccount),
        }
    }
}

/// Anybody's account.
#[derive(Encode, Decode, Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct IcrcDestination {
    /// Whose.
    #[n(0)]
    pub owner: Identity,
    /// Which of the owner's; 32 zero bytes for the default one.
    #[n(1)]
    #[cbor(with = "minicbor::bytes")]
    pub subaccount: [u8; 32],
}

impl IcrcDestination {
    /// Reads the textual encoding. Nothing for every other text, a wrong checksum included.
    pub fn parse(written: &str) -> Option<Self> {
        let (front, digits) = written.split_once('.').unwrap_or((written, ""));
        let owner = match digits.is_empty() {
            true => front,
            false => front.rsplit_once('-')?.0,
        };
        let digits = format!("{digits:0>64}");
        let account = Self {
            owner: Identity(Principal::from_text(owner).ok()?),
            subaccount: HEXLOWER.decode(digits.as_bytes()).ok()?.try_into().ok()?,
        };
        // An account has one text; the checksum is part of it.
        (account.to_string() == written).then_some(account)
    }
}

impl fmt::Display for IcrcDestination {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&text(self.owner.0, &self.subaccount))
    }
}

/// The owner, and unless the subaccount is the default one, a checksum and the subaccount without its leading zeros.
pub(super) fn text(owner: Principal, subaccount: &[u8; 32]) -> String {
    if subaccount == &[0; 32] {
        return owner.to_text();
    }
    let mut checksum = crc32fast::Hasher::new();
    checksum.update(owner.as_slice());
    checksum.update(subaccount);
    let checksum = BASE32_NOPAD.encode(&checksum.finalize().to_be_bytes());
    let digits = HEXLOWER.encode(subaccount);
    let digits = digits.trim_start_matches('0');
    format!("{owner}-{}.{digits}", checksum.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// ICRC-1, "Textual encoding of ICRC-1 accounts", examples.
    const OWNER: &str = "k2t6j-2nvnp-4zjm3-25dtz-6xhaa-c7boj-5gayf-oj3xs-i43lp-teztq-6ae";
    const DEFAULT: &str = OWNER;
    const OTHER: &str = "k2t6j-2nvnp-4zjm3-25dtz-6xhaa-c7boj-5gayf-oj3xs-i43lp-teztq-6ae-dfxgiyy.102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20";

    #[test]
    fn accounts_are_read_as_the_standard_writes_them() {
        let default = IcrcDestination::parse(DEFAULT).unwrap();
        assert_eq!(default.subaccount, [0; 32]);
        assert_eq!(default.owner.0.to_text(), OWNER);
        let other = IcrcDestination::parse(OTHER).unwrap();
        let counting: Vec<u8> = (1..=32).collect();
        assert_eq!(other.subaccount.as_slice(), counting);
        assert_eq!(other.to_string(), OTHER);
    }

    #[test]
    fn a_text_that_the_standard_does_not_write_is_refused() {
        let wrong = [
            OTHER.replace("dfxgiyy", "dfxgiyz"),
            OTHER.replace(".1020", ".01020"),
            OTHER.replace("1e1f20", "1E1F20"),
            OTHER.replace("-dfxgiyy", ""),
            format!("{DEFAULT}."),
            format!("{DEFAULT}-aaaaaaa.0"),
            format!("{OTHER}00"),
            DEFAULT[1..].to_owned(),
            String::new(),
        ];
        for text in wrong {
            assert_eq!(IcrcDestination::parse(&text), None, "{text}");
        }
    }
}
