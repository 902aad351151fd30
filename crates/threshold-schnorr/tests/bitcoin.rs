//! Taproot key-path spends with signatures of a committee, judged by the package `bitcoin`: its hash of the transaction (BIP-341), its tweak of the
//! internal key, its encoding of the witness, and the C library's verification under the key that stands in the spent output.

mod dealer;

use bitcoin::hashes::Hash;
use bitcoin::key::{Secp256k1, XOnlyPublicKey};
use bitcoin::secp256k1::Message;
use bitcoin::sighash::{Prevouts, SighashCache};
use bitcoin::{
    Amount, OutPoint, ScriptBuf, Sequence, TapNodeHash, TapSighashType, Transaction, TxIn, TxOut,
    Txid, Witness, absolute, consensus, taproot, transaction,
};
use chainkey_algebra::Curve;
use chainkey_threshold_schnorr::{Bip340, Scheme, TaprootRoot};
use dealer::{Dealer, combiner};

/// A transaction with two inputs, the second of which spends `spent`, and no witness yet.
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

/// What a node of Bitcoin does with the second input, from the bytes of the transaction and the outputs that it spends (BIP-341, "Script
/// validation rules": one element on the stack is a key-path spend).
fn is_spent(bytes: &[u8], spent: &[TxOut]) -> bool {
    let transaction: Transaction = consensus::deserialize(bytes).expect("a transaction");
    let script = &spent[1].script_pubkey;
    assert!(script.is_p2tr());
    let key = XOnlyPublicKey::from_slice(&script.as_bytes()[2..]).expect("an output key");
    let witness = &transaction.input[1].witness;
    assert_eq!(witness.len(), 1);
    let Ok(signature) = taproot::Signature::from_slice(&witness[0]) else {
        return false;
    };
    let hash = SighashCache::new(&transaction).taproot_key_spend_signature_hash(
        1,
        &Prevouts::All(spent),
        signature.sighash_type,
    );
    let message = Message::from_digest(hash.unwrap().to_byte_array());
    let judge = Secp256k1::verification_only();
    judge
        .verify_schnorr(&signature.signature, &message, &key)
        .is_ok()
}

/// Spends an output of a key that is derived from a committee's key, under this root of a script tree; the bytes and what is spent.
fn spend(
    dealer: &mut Dealer<Bip340>,
    root: &[u8],
    sighash_type: TapSighashType,
) -> (Vec<u8>, Vec<TxOut>) {
    let tweak = dealer.scalar();
    let derived = dealer.key.public_key() + chainkey_algebra::Secp256k1::mul_base(&tweak);
    let internal = XOnlyPublicKey::from_slice(&Bip340::key_to_bytes(&derived)).unwrap();
    let tree = (!root.is_empty()).then(|| TapNodeHash::from_slice(root).unwrap());
    let judge = Secp256k1::verification_only();
    let output = |sats: u64, script_pubkey| TxOut {
        value: Amount::from_sat(sats),
        script_pubkey,
    };
    let spent = vec![
        output(20_000, ScriptBuf::from_bytes(vec![0x51])),
        output(30_000, ScriptBuf::new_p2tr(&judge, internal, tree)),
    ];
    let mut transaction = unsigned();
    let hash = SighashCache::new(&transaction)
        .taproot_key_spend_signature_hash(1, &Prevouts::All(&spent), sighash_type)
        .unwrap();
    let mut request = dealer.request_with_tweak(hash.as_ref(), tweak);
    request.aux = Some(TaprootRoot::new(root).unwrap());
    let dealing = dealer.deal();
    let (session, shares) = dealer.signed_with(&dealing, request);
    let signature = combiner(&session, shares).combine().unwrap();
    assert_eq!(
        Bip340::key_to_bytes(session.output_key()),
        spent[1].script_pubkey.as_bytes()[2..]
    );
    transaction.input[1].witness = Witness::p2tr_key_spend(&taproot::Signature {
        signature: bitcoin::secp256k1::schnorr::Signature::from_slice(&signature).unwrap(),
        sighash_type,
    });
    (consensus::serialize(&transaction), spent)
}

#[test]
fn a_committee_spends_taproot_outputs_by_the_key_path() {
    let mut dealer = Dealer::<Bip340>::new(4, 61);
    for round in 0..8u8 {
        // Without and with a script tree; the internal key is of either parity in some round.
        for root in [&[][..], &[round + 1; 32]] {
            for sighash_type in [TapSighashType::Default, TapSighashType::All] {
                let (bytes, spent) = spend(&mut dealer, root, sighash_type);
                assert!(is_spent(&bytes, &spent), "{round}: {root:?} {sighash_type}");
            }
        }
    }
}

/// Positive control: the judge refuses the same signature for another amount, another output and another key.
#[test]
fn the_signature_is_for_this_transaction_and_what_it_spends() {
    let mut dealer = Dealer::<Bip340>::new(4, 62);
    let (bytes, spent) = spend(&mut dealer, &[], TapSighashType::Default);
    assert!(is_spent(&bytes, &spent));
    let mut cheaper = spent.clone();
    cheaper[0].value = Amount::from_sat(19_999);
    assert!(!is_spent(&bytes, &cheaper));
    let mut elsewhere: Transaction = consensus::deserialize(&bytes).unwrap();
    elsewhere.output[0].script_pubkey = ScriptBuf::from_bytes(vec![0x52]);
    assert!(!is_spent(&consensus::serialize(&elsewhere), &spent));
    let (_, others) = spend(&mut dealer, &[], TapSighashType::Default);
    assert!(!is_spent(&bytes, &others));
}
