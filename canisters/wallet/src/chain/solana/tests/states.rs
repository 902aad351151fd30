//! What accounts say, as published and as token-2022 extends it.

use super::stage::*;
use crate::chain::solana::program::SYSTEM;
use crate::chain::solana::state::Rent;
use crate::chain::solana::*;
use serde::Deserialize;

#[derive(Deserialize)]
struct NonceAccount {
    data: String,
    authority: String,
    value: String,
}

#[derive(Deserialize)]
struct Least {
    bytes: u64,
    lamports: u64,
}

#[derive(Deserialize)]
struct Rents {
    cases: Vec<Least>,
}

#[derive(Deserialize)]
struct Published {
    nonce_account: NonceAccount,
    rents: Rents,
}

fn published() -> Published {
    let text = include_str!("../../../../tests/vectors/solana.json");
    serde_json::from_str(text).unwrap()
}

const BOTH: [TokenProgram; 2] = [TokenProgram::Token, TokenProgram::Token2022];

#[test]
fn a_nonce_account_of_the_chain_reads() {
    let case = published().nonce_account;
    let data = bs58::decode(&case.data).into_vec().unwrap();
    let account = with_data(SYSTEM, data);
    let state = NonceState::read(&account).unwrap();
    assert_eq!(state.authority.to_string(), case.authority);
    assert_eq!(state.value.to_string(), case.value);
}

#[test]
fn what_is_no_opened_nonce_account_does_not_read() {
    let good = nonce(own(), VALUE);
    assert!(NonceState::read(&good).is_some());
    let spoilt = |spoil: &dyn Fn(&mut Account)| {
        let mut account = good.clone();
        spoil(&mut account);
        assert_eq!(NonceState::read(&account), None);
    };
    // The legacy version, one that is not opened, another owner, another size.
    spoilt(&|account| account.data[0] = 0);
    spoilt(&|account| account.data[4] = 0);
    spoilt(&|account| account.owner = TokenProgram::Token.address());
    spoilt(&|account| account.data.push(0));
    spoilt(&|account| account.data.truncate(79));
    spoilt(&|account| account.data.clear());
}

#[test]
fn rents_are_those_of_the_chain() {
    let rents = Rent::read(&rent()).unwrap();
    for case in published().rents.cases {
        assert_eq!(rents.least(case.bytes), Lamports(case.lamports));
    }
    let mut odd = rent();
    odd.data[8..16].copy_from_slice(&f64::NAN.to_le_bytes());
    assert!(Rent::read(&odd).is_none());
    odd.data.truncate(12);
    assert!(Rent::read(&odd).is_none());
}

#[test]
fn a_mint_reads_only_under_its_own_program() {
    for program in BOTH {
        let read = Mint::read(&mint(program, 9, &[]), program).unwrap();
        assert_eq!((read.decimals, read.obstacle), (9, None));
    }
    let [token, token_2022] = BOTH;
    assert_eq!(Mint::read(&mint(token, 9, &[]), token_2022), None);
    let mut unready = mint(token, 9, &[]);
    unready.data[45] = 0;
    assert_eq!(Mint::read(&unready, token), None);
    // A token account is none, in either program.
    for program in BOTH {
        let account = tokens(program, person(9), own(), 1, &[(7, &[])]);
        assert_eq!(Mint::read(&account, program), None);
    }
}

fn extended(extensions: &[(u16, &[u8])]) -> Mint {
    let program = TokenProgram::Token2022;
    Mint::read(&mint(program, 6, extensions), program).unwrap()
}

#[test]
fn accounts_of_a_token_grow_with_the_extensions_of_its_mint() {
    // The sizes that token-2022 gives to associated accounts: 165, one for the kind, and the extensions.
    assert_eq!(extended(&[]).account_bytes, 170);
    assert_eq!(extended(&[(1, &[0; 108])]).account_bytes, 182);
    assert_eq!(extended(&[(14, &[0; 64])]).account_bytes, 175);
    assert_eq!(extended(&[(26, &[0; 33])]).account_bytes, 174);
    assert_eq!(
        extended(&[(18, &[0; 64]), (19, &[5; 300])]).account_bytes,
        170
    );
}

#[test]
fn a_mint_with_which_a_plain_transfer_fails_is_told() {
    let hook = [[0; 32], [3; 32]].concat();
    for extension in [(14, &hook[..]), (9, &[]), (77, &[1, 2])] {
        assert!(extended(&[(18, &[0; 64]), extension]).obstacle.is_some());
    }
    assert!(!extended(&[(6, &[1])]).freezes_new);
    assert!(extended(&[(6, &[2])]).freezes_new);
    let mut cut = mint(TokenProgram::Token2022, 6, &[(19, &[5; 300])]);
    cut.space += 1;
    let read = Mint::read(&cut, TokenProgram::Token2022).unwrap();
    assert!(read.obstacle.is_some());
    let mut broken = mint(TokenProgram::Token2022, 6, &[(19, &[5; 300])]);
    broken.data.truncate(400);
    broken.space = 400;
    assert_eq!(Mint::read(&broken, TokenProgram::Token2022), None);
}

#[test]
fn a_token_account_reads_with_its_state() {
    for program in BOTH {
        let account = tokens(program, person(9), own(), 77, &[]);
        let read = TokenAccount::read(&account, program).unwrap();
        assert_eq!((read.mint, read.owner, read.amount), (person(9), own(), 77));
        assert!(!read.frozen && !read.asks_for_memo);
        let mut frozen = account.clone();
        frozen.data[108] = 2;
        assert!(TokenAccount::read(&frozen, program).unwrap().frozen);
        let mut new = account;
        new.data[108] = 0;
        assert_eq!(TokenAccount::read(&new, program), None);
    }
    let program = TokenProgram::Token2022;
    for (asks, expected) in [(0, false), (1, true)] {
        let account = tokens(program, person(9), own(), 77, &[(7, &[]), (8, &[asks])]);
        let read = TokenAccount::read(&account, program).unwrap();
        assert_eq!(read.asks_for_memo, expected);
    }
    let unlike = mint(program, 6, &[(18, &[0; 64])]);
    assert_eq!(TokenAccount::read(&unlike, program), None);
}
