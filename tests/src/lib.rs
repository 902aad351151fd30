//! Tests of the suite from outside: everything here talks to a server over the PocketIC REST API, so that it runs on our engine and
//! on the official server alike (POCKET_IC_BIN names the binary).
//!
//! Start reading at [`world`] (one network with our canisters), [`server`] (one server process), [`modules`] (small
//! canisters), [`signer`] (one of them that asks for joint keys), [`token`] (a ledger), [`wallet`], [`beacon`], [`draws`], [`vault`] and [`timelock`]
//! (canisters of the suite as their users use them) and [`oracle`] (the replay of recorded behaviour). [`cost`] counts instructions.

pub mod beacon;
pub mod cost;
pub mod draws;
pub mod handle;
pub mod modules;
pub mod oracle;
pub mod server;
pub mod signer;
pub mod timelock;
pub mod token;
pub mod vault;
pub mod wallet;
pub mod world;
