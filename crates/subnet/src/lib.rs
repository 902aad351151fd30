//! The nodes of a subnet, the network between them with its faults, key ceremonies and signing.

mod broadcast;
pub mod fault;
mod message;
