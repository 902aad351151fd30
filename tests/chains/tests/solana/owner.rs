//! Somebody with a key of their own, who writes a transfer byte by byte and signs it with the library `ed25519-dalek`.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chainkey_chains::solana::Solana;
use ed25519_dalek::{Signer, SigningKey};
use serde_json::json;

/// An owner of one key.
pub struct Owner(SigningKey);

/// A signed transaction.
pub struct Signed {
    /// As nodes take it.
    pub base64: String,
    /// Its name.
    pub signature: String,
}

impl Owner {
    pub fn new(seed: u8) -> Self {
        Self(SigningKey::from_bytes(&[seed; 32]))
    }

    pub fn address(&self) -> String {
        bs58::encode(self.0.verifying_key().as_bytes()).into_string()
    }

    /// A transfer of the system program in a message of the old form, with the last final blockhash.
    pub fn transfer(&self, chain: &Solana, to: &str, lamports: u64) -> Signed {
        let latest = chain.rpc().call("getLatestBlockhash", json!([]));
        let latest = latest.expect("a blockhash");
        let blockhash = bytes(latest["value"]["blockhash"].as_str().expect("a text"));
        let message = [
            // One signer; one account, the program, is only read. Three accounts.
            vec![1, 0, 1, 3],
            self.0.verifying_key().as_bytes().to_vec(),
            bytes(to),
            vec![0; 32],
            blockhash,
            // One instruction of account 2 on accounts 0 and 1, with 12 bytes: the number of `Transfer`, the amount.
            vec![1, 2, 2, 0, 1, 12, 2, 0, 0, 0],
            lamports.to_le_bytes().to_vec(),
        ]
        .concat();
        let signature = self.0.sign(&message).to_bytes();
        let transaction = [&[1][..], &signature, &message].concat();
        Signed {
            base64: STANDARD.encode(transaction),
            signature: bs58::encode(signature).into_string(),
        }
    }
}

fn bytes(base58: &str) -> Vec<u8> {
    bs58::decode(base58).into_vec().expect("base58")
}
