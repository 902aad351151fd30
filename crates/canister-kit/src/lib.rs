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
//! - Calls: [`calls`] says how calls to others are made and end, [`vetkd`] makes those for vetKeys.
//! - Left out: other calls, which are each canister's own; taking deposits back; migrations between schemas,
//!   because there is one.
//!
//! ```no_run
//! use canister_kit::encoding::Cycles;
//! use canister_kit::runtime::Replica;
//! use canister_kit::{Begun, Caller, InitArgs, NoProduct, PaidCall, Refusal, Service};
//! use ic_cdk::call::Call;
//!
//! const SERVICE: Service = Service { name: "dice", version: "1.0.0", schema_version: 1 };
//! canister_kit::canister! { service: SERVICE, product: NoProduct, open: |_| NoProduct }
//!
//! #[ic_cdk::init]
//! fn init(args: InitArgs) {
//!     kit::install(args);
//! }
//!
//! #[ic_cdk::post_upgrade]
//! fn post_upgrade() {
//!     kit::reopen();
//! }
//!
//! #[derive(candid::CandidType)]
//! enum NotThrown {
//!     Refused(Refusal),
//!     Rejected,
//! }
//!
//! impl From<Refusal> for NotThrown {
//!     fn from(refusal: Refusal) -> Self {
//!         Self::Refused(refusal)
//!     }
//! }
//!
//! #[ic_cdk::update]
//! async fn throw(request_id: Vec<u8>) -> Result<Vec<u8>, NotThrown> {
//!     let caller = Caller::of(&Replica)?;
//!     let most = Cycles(2_000_000);
//!     let call = PaidCall { caller, method: "throw", arguments: &[], request_id, most, tokens: 1 };
//!     let paid = match kit::change(|kit| kit.begin(&Replica, call))? {
//!         Begun::New(paid) => paid,
//!         Begun::Done(result) => return Ok(result),
//!         Begun::Running => return Err(Refusal::RequestRunning.into()),
//!         Begun::Unknown => return Err(Refusal::OutcomeUnknown.into()),
//!     };
//!     let answer = Call::unbounded_wait(candid::Principal::management_canister(), "raw_rand").await;
//!     match answer {
//!         Ok(bytes) => {
//!             let bytes = bytes.into_bytes();
//!             kit::change(|kit| kit.finish(&Replica, paid, bytes.clone(), Cycles(1_000_000)));
//!             Ok(bytes)
//!         }
//!         // This method has no effect where it is rejected: the request id may be used again.
//!         Err(_) => {
//!             kit::change(|kit| kit.withdraw(&Replica, paid, Cycles::ZERO));
//!             Err(NotThrown::Rejected)
//!         }
//!     }
//! }
//! # fn main() {}
//! ```

// The fake runtime is shared with the canisters' tests, which know this package by its name.
#[cfg(test)]
extern crate self as canister_kit;

pub mod admission;
pub mod audit;
pub mod blobs;
pub mod caller;
pub mod calls;
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
pub mod own_key;
pub mod pause;
pub mod product;
pub mod quota;
pub mod refusal;
pub mod runtime;
pub mod usage;
pub mod vetkd;

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
    pub use ic_stable_structures::storable::{Bound, Storable};
    pub use ic_stable_structures::{DefaultMemoryImpl, Memory};
}

/// Requests and responses of `http_request`.
pub mod http {
    pub use ic_http_certification::{HttpRequest, HttpResponse};
}
