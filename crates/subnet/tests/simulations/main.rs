//! Subnets whose nodes fail, in every way that the design names, judged by libraries of others.
//!
//! Source: protocols.md of the design, sections 0, 9 and 10. All run from seeds, and a run that fails prints its own.

mod beacon;
mod bounds;
mod lives;
mod plan;
mod resharing;
mod withheld;
mod world;
