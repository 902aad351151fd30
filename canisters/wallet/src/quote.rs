//! What the policy would say about an intent, before anybody proposes it.
//!
//! - In: who asks, an intent as it came. Out: what leaves with it at most, what it needs, and why it would be denied now.
//! - It changes nothing, and answers as if the caller alone had approved.

use crate::account::bitcoin::BitcoinNetwork;
use crate::asset::RawAsset;
use crate::effect::Effects;
use crate::error::WalletError;
use crate::intent::{Intent, RawIntent};
use crate::policy::{Asked, Denial, RawRequirement, Verdict, check, requirement};
use crate::proposal::{Note, Proposal, ProposalId, Stage};
use crate::state::WalletKit;
use crate::wallet::WalletId;
use candid::CandidType;
use canister_kit::encoding::{Identity, Timestamp};
use canister_kit::runtime::Runtime;
use canister_kit::stable::Memory;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

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
    let wallet = kit.product().get_for(id, world.caller());
    let wallet = wallet.ok_or(WalletError::NoSuchWallet)?;
    let network = BitcoinNetwork::of(kit.config().environment);
    let intent = Intent::parse(intent, &wallet, network)?;
    let effects = Effects::of(&intent, &wallet);
    let proposal = Proposal {
        wallet: id,
        intent,
        proposed_by: Identity(world.caller()),
        proposed_at: world.now(),
        expires_at: Timestamp(u64::MAX),
        note: Note::default(),
        approvals: BTreeMap::new(),
        rejections: BTreeSet::new(),
        stage: Stage::Open,
        setback: None,
    };
    let asked = Asked {
        id: ProposalId::new(0),
        proposal: &proposal,
        wallet: &wallet,
        now: world.now(),
    };
    let verdict = check(&asked, &effects, |asset| kit.product().spent(id, asset));
    let spends = effects.spends.iter().map(|spend| SpendView {
        asset: (&spend.asset).into(),
        amount: spend.amount.0,
        destinations: spend.to.iter().map(ToString::to_string).collect(),
    });
    Ok(Quote {
        spends: spends.collect(),
        needs: (&requirement(&wallet, &effects)).into(),
        denials: match verdict {
            Verdict::Denied(denials) => denials,
            _ => Vec::new(),
        },
    })
}
