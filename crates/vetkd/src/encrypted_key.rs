//! A derived key, encrypted, that was checked to be the one that was asked for.
//!
//! docs/protocols/vetkd.md, step 6.

use crate::ciphertext::Ciphertext;
use crate::error::VetKdError;
use crate::request::Request;
use group::Group;

/// A checked encrypted key. It is not unique: the randomness of its shares is in it. What is encrypted is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct EncryptedKey {
    bytes: [u8; 192],
}

impl EncryptedKey {
    pub(crate) fn of_checked(ciphertext: &Ciphertext) -> Self {
        EncryptedKey {
            bytes: ciphertext.to_bytes(),
        }
    }

    /// The encrypted key as 192 bytes, C1 || C2 || C3: what `vetkd_derive_key` answers.
    pub fn to_bytes(&self) -> [u8; 192] {
        self.bytes
    }
}

impl Request {
    /// Lets only bytes through that are the key that was asked for, encrypted to the transport key.
    pub fn verify(&self, bytes: &[u8]) -> Result<EncryptedKey, VetKdError> {
        let ciphertext = Ciphertext::from_bytes(bytes)?;
        let weight = ciphertext.weight(self);
        let key = self.derived().prepared();
        let mismatch = ciphertext.mismatch(self, &weight, self.point(), key);
        if bool::from(mismatch.is_identity()) {
            Ok(EncryptedKey::of_checked(&ciphertext))
        } else {
            Err(VetKdError::WrongKey)
        }
    }
}
