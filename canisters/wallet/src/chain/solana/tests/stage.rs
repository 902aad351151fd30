//! Accounts as a chain would show them, and payments between them.

use crate::account::solana::SolanaAddress;
use crate::chain::solana::facts::About;
use crate::chain::solana::program::SYSTEM;
use crate::chain::solana::state::Rent;
use crate::chain::solana::*;
use ed25519_dalek::{Signer, SigningKey};

/// A person's key.
pub fn key(number: u8) -> SigningKey {
    SigningKey::from_bytes(&[number; 32])
}

/// A person's address.
pub fn person(number: u8) -> SolanaAddress {
    SolanaAddress::new(key(number).verifying_key().to_bytes())
}

/// The account that pays.
pub fn own() -> SolanaAddress {
    person(1)
}

/// Signs as the account that pays.
pub fn signed(plan: &Plan) -> Signed {
    let signature = key(1).sign(plan.message()).to_bytes();
    plan.assemble(&own(), &signature).unwrap()
}

/// An address with lamports only.
pub fn plain(lamports: u64) -> Account {
    Account {
        lamports: Lamports(lamports),
        owner: SYSTEM,
        executable: false,
        space: 0,
        data: Vec::new(),
    }
}

/// An account with data.
pub fn with_data(owner: SolanaAddress, data: Vec<u8>) -> Account {
    Account {
        lamports: Lamports(9_000_000),
        owner,
        executable: false,
        space: data.len() as u64,
        data,
    }
}

/// The rent sysvar as the chain has had it since its beginning.
pub fn rent() -> Account {
    let mut data = 3_480_u64.to_le_bytes().to_vec();
    data.extend(2.0_f64.to_le_bytes());
    data.push(50);
    with_data(SYSTEM, data)
}

/// An opened nonce account.
pub fn nonce(authority: SolanaAddress, value: [u8; 32]) -> Account {
    let mut data = [1, 0, 0, 0, 1, 0, 0, 0].to_vec();
    data.extend(authority.bytes());
    data.extend(value);
    data.extend(5_000_u64.to_le_bytes());
    with_data(SYSTEM, data)
}

/// A mint with some extensions.
pub fn mint(program: TokenProgram, decimals: u8, extensions: &[(u16, &[u8])]) -> Account {
    let mut data = vec![0; 82];
    data[44] = decimals;
    data[45] = 1;
    extend(&mut data, 1, extensions);
    with_data(program.address(), data)
}

/// A token account with some extensions.
pub fn tokens(
    program: TokenProgram,
    mint: SolanaAddress,
    owner: SolanaAddress,
    amount: u64,
    extensions: &[(u16, &[u8])],
) -> Account {
    let mut data = vec![0; 165];
    data[..32].copy_from_slice(mint.bytes());
    data[32..64].copy_from_slice(owner.bytes());
    data[64..72].copy_from_slice(&amount.to_le_bytes());
    data[108] = 1;
    extend(&mut data, 2, extensions);
    with_data(program.address(), data)
}

fn extend(data: &mut Vec<u8>, kind: u8, extensions: &[(u16, &[u8])]) {
    if extensions.is_empty() {
        return;
    }
    data.resize(165, 0);
    data.push(kind);
    for (number, value) in extensions {
        data.extend(number.to_le_bytes());
        data.extend((value.len() as u16).to_le_bytes());
        data.extend(*value);
    }
}

/// A payment of sol to person 2.
pub fn sol(lamports: u64) -> Payment {
    let what = What::Sol {
        to: person(2),
        lamports: Lamports(lamports),
    };
    payment(what, 1_000, 10_000_000)
}

/// A payment of a token to person 2; the mint is person 9's address.
pub fn token(amount: u64, program: TokenProgram) -> Payment {
    let what = What::Token {
        mint: person(9),
        program,
        to: person(2),
        amount,
        decimals: 6,
    };
    payment(what, 1_000, 10_000_000)
}

/// A payment that is right.
pub fn payment(what: What, price: u64, max_fee: u64) -> Payment {
    Payment::new(what, UnitPrice(price), Lamports(max_fee), false).unwrap()
}

/// A nonce's value.
pub const VALUE: [u8; 32] = [7; 32];

/// A chain on which everything is ready for a payment.
pub fn ready(payment: &Payment) -> Facts {
    let about = match *payment.what() {
        What::Sol { .. } => About::Sol(Some(plain(1_000_000))),
        What::Token {
            mint: address,
            program,
            to,
            decimals,
            ..
        } => About::Token {
            mint: Some(mint(program, decimals, &[])),
            from: Some(tokens(program, address, own(), 5_000, &[])),
            to: Some(tokens(program, address, to, 1, &[])),
        },
    };
    Facts {
        nonce: Some(nonce(own(), VALUE)),
        own: Some(plain(1_000_000_000)),
        rent: Rent::read(&rent()),
        about,
    }
}

/// A payment's transaction on such a chain.
pub fn paid(payment: &Payment) -> Plan {
    paying(payment, &ready(payment))
}

/// A payment's transaction.
pub fn paying(payment: &Payment, facts: &Facts) -> Plan {
    match plan(&own(), payment, facts, Lamports::ZERO).unwrap() {
        Next::Pay(plan, _) => plan,
        Next::Open(_) => panic!("the nonce account is there"),
    }
}
