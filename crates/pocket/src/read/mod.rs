//! Operations that read, one a file.

pub mod get_canister_http;
pub mod get_controllers;
pub mod get_cycles;
pub mod get_stable_memory;
pub mod get_subnet;
pub mod get_time;
pub mod ingress_status;
pub mod pub_key;
pub mod query;
pub mod topology;
