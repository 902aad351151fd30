//! How the stand-in for the Bitcoin canister is installed: the types of `tests/canisters/bitcoin/bitcoin.did` that its installer needs.
//!
//! - They are written down again here, because two canisters cannot be linked into one native program: each exports `canister_init`.

use candid::CandidType;
use ic_btc_interface::Fees;
use serde::Deserialize;

/// What the stand-in must be told at installation.
#[derive(CandidType, Deserialize, Clone, Debug, PartialEq, Eq)]
pub struct InitArgs {
    /// Where the chain answers, without a slash at the end.
    pub bridge: String,
    /// What calls cost; mainnet's fees if nothing is said.
    pub fees: Option<Fees>,
}
