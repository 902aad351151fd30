//! The stand-in for the SOL RPC canister on a Solana of Agave's runtime, and the wallet that pays there.
//!
//! The chain's own tests are those of the package `tests/solana`.

#[path = "solana/owner.rs"]
mod owner;
#[path = "solana/standin.rs"]
mod standin;
#[path = "solana/wallet.rs"]
mod wallet;
