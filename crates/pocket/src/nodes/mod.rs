//! The nodes of an instance's subnets, to see and to break: `/instances/{id}/nodes…`. Ours alone: a PocketIC server has no such paths.

pub mod beacon;
pub mod faults;
pub mod list;
pub mod refill;
pub mod report;
pub mod reshare;
