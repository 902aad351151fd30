//! The policy of a wallet as data: who must agree to a payment, how long it waits, how much may leave, and where to.
//!
//! - What it does: checks a policy that came from outside against the number of members. Every rule is per asset: tiers by amount, a limit in a
//!   rolling window, an allow-list of destinations. What has no rules of its own (other assets, signatures on raw hashes, changes of the
//!   policy or the members) needs [`Policy::highest`], which is at least as strict as every tier; so no tier can be used to loosen a policy.
//! - A delay is the time between the last approval and the payment, in which any one member may veto.
//! - In: [`RawPolicy`] and the number of members. Out: a [`Policy`] in which later checks need no case for nonsense, or why not.
//! - Stored as CBOR with numbered fields. Bounds: 20 assets of 8 tiers; 100 destinations; delays and windows of at most 366 days.
//! - What it decides: [`check`] is a pure function of the policy, an intent, the approvals and the history; [`loosens`] compares two policies.

mod calls;
mod check;
mod compare;
mod error;
mod raw;
mod spent;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_calls;
#[cfg(test)]
mod tests_check;
#[cfg(test)]
mod tests_compare;

pub use calls::{CallsError, Contract, ListedCalls, RawListedCalls, Selector};
pub use check::{Approved, Asked, Denial, Verdict, check, denials, requirement};
pub use compare::{Waiting, loosens, waiting_after};
pub use error::{PolicyError, RequirementError, RulesError};
pub use raw::{RawAllowList, RawLimit, RawPolicy, RawRequirement, RawRules, RawTier};
pub use spent::Spent;

use crate::account::bitcoin::BitcoinNetwork;
use crate::asset::{Amount, Asset, RawAsset};
use crate::destination::Destination;
use canister_kit::encoding::Timestamp;
use minicbor::{Decode, Encode};
use std::collections::{BTreeMap, BTreeSet};

/// Most assets with rules of their own.
pub const MAX_ASSETS: usize = 20;

/// Most tiers of an asset.
pub const MAX_TIERS: usize = 8;

/// Most destinations of all allow-lists together.
pub const MAX_DESTINATIONS: usize = 100;

/// Longest delay or window: 366 days.
pub const LONGEST: Seconds = Seconds(366 * 86_400);

/// A length of time.
#[derive(Encode, Decode, Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[cbor(transparent)]
pub struct Seconds(#[n(0)] pub u64);

impl Seconds {
    /// The time that much later.
    pub fn after(self, start: Timestamp) -> Timestamp {
        start.after(self.0.saturating_mul(Timestamp::SECOND))
    }
}

/// How many members must approve: 1 to all of them.
#[derive(Encode, Decode, Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[cbor(transparent)]
pub struct Quorum(#[n(0)] pub u32);

/// What an act needs before it happens.
#[derive(Encode, Decode, Clone, Copy, Debug, PartialEq, Eq)]
#[cbor(map)]
pub struct Requirement {
    /// How many members approve.
    #[n(0)]
    pub quorum: Quorum,
    /// How long it waits after that for a veto.
    #[n(1)]
    pub delay: Seconds,
}

impl Requirement {
    fn parse(raw: &RawRequirement, members: u32) -> Result<Self, RequirementError> {
        let (quorum, delay) = (raw.quorum, Seconds(raw.delay_seconds));
        if quorum == 0 || quorum > members {
            return Err(RequirementError::Quorum { quorum, members });
        }
        if delay > LONGEST {
            return Err(RequirementError::DelayTooLong {
                seconds: delay.0,
                at_most: LONGEST.0,
            });
        }
        let quorum = Quorum(quorum);
        Ok(Self { quorum, delay })
    }

    /// Whether this is at least as strict, in approvals and in time.
    pub fn covers(&self, other: &Self) -> bool {
        self.quorum >= other.quorum && self.delay >= other.delay
    }
}

/// What amounts up to a bound need.
#[derive(Encode, Decode, Clone, Copy, Debug, PartialEq, Eq)]
#[cbor(map)]
pub struct Tier {
    /// The largest amount of the tier; without one it is the last.
    #[n(0)]
    pub up_to: Option<Amount>,
    /// What it needs.
    #[n(1)]
    pub needs: Requirement,
}

/// How much may leave in every window of a length.
#[derive(Encode, Decode, Clone, Copy, Debug, PartialEq, Eq)]
#[cbor(map)]
pub struct Limit {
    /// The sum.
    #[n(0)]
    pub amount: Amount,
    /// The window's length; not zero.
    #[n(1)]
    pub window: Seconds,
}

/// The destinations that alone are paid.
#[derive(Encode, Decode, Clone, Debug, PartialEq, Eq)]
#[cbor(map)]
pub struct AllowList {
    /// How long a new entry waits until it counts.
    #[n(0)]
    pub activation: Seconds,
    /// The entries.
    #[n(1)]
    pub destinations: BTreeSet<Destination>,
}

/// The rules of one asset.
#[derive(Encode, Decode, Clone, Debug, PartialEq, Eq)]
#[cbor(map)]
pub struct Rules {
    /// At least one; amounts strictly ascending, needs never descending, only the last one without a bound.
    #[n(0)]
    tiers: Vec<Tier>,
    #[n(1)]
    limit: Option<Limit>,
    #[n(2)]
    allow_list: Option<AllowList>,
}

impl Rules {
    fn parse(
        asset: &Asset,
        raw: &RawRules,
        members: u32,
        highest: &Requirement,
        network: BitcoinNetwork,
    ) -> Result<Self, RulesError> {
        let tiers = parse_tiers(&raw.tiers, members, highest)?;
        let limit = raw.limit.as_ref().map(parse_limit).transpose()?;
        let allow_list = raw.allow_list.as_ref();
        let allow_list = allow_list.map(|raw| parse_allow_list(asset, raw, network));
        Ok(Self {
            tiers,
            limit,
            allow_list: allow_list.transpose()?,
        })
    }

    /// What an amount needs: the first tier that reaches it.
    pub fn needs(&self, amount: Amount) -> Requirement {
        let reaches = |tier: &&Tier| tier.up_to.is_none_or(|bound| amount <= bound);
        match self.tiers.iter().find(reaches) {
            Some(tier) => tier.needs,
            None => panic!("the last tier has no bound"),
        }
    }

    /// How much may leave, if that is limited.
    pub fn limit(&self) -> Option<Limit> {
        self.limit
    }

    /// Where to, if not everywhere.
    pub fn allow_list(&self) -> Option<&AllowList> {
        self.allow_list.as_ref()
    }

    /// The bounds between tiers, ascending.
    pub fn bounds(&self) -> impl Iterator<Item = Amount> {
        self.tiers.iter().filter_map(|tier| tier.up_to)
    }
}

fn parse_tiers(
    raw: &[RawTier],
    members: u32,
    highest: &Requirement,
) -> Result<Vec<Tier>, RulesError> {
    if raw.len() > MAX_TIERS {
        return Err(RulesError::TooManyTiers {
            tiers: raw.len() as u64,
            at_most: MAX_TIERS as u64,
        });
    }
    let Some(last) = raw.len().checked_sub(1) else {
        return Err(RulesError::NoTiers);
    };
    let mut tiers: Vec<Tier> = Vec::with_capacity(raw.len());
    for (place, raw) in raw.iter().enumerate() {
        let tier = place as u32;
        let needs = Requirement::parse(&raw.needs, members)
            .map_err(|reason| RulesError::Requirement { tier, reason })?;
        let (below, before) = tiers
            .last()
            .map_or((None, None), |before| (before.up_to, Some(&before.needs)));
        match raw.up_to {
            None if place < last => return Err(RulesError::UnboundedBeforeLast { tier }),
            Some(_) if place == last => return Err(RulesError::LastTierBounded),
            Some(amount) if amount <= below.map_or(0, |below| below.0) => {
                return Err(RulesError::AmountsNotAscending { tier });
            }
            _ => {}
        }
        if before.is_some_and(|before| !needs.covers(before)) {
            return Err(RulesError::LooserThanTierBefore { tier });
        }
        if !highest.covers(&needs) {
            return Err(RulesError::StricterThanHighest { tier });
        }
        let up_to = raw.up_to.map(Amount);
        tiers.push(Tier { up_to, needs });
    }
    Ok(tiers)
}

fn parse_limit(raw: &RawLimit) -> Result<Limit, RulesError> {
    let window = Seconds(raw.window_seconds);
    if window == Seconds(0) || window > LONGEST {
        return Err(RulesError::Window {
            seconds: window.0,
            at_most: LONGEST.0,
        });
    }
    let amount = Amount(raw.amount);
    Ok(Limit { amount, window })
}

fn parse_allow_list(
    asset: &Asset,
    raw: &RawAllowList,
    network: BitcoinNetwork,
) -> Result<AllowList, RulesError> {
    let activation = Seconds(raw.activation_seconds);
    if activation > LONGEST {
        return Err(RulesError::ActivationTooLong {
            seconds: activation.0,
            at_most: LONGEST.0,
        });
    }
    let mut destinations = BTreeSet::new();
    for text in &raw.destinations {
        let destination = Destination::parse(asset, text, network);
        let destination = destination.ok_or_else(|| RulesError::BadDestination(text.clone()))?;
        if !destinations.insert(destination) {
            return Err(RulesError::DestinationTwice(text.clone()));
        }
    }
    Ok(AllowList {
        activation,
        destinations,
    })
}

/// The checked policy of a wallet.
#[derive(Encode, Decode, Clone, Debug, PartialEq, Eq)]
#[cbor(map)]
pub struct Policy {
    #[n(0)]
    assets: BTreeMap<Asset, Rules>,
    #[n(1)]
    highest: Requirement,
    /// Nothing where nothing is listed.
    #[n(2)]
    calls: Option<ListedCalls>,
}

impl Policy {
    /// Checks a policy for a wallet with so many members.
    ///
    /// # Errors
    /// The first thing that is wrong with it, and where.
    pub fn parse(
        raw: &RawPolicy,
        members: u32,
        network: BitcoinNetwork,
    ) -> Result<Self, PolicyError> {
        if raw.assets.len() > MAX_ASSETS {
            return Err(PolicyError::TooManyAssets {
                assets: raw.assets.len() as u64,
                at_most: MAX_ASSETS as u64,
            });
        }
        let lists = raw.assets.iter().filter_map(|raw| raw.allow_list.as_ref());
        let destinations: usize = lists.map(|list| list.destinations.len()).sum();
        if destinations > MAX_DESTINATIONS {
            return Err(PolicyError::TooManyDestinations {
                destinations: destinations as u64,
                at_most: MAX_DESTINATIONS as u64,
            });
        }
        let highest =
            Requirement::parse(&raw.highest, members).map_err(PolicyError::HighestRequirement)?;
        let mut assets = BTreeMap::new();
        for raw in &raw.assets {
            let name = || raw.asset.clone();
            let asset = Asset::parse(&raw.asset).ok_or_else(|| PolicyError::BadAsset(name()))?;
            let rules =
                Rules::parse(&asset, raw, members, &highest, network).map_err(|reason| {
                    let asset = RawAsset::from(&asset);
                    PolicyError::Rules { asset, reason }
                })?;
            if assets.insert(asset, rules).is_some() {
                return Err(PolicyError::AssetTwice(name()));
            }
        }
        let calls = raw.calls.as_deref().unwrap_or_default();
        let calls = ListedCalls::parse(calls)?;
        if let Some(calls) = &calls {
            calls.check_tokens(assets.keys())?;
        }
        Ok(Self {
            assets,
            highest,
            calls,
        })
    }

    /// The rules of an asset, if it has any of its own.
    pub fn rules(&self, asset: &Asset) -> Option<&Rules> {
        self.assets.get(asset)
    }

    /// What everything without rules of its own needs.
    pub fn highest(&self) -> Requirement {
        self.highest
    }

    /// Whether a call that cannot be read counts as a payment.
    pub fn lists_call(&self, contract: Contract, selector: Selector) -> bool {
        let calls = self.calls.as_ref();
        calls.is_some_and(|calls| calls.lists(contract, selector))
    }

    /// What a payment of an amount needs.
    pub fn needs(&self, asset: &Asset, amount: Amount) -> Requirement {
        self.rules(asset)
            .map_or(self.highest, |rules| rules.needs(amount))
    }
}
