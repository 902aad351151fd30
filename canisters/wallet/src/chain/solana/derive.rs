//! Addresses that are derived from others.
//!
//! - Specification: Solana's documentation, "Program derived addresses" and `createWithSeed`; the associated token account program.
//! - What it does: SHA-256 over what an address comes from. A program derived address is the first candidate that is no point of the curve, with a bump
//!   from 255 downwards as the last seed.

use super::program::{ASSOCIATED, SYSTEM, TokenProgram};
use crate::account::solana::SolanaAddress;
use sha2::{Digest, Sha256};

/// The seed of an account's nonce account, at most 32 bytes.
pub const NONCE_SEED: &str = "chain-key wallet nonce 0";

/// Stands at the end of what a program derived address is hashed from.
const MARKER: &[u8] = b"ProgramDerivedAddress";

/// The address that an account, a seed and the program that will own it have; whoever signs for the account controls it.
pub fn with_seed(base: &SolanaAddress, seed: &str, owner: &SolanaAddress) -> SolanaAddress {
    hash(&[base.bytes(), seed.as_bytes(), owner.bytes()])
}

/// The nonce account of an account.
pub fn nonce_account(own: &SolanaAddress) -> SolanaAddress {
    with_seed(own, NONCE_SEED, &SYSTEM)
}

/// The account in which an owner keeps a token.
///
/// # Panics
/// If no bump gives an address, which nobody will ever see: each does in about half of all cases.
pub fn associated(
    owner: &SolanaAddress,
    program: TokenProgram,
    mint: &SolanaAddress,
) -> SolanaAddress {
    let program = program.address();
    let seeds: [&[u8]; 3] = [owner.bytes(), program.bytes(), mint.bytes()];
    match program_derived(&seeds, &ASSOCIATED) {
        Some(address) => address,
        None => panic!("no bump gives an address"),
    }
}

/// The first candidate that is no point of the curve.
fn program_derived(seeds: &[&[u8]], program: &SolanaAddress) -> Option<SolanaAddress> {
    let candidate = |bump: u8| program_address(&[seeds, &[&[bump]]].concat(), program);
    (1..=u8::MAX).rev().find_map(candidate)
}

/// The address of exactly these seeds, unless it is a point of the curve.
pub fn program_address(seeds: &[&[u8]], program: &SolanaAddress) -> Option<SolanaAddress> {
    let address = hash(&[seeds, &[program.bytes(), MARKER]].concat());
    (!address.is_on_curve()).then_some(address)
}

fn hash(parts: &[&[u8]]) -> SolanaAddress {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part);
    }
    SolanaAddress::new(hash.finalize().into())
}
