//! Chains for tests and for the development network, made of real parts: nothing here imitates a rule that the real software can apply.
//!
//! - [`bitcoin`]: a regtest Bitcoin on the consensus code of Bitcoin Core, in process.
//! - [`ethereum`]: an EVM, Foundry's anvil, in a process beside the tests.
//! - [`solana`]: a Solana on Agave's runtime, the program of `tests/solana`, in a process beside the tests.
//! - [`outcalls`]: how tests answer the outcalls of canisters from them.
//! - None of it belongs to a product: canisters know only the interfaces of the mainnet canisters.

pub mod bitcoin;
pub mod ethereum;
pub mod outcalls;
pub mod rpc;
pub mod solana;
