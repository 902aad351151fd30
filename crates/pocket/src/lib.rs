//! The PocketIC server API over embedded instances, one operation a file.
//!
//! Source: `pocket_ic::common::rest` of the client crate, whose types travel. In: HTTP requests. Out: JSON. Every answer is
//! synchronous; operations on one instance run one after the other in the order in which they came. The caller gives a
//! listener and an environment. Leaves out: the public IC API and the HTTP gateway, which answer that they are not there.

mod activity;
mod app;
mod auto_progress;
mod blobstore;
mod body;
mod dashboard;
mod graph;
mod http_gateway;
mod instances;
mod nodes;
mod outcall_client;
mod principals;
mod public_api;
mod read;
mod reply;
mod routes;
mod server;
mod slots;
mod status;
mod update;
mod verify_signature;

pub use app::Defaults;
pub use server::{Server, ServerConfig, ServerError};
