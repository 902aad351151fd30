//! Creating, listing and deleting instances.

pub mod create;
pub mod delete;
pub mod list;
mod request;

pub use request::delay;
