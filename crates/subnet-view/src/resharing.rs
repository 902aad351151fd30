//! Who shall hold the shares next.
//!
//! Source: protocols.md of the design, section 1 (resharing). In and out: values. Leaves out: whether it can be (`chainkey-subnet`).

use serde::{Deserialize, Serialize};

/// The next committee of a subnet. Public keys stay in any case, old shares are erased, presignatures are purged.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Resharing {
    /// The same nodes with other shares.
    Refresh,
    /// These nodes leave, by index, and as many new ones join in their places.
    Replace(Vec<u16>),
    /// So many nodes: 3f + 1. The first ones stay, and new ones join if there are too few.
    Resize(u16),
    /// Place by place: a node that stays, by its index now, or nothing for one that joins.
    Members(Vec<Option<u16>>),
}
