//! Operations that change an instance, one a file.

pub mod add_cycles;
pub mod await_ingress_message;
pub mod canister_snapshot_download;
pub mod canister_snapshot_upload;
pub mod delete_subnet;
pub mod mock_canister_http;
pub mod mock_flexible_canister_http;
pub mod set_certified_time;
pub mod set_stable_memory;
pub mod set_time;
pub mod submit_ingress_message;
pub mod tick;
