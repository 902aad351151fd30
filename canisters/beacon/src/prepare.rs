//! Fetching the canister's own public key once.
//!
//! - What it does: [`begin`] tells whether the key is missing; [`fetch`] asks for it; [`keep`] checks it and keeps it, looking at the state anew after the await. A key that is
//!   kept is never replaced.
//! - It may be called while the canister is paused: it pays nothing.

use crate::error::BeaconError;
use crate::event::BeaconEvent;
use crate::state::BeaconKit;
use canister_kit::runtime::Runtime;
use canister_kit::stable::Memory;
use canister_kit::vetkd::VetKeys;
use canister_kit::{Caller, KeyName, Stamp};
use draw_proof::vrf::{BEACON_CONTEXT, VrfKey};

/// The right to fetch the key.
pub struct Preparation {
    caller: Caller,
    name: KeyName,
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
    if kit.product().key().is_ok() {
        return Ok(None);
    }
    kit.take_quota(world, caller, 1)?;
    let name = kit.config().key_name.clone();
    Ok(Some(Preparation { caller, name }))
}

impl Preparation {
    /// Asks for the key.
    ///
    /// # Errors
    /// [`BeaconError::KeyUnavailable`] or [`BeaconError::KeyMalformed`].
    pub async fn fetch(self, world: &impl VetKeys) -> Result<(Caller, VrfKey), BeaconError> {
        let told = world.vetkd_public_key(BEACON_CONTEXT, &self.name).await;
        let told = told.map_err(BeaconError::KeyUnavailable)?;
        let key = VrfKey::parse(&told).map_err(|_| BeaconError::KeyMalformed)?;
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
    (caller, key): (Caller, VrfKey),
) -> Result<(), BeaconError> {
    match kit.product().key() {
        Ok(kept) if kept == key => Ok(()),
        Ok(_) => Err(BeaconError::KeyMalformed),
        Err(_) => {
            let key = key.bytes().to_vec();
            let stamp = Stamp::new(world, caller.identity());
            kit.record(stamp, BeaconEvent::KeyKept { key });
            Ok(())
        }
    }
}
