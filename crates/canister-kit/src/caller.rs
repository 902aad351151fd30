//! Who calls: kept once, before any await, and never anonymous.
//!
//! - What it does: [`Caller`] is a principal that was read while the call's own message was running.
//! - Specification: IC interface specification, "Authentication": everyone can be the anonymous principal,
//!   so whatever it is given, everyone is given.
//! - The caller of this module makes a [`Caller`] in the first line of an update, and passes it on.

use crate::encoding::Identity;
use crate::refusal::Refusal;
use crate::runtime::Runtime;
use candid::Principal;

/// A caller that is not anonymous.
///
/// ```compile_fail
/// // Only `Caller::of` makes one.
/// let forged = canister_kit::Caller(candid::Principal::anonymous());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Caller(Principal);

impl Caller {
    /// The sender of the running message.
    ///
    /// # Errors
    /// [`Refusal::Anonymous`].
    pub fn of(world: &impl Runtime) -> Result<Self, Refusal> {
        Self::new(world.caller())
    }

    pub(crate) fn new(principal: Principal) -> Result<Self, Refusal> {
        match principal == Principal::anonymous() {
            true => Err(Refusal::Anonymous),
            false => Ok(Self(principal)),
        }
    }

    /// The principal.
    pub fn principal(self) -> Principal {
        self.0
    }

    /// The principal as stored records have it.
    pub fn identity(self) -> Identity {
        Identity(self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runtime::fake::{Fake, person};

    #[test]
    fn refuses_the_anonymous_principal() {
        let world = Fake::new();
        world.call_as(Principal::anonymous());
        assert_eq!(Caller::of(&world), Err(Refusal::Anonymous));
    }

    #[test]
    fn keeps_the_caller_when_another_one_calls() {
        let world = Fake::new();
        let caller = Caller::of(&world).unwrap();
        world.call_as(person(2));
        assert_eq!(caller.principal(), person(1));
    }
}
