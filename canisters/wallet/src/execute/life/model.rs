//! A wallet in plain values: what the policy says about a proposal, written without looking at the canister's own code.
//!
//! - What it does: members, policies, approvals, rejections and payments as a reader of docs/wallet.md would keep them on paper.
//! - It knows nothing of stages, stored forms, digests or calls. Times are nanoseconds.
//! - `tests/tests/life.rs` takes it too, with the types of the interface in place of the canister's: so it names nothing but what `super` has.

use super::{ASSETS, RawAllowList, RawPolicy, RawRequirement, RawRules, asset, destination};
use std::collections::{BTreeMap, BTreeSet};

/// Somebody, by number.
pub type Person = u32;

pub const SECOND: u64 = 1_000_000_000;

/// What a proposal wants.
#[derive(Clone, Debug, PartialEq)]
pub enum Want {
    Pay {
        asset: usize,
        to: Person,
        amount: u128,
        max_fee: u128,
    },
    Sign(Vec<u8>),
    Policy(RawPolicy),
    Members(BTreeSet<Person>),
}

/// How far a proposal is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    Open,
    Begun,
    Done,
    Rejected,
    Cancelled,
    Expired,
}

/// What was in force when a payment was begun, and the how manyeth it was.
#[derive(Clone, Copy, Debug)]
pub struct Begun {
    pub order: u64,
    pub limit: Option<(u128, u64)>,
}

/// The version of no policy, which approvals have that were crossed out.
pub const NO_POLICY: u64 = 0;

/// A proposal.
#[derive(Clone, Debug)]
pub struct Proposal {
    pub wallet: u64,
    pub want: Want,
    pub by: Person,
    pub expires_at: u64,
    /// When, and under which policy.
    pub approvals: BTreeMap<Person, (u64, u64)>,
    pub rejections: BTreeSet<Person>,
    pub phase: Phase,
    pub begun: Option<Begun>,
    /// Transfers that a ledger has made for it.
    pub paid: u32,
    /// Signatures that exist.
    pub signed: u32,
}

/// A payment that counts for a limit.
#[derive(Clone, Copy, Debug)]
pub struct Spent {
    pub proposal: u64,
    pub asset: usize,
    pub amount: u128,
    pub settled: Option<u64>,
}

/// A wallet.
#[derive(Clone, Debug)]
pub struct Wallet {
    pub members: BTreeSet<Person>,
    pub policy: RawPolicy,
    pub version: u64,
    /// From when on an entry of an allow-list counts.
    pub active_from: BTreeMap<(usize, String), u64>,
    pub spent: Vec<Spent>,
}

/// Why nothing helps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    OverLimit { spent: u128, fits_at: Option<u64> },
    NotListed,
    NotActive(u64),
    Unreachable,
}

/// What the policy says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Says {
    Ready,
    Needs { given: u32, quorum: u32 },
    Waits(u64),
    Rejected,
    Denied(Vec<Reason>),
}

impl Wallet {
    pub fn rules(&self, number: usize) -> Option<&RawRules> {
        rules(&self.policy, number)
    }

    /// What an act needs.
    pub fn needs(&self, want: &Want) -> RawRequirement {
        match want {
            Want::Pay {
                asset,
                amount,
                max_fee,
                ..
            } => needs(&self.policy, *asset, amount + max_fee),
            Want::Policy(new) if !loosens(&self.policy, new) => RawRequirement {
                delay_seconds: 0,
                ..self.policy.highest.clone()
            },
            Want::Sign(_) | Want::Policy(_) | Want::Members(_) => self.policy.highest.clone(),
        }
    }

    /// What the policy says about a proposal at a time.
    pub fn says(&self, proposal: &Proposal, now: u64) -> Says {
        let needs = self.needs(&proposal.want);
        if self.is_rejected(proposal, &needs) {
            return Says::Rejected;
        }
        let reasons = self.reasons(&proposal.want, now);
        if !reasons.is_empty() {
            return Says::Denied(reasons);
        }
        let mut times = Vec::new();
        for (who, (at, version)) in &proposal.approvals {
            if self.members.contains(who) && *version == self.version {
                times.push(*at);
            }
        }
        times.sort_unstable();
        let quorum = needs.quorum;
        if times.len() < quorum as usize {
            let given = times.len() as u32;
            return Says::Needs { given, quorum };
        }
        let until = times[quorum as usize - 1] + needs.delay_seconds * SECOND;
        match until > now {
            true => Says::Waits(until),
            false => Says::Ready,
        }
    }

    fn is_rejected(&self, proposal: &Proposal, needs: &RawRequirement) -> bool {
        let stays = |who: &Person| match &proposal.want {
            Want::Members(members) => members.contains(who),
            _ => true,
        };
        let mut against = 0;
        for who in &proposal.rejections {
            if self.members.contains(who) && stays(who) {
                against += 1;
            }
        }
        let left = self.members.len() - against;
        let veto = against > 0 && needs.delay_seconds > 0;
        veto || (against > 0 && left <= 1) || left < needs.quorum as usize
    }

    fn reasons(&self, want: &Want, now: u64) -> Vec<Reason> {
        let mut reasons = Vec::new();
        match want {
            Want::Sign(_) => {}
            Want::Policy(new) => {
                if new.highest.quorum as usize > self.members.len() {
                    reasons.push(Reason::Unreachable);
                }
            }
            Want::Members(members) => {
                if self.policy.highest.quorum as usize > members.len() {
                    reasons.push(Reason::Unreachable);
                }
            }
            Want::Pay {
                asset,
                to,
                amount,
                max_fee,
            } => {
                reasons.extend(self.over_limit(*asset, amount + max_fee, now));
                reasons.extend(self.not_listed(*asset, *to, now));
            }
        }
        reasons
    }

    fn over_limit(&self, asset: usize, amount: u128, now: u64) -> Option<Reason> {
        let limit = self.rules(asset)?.limit.as_ref()?;
        let window = limit.window_seconds * SECOND;
        // As if all that is open settled now.
        let ends = |payment: &Spent| payment.settled.unwrap_or(now) + window;
        let own: Vec<&Spent> = self
            .spent
            .iter()
            .filter(|spent| spent.asset == asset)
            .collect();
        let left_at = |time: u64| -> u128 {
            let counted = own.iter().filter(|payment| ends(payment) > time);
            counted.map(|payment| payment.amount).sum()
        };
        let spent = left_at(now);
        if spent + amount <= limit.amount {
            return None;
        }
        let mut times: Vec<u64> = own.iter().map(|payment| ends(payment)).collect();
        times.retain(|time| *time > now);
        times.sort_unstable();
        let fits_at = times
            .into_iter()
            .find(|time| left_at(*time) + amount <= limit.amount);
        Some(Reason::OverLimit { spent, fits_at })
    }

    fn not_listed(&self, asset: usize, to: Person, now: u64) -> Option<Reason> {
        let list = self.rules(asset)?.allow_list.as_ref()?;
        let to = destination(asset, to);
        if !list.destinations.contains(&to) {
            return Some(Reason::NotListed);
        }
        let from = *self.active_from.get(&(asset, to))?;
        (from > now).then_some(Reason::NotActive(from))
    }

    /// The policy changes.
    pub fn change_policy(&mut self, new: &RawPolicy, now: u64) {
        let mut active_from = BTreeMap::new();
        for number in 0..ASSETS {
            let lists = (list(&self.policy, number), list(new, number));
            let (Some(old), Some(new)) = lists else {
                continue;
            };
            for entry in &new.destinations {
                let key = (number, entry.clone());
                let delay = old.activation_seconds.max(new.activation_seconds);
                let from = match old.destinations.contains(entry) {
                    true => self.active_from.get(&key).copied(),
                    false => Some(now + delay * SECOND),
                };
                if let Some(from) = from {
                    active_from.insert(key, from);
                }
            }
        }
        self.active_from = active_from;
        self.policy = new.clone();
        self.version += 1;
    }
}

fn rules(policy: &RawPolicy, number: usize) -> Option<&RawRules> {
    policy
        .assets
        .iter()
        .find(|rules| rules.asset == asset(number))
}

fn list(policy: &RawPolicy, number: usize) -> Option<&RawAllowList> {
    rules(policy, number)?.allow_list.as_ref()
}

fn needs(policy: &RawPolicy, number: usize, amount: u128) -> RawRequirement {
    let Some(rules) = rules(policy, number) else {
        return policy.highest.clone();
    };
    for tier in &rules.tiers {
        if tier.up_to.is_none_or(|bound| amount <= bound) {
            return tier.needs.clone();
        }
    }
    policy.highest.clone()
}

/// The amounts on both sides of each bound.
fn amounts(policy: &RawPolicy, number: usize) -> impl Iterator<Item = u128> {
    let tiers = rules(policy, number)
        .into_iter()
        .flat_map(|rules| &rules.tiers);
    tiers
        .filter_map(|tier| tier.up_to)
        .flat_map(|bound| [bound, bound + 1])
}

/// Whether anything becomes possible: by trying amounts, not by comparing tiers.
pub fn loosens(old: &RawPolicy, new: &RawPolicy) -> bool {
    let less = |new: &RawRequirement, old: &RawRequirement| {
        new.quorum < old.quorum || new.delay_seconds < old.delay_seconds
    };
    if less(&new.highest, &old.highest) {
        return true;
    }
    for number in 0..ASSETS {
        for amount in amounts(old, number)
            .chain(amounts(new, number))
            .chain([0, u128::MAX])
        {
            if less(&needs(new, number, amount), &needs(old, number, amount)) {
                return true;
            }
        }
        let before = rules(old, number);
        let after = rules(new, number);
        if let Some(limit) = before.and_then(|rules| rules.limit.as_ref()) {
            let Some(now) = after.and_then(|rules| rules.limit.as_ref()) else {
                return true;
            };
            if now.amount > limit.amount || now.window_seconds < limit.window_seconds {
                return true;
            }
        }
        if let Some(before) = list(old, number) {
            let Some(after) = list(new, number) else {
                return true;
            };
            let new_entry = |entry| !before.destinations.contains(entry);
            if after.destinations.iter().any(new_entry)
                || after.activation_seconds < before.activation_seconds
            {
                return true;
            }
        }
    }
    false
}
