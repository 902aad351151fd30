//! What is signed, and how it is written, as BIP-143 and BIP-341 publish it.

use crate::chain::bitcoin::sighash::Shared;
use crate::chain::bitcoin::transaction::{Paid, Spend, Unsigned};
use crate::chain::bitcoin::{OutPoint, Txid};
use bitcoin::Transaction;
use bitcoin::consensus::deserialize;
use bitcoin::hashes::Hash;
use data_encoding::HEXLOWER;
use serde::Deserialize;

#[derive(Deserialize)]
struct Spent {
    script: String,
    satoshi: u64,
}

#[derive(Deserialize)]
struct Bip143 {
    unsigned: String,
    spent: Vec<Spent>,
    input: u32,
    key: String,
    sighash: String,
    signature: String,
}

#[derive(Deserialize)]
struct ByKey {
    input: u32,
    sighash: String,
    signature: String,
}

#[derive(Deserialize)]
struct ByHash {
    input: u32,
    key: String,
    signature: String,
}

#[derive(Deserialize)]
struct Bip341 {
    unsigned: String,
    spent: Vec<Spent>,
    signed: String,
    by_key: ByKey,
    p2wpkh: ByHash,
}

#[derive(Deserialize)]
struct Published {
    bip143: Bip143,
    bip341: Bip341,
}

fn published() -> Published {
    let text = include_str!("../../../../tests/vectors/bitcoin_transactions.json");
    serde_json::from_str(text).unwrap()
}

fn bytes(hex: &str) -> Vec<u8> {
    HEXLOWER.decode(hex.as_bytes()).unwrap()
}

fn unsigned(hex: &str, spent: &[Spent]) -> Unsigned {
    let read: Transaction = deserialize(&bytes(hex)).unwrap();
    let spends = read.input.iter().zip(spent).map(|(input, spent)| Spend {
        outpoint: OutPoint {
            txid: Txid(input.previous_output.txid.to_byte_array()),
            vout: input.previous_output.vout,
        },
        value: spent.satoshi,
        script_pubkey: bytes(&spent.script),
        sequence: input.sequence.0,
    });
    let outputs = read.output.iter().map(|output| Paid {
        value: output.value.to_sat(),
        script_pubkey: output.script_pubkey.to_bytes(),
    });
    let unsigned = Unsigned {
        version: read.version.0 as u32,
        spends: spends.collect(),
        outputs: outputs.collect(),
        lock_time: read.lock_time.to_consensus_u32(),
    };
    assert_eq!(unsigned.txid().0, read.compute_txid().to_byte_array());
    unsigned
}

/// The hash that a P2WPKH output's script has.
fn hash_in(script: &str) -> [u8; 20] {
    bytes(script)[2..].try_into().unwrap()
}

fn verifies(key: &str, sighash: [u8; 32], der_and_all: &str) -> bool {
    use bitcoin::secp256k1::{Message, PublicKey, Secp256k1};
    let curve = Secp256k1::verification_only();
    let signature = bitcoin::ecdsa::Signature::from_slice(&bytes(der_and_all)).unwrap();
    let key = PublicKey::from_slice(&bytes(key)).unwrap();
    let message = Message::from_digest(sighash);
    curve
        .verify_ecdsa(&message, &signature.signature, &key)
        .is_ok()
}

#[test]
fn the_hash_of_a_p2wpkh_input_is_that_of_bip_143() {
    let case = published().bip143;
    let unsigned = unsigned(&case.unsigned, &case.spent);
    let hash = hash_in(&case.spent[case.input as usize].script);
    let sighash = Shared::of(&unsigned).p2wpkh(case.input, hash);
    assert_eq!(HEXLOWER.encode(&sighash), case.sighash);
    assert!(verifies(&case.key, sighash, &case.signature));
}

#[test]
fn the_hash_of_an_input_by_taproot_key_is_that_of_bip_341() {
    let case = published().bip341;
    let unsigned = unsigned(&case.unsigned, &case.spent);
    let sighash = Shared::of(&unsigned).p2tr(case.by_key.input);
    assert_eq!(HEXLOWER.encode(&sighash), case.by_key.sighash);
}

#[test]
fn the_p2wpkh_input_beside_bip_341s_taproot_inputs_verifies() {
    let case = published().bip341;
    let unsigned = unsigned(&case.unsigned, &case.spent);
    let ByHash {
        input,
        key,
        signature,
    } = case.p2wpkh;
    let hash = hash_in(&case.spent[input as usize].script);
    let sighash = Shared::of(&unsigned).p2wpkh(input, hash);
    assert!(verifies(&key, sighash, &signature));
}

#[test]
fn witnesses_stand_where_bip_144_puts_them() {
    let case = published().bip341;
    let signed: Transaction = deserialize(&bytes(&case.signed)).unwrap();
    let witnesses: Vec<Vec<Vec<u8>>> = signed.input.iter().map(|it| it.witness.to_vec()).collect();
    assert_eq!(
        witnesses[case.by_key.input as usize],
        [bytes(&case.by_key.signature)]
    );
    let ours = unsigned(&case.unsigned, &case.spent).signed(&witnesses);
    // One of the inputs is older than witnesses and has a script, which ours never have.
    let mut without_script = signed;
    for input in &mut without_script.input {
        input.script_sig = bitcoin::ScriptBuf::new();
    }
    assert_eq!(ours, bitcoin::consensus::serialize(&without_script));
}
