//! Another reader of transactions, for comparison and for the fake chain: written from the documentation of the wire format, and sharing nothing with
//! the one that writes them. It takes what it understands, and panics otherwise.

use std::io::{Cursor, Read};

/// An instruction as it stands in a transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// The program's address.
    pub program: [u8; 32],
    /// Addresses of accounts.
    pub accounts: Vec<[u8; 32]>,
    /// Arguments.
    pub data: Vec<u8>,
}

/// A transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wire {
    /// Signatures.
    pub signatures: Vec<[u8; 64]>,
    /// What they sign.
    pub message: Vec<u8>,
    /// Addresses whose signature it takes.
    pub signers: Vec<[u8; 32]>,
    /// Addresses that may be changed.
    pub writable: Vec<[u8; 32]>,
    /// All addresses.
    pub accounts: Vec<[u8; 32]>,
    /// Hash or nonce.
    pub recent: [u8; 32],
    /// What it does.
    pub calls: Vec<Call>,
}

fn bytes<const N: usize>(from: &mut Cursor<&[u8]>) -> [u8; N] {
    let mut taken = [0; N];
    from.read_exact(&mut taken).unwrap();
    taken
}

fn count(from: &mut Cursor<&[u8]>) -> usize {
    let (mut value, mut weight) = (0, 1);
    loop {
        let [next] = bytes(from);
        value += usize::from(next % 128) * weight;
        if next < 128 {
            return value;
        }
        weight *= 128;
    }
}

fn some(from: &mut Cursor<&[u8]>) -> Vec<u8> {
    let length = count(from);
    (0..length).map(|_| bytes::<1>(from)[0]).collect()
}

/// Reads a transaction.
pub fn transaction(raw: &[u8]) -> Wire {
    let mut from = Cursor::new(raw);
    let signatures: Vec<[u8; 64]> = (0..count(&mut from)).map(|_| bytes(&mut from)).collect();
    let message = raw[from.position() as usize..].to_vec();
    let [signing, signing_fixed, fixed] = bytes(&mut from).map(usize::from);
    let accounts: Vec<[u8; 32]> = (0..count(&mut from)).map(|_| bytes(&mut from)).collect();
    let recent = bytes(&mut from);
    let calls = (0..count(&mut from)).map(|_| {
        let [program] = bytes(&mut from);
        Call {
            program: accounts[usize::from(program)],
            accounts: some(&mut from)
                .into_iter()
                .map(|place| accounts[usize::from(place)])
                .collect(),
            data: some(&mut from),
        }
    });
    let calls = calls.collect();
    assert_eq!(from.position() as usize, raw.len(), "bytes are left");
    assert_eq!(signatures.len(), signing);
    let (signers, others) = accounts.split_at(signing);
    let writable = [
        &signers[..signing - signing_fixed],
        &others[..others.len() - fixed],
    ];
    Wire {
        signers: signers.to_vec(),
        writable: writable.concat(),
        signatures,
        message,
        recent,
        calls,
        accounts,
    }
}
