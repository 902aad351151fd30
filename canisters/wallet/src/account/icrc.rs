//! Accounts on ledgers with ICRC-1.
//!
//! - Specification: ICRC-1, "Textual encoding of ICRC-1 accounts".
//! - The owner is the canister. The subaccount is 17 zero bytes and the path of 15 bytes (`path`), which begins with 1: so it is never the
//!   default subaccount, and no two wallets or indices share one.
//! - In: the canister's id, wallet id, index. Out: the account, and as text.

use super::path::{self, AccountIndex, PATH_BYTES};
use crate::wallet::WalletId;
use candid::{CandidType, Principal};
use data_encoding::{BASE32_NOPAD, HEXLOWER};
use serde::Deserialize;

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
