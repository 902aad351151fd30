//! A Solana for tests and the development network: transactions run in the real runtime (the crate `litesvm`, which is Agave's virtual machine
//! and programs without its network), slots and blocks are made here.
//!
//! - [`chain`]: accounts, slots, blockhashes, nonces, statuses. [`rpc`]: the JSON-RPC of a provider over it, as far as the SOL RPC canister
//!   and people ask for it. [`server`]: the same on the loopback interface. The program `solana-chain` is the server alone.
//! - What is real and what is ours stands in a table of docs/chains.md.

pub mod chain;
pub mod rpc;
pub mod server;
