//! P2WPKH spends with signatures of a committee, judged by the package `bitcoin`: its hash of the transaction (BIP-143), its hash of the key, its strict
//! DER, and the C library's verification, which takes only a low s (BIP-146).

mod dealer;

use bitcoin::hashes::Hash;
use bitcoin::key::CompressedPublicKey;
use bitcoin::secp256k1::{self as judge, Message};
use bitcoin::sighash::{EcdsaSighashType, SighashCache};
use bitcoin::{
    Amount, OutPoint, ScriptBuf, Sequence, Transaction, TxIn, TxOut, Txid, Witness, absolute,
    consensus, ecdsa, transaction,
};
use chainkey_algebra::{Curve, Secp256k1};
use dealer::{Dealer, combiner};

/// A transaction with two inputs and no witness yet.
fn unsigned() -> Transaction {
    let input = |number: u8| TxIn {
        previous_output: OutPoint::new(Txid::from_byte_array([number; 32]), u32::from(number)),
        script_sig: ScriptBuf::new(),
        sequence: Sequence::ENABLE_RBF_NO_LOCKTIME,
        witness: Witness::new(),
    };
    let output = |sats: u64| TxOut {
        value: Amount::from_sat(sats),
        script_pubkey: ScriptBuf::from_bytes(vec![0x51]),
    };
    Transaction {
        version: transaction::Version::TWO,
        lock_time: absolute::LockTime::ZERO,
        input: vec![input(1), input(2)],
        output: vec![output(40_000), output(9_000)],
    }
}

fn sighash(transaction: &Transaction, spent: &TxOut, sighash_type: EcdsaSighashType) -> [u8; 32] {
    let hash = SighashCache::new(transaction).p2wpkh_signature_hash(
        1,
        &spent.script_pubkey,
        spent.value,
        sighash_type,
    );
    hash.unwrap().to_byte_array()
}

/// What a node of Bitcoin does with the second input, from the bytes of the transaction and the output that it spends (BIP-141, "P2WPKH").
fn is_spent(bytes: &[u8], spent: &TxOut) -> bool {
    let transaction: Transaction = consensus::deserialize(bytes).expect("a transaction");
    let [signature, key] = transaction.input[1].witness.to_vec().try_into().unwrap();
    let key = CompressedPublicKey::from_slice(&key).expect("a public key");
    if spent.script_pubkey != ScriptBuf::new_p2wpkh(&key.wpubkey_hash()) {
        return false;
    }
    let Ok(signature) = ecdsa::Signature::from_slice(&signature) else {
        return false;
    };
    let hash = sighash(&transaction, spent, signature.sighash_type);
    let message = Message::from_digest(hash);
    let judge = judge::Secp256k1::verification_only();
    judge
        .verify_ecdsa(&message, &signature.signature, &key.0)
        .is_ok()
}

/// Spends an output of a key that is derived from a committee's key; the bytes and what is spent.
fn spend(dealer: &mut Dealer<Secp256k1>, sighash_type: EcdsaSighashType) -> (Vec<u8>, TxOut) {
    let tweak = dealer.scalar();
    let derived = dealer.key.public_key() + Secp256k1::mul_base(&tweak);
    let key = CompressedPublicKey::from_slice(&Secp256k1::point_to_bytes(&derived)).unwrap();
    let spent = TxOut {
        value: Amount::from_sat(30_000),
        script_pubkey: ScriptBuf::new_p2wpkh(&key.wpubkey_hash()),
    };
    let mut transaction = unsigned();
    let hash = sighash(&transaction, &spent, sighash_type);
    let dealing = dealer.presignature();
    let request = dealer.request_with_tweak(hash, tweak);
    let (session, shares) = dealer.signed_with(&dealing, request);
    let signature = combiner(&session, shares).combine().unwrap().to_bytes();
    let signature = judge::ecdsa::Signature::from_compact(&signature).unwrap();
    let signature = ecdsa::Signature {
        signature,
        sighash_type,
    };
    transaction.input[1].witness = Witness::p2wpkh(&signature, &key.0);
    (consensus::serialize(&transaction), spent)
}

#[test]
fn a_committee_spends_p2wpkh_outputs() {
    let mut dealer = Dealer::<Secp256k1>::new(4, 71);
    for round in 0..16 {
        for sighash_type in [
            EcdsaSighashType::All,
            EcdsaSighashType::SinglePlusAnyoneCanPay,
        ] {
            let (bytes, spent) = spend(&mut dealer, sighash_type);
            assert!(is_spent(&bytes, &spent), "{round}: {sighash_type}");
        }
    }
}

/// Positive control: the judge refuses the same signature for another amount, another output and another key, and with the higher s.
#[test]
fn the_signature_is_for_this_transaction_and_what_it_spends() {
    let mut dealer = Dealer::<Secp256k1>::new(4, 72);
    let (bytes, spent) = spend(&mut dealer, EcdsaSighashType::All);
    assert!(is_spent(&bytes, &spent));
    let mut cheaper = spent.clone();
    cheaper.value = Amount::from_sat(29_999);
    assert!(!is_spent(&bytes, &cheaper));
    let (_, other) = spend(&mut dealer, EcdsaSighashType::All);
    assert!(!is_spent(&bytes, &other));

    let transaction: Transaction = consensus::deserialize(&bytes).unwrap();
    let mut elsewhere = transaction.clone();
    elsewhere.output[1].value = Amount::from_sat(8_999);
    assert!(!is_spent(&consensus::serialize(&elsewhere), &spent));

    let witness = &transaction.input[1].witness;
    let mut signature = ecdsa::Signature::from_slice(&witness[0]).unwrap();
    let mut compact = signature.signature.serialize_compact();
    let s = Secp256k1::scalar_from_bytes(&compact[32..]).unwrap();
    compact[32..].copy_from_slice(&Secp256k1::scalar_to_bytes(&-s));
    signature.signature = judge::ecdsa::Signature::from_compact(&compact).unwrap();
    let key = CompressedPublicKey::from_slice(&witness[1]).unwrap();
    let mut high = transaction.clone();
    high.input[1].witness = Witness::p2wpkh(&signature, &key.0);
    assert!(!is_spent(&consensus::serialize(&high), &spent));
}
