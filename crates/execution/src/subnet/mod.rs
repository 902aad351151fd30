//! The replicated state of one subnet and what can be done with it.
//!
//! In: ingress, messages of other subnets, answers of the world, time. Out: statuses, answers, messages for other subnets.
//! [`Subnet`] is the only way in; `round` moves it on. Leaves out: the network of subnets (crate `chainkey-instance`) and
//! the nodes (crate `chainkey-subnet`, to come).

mod block_record;
mod config;
mod door;
mod ingress_history;
mod instruction_limits;
mod root;
mod routing;
mod state;

pub use block_record::{BlockCounts, BlockRecord};
pub use config::{SubnetConfig, SubnetKind};
pub use door::Subnet;
pub use ingress_history::{IngressHistory, IngressStatus};
pub use instruction_limits::InstructionLimits;
pub use routing::{RoutingTable, SubnetRecord};
pub use state::SubnetState;
