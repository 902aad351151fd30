//! The instructions that the wallet's transactions have.
//!
//! - Specification: the interfaces of the system program (numbers of four bytes, little endian), of the compute budget program and of the token programs
//!   (numbers of one byte), and of the associated token account program. The order of accounts is part of each.
//! - In: addresses and amounts. Out: [`Instruction`]s for a message.
//! - A nonce account is funded and allocated rather than created: the instruction that creates an account fails where somebody has sent a
//!   lamport to its address before.

use super::amount::{Lamports, UnitPrice, Units};
use super::derive::NONCE_SEED;
use super::program::{ASSOCIATED, COMPUTE_BUDGET, RECENT_BLOCKHASHES, RENT, SYSTEM, TokenProgram};
use super::state::NONCE_BYTES;
use crate::account::solana::SolanaAddress;

/// An account in an instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Meta {
    /// Which.
    pub address: SolanaAddress,
    /// Whether it signs.
    pub signer: bool,
    /// Whether it may be changed.
    pub writable: bool,
}

/// One call of a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instruction {
    /// The program.
    pub program: SolanaAddress,
    /// What it is about, in the program's order.
    pub accounts: Vec<Meta>,
    /// Which of the program's functions, and its arguments.
    pub data: Vec<u8>,
}

const fn read(address: SolanaAddress) -> Meta {
    Meta {
        address,
        signer: false,
        writable: false,
    }
}

const fn write(address: SolanaAddress) -> Meta {
    Meta {
        writable: true,
        ..read(address)
    }
}

const fn sign(meta: Meta) -> Meta {
    Meta {
        signer: true,
        ..meta
    }
}

/// A call of the system program.
fn system(function: u32, arguments: &[&[u8]], accounts: Vec<Meta>) -> Instruction {
    Instruction {
        program: SYSTEM,
        accounts,
        data: [&function.to_le_bytes()[..], &arguments.concat()].concat(),
    }
}

/// Pays lamports.
pub fn transfer(from: SolanaAddress, to: SolanaAddress, lamports: Lamports) -> Instruction {
    let accounts = vec![sign(write(from)), write(to)];
    system(2, &[&lamports.0.to_le_bytes()], accounts)
}

/// Begins a transaction that spends a nonce account's value.
pub fn advance_nonce(nonce: SolanaAddress, authority: SolanaAddress) -> Instruction {
    let accounts = vec![
        write(nonce),
        read(RECENT_BLOCKHASHES),
        sign(read(authority)),
    ];
    system(4, &[], accounts)
}

/// Gives a nonce account its first value, and the authority to whom it belongs.
pub fn initialize_nonce(nonce: SolanaAddress, authority: SolanaAddress) -> Instruction {
    let accounts = vec![write(nonce), read(RECENT_BLOCKHASHES), read(RENT)];
    system(6, &[authority.bytes()], accounts)
}

/// Gives the address of an account's nonce account the room of one.
pub fn allocate_nonce(nonce: SolanaAddress, base: SolanaAddress) -> Instruction {
    let length = (NONCE_SEED.len() as u64).to_le_bytes();
    let room = (NONCE_BYTES as u64).to_le_bytes();
    let arguments: [&[u8]; 5] = [
        base.bytes(),
        &length,
        NONCE_SEED.as_bytes(),
        &room,
        SYSTEM.bytes(),
    ];
    system(9, &arguments, vec![write(nonce), sign(read(base))])
}

/// Limits the compute units.
pub fn unit_limit(limit: Units) -> Instruction {
    Instruction {
        program: COMPUTE_BUDGET,
        accounts: Vec::new(),
        data: [&[2][..], &limit.0.to_le_bytes()].concat(),
    }
}

/// What each of them costs.
pub fn unit_price(price: UnitPrice) -> Instruction {
    Instruction {
        program: COMPUTE_BUDGET,
        accounts: Vec::new(),
        data: [&[3][..], &price.0.to_le_bytes()].concat(),
    }
}

/// A token account of an owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TokenPlace {
    /// The program.
    pub program: TokenProgram,
    /// The mint.
    pub mint: SolanaAddress,
    /// The owner.
    pub owner: SolanaAddress,
    /// The associated account.
    pub account: SolanaAddress,
}

/// Creates an owner's account of a token, unless it is there.
pub fn create_associated(payer: SolanaAddress, place: &TokenPlace) -> Instruction {
    Instruction {
        program: ASSOCIATED,
        accounts: vec![
            sign(write(payer)),
            write(place.account),
            read(place.owner),
            read(place.mint),
            read(SYSTEM),
            read(place.program.address()),
        ],
        data: vec![1],
    }
}

/// Pays tokens; the program compares the mint's decimals.
pub fn transfer_checked(
    from: &TokenPlace,
    to: SolanaAddress,
    amount: u64,
    decimals: u8,
) -> Instruction {
    Instruction {
        program: from.program.address(),
        accounts: vec![
            write(from.account),
            read(from.mint),
            write(to),
            sign(read(from.owner)),
        ],
        data: [&[12][..], &amount.to_le_bytes(), &[decimals]].concat(),
    }
}
