//! Sees and breaks the nodes of an embedded network, beside the unmodified `pocket-ic` client.
//!
//! - What it does: `pic.nodes()` gives the nodes of a network that the binary `chainkey` serves: what they show, faults, resharing.
//! - In: the client's handle, or a server's address. Out: reports as values of `subnet-view`.
//! - The caller must guarantee: that the server is `chainkey`; a PocketIC server has no nodes and answers with status 404.
//! - Leaves out: everything that the client itself does.
//!
//! ```no_run
//! use chainkey_control::ChainKeyNodes;
//! use chainkey_control::view::{Misbehaviour, Resharing};
//!
//! let network = pocket_ic::PocketIcBuilder::new().with_test_threshold_keys_subnet().build();
//! let nodes = network.nodes().of_kind("testthresholdkeys")?;
//! nodes.lie([3], Misbehaviour::WrongValue)?;
//! nodes.crash([0, 1, 2, 4])?;
//! nodes.heal()?;
//! nodes.reshare(&Resharing::Refresh)?;
//! for trace in nodes.report()?.overview.traces {
//!     println!("{}: signed by {:?}", trace.key, trace.trace.contributors);
//! }
//! # Ok::<(), chainkey_control::ControlError>(())
//! ```

mod error;
mod extension;
mod network;
mod subnet;

pub use error::ControlError;
pub use extension::ChainKeyNodes;
pub use network::NetworkNodes;
pub use subnet::SubnetNodes;
pub use subnet_view as view;
