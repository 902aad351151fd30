//! Ethereum and its like: transactions, messages, and what both of them spend.
//!
//! - What it does: a [`transaction::RawTransaction`] is checked, becomes a [`transaction::Transaction`] with a [`hash::SigningHash`], and with the
//!   answer of the management canister a [`signature::Signature`] and a [`transaction::SignedTransaction`]; [`message`] (EIP-191) and [`typed_data`]
//!   (EIP-712) give signing hashes of what is no transaction; [`decode`] tells a policy what a call or typed data spends.
//! - Libraries: alloy's for RLP, the contract ABI and Solidity's declarations. Not alloy-consensus, which doubles the compilation for one list
//!   of nine fields. Not alloy-dyn-abi, which hashes more than its reader sees: it takes the domain's type from the domain's members instead of
//!   the declared type, leaves members out that no type names, and unfolds types exponentially; it is what the tests compare with.
//! - Left out: legacy transactions, access lists, blobs, the creation of contracts, names (ENS).

pub mod decode;
pub mod erc20;
pub mod error;
pub mod gas;
pub mod hash;
mod interface;
pub mod market;
pub mod message;
pub mod network;
pub mod quantity;
pub mod replacement;
mod rlp;
pub mod signature;
pub mod transaction;
pub mod typed_data;

#[cfg(test)]
mod tests;
