//! Transport keys: to which the network encrypts a derived key, so that only its owner reads it.

use ic_vetkeys::{EncryptedVetKey, TransportSecretKey};
use rand_core::{CryptoRng, RngCore};
use zeroize::Zeroize;

/// A transport key for one request. Opening the answer uses it up, because the canister refuses a second use.
pub struct Transport {
    secret: TransportSecretKey,
    public: [u8; 48],
}

impl Transport {
    /// A new key.
    ///
    /// # Panics
    /// Never: 32 bytes of randomness make a key, and a key has 48 bytes.
    pub fn fresh(rng: &mut (impl RngCore + CryptoRng)) -> Self {
        let mut seed = vec![0; 32];
        rng.fill_bytes(&mut seed);
        let secret = TransportSecretKey::from_seed(seed.clone());
        seed.zeroize();
        let secret = secret.expect("a seed has 32 bytes");
        let public = secret.public_key();
        let public = public.try_into().expect("a transport key has 48 bytes");
        Self { secret, public }
    }

    /// What goes to the canister.
    pub fn public_key(&self) -> [u8; 48] {
        self.public
    }

    /// The key in an answer, if it is the one of an input.
    pub(crate) fn decrypt(
        self,
        answer: &EncryptedVetKey,
        public_key: &ic_vetkeys::DerivedPublicKey,
        input: &[u8],
    ) -> Option<ic_vetkeys::VetKey> {
        let key = answer.decrypt_and_verify(&self.secret, public_key, input);
        key.ok()
    }
}
