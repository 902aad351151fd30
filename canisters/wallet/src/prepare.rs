//! Fetching the canister's own keys once, so that every address is derived without asking again.
//!
//! - What it does: where a key is missing, [`begin`] takes from the caller's quota and closes the lock; [`Preparation::run`] fetches the missing keys one after the
//!   other, and hands each that is well formed to the caller, who gives it to [`keep`], which looks at the state anew after the await.
//! - A key that is kept is never replaced. One that differs from it is an error, and is not kept.
//! - It may be called while the canister is paused: it pays nothing.
//! - In: caller, world. Out: events `RootKeyCached`, or a [`WalletError`].

#[cfg(test)]
mod tests;

use crate::error::WalletError;
use crate::event::WalletEvent;
use crate::root_key::{KeyKind, PublicKeys, RootKey, RootKeys};
use crate::runtime::Outside;
use crate::state::WalletKit;
use canister_kit::runtime::Runtime;
use canister_kit::stable::Memory;
use canister_kit::{Caller, Guard, KeyName, Stamp};

/// The right to fetch what is missing.
pub struct Preparation {
    caller: Caller,
    name: KeyName,
    missing: Vec<KeyKind>,
    /// Nothing where nothing is missing.
    _held: Option<Guard<()>>,
}

/// A key that was fetched and is well formed.
pub struct Fetched {
    caller: Caller,
    key: RootKey,
}

/// Takes from the quota, and closes the lock if a key is missing.
///
/// # Errors
/// Those of the quota, and [`WalletError::KeysBeingPrepared`].
pub fn begin<M: Memory>(
    kit: &mut WalletKit<M>,
    world: &impl Runtime,
    caller: Caller,
) -> Result<Preparation, WalletError> {
    let missing = kit.product().keys().missing();
    if !missing.is_empty() {
        kit.take_quota(world, caller, 1)?;
    }
    let held = match missing.is_empty() {
        true => None,
        false => {
            let held = kit.product().fetching().hold(());
            Some(held.map_err(|_| WalletError::KeysBeingPrepared)?)
        }
    };
    Ok(Preparation {
        caller,
        name: kit.config().key_name.clone(),
        missing,
        _held: held,
    })
}

impl Preparation {
    /// Fetches, and hands over each key as it comes, so that what one call has fetched the next need not fetch again.
    ///
    /// # Errors
    /// [`WalletError::KeyUnavailable`], [`WalletError::KeyMalformed`], and those of `keep`.
    pub async fn run(
        self,
        world: &impl Outside,
        mut keep: impl FnMut(Fetched) -> Result<(), WalletError>,
    ) -> Result<(), WalletError> {
        for kind in self.missing {
            let answer = world.public_key(kind, &self.name).await;
            let raw = answer.map_err(|error| WalletError::KeyUnavailable {
                key: kind,
                code: error.code,
                message: error.message,
            })?;
            let key = RootKey::parse(kind, raw)?;
            let caller = self.caller;
            keep(Fetched { caller, key })?;
        }
        Ok(())
    }
}

/// Keeps a key, unless one of its kind is kept.
///
/// # Errors
/// [`WalletError::KeyChanged`] if that one is another.
pub fn keep<M: Memory>(
    kit: &mut WalletKit<M>,
    world: &impl Runtime,
    Fetched { caller, key }: Fetched,
) -> Result<(), WalletError> {
    match kit.product().keys().get(key.kind()) {
        Some(kept) if *kept == key => Ok(()),
        Some(_) => Err(WalletError::KeyChanged(key.kind())),
        None => {
            let stamp = Stamp::new(world, caller.identity());
            kit.record(stamp, WalletEvent::RootKeyCached { key });
            Ok(())
        }
    }
}

/// The keys.
///
/// # Errors
/// [`WalletError::KeysNotPrepared`].
pub fn root_keys<M: Memory>(kit: &WalletKit<M>) -> Result<RootKeys, WalletError> {
    let keys = kit.product().keys().complete();
    keys.ok_or(WalletError::KeysNotPrepared)
}

/// The keys as callers see them.
///
/// # Errors
/// [`WalletError::KeysNotPrepared`].
pub fn public_keys<M: Memory>(kit: &WalletKit<M>) -> Result<PublicKeys, WalletError> {
    root_keys(kit).map(|keys| (&keys).into())
}
