//! An account whose secret keys the test knows: it signs plans, and has others judge the result.
//!
//! - Keys and signatures are those of libsecp256k1; transactions are read by the package `bitcoin`; scripts are run by Bitcoin Core.

use crate::chain::bitcoin::*;
use bitcoin::consensus::deserialize;
use bitcoin::key::{Keypair, Secp256k1, TapTweak};
use bitcoin::secp256k1::{All, Message, SecretKey};
use bitcoin::{Address, CompressedPublicKey, KnownHrp, Transaction};
use k256::ecdsa;
use std::sync::LazyLock;

static CURVE: LazyLock<Secp256k1<All>> = LazyLock::new(Secp256k1::new);

/// An account.
pub struct Owner {
    ecdsa: SecretKey,
    internal: Keypair,
    pub keys: AccountKeys,
}

impl Owner {
    /// The account with these numbers for secret keys.
    pub fn new(seed: u8) -> Self {
        let ecdsa = SecretKey::from_slice(&[seed; 32]).unwrap();
        let internal = Keypair::from_seckey_slice(&CURVE, &[seed + 1; 32]).unwrap();
        let first = ecdsa.public_key(&CURVE).serialize();
        let second = internal.public_key().serialize();
        let keys = AccountKeys::new(&first, &second).unwrap();
        Self {
            ecdsa,
            internal,
            keys,
        }
    }

    /// Its addresses on mainnet, by the package `bitcoin`.
    pub fn addresses(&self) -> [String; 2] {
        let key = CompressedPublicKey(self.ecdsa.public_key(&CURVE));
        let internal = self.internal.x_only_public_key().0;
        let p2wpkh = Address::p2wpkh(&key, KnownHrp::Mainnet);
        let p2tr = Address::p2tr(&CURVE, internal, None, KnownHrp::Mainnet);
        [p2wpkh.to_string(), p2tr.to_string()]
    }

    /// The signatures of a plan as the management canister would give them; every other ECDSA signature with a large `s`.
    pub fn sign(&self, plan: &Plan) -> Vec<Vec<u8>> {
        let sign = |it: &ToSign| match it.purpose {
            crate::account::path::Purpose::P2wpkh => self.ecdsa(it),
            _ => self.schnorr(it),
        };
        plan.all_to_sign().iter().map(sign).collect()
    }

    fn ecdsa(&self, it: &ToSign) -> Vec<u8> {
        let message = Message::from_digest(it.sighash);
        let small = CURVE.sign_ecdsa(&message, &self.ecdsa).serialize_compact();
        let signature = ecdsa::Signature::from_slice(&small).unwrap();
        let (r, s) = signature.split_scalars();
        let large = ecdsa::Signature::from_scalars(r, -s).unwrap();
        match it.input % 2 {
            0 => small.to_vec(),
            _ => large.to_bytes().to_vec(),
        }
    }

    fn schnorr(&self, it: &ToSign) -> Vec<u8> {
        let message = Message::from_digest(it.sighash);
        let tweaked = self.internal.tap_tweak(&CURVE, None).to_keypair();
        let signature = CURVE.sign_schnorr_no_aux_rand(&message, &tweaked);
        signature.serialize().to_vec()
    }

    /// Signs a plan and has the transaction judged.
    pub fn signed(&self, plan: &Plan) -> (SignedTransaction, Transaction) {
        let signed = plan.assemble(&self.sign(plan)).unwrap();
        let read = judge(plan, &signed);
        (signed, read)
    }
}

/// A coin; `number` tells it from others.
pub fn coin(number: u32, value: u64, kind: UtxoKind) -> Utxo {
    let mut txid = [0x5a; 32];
    txid[..4].copy_from_slice(&number.wrapping_mul(0x9e37_79b1).to_be_bytes());
    txid[28..].copy_from_slice(&number.wrapping_mul(0x85eb_ca6b).to_be_bytes());
    Utxo {
        outpoint: OutPoint {
            txid: Txid(txid),
            vout: number % 5,
        },
        value: Satoshi(value),
        kind,
    }
}

/// Coins of alternating kinds.
pub fn coins(values: &[u64]) -> Vec<Utxo> {
    let kinds = [UtxoKind::P2wpkh, UtxoKind::P2tr].into_iter().cycle();
    let numbered = (1..).zip(values).zip(kinds);
    numbered
        .map(|((number, value), kind)| coin(number, *value, kind))
        .collect()
}

/// An output to somebody else.
pub fn output(value: u64) -> Output {
    Output {
        to: Destination::P2wpkh([7; 20]),
        value: Satoshi(value),
    }
}

/// A payment of one output.
pub fn payment(value: u64, rate: u64, max_fee: u64) -> Payment {
    Payment::new(vec![output(value)], FeeRate(rate), Satoshi(max_fee)).unwrap()
}

/// Has a transaction read by the package `bitcoin` and each of its inputs run by Bitcoin Core, and compares what they say with the plan.
fn judge(plan: &Plan, signed: &SignedTransaction) -> Transaction {
    let read: Transaction = deserialize(&signed.bytes).unwrap();
    let coins = plan.inputs();
    let scripts: Vec<_> = coins
        .iter()
        .map(|coin| plan.keys().destination(coin.kind).script_pubkey())
        .collect();
    let spent: Vec<_> = coins
        .iter()
        .zip(&scripts)
        .map(|(coin, script)| bitcoinconsensus::Utxo {
            script_pubkey: script.as_ptr(),
            script_pubkey_len: script.len() as u32,
            value: coin.value.0 as i64,
        })
        .collect();
    for (input, (coin, script)) in coins.iter().zip(&scripts).enumerate() {
        let amount = coin.value.0;
        let verdict = bitcoinconsensus::verify(script, amount, &signed.bytes, Some(&spent), input);
        assert_eq!(verdict, Ok(()), "input {input}");
        assert!(read.input[input].sequence.is_rbf());
        let found = read.input[input].previous_output.to_string();
        assert_eq!(found, coin.outpoint.to_string());
    }
    let paid: Vec<_> = read
        .output
        .iter()
        .map(|paid| (paid.value.to_sat(), paid.script_pubkey.to_bytes()))
        .collect();
    let planned: Vec<_> = plan
        .outputs()
        .iter()
        .map(|output| (output.value.0, output.to.script_pubkey()))
        .collect();
    assert_eq!(paid, planned);
    assert_eq!(read.compute_txid().to_string(), signed.txid.to_string());
    assert_eq!(read.compute_wtxid().to_string(), signed.wtxid.to_string());
    assert_eq!(plan.txid(), signed.txid);
    assert_eq!(read.vsize() as u64, signed.vsize.0);
    assert_eq!((read.version.0, read.lock_time.to_consensus_u32()), (2, 0));
    read
}
