//! The pause switch and who may use it, as types.
//!
//! - What it does: [`Active`] is the proof that the canister was not paused when a call began; [`Guardian`] that the caller may
//!   pause it. Only the kit makes them.
//! - What asks for `Active`: beginning something that pays. What never does: a refund, a claim, the finalizing of what has
//!   begun, the settlement of a paid call, and reading. A pause must not hold anybody's money.
//! - The guardian is the one that `init` named; without one, every controller is. A guardian can stop and let go on,
//!   and change an allow-list; it cannot take anything.

use crate::caller::Caller;
use crate::config::Config;
use crate::refusal::Refusal;
use crate::runtime::Runtime;

/// The canister was not paused when this was made, in this message.
#[derive(Clone, Copy, Debug)]
pub struct Active(());

impl Active {
    /// # Errors
    /// [`Refusal::Paused`].
    pub(crate) fn of(config: &Config) -> Result<Self, Refusal> {
        match config.paused {
            true => Err(Refusal::Paused),
            false => Ok(Self(())),
        }
    }
}

/// A caller that may pause the canister.
#[derive(Clone, Copy, Debug)]
pub struct Guardian(Caller);

impl Guardian {
    /// # Errors
    /// [`Refusal::Anonymous`] or [`Refusal::NotGuardian`].
    pub(crate) fn of(world: &impl Runtime, config: &Config) -> Result<Self, Refusal> {
        let caller = Caller::of(world)?;
        let may = match config.guardian {
            Some(guardian) => guardian == caller.identity(),
            None => world.is_controller(caller.principal()),
        };
        match may {
            true => Ok(Self(caller)),
            false => Err(Refusal::NotGuardian),
        }
    }

    /// The caller.
    pub fn caller(self) -> Caller {
        self.0
    }
}
