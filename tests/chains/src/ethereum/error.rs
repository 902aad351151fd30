//! What can go wrong between a test and its EVM.

use crate::rpc::RpcError;
use serde_json::Value;
use std::io;
use std::path::PathBuf;
use thiserror::Error;

/// Why an EVM does not run, or did not do what it was asked.
#[derive(Debug, Error)]
pub enum EvmError {
    /// What npm installs is not there.
    #[error("{} is missing; run `make ethereum`", path.display())]
    NotInstalled {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// No build of anvil is pinned for this kind of machine.
    #[error("no anvil for {0}")]
    UnknownMachine(&'static str),
    /// A process could not be started.
    #[error("{0} does not start: {1}")]
    Start(String, io::Error),
    /// Anvil did not listen in time.
    #[error("anvil does not listen: {0}")]
    Silent(String),
    /// The compiler refused a contract.
    #[error("the contracts do not compile: {0}")]
    Contracts(String),
    /// There is no contract of this name.
    #[error("no contract is called {0}")]
    NoContract(String),
    /// Anvil could not be asked, or refused.
    #[error(transparent)]
    Rpc(#[from] RpcError),
    /// What anvil answered has another form than it should.
    #[error("{method} answered {answer}")]
    Unreadable {
        /// The JSON-RPC method.
        method: String,
        /// What it answered.
        answer: Value,
    },
    /// A transaction was mined and failed, or was not mined.
    #[error("the transaction {0} was not carried out")]
    NotCarriedOut(String),
}
