//! Messages: what is signed.
//!
//! - Specification: Solana's documentation, "Transactions", legacy messages: a header of three bytes, then accounts, block hash and instructions, with lengths
//!   in compact-u16 (seven bits in each byte, the low ones first).
//! - Accounts stand in four groups (who signs and is changed, who signs, who is changed, the others), the payer first of all, and by address within each.
//! - In: payer, instructions, a block hash or a nonce's value. Out: bytes; and bytes read again, strictly: what reads is written with the same bytes.

use super::instruction::{Instruction, Meta};
use crate::account::solana::SolanaAddress;
use minicbor::{Decode, Encode};
use std::collections::BTreeMap;
use std::fmt;

/// The longest transaction, in bytes, its signatures included.
pub const MAX_TRANSACTION: usize = 1_232;

/// The hash of a recent block, or the value of a nonce account.
#[derive(Encode, Decode, Clone, Copy, Debug, PartialEq, Eq)]
#[cbor(transparent)]
pub struct Blockhash(
    #[n(0)]
    #[cbor(with = "minicbor::bytes")]
    pub [u8; 32],
);

impl Blockhash {
    /// Reads one in base58; nothing for every other text.
    pub fn parse(text: &str) -> Option<Self> {
        SolanaAddress::parse(text).map(|parsed| Self(*parsed.bytes()))
    }
}

impl fmt::Display for Blockhash {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        SolanaAddress::new(self.0).fmt(out)
    }
}

/// An instruction whose accounts are places in the message's list.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Compiled {
    program: u8,
    accounts: Vec<u8>,
    data: Vec<u8>,
}

/// A legacy message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    signers: u8,
    read_only_signers: u8,
    read_only: u8,
    accounts: Vec<SolanaAddress>,
    /// The block hash, or the nonce's value.
    pub recent: Blockhash,
    instructions: Vec<Compiled>,
}

impl Message {
    /// A message of some instructions, which the payer's account pays for and signs.
    ///
    /// # Panics
    /// For more than 256 accounts; the wallet's transactions have at most twelve.
    pub fn of(payer: SolanaAddress, instructions: &[Instruction], recent: Blockhash) -> Self {
        let mut rights: BTreeMap<SolanaAddress, (bool, bool)> = BTreeMap::new();
        rights.insert(payer, (true, true));
        for instruction in instructions {
            rights.entry(instruction.program).or_default();
            for account in &instruction.accounts {
                let (signer, writable) = rights.entry(account.address).or_default();
                *signer |= account.signer;
                *writable |= account.writable;
            }
        }
        let group = |address: &SolanaAddress| {
            let (signer, writable) = rights[address];
            (*address != payer, !signer, !writable)
        };
        let mut accounts: Vec<SolanaAddress> = rights.keys().copied().collect();
        accounts.sort_by_key(group);
        let count = |signer, writable| {
            let found = rights.values().filter(|it| **it == (signer, writable));
            byte(found.count())
        };
        let place = |address: &SolanaAddress| {
            let found = accounts.iter().position(|other| other == address);
            byte(found.unwrap_or(usize::MAX))
        };
        let compile = |instruction: &Instruction| Compiled {
            program: place(&instruction.program),
            accounts: instruction
                .accounts
                .iter()
                .map(|account| place(&account.address))
                .collect(),
            data: instruction.data.clone(),
        };
        Self {
            signers: count(true, true) + count(true, false),
            read_only_signers: count(true, false),
            read_only: count(false, false),
            instructions: instructions.iter().map(compile).collect(),
            recent,
            accounts,
        }
    }

    /// Its bytes.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = vec![self.signers, self.read_only_signers, self.read_only];
        length(&mut out, self.accounts.len());
        for account in &self.accounts {
            out.extend_from_slice(account.bytes());
        }
        out.extend_from_slice(&self.recent.0);
        length(&mut out, self.instructions.len());
        for instruction in &self.instructions {
            out.push(instruction.program);
            for part in [&instruction.accounts, &instruction.data] {
                length(&mut out, part.len());
                out.extend_from_slice(part);
            }
        }
        out
    }

    /// Reads a message; nothing for bytes that none is written with.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let mut rest = Reader(bytes);
        let [signers, read_only_signers, read_only] = rest.array()?;
        let count = rest.length()?;
        let accounts = (0..count).map(|_| rest.array().map(SolanaAddress::new));
        let accounts: Vec<SolanaAddress> = accounts.collect::<Option<_>>()?;
        let recent = Blockhash(rest.array()?);
        let count = rest.length()?;
        let instructions = (0..count).map(|_| {
            let [program] = rest.array()?;
            let accounts = rest.part()?;
            let data = rest.part()?;
            Some(Compiled {
                program,
                accounts,
                data,
            })
        });
        let instructions = instructions.collect::<Option<_>>()?;
        let message = Self {
            signers,
            read_only_signers,
            read_only,
            accounts,
            recent,
            instructions,
        };
        (rest.0.is_empty() && message.encode() == bytes).then_some(message)
    }

    /// Who pays.
    pub fn payer(&self) -> Option<SolanaAddress> {
        self.accounts.first().copied()
    }

    /// How many signatures it asks for.
    pub fn signers(&self) -> u8 {
        self.signers
    }

    /// Its instructions with addresses in the place of numbers; nothing where a number has no address.
    pub fn instructions(&self) -> Option<Vec<Instruction>> {
        let resolve = |compiled: &Compiled| {
            let accounts = compiled.accounts.iter().map(|place| self.account(*place));
            Some(Instruction {
                program: self.account(compiled.program)?.address,
                accounts: accounts.collect::<Option<_>>()?,
                data: compiled.data.clone(),
            })
        };
        self.instructions.iter().map(resolve).collect()
    }

    fn account(&self, place: u8) -> Option<Meta> {
        let place = usize::from(place);
        let address = *self.accounts.get(place)?;
        let (signers, all) = (usize::from(self.signers), self.accounts.len());
        let signer = place < signers;
        let writable = match signer {
            true => place + usize::from(self.read_only_signers) < signers,
            false => place + usize::from(self.read_only) < all,
        };
        Some(Meta {
            address,
            signer,
            writable,
        })
    }
}

/// A number of accounts, which the size of a transaction bounds.
fn byte(number: usize) -> u8 {
    match u8::try_from(number) {
        Ok(number) => number,
        Err(_) => panic!("a message with {number} accounts"),
    }
}

/// Writes a length as compact-u16.
pub fn length(out: &mut Vec<u8>, mut length: usize) {
    while length >= 0x80 {
        out.push((length & 0x7f) as u8 | 0x80);
        length >>= 7;
    }
    out.push(length as u8);
}

struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (found, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*found)
    }

    /// At most three bytes; no transaction is as long as two can tell.
    fn length(&mut self) -> Option<usize> {
        let mut length = 0;
        for shift in [0, 7, 14] {
            let [byte] = self.array()?;
            length |= usize::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return (length <= MAX_TRANSACTION).then_some(length);
            }
        }
        None
    }

    fn part(&mut self) -> Option<Vec<u8>> {
        let length = self.length()?;
        let (part, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(part.to_vec())
    }
}
