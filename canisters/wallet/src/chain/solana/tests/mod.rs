//! Tests of Solana payments: published vectors, what holds for all of them, each refusal, and forged transactions.

mod addresses;
mod forged;
mod payments;
mod properties;
pub mod stage;
mod states;
pub mod wire;
