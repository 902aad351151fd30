//! Why a policy is refused, and what to write instead.
//!
//! - Out: Candid variants; `tier` counts from 0.

use super::CallsError;
use crate::asset::RawAsset;
use candid::CandidType;
use serde::Deserialize;
use thiserror::Error;

/// Why a policy is refused.
#[derive(CandidType, Deserialize, Error, Clone, Debug, PartialEq, Eq)]
pub enum PolicyError {
    /// Too many assets have rules.
    #[error("give rules to at most {at_most} assets, not {assets}")]
    TooManyAssets {
        /// How many have.
        assets: u64,
        /// The most.
        at_most: u64,
    },
    /// The allow-lists are too long, all together.
    #[error("allow at most {at_most} destinations in all, not {destinations}")]
    TooManyDestinations {
        /// How many they have.
        destinations: u64,
        /// The most.
        at_most: u64,
    },
    /// The address of a token is malformed.
    #[error("write the address of {0:?} as its chain does; check it for typing errors")]
    BadAsset(RawAsset),
    /// An asset has two sets of rules.
    #[error("put the rules of {0:?} into one place")]
    AssetTwice(RawAsset),
    /// The rules of an asset are refused.
    #[error("rules of {asset:?}: {reason}")]
    Rules {
        /// Which asset.
        asset: RawAsset,
        /// Why.
        reason: RulesError,
    },
    /// What everything else needs is refused.
    #[error("highest: {0}")]
    HighestRequirement(RequirementError),
    /// The calls that count as payments are refused.
    #[error("calls: {0}")]
    Calls(#[from] CallsError),
}

/// Why the rules of an asset are refused.
#[derive(CandidType, Deserialize, Error, Clone, Debug, PartialEq, Eq)]
pub enum RulesError {
    /// There is no tier.
    #[error("add one tier without a bound")]
    NoTiers,
    /// There are too many tiers.
    #[error("write at most {at_most} tiers, not {tiers}")]
    TooManyTiers {
        /// How many there are.
        tiers: u64,
        /// The most.
        at_most: u64,
    },
    /// Amounts above the last bound would have no tier.
    #[error("leave the bound of the last tier out, so that every amount has a tier")]
    LastTierBounded,
    /// The tiers behind it would never be used.
    #[error("give tier {tier} a bound, or drop the tiers behind it")]
    UnboundedBeforeLast {
        /// Which tier.
        tier: u32,
    },
    /// The bound is not above the one before, or zero.
    #[error("give tier {tier} a bound above the one before it")]
    AmountsNotAscending {
        /// Which tier.
        tier: u32,
    },
    /// A larger amount would need less.
    #[error("tier {tier} needs at least the quorum and the delay of the tier before it")]
    LooserThanTierBefore {
        /// Which tier.
        tier: u32,
    },
    /// It would be easier to change the policy than to follow it.
    #[error("raise highest to at least the quorum and the delay of tier {tier}")]
    StricterThanHighest {
        /// Which tier.
        tier: u32,
    },
    /// What a tier needs is refused.
    #[error("tier {tier}: {reason}")]
    Requirement {
        /// Which tier.
        tier: u32,
        /// Why.
        reason: RequirementError,
    },
    /// The window of the limit is empty or too long.
    #[error("choose a window of 1 to {at_most} seconds, not {seconds}")]
    Window {
        /// Its length.
        seconds: u64,
        /// The longest.
        at_most: u64,
    },
    /// The activation delay of the allow-list is too long.
    #[error("choose an activation delay of at most {at_most} seconds, not {seconds}")]
    ActivationTooLong {
        /// Its length.
        seconds: u64,
        /// The longest.
        at_most: u64,
    },
    /// An entry of the allow-list is no address on the asset's chain.
    #[error("write {0} as its chain does, for the right network; check it for typing errors")]
    BadDestination(String),
    /// An entry stands twice.
    #[error("allow {0} once only")]
    DestinationTwice(String),
}

/// Why a requirement is refused.
#[derive(CandidType, Deserialize, Error, Clone, Debug, PartialEq, Eq)]
pub enum RequirementError {
    /// Nobody or more than all would have to approve.
    #[error("choose a quorum of 1 to {members}, not {quorum}")]
    Quorum {
        /// The quorum.
        quorum: u32,
        /// How many members the wallet has.
        members: u32,
    },
    /// The delay is too long.
    #[error("choose a delay of at most {at_most} seconds, not {seconds}")]
    DelayTooLong {
        /// Its length.
        seconds: u64,
        /// The longest.
        at_most: u64,
    },
}
