//! Calls of tokens.
//!
//! - Specification: ERC-20; Solidity's contract ABI.
//! - In: who gets how much, or whose balance. Out: the data of a transaction or a question to the token's contract, and what it answers.

use super::interface::erc20::{balanceOfCall, transferCall};
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

/// `balanceOf(account)`: 36 bytes.
pub fn balance_of(account: EvmAddress) -> Vec<u8> {
    let account = Address::from(*account.bytes());
    balanceOfCall { account }.abi_encode()
}

/// What `balanceOf` answers: 32 bytes, big endian; the largest amount where it is more. Nothing for any other number of bytes.
pub fn balance(answer: &[u8]) -> Option<Amount> {
    let word: [u8; 32] = answer.try_into().ok()?;
    Some(Amount(U256::from_be_bytes(word).saturating_to()))
}
