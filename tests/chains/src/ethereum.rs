//! An EVM of one's own: Foundry's anvil in a process beside the tests, with blocks that are mined when a test says so.
//!
//! - [`Anvil`] starts one, mines, reorganises, gives ether away, deploys `contracts`, and answers what a test wants to know of the chain. `outcalls`
//!   puts it behind the client's mock of outcalls; on a live network outcalls reach it by [`Anvil::url`].
//! - Real: the EVM, the rules of transactions and blocks, fees by EIP-1559, signatures. Not as on the public network: a replacement in the
//!   mempool needs no tenth more, nobody disagrees about the chain, and what a reorganisation takes out of it does not wait again.
//! - The clock of the blocks is the machine's. Amounts are in wei; more than 2^128 of them are not for tests.
//! - Needs what `make ethereum` installs. Left out: other software than anvil, blobs.

pub mod abi;
pub mod contracts;
mod error;
#[path = "../../canisters/evm-rpc/src/interface.rs"]
pub mod interface;
pub mod outcalls;
mod process;
pub mod typed;

pub use error::EvmError;

use crate::rpc::Rpc;
use process::Process;
use serde_json::{Value, json};
use std::fmt;
use std::str::FromStr;

/// A wei for each of the 10^18 in an ether.
pub const ETHER: u128 = 1_000_000_000_000_000_000;

/// An address; its text has no capitals.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Address(pub [u8; 20]);

impl fmt::Display for Address {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "0x{}", hex::encode(self.0))
    }
}

/// A text that is no address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no address")]
pub struct NoAddress;

impl FromStr for Address {
    type Err = NoAddress;

    fn from_str(text: &str) -> Result<Self, NoAddress> {
        let mut bytes = [0; 20];
        let digits = text.strip_prefix("0x").ok_or(NoAddress)?;
        hex::decode_to_slice(digits, &mut bytes).map_err(|_| NoAddress)?;
        Ok(Self(bytes))
    }
}

/// A transaction in a block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mined {
    /// Whether it was carried out; a transaction that failed paid for its gas and did nothing else.
    pub succeeded: bool,
    /// The block's number.
    pub block: u64,
    /// How much gas it used.
    pub gas_used: u128,
    /// What it paid for each gas, in wei.
    pub gas_price: u128,
    /// The contract that it made.
    pub contract: Option<Address>,
}

/// One EVM. Its blocks are gone with it.
#[derive(Debug)]
pub struct Anvil {
    rpc: Rpc,
    chain_id: u64,
    _process: Process,
}

impl Anvil {
    /// The chain that anvil makes if it is not told another.
    pub const CHAIN_ID: u64 = 31_337;

    /// A chain that has only the genesis block, and mines only when told to.
    ///
    /// # Errors
    /// Anvil is not installed or does not start.
    pub fn new() -> Result<Self, EvmError> {
        Self::of_chain(Self::CHAIN_ID)
    }

    /// The same with another chain id.
    ///
    /// # Errors
    /// As [`Anvil::new`].
    pub fn of_chain(chain_id: u64) -> Result<Self, EvmError> {
        let arguments = ["--no-mining", "--chain-id"].map(str::to_owned);
        let process = Process::start(&[arguments.to_vec(), vec![chain_id.to_string()]].concat())?;
        Ok(Self {
            rpc: Rpc::new(format!("http://127.0.0.1:{}", process.port))?,
            chain_id,
            _process: process,
        })
    }

    /// The chain's id.
    pub fn chain_id(&self) -> u64 {
        self.chain_id
    }

    /// Where it listens on the loopback interface; also behind a question mark and any text, so that one EVM can be several providers.
    pub fn url(&self) -> &str {
        self.rpc.url()
    }

    /// Its JSON-RPC interface.
    pub fn rpc(&self) -> &Rpc {
        &self.rpc
    }

    /// The accounts that it can sign for, with 10 000 ether each.
    ///
    /// # Errors
    /// Anvil's; so for every method below.
    pub fn accounts(&self) -> Result<Vec<Address>, EvmError> {
        let accounts = self.rpc.call("eth_accounts", json!([]))?;
        let each = accounts.as_array().cloned().unwrap_or_default();
        each.into_iter()
            .map(|one| address("eth_accounts", one))
            .collect()
    }

    /// Mines blocks with what waits.
    ///
    /// # Errors
    /// Anvil's.
    pub fn mine(&self, blocks: u64) -> Result<(), EvmError> {
        self.order("anvil_mine", json!([format!("0x{blocks:x}")]))
    }

    /// Whether each transaction is mined in a block of its own as soon as it comes.
    ///
    /// # Errors
    /// Anvil's.
    pub fn mine_at_once(&self, at_once: bool) -> Result<(), EvmError> {
        self.order("evm_setAutomine", json!([at_once]))
    }

    /// What the next block takes for each gas, in wei.
    ///
    /// # Errors
    /// Anvil's.
    pub fn set_base_fee(&self, wei: u128) -> Result<(), EvmError> {
        let params = json!([format!("0x{wei:x}")]);
        self.order("anvil_setNextBlockBaseFeePerGas", params)
    }

    /// Replaces the last blocks by as many empty ones. What was in them is gone and does not wait again.
    ///
    /// # Errors
    /// Anvil's; the chain is not that long.
    pub fn reorganise(&self, depth: u64) -> Result<(), EvmError> {
        self.order("anvil_reorg", json!([depth, []]))
    }

    /// Forgets a transaction that waits, as a node does that restarts.
    ///
    /// # Errors
    /// Anvil's.
    pub fn forget(&self, hash: &str) -> Result<(), EvmError> {
        self.order("anvil_dropTransaction", json!([hash]))
    }

    /// Gives an address this balance.
    ///
    /// # Errors
    /// Anvil's.
    pub fn set_balance(&self, of: Address, wei: u128) -> Result<(), EvmError> {
        let params = json!([of.to_string(), format!("0x{wei:x}")]);
        self.order("anvil_setBalance", params)
    }

    /// What an address has in the last block.
    ///
    /// # Errors
    /// Anvil's.
    pub fn balance(&self, of: Address) -> Result<u128, EvmError> {
        self.number("eth_getBalance", json!([of.to_string(), "latest"]))
    }

    /// How many transactions an address has in the chain.
    ///
    /// # Errors
    /// Anvil's.
    pub fn nonce(&self, of: Address) -> Result<u128, EvmError> {
        self.number("eth_getTransactionCount", json!([of.to_string(), "latest"]))
    }

    /// The number of the last block.
    ///
    /// # Errors
    /// Anvil's.
    pub fn height(&self) -> Result<u128, EvmError> {
        self.number("eth_blockNumber", json!([]))
    }

    /// The time of the last block, in Unix seconds.
    ///
    /// # Errors
    /// Anvil's.
    pub fn time(&self) -> Result<u128, EvmError> {
        let method = "eth_getBlockByNumber";
        let mut block = self.rpc.call(method, json!(["latest", false]))?;
        number(method, block["timestamp"].take())
    }

    /// The hashes of the transactions that wait for a block.
    ///
    /// # Errors
    /// Anvil's.
    pub fn waiting(&self) -> Result<Vec<String>, EvmError> {
        let method = "eth_getBlockByNumber";
        let block = self.rpc.call(method, json!(["pending", false]))?;
        let hashes = block["transactions"].as_array().cloned();
        let hashes = hashes.unwrap_or_default().into_iter();
        hashes.map(|hash| text(method, hash)).collect()
    }

    /// A transaction that is in a block.
    ///
    /// # Errors
    /// Anvil's.
    pub fn mined(&self, hash: &str) -> Result<Option<Mined>, EvmError> {
        let method = "eth_getTransactionReceipt";
        let mut receipt = self.rpc.call(method, json!([hash]))?;
        if receipt.is_null() {
            return Ok(None);
        }
        let mut field = |name: &str| number(method, receipt[name].take());
        let (status, block) = (field("status")?, field("blockNumber")?);
        let (gas_used, gas_price) = (field("gasUsed")?, field("effectiveGasPrice")?);
        let contract = receipt["contractAddress"].take();
        Ok(Some(Mined {
            succeeded: status == 1,
            block: u64::try_from(block).unwrap_or(u64::MAX),
            gas_used,
            gas_price,
            contract: match contract {
                Value::Null => None,
                contract => Some(address(method, contract)?),
            },
        }))
    }

    /// What a call of a contract answers, of the last block.
    ///
    /// # Errors
    /// Anvil's; the contract refuses.
    pub fn ask(&self, contract: Address, call: &[u8]) -> Result<Vec<u8>, EvmError> {
        let call = json!({"to": contract.to_string(), "data": data(call)});
        let answer = self.rpc.call("eth_call", json!([call, "latest"]))?;
        let answer = text("eth_call", answer)?;
        Ok(hex::decode(answer.trim_start_matches("0x")).unwrap_or_default())
    }

    /// The same where the answer is a number.
    ///
    /// # Errors
    /// Anvil's; the contract refuses.
    pub fn ask_number(&self, contract: Address, call: &[u8]) -> Result<u128, EvmError> {
        let answer = self.ask(contract, call)?;
        let low = answer.last_chunk().copied().unwrap_or_default();
        Ok(u128::from_be_bytes(low))
    }

    /// Hands over a transaction of one of its own accounts, also one that will fail; `to` none makes a contract. Answers its hash.
    ///
    /// # Errors
    /// Anvil's.
    pub fn send(
        &self,
        from: Address,
        to: Option<Address>,
        value: u128,
        call: &[u8],
    ) -> Result<String, EvmError> {
        let mut transaction = json!({
            "from": from.to_string(),
            "value": format!("0x{value:x}"),
            "data": data(call),
        });
        if let Some(to) = to {
            transaction["to"] = to.to_string().into();
        }
        let method = "eth_sendTransaction";
        text(method, self.rpc.call(method, json!([transaction]))?)
    }

    /// The same, mined in the next block, in which it succeeds.
    ///
    /// # Errors
    /// Anvil's; it fails.
    pub fn carry_out(
        &self,
        from: Address,
        to: Option<Address>,
        value: u128,
        call: &[u8],
    ) -> Result<Mined, EvmError> {
        let hash = self.send(from, to, value, call)?;
        self.mine(1)?;
        let mined = self.mined(&hash)?.filter(|mined| mined.succeeded);
        mined.ok_or(EvmError::NotCarriedOut(hash))
    }

    /// Makes a contract of `contracts` with these arguments, in the next block.
    ///
    /// # Errors
    /// Anvil's, the compiler's.
    pub fn deploy(
        &self,
        from: Address,
        contract: &str,
        arguments: &[abi::Token],
    ) -> Result<Address, EvmError> {
        let code = [contracts::byte_code(contract)?, abi::encode(arguments)].concat();
        let made = self.carry_out(from, None, 0, &code)?;
        made.contract
            .ok_or_else(|| EvmError::NotCarriedOut(contract.to_owned()))
    }

    fn order(&self, method: &str, params: Value) -> Result<(), EvmError> {
        self.rpc.call(method, params)?;
        Ok(())
    }

    fn number(&self, method: &str, params: Value) -> Result<u128, EvmError> {
        number(method, self.rpc.call(method, params)?)
    }
}

fn data(bytes: &[u8]) -> String {
    format!("0x{}", hex::encode(bytes))
}

fn unreadable(method: &str, answer: Value) -> EvmError {
    EvmError::Unreadable {
        method: method.to_owned(),
        answer,
    }
}

fn text(method: &str, answer: Value) -> Result<String, EvmError> {
    match answer {
        Value::String(text) => Ok(text),
        other => Err(unreadable(method, other)),
    }
}

fn number(method: &str, answer: Value) -> Result<u128, EvmError> {
    let digits = answer.as_str().and_then(|text| text.strip_prefix("0x"));
    let number = digits.and_then(|digits| u128::from_str_radix(digits, 16).ok());
    number.ok_or_else(|| unreadable(method, answer))
}

fn address(method: &str, answer: Value) -> Result<Address, EvmError> {
    let address = answer.as_str().and_then(|text| text.parse().ok());
    address.ok_or_else(|| unreadable(method, answer))
}
