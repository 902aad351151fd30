//! Creating, listing and deleting instances.

pub mod create;
pub mod delete;
pub mod list;
mod request;
mod unsupported;

pub use request::delay;
