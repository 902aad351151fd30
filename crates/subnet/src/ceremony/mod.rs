//! One run of a protocol that makes shared values: what all nodes see of it, and what each node does and keeps.
//!
//! Source: docs/protocols/idkg.md. The public part is made of the ordered blocks alone, so that it is the same on every node; the private part
//! belongs to one node. In: payloads, steps. Out: a transcript, and each node's shares of it. Leaves out: which ceremonies
//! are run, in which order (`agenda`).

mod curve;
mod dealings;
mod high;
mod private;
mod public;

pub use curve::{CurveBoard, CurveNode, published_input};
pub use dealings::Dealings;
pub use high::{PrivateHigh, PublicHigh};
pub use private::{Dealer, PrivateCeremony};
pub use public::{Blame, PublicCeremony};

use crate::broadcast::Step;

/// The public side of a run, whatever the threshold.
pub trait Ceremony {
    /// What is to be made.
    type Params;

    /// A ceremony in which nothing was dealt yet.
    fn new(params: Self::Params, began: Step) -> Self;
}
