//! The keys of a space, and what they seal: docs/vault.md, "What clients do".
//!
//! - Each item has a key of its own, derived by HKDF under a domain that names canister, space and item; AES-256-GCM with a random nonce seals under it.
//! - The associated data binds canister, space, item, version and epoch, each after its length; for a chunk also its index and how many there are.

use crate::CONTEXT;
use crate::error::ClientError;
use crate::hash::hash;
use crate::transport::Transport;
use ic_vetkeys::{DerivedKeyMaterial, DerivedPublicKey, EncryptedVetKey, MasterPublicKey};
use rand_core::{CryptoRng, RngCore};
use std::fmt;
use zeroize::Zeroizing;

/// Each part after its length (4 bytes, big endian).
///
/// # Panics
/// If a part has 4 GiB.
fn joined(parts: &[&[u8]]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for part in parts {
        let length = u32::try_from(part.len()).expect("a part is short");
        bytes.extend_from_slice(&length.to_be_bytes());
        bytes.extend_from_slice(part);
    }
    bytes
}

/// The input of a space's key in an epoch.
pub fn input(space: u64, epoch: u64) -> Vec<u8> {
    joined(&[&space.to_be_bytes(), &epoch.to_be_bytes()])
}

/// Which version of which item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place<'a> {
    /// The item's id.
    pub item: &'a [u8],
    /// The version's number: the last one's and one more.
    pub version: u64,
}

/// What is known in public of a space's keys; it opens answers of `derive_key`.
#[derive(Clone, Debug)]
pub struct SpaceKeys {
    canister: Vec<u8>,
    space: u64,
    public_key: DerivedPublicKey,
}

impl SpaceKeys {
    /// With the canister's `verification_key`, which the canister must be trusted for; [`SpaceKeys::offline`] trusts a master key instead.
    ///
    /// # Errors
    /// [`ClientError::VerificationKey`].
    pub fn of(canister: &[u8], space: u64, verification_key: &[u8]) -> Result<Self, ClientError> {
        let key = DerivedPublicKey::deserialize(verification_key);
        Ok(Self {
            canister: canister.to_vec(),
            space,
            public_key: key.map_err(|_| ClientError::VerificationKey)?,
        })
    }

    /// Derived from a master public key (96 bytes), as the public network's are published.
    ///
    /// # Errors
    /// [`ClientError::VerificationKey`].
    pub fn offline(canister: &[u8], space: u64, master: &[u8]) -> Result<Self, ClientError> {
        let master = MasterPublicKey::deserialize(master);
        let master = master.map_err(|_| ClientError::VerificationKey)?;
        let own = master.derive_canister_key(canister);
        Ok(Self {
            canister: canister.to_vec(),
            space,
            public_key: own.derive_sub_key(CONTEXT),
        })
    }

    /// The verification key: 96 bytes.
    pub fn verification_key(&self) -> Vec<u8> {
        self.public_key.serialize()
    }

    /// The key of an epoch, out of the answer of `derive_key` to this transport key.
    ///
    /// # Errors
    /// [`ClientError::EncryptedKey`] or [`ClientError::OtherKey`].
    pub fn open(
        &self,
        transport: Transport,
        answer: &[u8],
        epoch: u64,
    ) -> Result<EpochKey, ClientError> {
        let answer = EncryptedVetKey::deserialize(answer);
        let answer = answer.map_err(|_| ClientError::EncryptedKey)?;
        let input = input(self.space, epoch);
        let key = transport.decrypt(&answer, &self.public_key, &input);
        let key = key.ok_or(ClientError::OtherKey)?;
        Ok(EpochKey {
            material: key.as_derived_key_material(),
            canister: self.canister.clone(),
            space: self.space,
            epoch,
        })
    }
}

/// The key of a space in an epoch. It is erased when it is dropped.
pub struct EpochKey {
    material: DerivedKeyMaterial,
    canister: Vec<u8>,
    space: u64,
    epoch: u64,
}

impl fmt::Debug for EpochKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "EpochKey({}/{}: <redacted>)", self.space, self.epoch)
    }
}

impl EpochKey {
    /// Which epoch.
    pub fn epoch(&self) -> u64 {
        self.epoch
    }

    /// Seals an item: 36 bytes longer than the text.
    ///
    /// # Errors
    /// [`ClientError::DoesNotOpen`] for more than 64 GiB.
    pub fn seal(
        &self,
        place: Place<'_>,
        text: &[u8],
        rng: &mut (impl RngCore + CryptoRng),
    ) -> Result<Vec<u8>, ClientError> {
        self.encrypt(
            &self.domain("item", place),
            &self.bound(place, &[]),
            text,
            rng,
        )
    }

    /// Opens an item.
    ///
    /// # Errors
    /// [`ClientError::DoesNotOpen`].
    pub fn open(
        &self,
        place: Place<'_>,
        ciphertext: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, ClientError> {
        self.decrypt(
            &self.domain("item", place),
            &self.bound(place, &[]),
            ciphertext,
        )
    }

    /// Seals one chunk of a file of so many.
    ///
    /// # Errors
    /// [`ClientError::DoesNotOpen`] for more than 64 GiB.
    pub fn seal_chunk(
        &self,
        place: Place<'_>,
        (index, count): (u32, u32),
        text: &[u8],
        rng: &mut (impl RngCore + CryptoRng),
    ) -> Result<Vec<u8>, ClientError> {
        let bound = self.bound(place, &[index, count]);
        self.encrypt(&self.domain("file", place), &bound, text, rng)
    }

    /// Opens one chunk of a file of so many.
    ///
    /// # Errors
    /// [`ClientError::DoesNotOpen`], also for a chunk of a longer or shorter file, or another place in it.
    pub fn open_chunk(
        &self,
        place: Place<'_>,
        (index, count): (u32, u32),
        ciphertext: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, ClientError> {
        let bound = self.bound(place, &[index, count]);
        self.decrypt(&self.domain("file", place), &bound, ciphertext)
    }

    /// The domain of an item's own key.
    fn domain(&self, kind: &str, place: Place<'_>) -> String {
        let space = self.space.to_be_bytes();
        let names = hash(&joined(&[&self.canister, &space, place.item]));
        let digits: String = names.iter().map(|byte| format!("{byte:02x}")).collect();
        format!("vault/{kind}/1/{digits}")
    }

    fn bound(&self, place: Place<'_>, numbers: &[u32]) -> Vec<u8> {
        let numbers: Vec<[u8; 4]> = numbers.iter().map(|number| number.to_be_bytes()).collect();
        let fixed = [self.space, place.version, self.epoch].map(u64::to_be_bytes);
        let mut parts = vec![
            &self.canister[..],
            &fixed[0],
            place.item,
            &fixed[1],
            &fixed[2],
        ];
        parts.extend(numbers.iter().map(|number| &number[..]));
        joined(&parts)
    }

    fn encrypt(
        &self,
        domain: &str,
        bound: &[u8],
        text: &[u8],
        rng: &mut (impl RngCore + CryptoRng),
    ) -> Result<Vec<u8>, ClientError> {
        let sealed = self.material.encrypt_message(text, domain, bound, rng);
        sealed.map_err(|_| ClientError::DoesNotOpen)
    }

    fn decrypt(
        &self,
        domain: &str,
        bound: &[u8],
        ciphertext: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, ClientError> {
        let opened = self.material.decrypt_message(ciphertext, domain, bound);
        opened
            .map(Zeroizing::new)
            .map_err(|_| ClientError::DoesNotOpen)
    }
}
