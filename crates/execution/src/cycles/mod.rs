//! Cycles: amounts, fees and the account of a canister.

mod amount;
pub mod fees;
pub mod outcalls;

pub use amount::Cycles;
