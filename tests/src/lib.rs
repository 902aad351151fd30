//! Tests of the suite from outside: everything here talks to a server over the PocketIC REST API, so that it runs on our engine and
//! on the official server alike (POCKET_IC_BIN names the binary).
//!
//! Start reading at [`server`] (one server process), then [`oracle`] (the replay of recorded behaviour).

pub mod oracle;
pub mod server;
