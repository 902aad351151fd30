//! Fetching the canister's own public key once; the key for rounds follows from it offline.
//!
//! - What it does: where the key is missing, [`begin`] takes from the caller's quota; [`Preparation::fetch`] asks for it and checks it; [`keep`] looks at the state anew after the await. A key that
//!   is kept is never replaced.
//! - It may be called while the canister is paused: it pays nothing.

use crate::error::BeaconError;
use crate::event::BeaconEvent;
use crate::state::BeaconKit;
use canister_kit::own_key::OwnKey;
use canister_kit::runtime::Runtime;
use canister_kit::stable::Memory;
use canister_kit::vetkd::VetKeys;
use canister_kit::{Caller, Config, Stamp};

/// The right to fetch the key.
pub struct Preparation {
    caller: Caller,
    config: Config,
}

/// Takes from the quota; nothing to do where the key is kept.
///
/// # Errors
/// Those of the quota.
pub fn begin<M: Memory>(
    kit: &mut BeaconKit<M>,
    world: &impl Runtime,
    caller: Caller,
) -> Result<Option<Preparation>, BeaconError> {
    if kit.product().own_key().is_some() {
        return Ok(None);
    }
    kit.take_quota(world, caller, 1)?;
    let config = kit.config().clone();
    Ok(Some(Preparation { caller, config }))
}

impl Preparation {
    /// Asks for the key, and checks it.
    ///
    /// # Errors
    /// [`BeaconError::KeyUnavailable`] or [`BeaconError::KeyMalformed`].
    pub async fn fetch(self, world: &impl VetKeys) -> Result<(Caller, OwnKey), BeaconError> {
        let key = OwnKey::fetch(world, &self.config).await?;
        Ok((self.caller, key))
    }
}

/// Keeps a key, unless one is kept.
///
/// # Errors
/// [`BeaconError::KeyMalformed`] if that one is another.
pub fn keep<M: Memory>(
    kit: &mut BeaconKit<M>,
    world: &impl Runtime,
    (caller, key): (Caller, OwnKey),
) -> Result<(), BeaconError> {
    match kit.product().own_key() {
        Some(kept) if kept == key => Ok(()),
        Some(_) => Err(BeaconError::KeyMalformed),
        None => {
            let stamp = Stamp::new(world, caller.identity());
            kit.record(stamp, BeaconEvent::KeyKept { key });
            Ok(())
        }
    }
}
