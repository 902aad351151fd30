//! The world outside, as far as the vault needs more of it than the kit: vetKD.
//!
//! - Specification: IC interface specification, `vetkd_public_key`, `vetkd_derive_key`.
//! - What the keys are for: one context, [`STORAGE`], and nothing but this canister's `derive_key` asks under it; the input is [`input`].
//! - Out: answers as they came; whoever asks checks them.

#[cfg(test)]
pub mod fake;

use crate::space::{Epoch, SpaceId};
use canister_kit::KeyName;
use canister_kit::calls::CallError;
use canister_kit::own_key::joined;
use canister_kit::runtime::Replica;
use canister_kit::vetkd::{self, VetKeys};
use key_path::transport_key::TransportKey;

/// The context of the keys that encrypt what spaces hold.
pub const STORAGE: &[u8] = b"vault/storage/1";

/// The input of a space's key: space and epoch, each 8 bytes big endian after its length.
pub fn input(space: SpaceId, epoch: Epoch) -> Vec<u8> {
    let parts = [space.number().to_be_bytes(), epoch.number().to_be_bytes()];
    joined(&[&parts[0], &parts[1]])
}

/// A key that somebody wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyWish {
    /// Of which space.
    pub space: SpaceId,
    /// Of which epoch.
    pub epoch: Epoch,
    /// Whom it is encrypted to.
    pub transport: TransportKey,
}

/// What the vault needs beyond the kit's world: keys that nobody but their owner reads.
pub trait Outside: VetKeys {
    /// A space's key, encrypted.
    async fn derive(&self, wish: &KeyWish, name: &KeyName) -> Result<Vec<u8>, CallError>;
}

impl Outside for Replica {
    async fn derive(&self, wish: &KeyWish, name: &KeyName) -> Result<Vec<u8>, CallError> {
        let (input, transport) = (input(wish.space, wish.epoch), wish.transport.to_bytes());
        vetkd::derive(STORAGE, &input, &transport, name).await
    }
}
