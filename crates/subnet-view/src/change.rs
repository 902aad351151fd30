//! Changes to what is wrong with a subnet's nodes.
//!
//! In: a change, the faults of now, the number of nodes. Out: the faults after it, or why it can't be; then nothing has changed.

use crate::{Condition, Faults, Rule};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// A change.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultChange {
    /// These nodes go off: they lose what they had not written to disk.
    Crash(BTreeSet<u16>),
    /// These nodes hear but say nothing.
    Silence(BTreeSet<u16>),
    /// These nodes run again.
    Restart(BTreeSet<u16>),
    /// These groups can't reach each other; a node that stands in none belongs to one more group. No groups: all reach each other.
    Partition(Vec<BTreeSet<u16>>),
    /// One rule more, applied after the others: loss, delay, duplicates, lies.
    Rule(Rule),
    /// These nodes obey no rule any more.
    Obey(BTreeSet<u16>),
    /// Nothing is wrong any more.
    Heal,
    /// Exactly this is wrong.
    Set(Faults),
}

/// Why a change can't be.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum FaultError {
    /// There is no such node.
    #[error("the subnet has no node {node}: its nodes are 0 to {last}")]
    NoSuchNode {
        /// The index that was named.
        node: u16,
        /// The last index.
        last: u16,
    },
    /// No node is named.
    #[error("no node is named: name at least one by its index")]
    NoNode,
    /// A share of more than all.
    #[error("{0} in a hundred is too often: at most 100")]
    TooOften(u8),
    /// A node in two groups.
    #[error("node {0} can't be in two groups of a partition")]
    InTwoGroups(u16),
}

impl Faults {
    /// The faults after a change in a subnet of so many nodes.
    ///
    /// # Errors
    /// A node that is not there, no node where one is needed, a share of more than 100 in 100, a node in two groups.
    pub fn after(&self, change: FaultChange, nodes: u16) -> Result<Self, FaultError> {
        let mut next = self.clone();
        match change {
            FaultChange::Crash(named) => next.all(named, Condition::Crashed)?,
            FaultChange::Silence(named) => next.all(named, Condition::Silent)?,
            FaultChange::Restart(named) => next.all(named, Condition::Running)?,
            FaultChange::Partition(groups) => next.partition = groups,
            FaultChange::Rule(rule) => next.rules.push(rule),
            FaultChange::Obey(named) => {
                for rule in &mut next.rules {
                    rule.senders.retain(|node| !named.contains(node));
                }
                next.rules.retain(|rule| !rule.senders.is_empty());
                demand_nodes(&named, nodes)?;
            }
            FaultChange::Heal => next = Faults::default(),
            FaultChange::Set(faults) => next = faults,
        }
        next.check(nodes)?;
        Ok(next)
    }

    fn all(&mut self, named: BTreeSet<u16>, condition: Condition) -> Result<(), FaultError> {
        if named.is_empty() {
            return Err(FaultError::NoNode);
        }
        for node in named {
            // Also a node that runs is noted, so that one that does not exist is noticed.
            self.conditions.insert(node, condition);
        }
        Ok(())
    }

    /// Refuses what can't be, and forgets conditions that say nothing.
    fn check(&mut self, nodes: u16) -> Result<(), FaultError> {
        let named: BTreeSet<u16> = self.conditions.keys().copied().collect();
        known(&named, nodes)?;
        let mut grouped = BTreeSet::new();
        for node in self.partition.iter().flatten() {
            if !grouped.insert(*node) {
                return Err(FaultError::InTwoGroups(*node));
            }
        }
        known(&grouped, nodes)?;
        for rule in &self.rules {
            demand_nodes(&rule.senders, nodes)?;
            if rule.percent > 100 {
                return Err(FaultError::TooOften(rule.percent));
            }
        }
        self.conditions
            .retain(|_, condition| *condition != Condition::Running);
        Ok(())
    }
}

fn demand_nodes(named: &BTreeSet<u16>, nodes: u16) -> Result<(), FaultError> {
    match named.is_empty() {
        true => Err(FaultError::NoNode),
        false => known(named, nodes),
    }
}

fn known(named: &BTreeSet<u16>, nodes: u16) -> Result<(), FaultError> {
    let last = nodes.saturating_sub(1);
    match named.iter().find(|node| **node > last) {
        Some(node) => Err(FaultError::NoSuchNode { node: *node, last }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Effect, Misbehaviour};

    fn set(nodes: &[u16]) -> BTreeSet<u16> {
        nodes.iter().copied().collect()
    }

    #[test]
    fn nodes_crash_and_run_again() {
        let crashed = Faults::default().after(FaultChange::Crash(set(&[1, 2])), 4);
        let crashed = crashed.unwrap();
        assert_eq!(crashed.condition(1_u16), Condition::Crashed);
        let one = crashed.after(FaultChange::Restart(set(&[1])), 4).unwrap();
        assert_eq!(one.condition(1_u16), Condition::Running);
        assert_eq!(one.condition(2_u16), Condition::Crashed);
        let none = one.after(FaultChange::Heal, 4).unwrap();
        assert_eq!(none, Faults::default());
    }

    #[test]
    fn rules_end_for_nodes_that_obey_again() {
        let lie = Rule::always([0_u16, 3], Effect::Corrupt(Misbehaviour::WrongValue));
        let lying = Faults::default().after(FaultChange::Rule(lie), 4).unwrap();
        let one = lying.after(FaultChange::Obey(set(&[0])), 4).unwrap();
        assert_eq!(one.rules[0].senders, set(&[3]));
        let none = one.after(FaultChange::Obey(set(&[3])), 4).unwrap();
        assert_eq!(none, Faults::default());
    }

    #[test]
    fn what_cannot_be_is_refused_by_name() {
        let refused = |change| Faults::default().after(change, 4).unwrap_err();
        let stranger = FaultError::NoSuchNode { node: 4, last: 3 };
        assert_eq!(refused(FaultChange::Crash(set(&[0, 4]))), stranger);
        assert_eq!(refused(FaultChange::Restart(set(&[4]))), stranger);
        assert_eq!(refused(FaultChange::Obey(set(&[4]))), stranger);
        assert_eq!(refused(FaultChange::Silence(set(&[]))), FaultError::NoNode);
        let twice = FaultChange::Partition(vec![set(&[0, 1]), set(&[1])]);
        assert_eq!(refused(twice), FaultError::InTwoGroups(1));
        let often = Rule::always([0_u16], Effect::Drop).sometimes(101);
        assert_eq!(refused(FaultChange::Rule(often)), FaultError::TooOften(101));
        let nobody = Rule::always::<u16>([], Effect::Drop);
        assert_eq!(refused(FaultChange::Rule(nobody)), FaultError::NoNode);
    }

    #[test]
    fn a_change_is_short_json() {
        let read = |text| serde_json::from_str::<FaultChange>(text).unwrap();
        assert_eq!(read(r#"{"crash":[3,1]}"#), FaultChange::Crash(set(&[1, 3])));
        assert_eq!(read(r#""heal""#), FaultChange::Heal);
        let rule = read(r#"{"rule":{"senders":[2],"effect":{"corrupt":"flip"}}}"#);
        let expected = Rule::always([2_u16], Effect::Corrupt(Misbehaviour::Flip));
        assert_eq!(rule, FaultChange::Rule(expected));
    }
}
