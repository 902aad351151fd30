//! The canister's own public key: fetched once, then everything follows from it offline.
//!
//! - What it does: where the key is missing, [`begin`] takes from the caller's quota and closes the lock; [`Preparation::run`] fetches; [`keep`] looks at the state anew.
//! - A key that is kept is never replaced. It may be fetched while the canister is paused: it pays nothing.

use crate::error::VaultError;
use crate::event::VaultEvent;
use crate::runtime::STORAGE;
use crate::state::VaultKit;
use canister_kit::own_key::OwnKey;
use canister_kit::runtime::Runtime;
use canister_kit::stable::Memory;
use canister_kit::vetkd::VetKeys;
use canister_kit::{Caller, Config, Guard, Stamp};
use serde_bytes::ByteBuf;

/// The right to fetch the key.
pub struct Preparation {
    caller: Caller,
    config: Config,
    /// Nothing where the key is there.
    held: Option<Guard<()>>,
}

/// A key that was fetched and checked.
pub struct Fetched {
    caller: Caller,
    key: OwnKey,
}

/// Takes from the quota and closes the lock, if the key is missing.
///
/// # Errors
/// Those of the quota, and [`VaultError::KeyBeingPrepared`].
pub fn begin<M: Memory>(
    kit: &mut VaultKit<M>,
    world: &impl Runtime,
    caller: Caller,
) -> Result<Preparation, VaultError> {
    let held = match kit.product().totals().key {
        Some(_) => None,
        None => {
            kit.take_quota(world, caller, 1)?;
            let held = kit.product().fetching().hold(());
            Some(held.map_err(|_| VaultError::KeyBeingPrepared)?)
        }
    };
    Ok(Preparation {
        caller,
        config: kit.config().clone(),
        held,
    })
}

impl Preparation {
    /// Fetches and checks; nothing where the key is there.
    ///
    /// # Errors
    /// [`VaultError::KeyUnavailable`] or [`VaultError::KeyMalformed`].
    pub async fn run(self, world: &impl VetKeys) -> Result<Option<Fetched>, VaultError> {
        let Some(_held) = &self.held else {
            return Ok(None);
        };
        let key = OwnKey::fetch(world, &self.config).await?;
        let caller = self.caller;
        Ok(Some(Fetched { caller, key }))
    }
}

/// Keeps what was fetched, unless a key is kept, and tells the key.
///
/// # Errors
/// [`VaultError::KeyMalformed`] if another key is kept.
pub fn keep<M: Memory>(
    kit: &mut VaultKit<M>,
    world: &impl Runtime,
    fetched: Option<Fetched>,
) -> Result<ByteBuf, VaultError> {
    if let Some(Fetched { caller, key }) = fetched {
        match kit.product().totals().key {
            Some(kept) if kept != key => return Err(VaultError::KeyMalformed),
            Some(_) => {}
            None => {
                let stamp = Stamp::new(world, caller.identity());
                kit.record(stamp, VaultEvent::KeyKept { key });
            }
        }
    }
    verification_key(kit)
}

/// The public key under which the keys of all spaces are verified: 96 bytes.
///
/// # Errors
/// [`VaultError::KeyNotPrepared`].
pub fn verification_key<M: Memory>(kit: &VaultKit<M>) -> Result<ByteBuf, VaultError> {
    let key = kit.product().totals().key;
    let key = key.ok_or(VaultError::KeyNotPrepared)?;
    Ok(ByteBuf::from(key.of_context(STORAGE).to_vec()))
}
