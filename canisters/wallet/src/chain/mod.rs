//! What the wallet knows of each chain: pure functions and plain values, without calls, clock or state.
//!
//! - Left out: when something is asked, signed or sent, which is `execute`.

pub mod bitcoin;
pub mod ethereum;
pub mod icrc;
pub mod solana;
