//! The step that shows the timelock: a message that nobody opens before its time, and everyone after it.
//!
//! - In: the demo's network, with the timelock on it; its time is moved ahead. Out: what the official vetKeys library decrypts.

use super::{Outcome, Verified, hold};
use candid::Principal;
use chainkey_tests::timelock::{TimelockCanister, TimelockError, decrypt};
use chainkey_tests::wallet::person;
use chainkey_tests::world::World;
use std::time::Duration;

/// A message for in five minutes.
pub fn sealed_message(world: &World, canister: Principal) -> Outcome {
    let timelock = TimelockCanister::at(world.network(), canister);
    let (ann, nobody) = (person("ann"), Principal::anonymous());
    timelock.prepare_key(ann)?;
    let time = timelock.now() + 300 * 1_000_000_000;
    let sealed = timelock.seal_text(ann, time, "good morning")?;
    let at = sealed.opens_at;
    for by in [ann, nobody] {
        let early = timelock.release(by, sealed.bucket);
        hold(early == Err(TimelockError::TooEarly { at }), || {
            format!("before its time: {early:?}")
        })?;
    }
    let ahead = at.saturating_sub(timelock.now());
    world.network().advance_time(Duration::from_nanos(ahead));
    timelock.release(nobody, sealed.bucket)?;
    let opened = timelock.open(nobody, sealed.id)?;
    let text = decrypt(&opened.ciphertext, &opened.vetkey)?;
    hold(text == b"good morning", || "another text".into())?;
    let text = format!(
        "message {} was opened by nobody before minute {}, and by everyone after it",
        sealed.id, sealed.bucket
    );
    Ok(Verified(text, "ic-vetkeys"))
}
