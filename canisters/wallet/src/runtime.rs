//! The world outside, as far as the wallet needs more of it than the kit.
//!
//! - What it does: [`Outside`] is all of it: the management canister's keys and signatures ([`management`]), ledgers ([`ledger`]),
//!   the Bitcoin canister ([`mod@bitcoin`]), and chains of Ethereum's kind ([`mod@ethereum`]), a trait each.
//! - Specification: IC interface specification, `ecdsa_public_key`, `schnorr_public_key`, `sign_with_ecdsa`, `sign_with_schnorr`; ICRC-1, ICRC-3.
//! - Bounded waits for what may be repeated: public keys, questions to ledgers, and transfers with a time of creation. Signatures wait as long
//!   as they take, because they are paid.
//! - Out: answers as they came; whoever asks checks them.

mod bitcoin;
mod ethereum;
#[cfg(test)]
pub mod fake;
mod ledger;
mod management;

pub use bitcoin::{Bitcoin, BitcoinFacts, Coin, MAX_PAGES};
pub use canister_kit::calls::CallError;
pub use ethereum::{At, CALL, Charged, Ethereum, EvmReceipt, Place, RECEIPT, Sending, Silence};
pub use ledger::{LEDGER_CALL, LedgerFacts, Ledgers, LogPart};
pub use management::Keys;

use canister_kit::calls::{ask, not_answered};
use canister_kit::runtime::Runtime;

/// What the wallet needs beyond the kit's [`Runtime`].
pub trait Outside: Runtime + Keys + Ledgers + Bitcoin + Ethereum {}

impl<T: Runtime + Keys + Ledgers + Bitcoin + Ethereum> Outside for T {}
