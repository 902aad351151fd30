//! A network of subnets in one process: topology, time, rounds, streams, ingress, outcalls.
//!
//! In: the configuration of an [`Instance`], then its operations, one at a time. Out: answers. The caller guarantees that
//! operations on one instance do not overlap. Deterministic: the same configuration and the same operations give the same
//! state roots. Leaves out: any network door (see `chainkey-pocket`) and real time (who drives the instance brings it).

mod canisters;
mod chain_keys;
mod clock;
mod config;
mod creation;
mod entropy;
mod error;
mod identity;
mod ingress;
mod instance;
mod message_id;
mod nodes;
mod outcalls;
mod ranges;
mod rounds;
mod route;
mod snapshot_directory;
mod snapshots;
mod streams;
mod time;
mod timings;
mod topology;

pub use chain_keys::NodeKeys;
pub use chainkey_subnet::KeySource;
pub use config::{InstanceConfig, NodeCounts, SubnetSpec};
pub use entropy::Entropy;
pub use error::InstanceError;
pub use ingress::{CallRejected, CallResult, CanisterCall, Submission, SubmittedId};
pub use instance::{Environment, Instance, LogSink};
pub use message_id::{MAX_INGRESS_EXPIRY, request_id};
pub use outcalls::{OutcallAnswers, PendingOutcall};
pub use ranges::{ALLOCATION_SIZE, MainnetHost, mainnet_host, mainnet_ranges};
pub use rounds::Blockmakers;
pub use route::EffectivePrincipal;
pub use streams::{InProcessStream, Stream};
pub use topology::{SubnetSummary, TopologySummary};
