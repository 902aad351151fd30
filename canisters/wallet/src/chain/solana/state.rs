//! What accounts say: nonces, mints, token accounts, rents.
//!
//! - Specification: the layouts of the system program's nonce accounts (80 bytes), of the token program's mints (82 bytes) and accounts (165 bytes), of
//!   token-2022's extensions behind them (a type and a length of two bytes each, from byte 166 on), and of the rent sysvar (17 bytes). All numbers
//!   are little endian.
//! - In: an account as the chain tells it. Out: what it says, or nothing where it says something else.

use super::amount::Lamports;
use super::facts::Account;
use super::message::Blockhash;
use super::program::{SYSTEM, TokenProgram};
use crate::account::solana::SolanaAddress;

/// The size of a nonce account.
pub const NONCE_BYTES: usize = 80;

/// The size of a token account without extensions.
const TOKEN_BYTES: usize = 165;

/// The end of a mint without extensions.
const MINT_BYTES: usize = 82;

/// Where extensions begin.
const EXTENSIONS: usize = TOKEN_BYTES + 1;

/// The bytes of an account's record that count for its rent beside its data.
const RECORD: u64 = 128;

fn part<const N: usize>(data: &[u8], from: usize) -> Option<[u8; N]> {
    data.get(from..)?.first_chunk().copied()
}

fn address(data: &[u8], from: usize) -> Option<SolanaAddress> {
    part(data, from).map(SolanaAddress::new)
}

fn number(data: &[u8], from: usize) -> Option<u64> {
    part(data, from).map(u64::from_le_bytes)
}

/// An opened nonce account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NonceState {
    /// Who may spend its value.
    pub authority: SolanaAddress,
    /// Its value.
    pub value: Blockhash,
}

impl NonceState {
    /// Reads one of the present version.
    pub fn read(account: &Account) -> Option<Self> {
        let data = &account.data;
        let versions = (part(data, 0)?, part(data, 4)?);
        let opened = versions == (1_u32.to_le_bytes(), 1_u32.to_le_bytes());
        let ours = account.owner == SYSTEM && data.len() == NONCE_BYTES;
        (ours && opened).then_some(())?;
        Some(Self {
            authority: address(data, 8)?,
            value: Blockhash(part(data, 40)?),
        })
    }
}

/// What an account must have at least.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rent {
    per_byte: u64,
    factor: f64,
}

impl Rent {
    /// Reads the rent sysvar.
    pub fn read(account: &Account) -> Option<Self> {
        let rent = Self {
            per_byte: number(&account.data, 0)?,
            factor: part(&account.data, 8).map(f64::from_le_bytes)?,
        };
        (0.0..1_000.0).contains(&rent.factor).then_some(rent)
    }

    /// The least of an account with so many bytes: the same arithmetic as the chain's, in floating point.
    pub fn least(&self, bytes: u64) -> Lamports {
        let counted = RECORD.saturating_add(bytes).saturating_mul(self.per_byte);
        Lamports((counted as f64 * self.factor) as u64)
    }
}

/// A mint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mint {
    /// How many decimals its amounts have.
    pub decimals: u8,
    /// The size of a token account of an associated address.
    pub account_bytes: u64,
    /// Why its tokens cannot be sent by a plain transfer, if they cannot.
    pub obstacle: Option<String>,
    /// Whether new accounts are frozen.
    pub freezes_new: bool,
}

impl Mint {
    /// Reads a mint of a program.
    pub fn read(account: &Account, program: TokenProgram) -> Option<Self> {
        let data = &account.data;
        let ready = account.owner == program.address() && data.get(45) == Some(&1);
        ready.then_some(())?;
        let mut mint = Self {
            decimals: *data.get(44)?,
            account_bytes: TOKEN_BYTES as u64,
            obstacle: None,
            freezes_new: false,
        };
        if program == TokenProgram::Token {
            return (data.len() == MINT_BYTES).then_some(mint);
        }
        // Associated accounts always have the extension that fixes their owner.
        mint.account_bytes = EXTENSIONS as u64 + 4;
        if data.len() != MINT_BYTES {
            (data.get(TOKEN_BYTES) == Some(&1)).then_some(())?;
            if account.space != data.len() as u64 {
                mint.obstacle = Some("it is too long to be read".to_owned());
                return Some(mint);
            }
            for (kind, value) in extensions(data)? {
                mint.extend(kind, value);
            }
        }
        Some(mint)
    }

    /// Takes an extension in: what accounts grow by, and whether plain transfers still do.
    fn extend(&mut self, kind: u16, value: &[u8]) {
        let grows = match kind {
            // A fee that is withheld from what arrives.
            1 => 4 + 8,
            // A program that every transfer calls, with accounts of its own.
            14 => {
                if value.get(32..64) != Some(&[0; 32]) {
                    self.obstacle = Some("its transfers call another program".to_owned());
                }
                4 + 1
            }
            9 => {
                self.obstacle = Some("they cannot be transferred".to_owned());
                4
            }
            26 => 4,
            6 => {
                self.freezes_new = value.first() == Some(&2);
                0
            }
            // Close authority, confidential transfers and their fees, interest, permanent delegate, metadata, groups, confidential minting, scaled amounts:
            // nothing that a plain transfer minds.
            3 | 4 | 10 | 12 | 16 | 18..=25 => 0,
            other => {
                self.obstacle = Some(format!("its extension {other} is not known"));
                0
            }
        };
        self.account_bytes += grows;
    }
}

/// A token account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TokenAccount {
    /// Which token.
    pub mint: SolanaAddress,
    /// Whose.
    pub owner: SolanaAddress,
    /// How much, in the smallest unit.
    pub amount: u64,
    /// Whether nothing may move.
    pub frozen: bool,
    /// Whether it takes nothing without a memo.
    pub asks_for_memo: bool,
}

impl TokenAccount {
    /// Reads an account of a program.
    pub fn read(account: &Account, program: TokenProgram) -> Option<Self> {
        let data = &account.data;
        (account.owner == program.address()).then_some(())?;
        let state = *data.get(108)?;
        matches!(state, 1 | 2).then_some(())?;
        let asks_for_memo = match data.len() {
            TOKEN_BYTES => false,
            _ => {
                (data.get(TOKEN_BYTES) == Some(&2)).then_some(())?;
                let mut all = extensions(data)?.into_iter();
                all.any(|(kind, value)| kind == 8 && value.first() == Some(&1))
            }
        };
        Some(Self {
            mint: address(data, 0)?,
            owner: address(data, 32)?,
            amount: number(data, 64)?,
            frozen: state == 2,
            asks_for_memo,
        })
    }
}

/// The extensions behind a mint or an account; nothing where they do not read.
fn extensions(data: &[u8]) -> Option<Vec<(u16, &[u8])>> {
    let mut rest = data.get(EXTENSIONS..)?;
    let mut found = Vec::new();
    // Fewer bytes than a type and a length, or type 0, are room that is not used.
    while let Some((head, behind)) = rest.split_first_chunk::<4>() {
        let [kind, length] = [[head[0], head[1]], [head[2], head[3]]].map(u16::from_le_bytes);
        if kind == 0 {
            break;
        }
        let (value, behind) = behind.split_at_checked(usize::from(length))?;
        found.push((kind, value));
        rest = behind;
    }
    Some(found)
}
