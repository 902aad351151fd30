//! What the policy would say about an intent, before anybody proposes it.
//!
//! - In: who asks, an intent as it came. Out: what leaves with it at most, what it needs, and why it would be denied now.
//! - It changes nothing.

use crate::asset::RawAsset;
use crate::effect::Effects;
use crate::error::WalletError;
use crate::intent::{Intent, RawIntent};
use crate::policy::{Denial, RawRequirement, denials, requirement};
use crate::state::WalletKit;
use crate::wallet::WalletId;
use candid::CandidType;
use canister_kit::runtime::Runtime;
use canister_kit::stable::Memory;
use serde::Deserialize;

/// What leaves of one asset.
#[derive(CandidType, Deserialize, Clone, Debug, PartialEq, Eq)]
pub struct SpendView {
    /// Which.
    pub asset: RawAsset,
    /// At most, the highest fee included.
    pub amount: u128,
    /// Where to; nowhere if it is a fee alone.
    pub destinations: Vec<String>,
}

/// What the policy would say.
#[derive(CandidType, Deserialize, Clone, Debug, PartialEq, Eq)]
pub struct Quote {
    /// What leaves at most.
    pub spends: Vec<SpendView>,
    /// What it needs.
    pub needs: RawRequirement,
    /// Why it would be denied now, whoever approves.
    pub denials: Vec<Denial>,
}

/// Asks the policy about an intent for a wallet of the caller.
///
/// # Errors
/// [`WalletError::NoSuchWallet`] or [`WalletError::Intent`].
pub fn quote<M: Memory>(
    kit: &WalletKit<M>,
    world: &impl Runtime,
    id: WalletId,
    intent: RawIntent,
) -> Result<Quote, WalletError> {
    let wallet = kit.product().get_for(id, world.caller())?;
    let environment = kit.config().environment;
    let intent = Intent::parse(intent, &wallet, environment)?;
    let effects = Effects::of(&intent, &wallet);
    let spent = |asset: &_| kit.product().spent(id, asset);
    let denials = denials(&wallet, &effects, world.now(), spent);
    let spends = effects.spends.iter().map(|spend| SpendView {
        asset: (&spend.asset).into(),
        amount: spend.amount.0,
        destinations: spend.to.iter().map(ToString::to_string).collect(),
    });
    Ok(Quote {
        spends: spends.collect(),
        needs: (&requirement(&wallet, &effects)).into(),
        denials,
    })
}
