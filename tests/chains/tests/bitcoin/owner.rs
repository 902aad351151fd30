//! Somebody with two coins' worth of keys: makes and signs transactions with the library `bitcoin`, not with any code of the suite.

use bitcoin::absolute::LockTime;
use bitcoin::hashes::Hash;
use bitcoin::key::{CompressedPublicKey, Keypair, TapTweak, UntweakedPublicKey};
use bitcoin::secp256k1::{All, Message, Secp256k1, SecretKey};
use bitcoin::sighash::{EcdsaSighashType, Prevouts, SighashCache, TapSighashType};
use bitcoin::{
    Address, Amount, Network, OutPoint, ScriptBuf, Sequence, Transaction, TxIn, TxOut, Witness,
    ecdsa, taproot, transaction,
};
use chainkey_chains::bitcoin::{Coin, Regtest};

/// An owner of one key, which has an address of each kind.
pub struct Owner {
    secp: Secp256k1<All>,
    key: Keypair,
}

/// A coin with the script to which it pays.
#[derive(Clone)]
pub struct Input {
    pub outpoint: OutPoint,
    pub output: TxOut,
}

impl Owner {
    pub fn new(seed: u8) -> Self {
        let secp = Secp256k1::new();
        let secret = SecretKey::from_slice(&[seed; 32]).expect("a key");
        let key = Keypair::from_secret_key(&secp, &secret);
        Self { secp, key }
    }

    pub fn segwit_address(&self) -> Address {
        let key = CompressedPublicKey(self.key.public_key());
        Address::p2wpkh(&key, Network::Regtest)
    }

    pub fn taproot_address(&self) -> Address {
        let (key, _) = UntweakedPublicKey::from_keypair(&self.key);
        Address::p2tr(&self.secp, key, None, Network::Regtest)
    }

    pub fn segwit(&self) -> ScriptBuf {
        self.segwit_address().script_pubkey()
    }

    pub fn taproot(&self) -> ScriptBuf {
        self.taproot_address().script_pubkey()
    }

    /// The coin of this script that came first.
    pub fn oldest(&self, chain: &Regtest, script: &ScriptBuf) -> Input {
        let coins = chain.utxos(script, 1);
        input(coins.last().expect("a coin"), script)
    }

    /// Signs every input with the key, by the kind of its output (BIP-143, BIP-341).
    pub fn sign(&self, transaction: &mut Transaction, inputs: &[Input]) {
        let spent: Vec<TxOut> = inputs.iter().map(|input| input.output.clone()).collect();
        for (index, output) in spent.iter().enumerate() {
            let witness = match output.script_pubkey.is_p2tr() {
                true => self.taproot_witness(transaction, index, &spent),
                false => self.segwit_witness(transaction, index, output),
            };
            transaction.input[index].witness = witness;
        }
    }

    fn segwit_witness(&self, transaction: &Transaction, index: usize, output: &TxOut) -> Witness {
        let kind = EcdsaSighashType::All;
        let hash = SighashCache::new(transaction)
            .p2wpkh_signature_hash(index, &output.script_pubkey, output.value, kind)
            .expect("a hash");
        let message = Message::from_digest(hash.to_byte_array());
        let signature = ecdsa::Signature {
            signature: self.secp.sign_ecdsa(&message, &self.key.secret_key()),
            sighash_type: kind,
        };
        Witness::p2wpkh(&signature, &self.key.public_key())
    }

    fn taproot_witness(&self, transaction: &Transaction, index: usize, spent: &[TxOut]) -> Witness {
        let kind = TapSighashType::Default;
        let hash = SighashCache::new(transaction)
            .taproot_key_spend_signature_hash(index, &Prevouts::All(spent), kind)
            .expect("a hash");
        let message = Message::from_digest(hash.to_byte_array());
        let key = self.key.tap_tweak(&self.secp, None).to_keypair();
        Witness::p2tr_key_spend(&taproot::Signature {
            signature: self.secp.sign_schnorr_no_aux_rand(&message, &key),
            sighash_type: kind,
        })
    }

    /// Pays everything to `outputs`; what is left is the fee. Can be replaced.
    pub fn pay(&self, inputs: &[Input], outputs: &[(u64, ScriptBuf)]) -> Transaction {
        let mut transaction = unsigned(inputs, outputs);
        self.sign(&mut transaction, inputs);
        transaction
    }
}

pub fn input(coin: &Coin, script: &ScriptBuf) -> Input {
    Input {
        outpoint: coin.outpoint,
        output: TxOut {
            value: coin.value,
            script_pubkey: script.clone(),
        },
    }
}

/// The output of a transaction as an input of the next.
pub fn output_of(transaction: &Transaction, vout: u32) -> Input {
    Input {
        outpoint: OutPoint {
            txid: transaction.compute_txid(),
            vout,
        },
        output: transaction.output[vout as usize].clone(),
    }
}

/// A transaction that can be replaced, without signatures.
pub fn unsigned(inputs: &[Input], outputs: &[(u64, ScriptBuf)]) -> Transaction {
    let inputs = inputs.iter().map(|input| TxIn {
        previous_output: input.outpoint,
        script_sig: ScriptBuf::new(),
        sequence: Sequence::ENABLE_RBF_NO_LOCKTIME,
        witness: Witness::new(),
    });
    let outputs = outputs.iter().map(|(value, script)| TxOut {
        value: Amount::from_sat(*value),
        script_pubkey: script.clone(),
    });
    Transaction {
        version: transaction::Version::TWO,
        lock_time: LockTime::ZERO,
        input: inputs.collect(),
        output: outputs.collect(),
    }
}

pub fn raw(transaction: &Transaction) -> Vec<u8> {
    bitcoin::consensus::serialize(transaction)
}
