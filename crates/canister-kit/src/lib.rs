//! What every canister of the suite has in common.
//!
//! - What it does: [`Kit`] joins the parts below; [`canister!`] gives a canister the kit and the endpoints that every
//!   canister has: `info`, `usage`, `audit_log`, `http_request`, `set_paused`, `set_allowed`, `deposit`.
//! - Parts: checked arguments of `init` and the configuration ([`init`], [`config`]), callers and locks ([`caller`], [`guard`]),
//!   quota ([`quota`]), idempotent paid calls ([`journal`]), who pays ([`admission`]), the pause switch ([`pause`]), the log of
//!   events and its proof ([`event`], [`audit`]), certified pages ([`certified`]), the map of stable memory ([`memory`]),
//!   and the world outside ([`runtime`]).
//! - Specification: IC interface specification; HTTP gateway protocol specification.
//! - In and out: Candid records in, a [`Refusal`] and Candid records out.
//! - A way through it: [`Caller::of`] -> [`Kit::begin`] -> the paid call -> [`Kit::finish`].
//! - Left out: calls to other canisters, which are each canister's own; taking deposits back; migrations between schemas,
//!   because there is one.

// The fake runtime is shared with the canisters' tests, which know this package by its name.
#[cfg(test)]
extern crate self as canister_kit;

pub mod admission;
pub mod audit;
pub mod caller;
pub mod certified;
pub mod config;
#[cfg(test)]
mod counted;
pub mod domain;
pub mod encoding;
mod endpoints;
pub mod environment;
pub mod event;
pub mod guard;
pub mod info;
pub mod init;
pub mod journal;
mod kit;
pub mod memory;
pub mod metadata;
pub mod pause;
pub mod product;
pub mod quota;
pub mod refusal;
pub mod runtime;
pub mod usage;

pub use admission::{Admission, Admitted};
pub use caller::Caller;
pub use config::{Config, ConfigError, ConfigStore};
pub use environment::{Environment, KeyName, KeyNameError};
pub use event::{KitEvent, Logged, Stamp, Stamped};
pub use guard::{Guard, Guards};
pub use info::{AdmissionMode, Info, Service};
pub use init::{InitArgs, InitError};
pub use kit::{Begun, Kit, Paid, PaidCall, State};
pub use product::{NoProduct, Product};
pub use refusal::Refusal;
pub use usage::{Usage, UsageStanding};

/// What the macros of this package name of ic-stable-structures.
pub mod stable {
    pub use ic_stable_structures::{DefaultMemoryImpl, Memory};
}

/// Requests and responses of `http_request`.
pub mod http {
    pub use ic_http_certification::{HttpRequest, HttpResponse};
}
