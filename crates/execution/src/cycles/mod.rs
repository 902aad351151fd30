//! Cycles: amounts, fees and the account of a canister.

mod amount;
pub mod fees;
pub mod outcalls;
mod storage;

pub use amount::Cycles;
pub use storage::StorageUse;
