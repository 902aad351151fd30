//! One subnet's replicated state and the execution of its canisters on wasmtime.
//!
//! Pure and deterministic: time, seed and messages come in as arguments; the same inputs give the same state. The subnet's
//! keys are reached through one trait, [`chain_keys::ChainKeys`]; no share or secret is ever here.

pub mod canister;
pub mod chain_keys;
pub mod cycles;
pub mod entry;
pub mod error;
pub mod ids;
pub mod management;
pub mod memory;
pub mod message;
pub mod queue;
pub mod round;
pub mod sandbox;
pub mod state_tree;
pub mod subnet;
mod system_api;
pub mod wasm;
