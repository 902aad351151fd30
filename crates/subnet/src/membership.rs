//! Who shall be a member from the next epoch on.
//!
//! Source: protocols.md of the design, section 1 (resharing). In: which members stay, at which place, and how many join. Out: the same, checked. Nodes may
//! be added, removed and replaced, the committee may grow, shrink or be exchanged altogether; if all stay, shares are refreshed.

use chainkey_algebra::{Committee, CommitteeError, NodeIndex};
use std::collections::{BTreeMap, BTreeSet};
use subnet_view::{Faults, Resharing};

/// A place in the next committee.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Member {
    /// A member of this epoch, by its index.
    Stays(NodeIndex),
    /// A node that was no member.
    Joins,
}

/// The next committee, in the order of its indices.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Membership {
    members: Vec<Member>,
    /// What is wrong with members by their index in the next epoch, besides what those that stay bring along.
    pub faults: Faults,
}

/// Why a membership can't be.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum MembershipError {
    /// Not 3f + 1 members.
    #[error(transparent)]
    Size(#[from] CommitteeError),
    /// Not a member of this epoch.
    #[error("{0} can't stay, for it is not a member")]
    NotAMember(NodeIndex),
    /// The same member at two places.
    #[error("{0} can't stay at two places")]
    Twice(NodeIndex),
}

impl Membership {
    /// These members.
    pub fn of(members: impl IntoIterator<Item = Member>) -> Self {
        Membership {
            members: members.into_iter().collect(),
            faults: Faults::default(),
        }
    }

    /// All members of a committee stay; only their shares become others.
    pub fn refresh(committee: Committee) -> Self {
        Membership::of(committee.members().map(Member::Stays))
    }

    /// Nobody stays.
    pub fn strangers(size: u16) -> Self {
        Membership::of((0..size).map(|_| Member::Joins))
    }

    /// A committee of another size: as many members as possible stay, and others join.
    pub fn resize(committee: Committee, size: u16) -> Self {
        Membership::of((0..size).map(|index| match NodeIndex(index) {
            node if committee.contains(node) => Member::Stays(node),
            _ => Member::Joins,
        }))
    }

    /// What a plan means for a committee.
    ///
    /// # Errors
    /// A node that is to be replaced is no member.
    pub fn planned(committee: Committee, plan: &Resharing) -> Result<Self, MembershipError> {
        Ok(match plan {
            Resharing::Refresh => Membership::refresh(committee),
            Resharing::Resize(size) => Membership::resize(committee, *size),
            Resharing::Members(places) => Membership::of(places.iter().map(|place| match place {
                Some(node) => Member::Stays(NodeIndex(*node)),
                None => Member::Joins,
            })),
            Resharing::Replace(nodes) => {
                let mut membership = Membership::refresh(committee);
                for node in nodes.iter().copied().map(NodeIndex) {
                    if !committee.contains(node) {
                        return Err(MembershipError::NotAMember(node));
                    }
                    membership = membership.replace(node);
                }
                membership
            }
        })
    }

    /// The same with one member replaced by a node that joins.
    #[must_use]
    pub fn replace(mut self, node: NodeIndex) -> Self {
        for member in &mut self.members {
            if *member == Member::Stays(node) {
                *member = Member::Joins;
            }
        }
        self
    }

    /// The members, place by place.
    pub fn members(&self) -> &[Member] {
        &self.members
    }

    /// The committee that they form.
    pub fn committee(&self, old: Committee) -> Result<Committee, MembershipError> {
        let mut seen = BTreeSet::new();
        for member in &self.members {
            if let Member::Stays(node) = member {
                if !old.contains(*node) {
                    return Err(MembershipError::NotAMember(*node));
                }
                if !seen.insert(node.0) {
                    return Err(MembershipError::Twice(*node));
                }
            }
        }
        let size = u16::try_from(self.members.len()).unwrap_or(u16::MAX);
        Ok(Committee::new(size)?)
    }

    /// What will be wrong: what is wrong with those that stay, at their new places, and what is said of the others.
    pub fn next_faults(&self, now: &Faults) -> Faults {
        let places = self.members.iter().zip(0_u16..);
        let places: BTreeMap<u16, u16> = places
            .filter_map(|(member, place)| match member {
                Member::Stays(node) => Some((node.0, place)),
                Member::Joins => None,
            })
            .collect();
        let moved = |set: &BTreeSet<u16>| -> BTreeSet<u16> {
            let known = set.iter().filter_map(|node| places.get(node));
            known.copied().collect()
        };
        let mut next = self.faults.clone();
        for (node, condition) in &now.conditions {
            if let Some(place) = places.get(node) {
                next.conditions.entry(*place).or_insert(*condition);
            }
        }
        next.partition.extend(now.partition.iter().map(moved));
        for rule in &now.rules {
            let mut rule = rule.clone();
            rule.senders = moved(&rule.senders);
            if !rule.senders.is_empty() {
                next.rules.push(rule);
            }
        }
        next
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use subnet_view::{Condition, Effect, Rule};

    fn stays(node: u16) -> Member {
        Member::Stays(NodeIndex(node))
    }

    #[test]
    fn only_members_stay_and_each_at_one_place() {
        let old = Committee::new(4).unwrap();
        let of = |members: [Member; 4]| Membership::of(members).committee(old).map(|_| ());
        assert_eq!(of([stays(3), Member::Joins, stays(0), stays(1)]), Ok(()));
        let stranger = of([stays(4), Member::Joins, stays(0), stays(1)]);
        assert_eq!(stranger, Err(MembershipError::NotAMember(NodeIndex(4))));
        let twice = of([stays(1), Member::Joins, stays(0), stays(1)]);
        assert_eq!(twice, Err(MembershipError::Twice(NodeIndex(1))));
        assert!(Membership::strangers(5).committee(old).is_err());
    }

    #[test]
    fn a_plan_names_places() {
        let old = Committee::new(4).unwrap();
        let planned = |plan| Membership::planned(old, &plan);
        let replaced = planned(Resharing::Replace(vec![2])).unwrap();
        let joins = [stays(0), stays(1), Member::Joins, stays(3)];
        assert_eq!(replaced, Membership::of(joins));
        let places = vec![Some(0), Some(1), None, Some(3)];
        assert_eq!(planned(Resharing::Members(places)), Ok(replaced));
        assert_eq!(planned(Resharing::Refresh), Ok(Membership::refresh(old)));
        let bigger = planned(Resharing::Resize(7)).unwrap();
        assert_eq!(bigger.committee(old).unwrap().size(), 7);
        let stranger = planned(Resharing::Replace(vec![4]));
        assert_eq!(stranger, Err(MembershipError::NotAMember(NodeIndex(4))));
    }

    #[test]
    fn faults_go_along_with_those_that_stay() {
        let plan = Membership::of([stays(3), Member::Joins, stays(0), stays(2)]);
        let mut now = Faults::default();
        now.set(NodeIndex(3), Condition::Crashed);
        now.set(NodeIndex(1), Condition::Silent);
        now.rules = vec![
            Rule::always([NodeIndex(1)], Effect::Drop),
            Rule::always([NodeIndex(2), NodeIndex(1)], Effect::Duplicate),
        ];
        let next = plan.next_faults(&now);
        assert_eq!(next.conditions, BTreeMap::from([(0, Condition::Crashed)]));
        let rule = Rule::always([NodeIndex(3)], Effect::Duplicate);
        assert_eq!(next.rules, vec![rule]);
    }
}
