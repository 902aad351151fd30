//! A policy as callers write and read it.
//!
//! - In and out: Candid records; [`super::Policy::parse`] checks them, and a checked policy is shown in the same form, assets in the order
//!   in which they are stored.

use super::{Policy, RawListedCalls, Requirement, Rules};
use crate::asset::RawAsset;
use candid::CandidType;
use serde::Deserialize;

/// What an act needs before it happens.
#[derive(CandidType, Deserialize, Clone, Debug, PartialEq, Eq)]
pub struct RawRequirement {
    /// How many members approve.
    pub quorum: u32,
    /// How long it waits after that, while any member may veto.
    pub delay_seconds: u64,
}

/// What amounts up to a bound need.
#[derive(CandidType, Deserialize, Clone, Debug, PartialEq, Eq)]
pub struct RawTier {
    /// The largest amount of the tier; nothing in the last tier only.
    pub up_to: Option<u128>,
    /// What it needs.
    pub needs: RawRequirement,
}

/// How much may leave in every window of a length.
#[derive(CandidType, Deserialize, Clone, Debug, PartialEq, Eq)]
pub struct RawLimit {
    /// The sum.
    pub amount: u128,
    /// The window's length.
    pub window_seconds: u64,
}

/// That only listed destinations are paid.
#[derive(CandidType, Deserialize, Clone, Debug, PartialEq, Eq)]
pub struct RawAllowList {
    /// How long a new entry waits until it counts.
    pub activation_seconds: u64,
    /// The entries, as the asset's chain writes addresses.
    pub destinations: Vec<String>,
}

/// The rules of one asset.
#[derive(CandidType, Deserialize, Clone, Debug, PartialEq, Eq)]
pub struct RawRules {
    /// Whose.
    pub asset: RawAsset,
    /// By amount, ascending.
    pub tiers: Vec<RawTier>,
    /// In a rolling window.
    pub limit: Option<RawLimit>,
    /// Of destinations.
    pub allow_list: Option<RawAllowList>,
}

/// A policy.
#[derive(CandidType, Deserialize, Clone, Debug, PartialEq, Eq)]
pub struct RawPolicy {
    /// Rules for each asset.
    pub assets: Vec<RawRules>,
    /// What everything else needs.
    pub highest: RawRequirement,
    /// Calls on chains of Ethereum's kind that count as payments of their value and fee although nobody can read them.
    pub calls: Option<Vec<RawListedCalls>>,
}

impl From<&Requirement> for RawRequirement {
    fn from(needs: &Requirement) -> Self {
        Self {
            quorum: needs.quorum.0,
            delay_seconds: needs.delay.0,
        }
    }
}

fn raw_rules(asset: RawAsset, rules: &Rules) -> RawRules {
    let tiers = rules.tiers.iter().map(|tier| RawTier {
        up_to: tier.up_to.map(|amount| amount.0),
        needs: (&tier.needs).into(),
    });
    RawRules {
        asset,
        tiers: tiers.collect(),
        limit: rules.limit.map(|limit| RawLimit {
            amount: limit.amount.0,
            window_seconds: limit.window.0,
        }),
        allow_list: rules.allow_list.as_ref().map(|list| RawAllowList {
            activation_seconds: list.activation.0,
            destinations: list.destinations.iter().map(ToString::to_string).collect(),
        }),
    }
}

impl From<&Policy> for RawPolicy {
    fn from(policy: &Policy) -> Self {
        let rules = policy.assets.iter();
        Self {
            assets: rules
                .map(|(asset, rules)| raw_rules(asset.into(), rules))
                .collect(),
            highest: (&policy.highest).into(),
            calls: policy.calls.as_ref().map(Into::into),
        }
    }
}
