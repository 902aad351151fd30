//! Policies as tests and the demo write them, in the types of [`super::interface`].

use super::interface::{Policy, Requirement, Tier};

/// So many members, and a wait.
pub fn needs(quorum: u32, delay_seconds: u64) -> Requirement {
    Requirement {
        quorum,
        delay_seconds,
    }
}

/// A tier that ends at an amount, or the last one.
pub fn tier(up_to: impl Into<Option<u128>>, needs: Requirement) -> Tier {
    let up_to = up_to.into();
    Tier { up_to, needs }
}

impl Policy {
    /// Without rules for any asset.
    pub fn without_rules(highest: Requirement) -> Self {
        let assets = Vec::new();
        Self {
            assets,
            highest,
            calls: None,
        }
    }
}
