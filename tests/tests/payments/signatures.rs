//! Raw signatures: each kind verified by another library, only with the highest requirement, and worth nothing for what the wallet holds.

use crate::scene::{ANN, BOB};
use bitcoin::hashes::Hash as _;
use bitcoin::sighash::{EcdsaSighashType, SighashCache};
use bitcoin::{
    Amount, OutPoint, ScriptBuf, Sequence, Transaction, TxIn, TxOut, Txid, Witness, absolute,
    transaction,
};
use chainkey_tests::wallet::interface::{
    Intent, IntentError, KeyKind, Policy, PublicKeys, Stage, Standing, WalletError, needs,
};
use chainkey_tests::wallet::{WalletCanister, element, person};
use chainkey_tests::world::{World, local_args};
use key_path::{Path, Scheme, derive};

fn raw(key: KeyKind, index: u32, message: &[u8]) -> Intent {
    Intent::RawSign {
        key,
        index,
        message: message.to_vec(),
    }
}

/// A wallet of Ann and Bob that needs both for everything.
fn install(world: &World) -> (WalletCanister<'_>, PublicKeys) {
    let wallet = WalletCanister::install(world, &local_args()).unwrap();
    let (ann, bob) = (person(ANN), person(BOB));
    let policy = Policy::without_rules(needs(2, 0));
    wallet.create(ann, b"0", &[ann, bob], policy).unwrap();
    let keys = wallet.prepare_keys(ann).unwrap();
    (wallet, keys)
}

/// Both want it.
fn sign(wallet: WalletCanister<'_>, id: u8, wish: &Intent) -> Vec<u8> {
    let (ann, bob) = (person(ANN), person(BOB));
    let proposed = wallet.propose(ann, &[id], 1, wish).unwrap();
    let needs = Standing::NeedsApprovals {
        given: 1,
        quorum: 2,
    };
    assert_eq!(proposed.stage, Stage::Open(needs.clone()));
    let alone = wallet.execute(ann, &[id, 1], proposed.id);
    assert_eq!(alone, Err(WalletError::NotReady(needs)));
    wallet.approve(bob, proposed.id).unwrap();
    let signed = wallet.execute(ann, &[id, 2], proposed.id).unwrap();
    let again = wallet.execute(ann, &[id, 2], proposed.id).unwrap();
    assert_eq!(again, signed);
    match signed.stage {
        Stage::Signed { signature } => signature,
        other => panic!("{other:?}, {:?}", signed.setback),
    }
}

fn verify_ecdsa(key: &[u8], hash: [u8; 32], signature: &[u8]) -> Result<(), secp256k1::Error> {
    let key = secp256k1::PublicKey::from_slice(key)?;
    let mut signature = secp256k1::ecdsa::Signature::from_compact(signature)?;
    // The C library takes the lower of the two values of s only.
    signature.normalize_s();
    secp256k1::ecdsa::verify(&signature, secp256k1::Message::from_digest(hash), &key)
}

#[test]
fn a_raw_signature_of_each_kind_verifies_under_the_keys_that_the_wallet_tells() {
    let world = World::new().unwrap();
    let (wallet, _) = install(&world);
    let ann = person(ANN);
    let hash = [0x5a; 32];
    let ecdsa = sign(wallet, 1, &raw(KeyKind::Ecdsa, 0, &hash));
    let keys = wallet.raw_keys(ann, 1, 0).unwrap();
    verify_ecdsa(&keys.ecdsa, hash, &ecdsa).unwrap();
    verify_ecdsa(&keys.ecdsa, [0x5b; 32], &ecdsa).unwrap_err();

    let bip340 = sign(wallet, 2, &raw(KeyKind::Bip340, 7, &hash));
    let other = wallet.raw_keys(ann, 1, 7).unwrap();
    let x_only = |key: &[u8]| {
        secp256k1::XOnlyPublicKey::from_byte_array(key[1..].try_into().unwrap()).unwrap()
    };
    let signature = secp256k1::schnorr::Signature::from_byte_array(bip340.try_into().unwrap());
    secp256k1::schnorr::verify(&signature, &hash, &x_only(&other.bip340)).unwrap();
    secp256k1::schnorr::verify(&signature, &hash, &x_only(&keys.bip340)).unwrap_err();

    let message = b"a message of any length up to 4096 bytes";
    let ed25519 = sign(wallet, 3, &raw(KeyKind::Ed25519, 0, message));
    let key = keys.ed25519[..].try_into().unwrap();
    let key = ed25519_dalek::VerifyingKey::from_bytes(&key).unwrap();
    let signature = ed25519_dalek::Signature::from_slice(&ed25519).unwrap();
    key.verify_strict(message, &signature).unwrap();
    key.verify_strict(&message[1..], &signature).unwrap_err();

    for (key, bytes) in [
        (KeyKind::Ecdsa, 31),
        (KeyKind::Bip340, 33),
        (KeyKind::Ed25519, 4_097),
    ] {
        let wish = raw(key.clone(), 0, &vec![1; bytes]);
        let refused = wallet.propose(ann, b"9", 1, &wish);
        let bytes = bytes as u64;
        let reason = IntentError::MessageLength { key, bytes };
        assert_eq!(refused, Err(WalletError::Intent(reason)));
    }
}

/// The wallet's key for a purpose, derived offline from what it told.
fn key_of(keys: &PublicKeys, scheme: Scheme, chain: u8, purpose: u8) -> Vec<u8> {
    let root = match scheme {
        Scheme::EcdsaSecp256k1 | Scheme::EcdsaSecp256r1 => &keys.ecdsa,
        Scheme::Bip340Secp256k1 => &keys.bip340,
        Scheme::Ed25519 => &keys.ed25519,
    };
    let path = Path::below([element(1, chain, purpose, 0)]).unwrap();
    let code = root.chain_code.as_slice().try_into().unwrap();
    derive(scheme, &root.public_key, code, &path)
        .unwrap()
        .public_key
}

#[test]
fn a_raw_signature_over_a_transaction_spends_nothing_of_the_wallet() {
    let world = World::new().unwrap();
    let (wallet, keys) = install(&world);
    let ann = person(ANN);
    let holds = key_of(&keys, Scheme::EcdsaSecp256k1, 1, 1);
    let program = bitcoin::CompressedPublicKey::from_slice(&holds).unwrap();
    let address = bitcoin::Address::p2wpkh(&program, bitcoin::KnownHrp::Regtest);
    let shown = wallet.addresses(ann, 1, 0).unwrap().p2wpkh;
    assert_eq!(shown, address.to_string());

    // A spend of an output at that address: whoever signs its hash with the address's key owns the coin.
    let value = Amount::from_sat(100_000);
    let spend = Transaction {
        version: transaction::Version::TWO,
        lock_time: absolute::LockTime::ZERO,
        input: vec![TxIn {
            previous_output: OutPoint::new(Txid::from_byte_array([7; 32]), 0),
            script_sig: ScriptBuf::new(),
            sequence: Sequence::MAX,
            witness: Witness::new(),
        }],
        output: vec![TxOut {
            value: Amount::from_sat(99_000),
            script_pubkey: ScriptBuf::new_p2wpkh(&bitcoin::WPubkeyHash::from_byte_array([9; 20])),
        }],
    };
    let script = address.script_pubkey();
    let hash = SighashCache::new(&spend)
        .p2wpkh_signature_hash(0, &script, value, EcdsaSighashType::All)
        .unwrap()
        .to_byte_array();
    let signature = sign(wallet, 1, &raw(KeyKind::Ecdsa, 0, &hash));
    let raw_keys = wallet.raw_keys(ann, 1, 0).unwrap();
    verify_ecdsa(&raw_keys.ecdsa, hash, &signature).unwrap();
    verify_ecdsa(&holds, hash, &signature).unwrap_err();

    // No key that signs anything is one that holds something.
    let holding = [
        holds,
        key_of(&keys, Scheme::Bip340Secp256k1, 1, 2),
        key_of(&keys, Scheme::EcdsaSecp256k1, 2, 1),
        key_of(&keys, Scheme::Ed25519, 3, 1),
    ];
    for key in [raw_keys.ecdsa, raw_keys.bip340, raw_keys.ed25519] {
        assert!(!holding.contains(&key));
    }
}
