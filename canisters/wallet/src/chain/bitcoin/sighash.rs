//! What the signatures of a transaction are made on.
//!
//! - Specification: BIP-143 for P2WPKH with SIGHASH_ALL; BIP-341, "Common signature message", for P2TR by key with SIGHASH_DEFAULT, which
//!   commits to everything too, and to the amounts and scripts of all inputs.
//! - In: an [`Unsigned`] transaction. Out: 32 bytes for each input. What all inputs share is hashed once.

use super::destination::Destination;
use super::plan::Plan;
use super::transaction::{Unsigned, write_bytes};
use super::utxo::UtxoKind;
use crate::account::path::Purpose;
use sha2::{Digest, Sha256};

/// What an ECDSA signature says at its end: it signs everything.
pub const SIGHASH_ALL: u8 = 1;

/// What one input needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ToSign {
    /// Which input, from 0.
    pub input: u32,
    /// Which key of the account signs: ECDSA for `P2wpkh`; for `P2tr` BIP-340 under the key's Taproot output key without scripts.
    pub purpose: Purpose,
    /// What is signed, as it is: nothing hashes it again.
    pub sighash: [u8; 32],
}

impl Plan {
    /// What an input needs; nothing where there is no such input.
    pub fn to_sign(&self, input: usize) -> Option<ToSign> {
        self.inputs().get(input)?;
        let unsigned = self.unsigned();
        let shared = Shared::of(&unsigned);
        self.input_to_sign(&shared, input)
    }

    /// What all inputs need, in their order.
    pub(super) fn all_to_sign(&self) -> Vec<ToSign> {
        let unsigned = self.unsigned();
        let shared = Shared::of(&unsigned);
        let places = 0..self.inputs().len();
        places
            .filter_map(|input| self.input_to_sign(&shared, input))
            .collect()
    }

    fn input_to_sign(&self, shared: &Shared<'_>, place: usize) -> Option<ToSign> {
        let coin = self.inputs().get(place)?;
        let input = u32::try_from(place).ok()?;
        Some(ToSign {
            input,
            purpose: coin.kind.purpose(),
            sighash: match coin.kind {
                UtxoKind::P2wpkh => shared.p2wpkh(input, self.keys().ecdsa_hash()),
                UtxoKind::P2tr => shared.p2tr(input),
            },
        })
    }
}

/// The hashes that all inputs of a transaction share: SHA-256 once, as BIP-341 has them.
pub struct Shared<'a> {
    unsigned: &'a Unsigned,
    outpoints: [u8; 32],
    amounts: [u8; 32],
    scripts: [u8; 32],
    sequences: [u8; 32],
    outputs: [u8; 32],
}

impl<'a> Shared<'a> {
    /// Hashes what the inputs share.
    pub fn of(unsigned: &'a Unsigned) -> Self {
        let [
            mut outpoints,
            mut amounts,
            mut scripts,
            mut sequences,
            mut outputs,
        ] = [const { Vec::new() }; 5];
        for spend in &unsigned.spends {
            spend.outpoint.write(&mut outpoints);
            amounts.extend_from_slice(&spend.value.to_le_bytes());
            write_bytes(&spend.script_pubkey, &mut scripts);
            sequences.extend_from_slice(&spend.sequence.to_le_bytes());
        }
        for paid in &unsigned.outputs {
            paid.write(&mut outputs);
        }
        Self {
            unsigned,
            outpoints: sha256(&outpoints),
            amounts: sha256(&amounts),
            scripts: sha256(&scripts),
            sequences: sha256(&sequences),
            outputs: sha256(&outputs),
        }
    }

    /// BIP-143's hash for an input that spends an output to the hash of a key.
    pub fn p2wpkh(&self, input: u32, key_hash: [u8; 20]) -> [u8; 32] {
        let spend = &self.unsigned.spends[input as usize];
        let mut message = self.unsigned.version.to_le_bytes().to_vec();
        message.extend_from_slice(&sha256(&self.outpoints));
        message.extend_from_slice(&sha256(&self.sequences));
        spend.outpoint.write(&mut message);
        // The script code of a witness program of version 0 is the script of the key's hash.
        write_bytes(&Destination::P2pkh(key_hash).script_pubkey(), &mut message);
        message.extend_from_slice(&spend.value.to_le_bytes());
        message.extend_from_slice(&spend.sequence.to_le_bytes());
        message.extend_from_slice(&sha256(&self.outputs));
        message.extend_from_slice(&self.unsigned.lock_time.to_le_bytes());
        message.extend_from_slice(&u32::from(SIGHASH_ALL).to_le_bytes());
        sha256(&sha256(&message))
    }

    /// BIP-341's hash for an input that spends a Taproot output by its key.
    pub fn p2tr(&self, input: u32) -> [u8; 32] {
        const EPOCH: u8 = 0;
        const SIGHASH_DEFAULT: u8 = 0;
        const BY_KEY_WITHOUT_ANNEX: u8 = 0;
        let tag = sha256(b"TapSighash");
        let message = Sha256::new()
            .chain_update(tag)
            .chain_update(tag)
            .chain_update([EPOCH, SIGHASH_DEFAULT])
            .chain_update(self.unsigned.version.to_le_bytes())
            .chain_update(self.unsigned.lock_time.to_le_bytes())
            .chain_update(self.outpoints)
            .chain_update(self.amounts)
            .chain_update(self.scripts)
            .chain_update(self.sequences)
            .chain_update(self.outputs)
            .chain_update([BY_KEY_WITHOUT_ANNEX])
            .chain_update(input.to_le_bytes());
        message.finalize().into()
    }
}

fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}
