//! What callers ask, in the records of the standards.
//!
//! - Specification: ICRC-1, `icrc1_transfer`; ICRC-2, `icrc2_approve`, `icrc2_transfer_from`, `icrc2_allowance`. Times are
//!   nanoseconds since 1970, amounts are in the smallest unit of the token.
//! - These are raw: nothing is checked but that a subaccount has 32 bytes.

use crate::account::{Account, Subaccount};
use candid::{CandidType, Nat};
use serde::Deserialize;
use serde_bytes::ByteBuf;

/// What `icrc1_transfer` is asked.
#[derive(CandidType, Deserialize, Clone, Debug, PartialEq, Eq)]
pub struct TransferArgs {
    /// Which of the caller's accounts pays.
    pub from_subaccount: Option<Subaccount>,
    /// Who receives.
    pub to: Account,
    /// How much the receiver gets.
    pub amount: Nat,
    /// The fee that the caller expects.
    pub fee: Option<Nat>,
    /// Whatever the caller likes, at most 80 bytes.
    pub memo: Option<ByteBuf>,
    /// When the caller made the transaction; with it, duplicates are refused.
    pub created_at_time: Option<u64>,
}

/// What `icrc2_transfer_from` is asked.
#[derive(CandidType, Deserialize, Clone, Debug, PartialEq, Eq)]
pub struct TransferFromArgs {
    /// Which of the caller's accounts is the spender.
    pub spender_subaccount: Option<Subaccount>,
    /// Who pays.
    pub from: Account,
    /// Who receives.
    pub to: Account,
    /// How much the receiver gets.
    pub amount: Nat,
    /// The fee that the caller expects.
    pub fee: Option<Nat>,
    /// Whatever the caller likes, at most 80 bytes.
    pub memo: Option<ByteBuf>,
    /// When the caller made the transaction; with it, duplicates are refused.
    pub created_at_time: Option<u64>,
}

/// What `icrc2_approve` is asked.
#[derive(CandidType, Deserialize, Clone, Debug, PartialEq, Eq)]
pub struct ApproveArgs {
    /// Which of the caller's accounts may be spent from.
    pub from_subaccount: Option<Subaccount>,
    /// Who may spend.
    pub spender: Account,
    /// How much, fees included. More than 2^128 - 1 counts as that.
    pub amount: Nat,
    /// The allowance that the caller believes to replace.
    pub expected_allowance: Option<Nat>,
    /// When the approval ends.
    pub expires_at: Option<u64>,
    /// The fee that the caller expects.
    pub fee: Option<Nat>,
    /// Whatever the caller likes, at most 80 bytes.
    pub memo: Option<ByteBuf>,
    /// When the caller made the transaction; with it, duplicates are refused.
    pub created_at_time: Option<u64>,
}

/// What `icrc2_allowance` is asked.
#[derive(CandidType, Deserialize, Clone, Debug, PartialEq, Eq)]
pub struct AllowanceArgs {
    /// Who pays.
    pub account: Account,
    /// Who may spend.
    pub spender: Account,
}

/// What `icrc2_allowance` answers.
#[derive(CandidType, Deserialize, Clone, Debug, PartialEq, Eq)]
pub struct Allowance {
    /// How much may still be spent, fees included.
    pub allowance: Nat,
    /// Until when.
    pub expires_at: Option<u64>,
}

/// A standard that the ledger keeps.
#[derive(CandidType, Deserialize, Clone, Debug, PartialEq, Eq)]
pub struct Standard {
    /// Its name.
    pub name: String,
    /// Where it stands.
    pub url: String,
}

/// A value of `icrc1_metadata`.
#[derive(CandidType, Deserialize, Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)] // The standard's names and meanings.
pub enum Metadatum {
    Nat(Nat),
    Int(candid::Int),
    Text(String),
    Blob(ByteBuf),
}
