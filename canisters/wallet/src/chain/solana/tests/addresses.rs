//! Derived addresses and messages as others publish them.

use super::stage::{key, person};
use super::wire;
use crate::account::solana::SolanaAddress;
use crate::chain::solana::derive::{program_address, with_seed};
use crate::chain::solana::instruction::transfer;
use crate::chain::solana::message::length;
use crate::chain::solana::program::{ASSOCIATED, COMPUTE_BUDGET, RECENT_BLOCKHASHES, RENT, SYSTEM};
use crate::chain::solana::*;
use ed25519_dalek::Signer;
use serde::Deserialize;

#[derive(Deserialize)]
struct ByProgram {
    program: String,
    seeds: Vec<Vec<u8>>,
    address: String,
}

#[derive(Deserialize)]
struct BySeed {
    base: String,
    seed: String,
    owner: String,
    address: String,
}

#[derive(Deserialize)]
struct Associated {
    mint: String,
    owner: String,
    address: String,
}

#[derive(Deserialize)]
struct Transfer {
    secret: u8,
    to: String,
    lamports: u64,
    recent: String,
    transaction: String,
}

#[derive(Deserialize)]
struct Lengths {
    length: usize,
    bytes: Vec<u8>,
}

#[derive(Deserialize)]
struct Cases<T> {
    cases: Vec<T>,
}

#[derive(Deserialize)]
struct Published {
    program_derived: Cases<ByProgram>,
    with_seed: Cases<BySeed>,
    associated: Cases<Associated>,
    transfer: Cases<Transfer>,
    lengths: Cases<Lengths>,
    programs: std::collections::BTreeMap<String, String>,
}

fn published() -> Published {
    let text = include_str!("../../../../tests/vectors/solana.json");
    serde_json::from_str(text).unwrap()
}

fn address(text: &str) -> SolanaAddress {
    SolanaAddress::parse(text).unwrap()
}

#[test]
fn program_derived_addresses_are_those_of_the_sdks() {
    for case in published().program_derived.cases {
        let seeds: Vec<&[u8]> = case.seeds.iter().map(Vec::as_slice).collect();
        let derived = program_address(&seeds, &address(&case.program)).unwrap();
        assert_eq!(derived.to_string(), case.address);
        assert!(!derived.is_on_curve());
    }
}

#[test]
fn addresses_with_a_seed_are_those_of_the_sdks() {
    for case in published().with_seed.cases {
        let derived = with_seed(&address(&case.base), &case.seed, &address(&case.owner));
        assert_eq!(derived.to_string(), case.address);
    }
}

#[test]
fn associated_token_accounts_are_those_of_the_library() {
    for case in published().associated.cases {
        let (owner, mint) = (address(&case.owner), address(&case.mint));
        let derived = associated(&owner, TokenProgram::Token, &mint);
        assert_eq!(derived.to_string(), case.address);
        assert!(owner.is_on_curve() && !derived.is_on_curve());
        assert_ne!(derived, associated(&owner, TokenProgram::Token2022, &mint));
    }
}

#[test]
fn programs_have_their_published_addresses() {
    let ours = [
        ("system", SYSTEM),
        ("compute_budget", COMPUTE_BUDGET),
        ("associated", ASSOCIATED),
        ("recent_blockhashes", RECENT_BLOCKHASHES),
        ("rent", RENT),
        ("token", TokenProgram::Token.address()),
        ("token_2022", TokenProgram::Token2022.address()),
    ];
    let ours = ours.map(|(name, address)| (name.to_owned(), address.to_string()));
    assert_eq!(published().programs, ours.into());
}

#[test]
fn a_signed_transfer_has_the_bytes_that_others_give_it() {
    for case in published().transfer.cases {
        let own = person(case.secret);
        let act = transfer(own, address(&case.to), Lamports(case.lamports));
        let recent = Blockhash::parse(&case.recent).unwrap();
        assert_eq!(recent.to_string(), case.recent);
        let message = Message::of(own, &[act], recent).encode();
        let signature = key(case.secret).sign(&message).to_bytes();
        let bytes = [&[1][..], &signature, &message].concat();
        let expected = data_encoding::BASE64.decode(case.transaction.as_bytes());
        assert_eq!(bytes, expected.unwrap());
        let read = wire::transaction(&bytes);
        assert_eq!(read.signers, [*own.bytes()]);
    }
}

#[test]
fn lengths_are_written_in_seven_bits_a_byte() {
    for case in published().lengths.cases {
        let mut out = Vec::new();
        length(&mut out, case.length);
        assert_eq!(out, case.bytes, "{}", case.length);
    }
}
