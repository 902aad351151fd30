//! The canister's own public key: fetched once, then everything follows from it offline.
//!
//! - What it does: where the key is missing, [`begin`] takes from the caller's quota and closes the lock; [`Preparation::run`] fetches; [`keep`] looks at the state anew.
//! - A key that is kept is never replaced. It may be fetched while the canister is paused: it pays nothing.

use crate::error::TimelockError;
use crate::event::TimelockEvent;
use crate::state::TimelockKit;
use canister_kit::own_key::OwnKey;
use canister_kit::runtime::Runtime;
use canister_kit::stable::Memory;
use canister_kit::vetkd::VetKeys;
use canister_kit::{Caller, Config, Guard, Stamp};

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
/// Those of the quota, and [`TimelockError::KeyBeingPrepared`].
pub fn begin<M: Memory>(
    kit: &mut TimelockKit<M>,
    world: &impl Runtime,
    caller: Caller,
) -> Result<Preparation, TimelockError> {
    let held = match kit.product().totals().key {
        Some(_) => None,
        None => {
            kit.take_quota(world, caller, 1)?;
            let held = kit.product().fetching().hold(());
            Some(held.map_err(|_| TimelockError::KeyBeingPrepared)?)
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
    /// [`TimelockError::KeyUnavailable`] or [`TimelockError::KeyMalformed`].
    pub async fn run(self, world: &impl VetKeys) -> Result<Option<Fetched>, TimelockError> {
        let Some(_held) = &self.held else {
            return Ok(None);
        };
        let key = OwnKey::fetch(world, &self.config).await?;
        let caller = self.caller;
        Ok(Some(Fetched { caller, key }))
    }
}

/// Keeps what was fetched, unless a key is kept.
///
/// # Errors
/// [`TimelockError::KeyMalformed`] if another key is kept.
pub fn keep<M: Memory>(
    kit: &mut TimelockKit<M>,
    world: &impl Runtime,
    fetched: Option<Fetched>,
) -> Result<(), TimelockError> {
    let Some(Fetched { caller, key }) = fetched else {
        return Ok(());
    };
    match kit.product().totals().key {
        Some(kept) if kept == key => Ok(()),
        Some(_) => Err(TimelockError::KeyMalformed),
        None => {
            let stamp = Stamp::new(world, caller.identity());
            kit.record(stamp, TimelockEvent::KeyKept { key });
            Ok(())
        }
    }
}
