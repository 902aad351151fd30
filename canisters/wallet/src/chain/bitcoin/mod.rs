//! Bitcoin payments as pure functions: from destinations and coins to a signed transaction.
//!
//! - The way of a payment: [`Destination::parse`], [`Payment::new`], [`plan`], [`Plan::check_against`], [`Plan::to_sign`], somebody signs,
//!   [`Plan::assemble`], somebody broadcasts; later perhaps [`Plan::bump`], which gives a plan to replace the first one with.
//! - Specification: BIP-141, 143 and 144 (P2WPKH, transactions with witnesses), BIP-340 and 341 (P2TR by key), BIP-69 (order), BIP-125
//!   (replacement); Bitcoin Core's rules on dust and on relaying.
//! - In: the keys of one account (a wallet and an index), its coins, a payment. Out: values with numbered fields for stable memory.
//! - The encodings are our own and few: one kind of transaction, two kinds of inputs. The package `bitcoin` would need a C compiler for
//!   Wasm on every machine that builds the canister; the tests compare with it, and with Bitcoin Core's own check of scripts.
//! - Security: everything here is public. What is signed is checked twice: by how it is made, and by [`Plan::check_against`].
//! - Left out: which coins are confirmed or reserved, storage, calls; script paths and other kinds of inputs.

mod amount;
mod assemble;
mod changeless;
mod check;
mod destination;
mod error;
mod keys;
mod payment;
mod plan;
mod replace;
mod select;
mod sighash;
mod size;
#[cfg(test)]
mod tests;
mod transaction;
mod utxo;

pub use amount::{FeeRate, Satoshi};
pub use assemble::SignedTransaction;
pub use destination::Destination;
pub use error::PaymentError;
#[cfg(test)]
pub use error::{BumpError, DestinationError, Mismatch, PlanError, SignatureError};
pub use keys::AccountKeys;
#[cfg(test)]
pub use payment::MAX_OUTPUTS;
pub use payment::{Output, Payment};
pub use plan::{Plan, plan};
pub use replace::Bump;
#[cfg(test)]
pub use select::MAX_INPUTS;
#[cfg(test)]
pub use sighash::ToSign;
#[cfg(test)]
pub use size::VirtualBytes;
pub use transaction::{OutPoint, Txid};
pub use utxo::{Utxo, UtxoKind};
