//! Calls of tokens.
//!
//! - Specification: ERC-20; Solidity's contract ABI.
//! - In: who gets how much. Out: the data of a transaction to the token's contract.

use super::interface::erc20::transferCall;
use crate::account::ethereum::EvmAddress;
use crate::asset::Amount;
use alloy_primitives::{Address, U256};
use alloy_sol_types::SolCall;

/// `transfer(to, amount)`: 68 bytes.
pub fn transfer(to: EvmAddress, amount: Amount) -> Vec<u8> {
    let to = Address::from(*to.bytes());
    let amount = U256::from(amount.0);
    transferCall { to, amount }.abi_encode()
}
