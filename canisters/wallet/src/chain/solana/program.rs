//! The programs and system accounts that transactions name.
//!
//! - Specification: Solana's documentation, "Core programs" and "Sysvars"; the Solana Program Library's token and associated token account programs.

use crate::account::solana::SolanaAddress;
use candid::CandidType;
use minicbor::{Decode, Encode};
use serde::Deserialize;

const fn address(text: &str) -> SolanaAddress {
    SolanaAddress::new(bs58::decode(text.as_bytes()).into_array_const_unwrap::<32>())
}

/// The system program; its accounts are those of people, and nonce accounts.
pub const SYSTEM: SolanaAddress = SolanaAddress::new([0; 32]);
/// The program of limits and prices of compute units.
pub const COMPUTE_BUDGET: SolanaAddress = address("ComputeBudget111111111111111111111111111111");
/// The program of associated token accounts.
pub const ASSOCIATED: SolanaAddress = address("ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL");
/// The system account of recent block hashes.
pub const RECENT_BLOCKHASHES: SolanaAddress =
    address("SysvarRecentB1ockHashes11111111111111111111");
/// The system account of rents.
pub const RENT: SolanaAddress = address("SysvarRent111111111111111111111111111111111");

const TOKEN: SolanaAddress = address("TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA");
const TOKEN_2022: SolanaAddress = address("TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb");

/// The program that keeps a token.
#[derive(
    CandidType, Deserialize, Encode, Decode, Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord,
)]
#[cbor(index_only)]
pub enum TokenProgram {
    /// The first one.
    #[n(0)]
    Token,
    /// The one with extensions.
    #[n(1)]
    Token2022,
}

impl TokenProgram {
    /// Its address.
    pub const fn address(self) -> SolanaAddress {
        match self {
            Self::Token => TOKEN,
            Self::Token2022 => TOKEN_2022,
        }
    }
}
