//! Which nodes made blocks, and which failed to, day by day.
//!
//! Source: interface specification, `node_metrics_history`: totals since the beginning, of each day the last ones. In: rounds whose makers
//! are known; a local network knows only those that it was told. Out: the totals from a time on.

use crate::ids::{NodeId, Time};
use std::collections::BTreeMap;

const DAY: u64 = 86_400 * 1_000_000_000;
/// Days that are kept.
const DAYS: usize = 60;

/// What a node did since the beginning.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct BlockCounts {
    /// Blocks that it made.
    pub made: u64,
    /// Times that it should have made one and did not.
    pub failed: u64,
}

/// The record of a subnet.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct BlockRecord {
    totals: BTreeMap<NodeId, BlockCounts>,
    days: BTreeMap<Time, BTreeMap<NodeId, BlockCounts>>,
}

impl BlockRecord {
    /// Counts a round at this time: the node that made its block, and those that failed to before.
    pub fn count(&mut self, time: Time, maker: NodeId, failed: &[NodeId]) {
        self.totals.entry(maker).or_default().made += 1;
        for node in failed {
            self.totals.entry(*node).or_default().failed += 1;
        }
        if let Some(last) = self.days.last_entry()
            && last.key().0 / DAY == time.0 / DAY
        {
            last.remove();
        }
        self.days.insert(time, self.totals.clone());
        while self.days.len() > DAYS {
            self.days.pop_first();
        }
    }

    /// The last totals of each day from this time on.
    pub fn since(
        &self,
        start: Time,
    ) -> impl Iterator<Item = (Time, &BTreeMap<NodeId, BlockCounts>)> {
        self.days.range(start..).map(|(time, nodes)| (*time, nodes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use candid::Principal;

    #[test]
    fn the_last_totals_of_each_day_are_kept() {
        let node = |i: u8| NodeId(Principal::self_authenticating([i]));
        let mut record = BlockRecord::default();
        record.count(Time(1), node(1), &[]);
        record.count(Time(2), node(1), &[node(2)]);
        record.count(Time(DAY + 1), node(2), &[]);
        let days: Vec<_> = record.since(Time(0)).collect();
        assert_eq!(days.len(), 2);
        assert_eq!(days[0].0, Time(2));
        assert_eq!(days[0].1[&node(1)], BlockCounts { made: 2, failed: 0 });
        assert_eq!(days[1].1[&node(2)], BlockCounts { made: 1, failed: 1 });
        assert_eq!(record.since(Time(3)).count(), 1);
    }

    #[test]
    fn old_days_are_forgotten() {
        let node = NodeId(Principal::self_authenticating([1]));
        let mut record = BlockRecord::default();
        for day in 0..70 {
            record.count(Time(day * DAY), node, &[]);
        }
        assert_eq!(record.since(Time(0)).count(), DAYS);
        assert!(record.since(Time(0)).all(|(time, _)| time.0 >= 10 * DAY));
    }
}
