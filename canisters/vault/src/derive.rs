//! Deriving a key of a space for a member.
//!
//! - What it does: [`begin`] checks the caller's rights and the transport key and pays; [`Derivation::run`] has the network derive; [`end`] checks the rights anew, because they
//!   may be lost during the await, and only then hands the encrypted key over. The canister never sees a key.
//! - A transport key is used once: the request is known in the journal by its transport key, which the journal remembers for at least a day and for at
//!   least the caller's last thousand requests of a day. What was derived is not kept: who has lost an answer asks anew with another transport key.
//! - In: caller, wish. Out: 192 bytes, or a [`VaultError`].

#[cfg(test)]
mod growth;
#[cfg(test)]
mod tests;

use crate::error::{TransportRefused, VaultError};
use crate::event::VaultEvent;
use crate::limits::DERIVATION;
use crate::runtime::{KeyWish, Outside};
use crate::share::enter;
use crate::space::{Epoch, Member, Role, Space, SpaceId};
use crate::state::VaultKit;
use canister_kit::calls::CallError;
use canister_kit::encoding::{Cycles, to_cbor};
use canister_kit::stable::Memory;
use canister_kit::{Begun, Caller, KeyName, Paid, PaidCall, Refusal, Stamp};
use key_path::transport_key::TransportKey;
use serde_bytes::ByteBuf;

/// Bytes of an encrypted key.
const ENCRYPTED_KEY_BYTES: usize = 192;

/// The right to have one key derived.
pub struct Derivation {
    wish: KeyWish,
    name: KeyName,
    fee: Cycles,
    paid: Paid,
}

/// What came of it.
pub struct Derived {
    wish: KeyWish,
    fee: Cycles,
    paid: Paid,
    told: Result<Vec<u8>, CallError>,
}

/// Checks the caller's rights and the transport key, and pays.
///
/// # Errors
/// [`VaultError::NoSuchSpace`], [`VaultError::EpochNotYours`], [`VaultError::TransportKey`], [`VaultError::KeyUnavailable`] where there is no such
/// key, and as [`VaultError::Refused`] every refusal of a call that pays.
pub fn begin<M: Memory>(
    kit: &mut VaultKit<M>,
    world: &impl Outside,
    caller: Caller,
    space: SpaceId,
    epoch: Epoch,
    transport: &[u8],
) -> Result<Derivation, VaultError> {
    let (known, member) = enter(kit, world, caller, space, Role::Reader)?;
    check_epoch(&known, &member, epoch)?;
    let transport = TransportKey::parse(transport).map_err(TransportRefused::from)?;
    let name = kit.config().key_name.clone();
    let fee = world.vetkd_fee(&name);
    let no_key = || CallError::new(0, format!("there is no key {name}"));
    let fee = fee.ok_or_else(|| VaultError::KeyUnavailable(no_key()))?;
    let call = PaidCall {
        caller,
        method: "derive_key",
        arguments: &to_cbor(&(space, epoch)),
        request_id: transport.to_bytes().to_vec(),
        most: fee.plus(DERIVATION),
        tokens: 1,
    };
    let used = || VaultError::TransportKey(TransportRefused::UsedBefore);
    let paid = match kit.begin(world, call) {
        Ok(Begun::New(paid)) => paid,
        Ok(Begun::Running) => return Err(Refusal::RequestRunning.into()),
        Ok(Begun::Done(_) | Begun::Unknown) | Err(Refusal::RequestIdReused) => return Err(used()),
        Err(refusal) => return Err(refusal.into()),
    };
    let wish = KeyWish {
        space,
        epoch,
        transport,
    };
    Ok(Derivation {
        wish,
        name,
        fee,
        paid,
    })
}

/// Whether a member may read what is encrypted under an epoch's key.
///
/// # Errors
/// [`VaultError::EpochNotYours`].
pub fn check_epoch(space: &Space, member: &Member, epoch: Epoch) -> Result<(), VaultError> {
    match (member.from..=space.epoch).contains(&epoch) {
        true => Ok(()),
        false => Err(VaultError::EpochNotYours {
            from: member.from.number(),
            current: space.epoch.number(),
        }),
    }
}

impl Derivation {
    /// Has the network derive.
    pub async fn run(self, world: &impl Outside) -> Derived {
        let told = world.derive(&self.wish, &self.name).await;
        let told = told.and_then(|key| match key.len() {
            ENCRYPTED_KEY_BYTES => Ok(key),
            _ => Err(CallError::new(0, "an encrypted key has 192 bytes")),
        });
        Derived {
            wish: self.wish,
            fee: self.fee,
            paid: self.paid,
            told,
        }
    }
}

/// Checks the rights anew, settles, and hands the key over.
///
/// # Errors
/// [`VaultError::KeyUnavailable`], [`VaultError::NoSuchSpace`] or [`VaultError::EpochNotYours`] for whoever has lost its rights meanwhile.
pub fn end<M: Memory>(
    kit: &mut VaultKit<M>,
    world: &impl Outside,
    derived: Derived,
) -> Result<ByteBuf, VaultError> {
    let (caller, wish) = (derived.paid.caller(), derived.wish);
    let key = match derived.told {
        Ok(key) => key,
        Err(error) => {
            // A rejected call takes nothing; an answer that does not read was paid for.
            let cost = match error.code {
                0 => derived.fee,
                _ => Cycles::ZERO,
            };
            kit.withdraw(world, derived.paid, cost.plus(DERIVATION));
            return Err(VaultError::KeyUnavailable(error));
        }
    };
    let cost = derived.fee.plus(DERIVATION);
    kit.finish(world, derived.paid, Vec::new(), cost);
    let (space, member) = enter(kit, world, caller, wish.space, Role::Reader)?;
    check_epoch(&space, &member, wish.epoch)?;
    let (space, epoch) = (wish.space, wish.epoch);
    let stamp = Stamp::new(world, caller.identity());
    kit.record(stamp, VaultEvent::KeyDerived { space, epoch });
    Ok(ByteBuf::from(key))
}
