//! Whether one policy permits what another one refuses.
//!
//! - What it does: [`loosens`] compares two policies rule by rule. A change that loosens nothing needs no delay; every other one waits as
//!   long as the old policy's highest requirement says, so that any member can veto it. In doubt it answers yes.
//! - [`waiting_after`] tells from when on new entries of an allow-list count.
//! - In: the policy in force, and the one to come.

use super::{Limit, Policy, Requirement, Rules};
use crate::asset::{Amount, Asset};
use crate::destination::Destination;
use canister_kit::encoding::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

/// New entries of allow-lists, and from when on each counts.
pub type Waiting = BTreeMap<Asset, BTreeMap<Destination, Timestamp>>;

/// Whether the new policy permits anything that the old one does not.
pub fn loosens(old: &Policy, new: &Policy) -> bool {
    let assets: BTreeSet<&Asset> = old.assets.keys().chain(new.assets.keys()).collect();
    !new.highest.covers(&old.highest)
        || loosens_calls(old, new)
        || assets
            .into_iter()
            .any(|asset| loosens_asset(asset, old, new))
}

fn loosens_asset(asset: &Asset, old: &Policy, new: &Policy) -> bool {
    let (before, after) = (old.rules(asset), new.rules(asset));
    // Requirements are constant between bounds: what holds at every bound, and above the last one, holds everywhere.
    let bounds = [before, after]
        .into_iter()
        .flatten()
        .flat_map(Rules::bounds);
    let loose_tier = bounds
        .chain([Amount(u128::MAX)])
        .any(|amount| !covers(new.needs(asset, amount), old.needs(asset, amount)));
    let loose_limit = match (before.and_then(Rules::limit), after.and_then(Rules::limit)) {
        (None, _) => false,
        (Some(_), None) => true,
        (Some(old), Some(new)) => loosens_limit(old, new),
    };
    let (before, after) = (
        before.and_then(Rules::allow_list),
        after.and_then(Rules::allow_list),
    );
    let loose_list = match (before, after) {
        (None, _) => false,
        (Some(_), None) => true,
        (Some(old), Some(new)) => {
            new.activation < old.activation || !new.destinations.is_subset(&old.destinations)
        }
    };
    loose_tier || loose_limit || loose_list
}

/// A call that is listed needs less than the highest requirement.
fn loosens_calls(old: &Policy, new: &Policy) -> bool {
    match (&old.calls, &new.calls) {
        (_, None) => false,
        (None, Some(_)) => true,
        (Some(old), Some(new)) => !new.is_within(old),
    }
}

fn covers(new: Requirement, old: Requirement) -> bool {
    new.covers(&old)
}

/// Less in a window that is at least as long permits nothing more.
fn loosens_limit(old: Limit, new: Limit) -> bool {
    new.amount > old.amount || new.window < old.window
}

/// Which entries of the new policy's allow-lists wait, and until when, if it comes into force now: those that the old list did not have, for
/// the longer of both delays; and those that waited already, as long as before. Where there was no list, everything was allowed, and no entry
/// of the new one waits.
pub fn waiting_after(old: &Policy, waiting: &Waiting, new: &Policy, now: Timestamp) -> Waiting {
    let mut after = Waiting::new();
    for (asset, rules) in &new.assets {
        let lists = (
            old.rules(asset).and_then(Rules::allow_list),
            rules.allow_list(),
        );
        let (Some(old), Some(new)) = lists else {
            continue;
        };
        let delay = old.activation.max(new.activation);
        let before = waiting.get(asset);
        let until = |entry: &Destination| match before.and_then(|entries| entries.get(entry)) {
            Some(until) => Some(*until),
            None if old.destinations.contains(entry) => None,
            None => Some(delay.after(now)),
        };
        let entries = new.destinations.iter();
        let entries: BTreeMap<_, _> = entries
            .filter_map(|entry| Some((entry.clone(), until(entry).filter(|until| *until > now)?)))
            .collect();
        if !entries.is_empty() {
            after.insert(asset.clone(), entries);
        }
    }
    after
}
