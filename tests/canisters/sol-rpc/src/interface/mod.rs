//! The types of the SOL RPC canister's interface, named as in `tests/canisters/sol-rpc/sol_rpc.did`, which tells what they are.
//!
//! - They are read from a provider's JSON too, once `shape` has given it the form that they have.
//! - A part of `tests/chains` as well, for tests that ask the canister.

pub mod account;
pub mod block;
pub mod error;
pub mod failure;
pub mod install;
pub mod params;
pub mod source;
pub mod transaction;
