//! What anyone may read of the beacon.
//!
//! - Reading changes nothing and costs the same however many rounds there are.

use crate::error::BeaconError;
use crate::round::{CertifiedRound, RoundView};
use crate::state::BeaconKit;
use canister_kit::runtime::Runtime;
use canister_kit::stable::Memory;
use draw_proof::beacon::Round;
use serde_bytes::ByteBuf;

/// Most rounds of one answer.
pub const MAX_LISTED: u32 = 100;

/// The canister's public key for rounds: 96 bytes.
///
/// # Errors
/// [`BeaconError::KeyNotPrepared`].
pub fn public_key<M: Memory>(kit: &BeaconKit<M>) -> Result<ByteBuf, BeaconError> {
    kit.product().key().map(|key| ByteBuf::from(*key.bytes()))
}

/// A round that was asked for, and the proof if it was drawn.
///
/// # Errors
/// [`BeaconError::NoSuchRound`].
pub fn round<M: Memory>(
    kit: &BeaconKit<M>,
    world: &impl Runtime,
    round: Round,
) -> Result<CertifiedRound, BeaconError> {
    let stored = kit.product().round(round)?;
    let drawn = stored.drawn.as_ref();
    let shown = drawn.and_then(|drawn| kit.product().show(round, drawn));
    Ok(CertifiedRound {
        round: RoundView::of(round, &stored),
        certificate: world.certificate().map(ByteBuf::from),
        witness: shown.map(|tree| ByteBuf::from(kit.product_witness(tree))),
    })
}

/// The latest round that was drawn.
///
/// # Errors
/// [`BeaconError::NoSuchRound`] while none was.
pub fn latest<M: Memory>(
    kit: &BeaconKit<M>,
    world: &impl Runtime,
) -> Result<CertifiedRound, BeaconError> {
    let latest = kit.product().latest();
    round(kit, world, latest.ok_or(BeaconError::NoSuchRound)?)
}

/// Rounds that wait to be drawn, from one on, at most [`MAX_LISTED`].
pub fn waiting<M: Memory>(kit: &BeaconKit<M>, from: Round, limit: u32) -> Vec<RoundView> {
    let rounds = kit.product().waiting(from, limit.min(MAX_LISTED) as usize);
    let view = |round| Some(RoundView::of(round, &kit.product().round(round).ok()?));
    rounds.into_iter().filter_map(view).collect()
}
