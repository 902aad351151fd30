//! Solana payments as pure functions: from a payment and what the chain tells to a signed transaction.
//!
//! - The way of a payment: [`Payment::new`], [`Payment::accounts`] are asked of the chain, [`Facts::read`], [`plan`], perhaps [`opening`] first,
//!   [`Plan::check_payment`] or [`Plan::check_opening`], somebody signs [`Plan::message`], [`Plan::assemble`], somebody broadcasts.
//! - Every payment spends the value of a nonce account instead of a recent block hash, so it neither expires nor can be made twice. The account's
//!   first transaction opens that nonce account, and is the only one with a block hash.
//! - Specification: Solana's documentation ("Transactions", "Durable nonces", "Program derived addresses") and the interfaces of the system, compute
//!   budget, token, token-2022 and associated token account programs.
//! - In: one account's address, a payment, accounts as the chain shows them. Out: values with numbered fields for stable memory.
//! - Security: everything here is public. What is signed is checked twice: by how it is made, and by reading its bytes again (`check`).
//! - Left out: calls, storage; messages of version 0, which only address lookup tables need.

mod amount;
mod assemble;
mod check;
mod derive;
mod error;
mod facts;
mod instruction;
mod message;
mod payment;
mod plan;
mod program;
mod state;
#[cfg(test)]
pub mod tests;

pub use amount::{Lamports, UnitPrice};
pub use assemble::{Signed, TransactionId};
pub use derive::{associated, nonce_account};
pub use error::PaymentError;
#[cfg(test)]
pub use error::{Mismatch, PlanError};
pub use facts::{Account, Facts};
pub use message::Blockhash;
#[cfg(test)]
pub use message::Message;
pub use payment::{Payment, What};
pub use plan::{Next, Plan, opening, plan};
pub use program::TokenProgram;
pub use state::{Mint, NonceState, TokenAccount};
