//! A Solana of one's own: the program `solana-chain` (`tests/solana`) in a process beside the tests, whose slots pass when a test says so.
//!
//! - [`Solana`] starts one, lets slots pass, gives lamports and tokens away, and answers what a test wants to know of the chain. It answers what goes to
//!   its URL in the client's mock of outcalls (`outcalls`); on a live network outcalls reach it by [`Solana::url`].
//! - What of it is real stands in docs/chains.md. Same calls, same chain: its clock is not the machine's.
//! - Needs what `make build` builds. Left out: signing; whoever pays has keys of its own.

#[allow(missing_docs)] // The names of sol_rpc.did, where their meanings stand.
#[path = "../../canisters/sol-rpc/src/interface/mod.rs"]
pub mod interface;
mod process;

pub use process::NotStarted;

use crate::outcalls::{Answers, reply};
use crate::rpc::{Rpc, RpcError};
use pocket_ic::common::rest::{CanisterHttpReply, CanisterHttpRequest};
use process::Process;
use serde_json::{Value, json};

/// The lamports of a SOL.
pub const SOL: u64 = 1_000_000_000;

/// The slots until what is processed is finalized.
pub const FINALITY: u64 = 32;

/// One chain. Its blocks are gone with it.
#[derive(Debug)]
pub struct Solana {
    rpc: Rpc,
    _process: Process,
}

impl Solana {
    /// A chain with 64 slots behind it, whose slots pass only by [`Solana::advance`].
    ///
    /// # Errors
    /// The program is not built, or does not start.
    pub fn new() -> Result<Self, NotStarted> {
        Self::with_slots_of(0)
    }

    /// A chain whose slots pass by themselves.
    ///
    /// # Errors
    /// As [`Solana::new`].
    pub fn with_slots_of(milliseconds: u64) -> Result<Self, NotStarted> {
        let process = Process::start(milliseconds)?;
        Ok(Self {
            rpc: Rpc::new(process.url().to_owned())?,
            _process: process,
        })
    }

    /// Where it answers JSON-RPC.
    pub fn url(&self) -> &str {
        self.rpc.url()
    }

    /// The same by HTTP.
    pub fn rpc(&self) -> &Rpc {
        &self.rpc
    }

    /// Lets slots pass.
    ///
    /// # Errors
    /// The chain does not answer; so for every method below.
    pub fn advance(&self, slots: u64) -> Result<(), RpcError> {
        self.rpc.call("dev_advance", json!([slots])).map(drop)
    }

    /// Makes all that happened final.
    ///
    /// # Errors
    /// The chain's.
    pub fn finalize(&self) -> Result<(), RpcError> {
        self.advance(FINALITY)
    }

    /// Ends a slot without a block.
    ///
    /// # Errors
    /// The chain's.
    pub fn skip(&self) -> Result<(), RpcError> {
        self.rpc.call("dev_skip", json!([])).map(drop)
    }

    /// Gives lamports.
    ///
    /// # Errors
    /// The chain's.
    pub fn airdrop(&self, to: &str, lamports: u64) -> Result<(), RpcError> {
        let params = json!([to, lamports]);
        self.rpc.call("requestAirdrop", params).map(drop)
    }

    /// Makes a token; its address.
    ///
    /// # Errors
    /// There is one of this number.
    pub fn create_mint(&self, number: u64, decimals: u8) -> Result<String, RpcError> {
        let mint = self.rpc.call("dev_createMint", json!([number, decimals]));
        mint.map(text)
    }

    /// Mints to the associated account of an owner; its address.
    ///
    /// # Errors
    /// The mint is none of this chain's.
    pub fn mint(&self, mint: &str, owner: &str, amount: u64) -> Result<String, RpcError> {
        let account = self.rpc.call("dev_mint", json!([mint, owner, amount]));
        account.map(text)
    }

    /// The lamports of an account, in the newest slot.
    ///
    /// # Errors
    /// The chain's.
    pub fn balance(&self, address: &str) -> Result<u64, RpcError> {
        let params = json!([address, { "commitment": "processed" }]);
        let answer = self.rpc.call("getBalance", params)?;
        Ok(answer["value"].as_u64().unwrap_or_default())
    }

    /// The tokens of a token account, in the newest slot; nothing if it is none.
    ///
    /// # Errors
    /// The chain does not answer.
    pub fn tokens(&self, account: &str) -> Result<Option<u64>, RpcError> {
        let params = json!([account, { "commitment": "processed" }]);
        match self.rpc.call("getTokenAccountBalance", params) {
            Ok(answer) => Ok(text(answer["value"]["amount"].clone()).parse().ok()),
            Err(RpcError::Refused { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The transactions that name an address and are final, the latest first: their signatures, and whether they succeeded.
    ///
    /// # Errors
    /// The chain's.
    pub fn transactions_of(&self, address: &str) -> Result<Vec<(String, bool)>, RpcError> {
        let answer = self.rpc.call("getSignaturesForAddress", json!([address]))?;
        let list = answer.as_array().cloned().unwrap_or_default().into_iter();
        let one = |entry: Value| (text(entry["signature"].clone()), entry["err"].is_null());
        Ok(list.map(one).collect())
    }
}

fn text(value: Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// To ask a chain changes nothing here; so whoever looks at it may have it answer too.
impl Answers for &Solana {
    fn answer(&mut self, request: &CanisterHttpRequest) -> Option<Vec<CanisterHttpReply>> {
        let rest = request.url.strip_prefix(self.url())?;
        if !(rest.is_empty() || rest.starts_with(['/', '?'])) {
            return None;
        }
        let (status, body) = self.rpc.post(request.body.clone()).ok()?;
        Some(vec![reply(status, body)])
    }
}
