//! Transactions on chains of Ethereum's kind, as intents.
//!
//! - What it does: checks what a caller wrote so far as it can be checked without asking the chain: addresses, that there is such a chain here,
//!   that fees and gas are in order and the cost is a number. All three kinds come to one [`EvmRequest`].
//! - The fees are the highest ones: what a transaction offers is chosen below them when it is carried out.
//! - Stored as CBOR with numbered fields.

use super::IntentError;
use crate::account::ethereum::EvmAddress;
use crate::account::path::AccountIndex;
use crate::asset::Amount;
use crate::chain::ethereum::erc20;
use crate::chain::ethereum::error::TransactionError;
use crate::chain::ethereum::gas::check_gas;
use crate::chain::ethereum::network::Network;
use crate::chain::ethereum::quantity::{ChainId, Gas, Nonce, Wei};
use crate::chain::ethereum::transaction::{Fees, RawTransaction, Transaction};
use candid::CandidType;
use canister_kit::Environment;
use minicbor::{Decode, Encode};
use serde::Deserialize;
use serde_bytes::ByteBuf;

/// The least of the highest priority fees: 1 wei to begin with, which is the least that nodes take, and 2 for a replacement.
const LEAST_PRIORITY: u128 = 2;

/// The highest fee in all that nodes take without being told otherwise: 1 Ether (go-ethereum's `rpc.txfeecap`).
const MOST_FEE: Wei = Wei(1_000_000_000_000_000_000);

/// Gas, and the most that is paid for a unit of it.
#[derive(Encode, Decode, Clone, Copy, Debug, PartialEq, Eq)]
#[cbor(map)]
pub struct GasCap {
    /// The most that is used.
    #[n(0)]
    pub limit: Gas,
    /// The highest fees.
    #[n(1)]
    pub fees: Fees,
}

impl GasCap {
    fn of(limit: u64, max_fee_per_gas: u128, max_priority_fee_per_gas: u128) -> Self {
        Self {
            limit: Gas(limit),
            fees: Fees {
                max_priority_fee_per_gas: Wei(max_priority_fee_per_gas),
                max_fee_per_gas: Wei(max_fee_per_gas),
            },
        }
    }
}

/// Ether to somebody.
#[derive(Encode, Decode, Clone, Debug, PartialEq, Eq)]
#[cbor(map)]
pub struct EvmTransfer {
    /// On which chain.
    #[n(0)]
    pub chain: ChainId,
    /// From which of the wallet's accounts.
    #[n(1)]
    pub from: AccountIndex,
    /// To whom.
    #[n(2)]
    pub to: EvmAddress,
    /// How much.
    #[n(3)]
    pub value: Wei,
    /// The highest fee.
    #[n(4)]
    pub gas: GasCap,
}

/// Tokens to somebody.
#[derive(Encode, Decode, Clone, Debug, PartialEq, Eq)]
#[cbor(map)]
pub struct Erc20Transfer {
    /// On which chain.
    #[n(0)]
    pub chain: ChainId,
    /// From which of the wallet's accounts.
    #[n(1)]
    pub from: AccountIndex,
    /// The token.
    #[n(2)]
    pub contract: EvmAddress,
    /// To whom.
    #[n(3)]
    pub to: EvmAddress,
    /// How much.
    #[n(4)]
    pub amount: Amount,
    /// The highest fee.
    #[n(5)]
    pub gas: GasCap,
}

/// A call of a contract.
#[derive(Encode, Decode, Clone, Debug, PartialEq, Eq)]
#[cbor(map)]
pub struct EvmCall {
    /// On which chain.
    #[n(0)]
    pub chain: ChainId,
    /// From which of the wallet's accounts.
    #[n(1)]
    pub from: AccountIndex,
    /// The contract.
    #[n(2)]
    pub to: EvmAddress,
    /// What is sent along.
    #[n(3)]
    pub value: Wei,
    /// What it is called with.
    #[n(4)]
    #[cbor(with = "minicbor::bytes")]
    pub data: Vec<u8>,
    /// The highest fee.
    #[n(5)]
    pub gas: GasCap,
}

/// What any of them asks of the chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EvmRequest {
    /// On which chain.
    pub chain: ChainId,
    /// From which of the wallet's accounts.
    pub from: AccountIndex,
    /// Who is paid or called.
    pub to: EvmAddress,
    /// What is sent along.
    pub value: Wei,
    /// What it is called with.
    pub data: Vec<u8>,
    /// The highest fee.
    pub gas: GasCap,
}

impl From<&EvmTransfer> for EvmRequest {
    fn from(transfer: &EvmTransfer) -> Self {
        Self {
            chain: transfer.chain,
            from: transfer.from,
            to: transfer.to,
            value: transfer.value,
            data: Vec::new(),
            gas: transfer.gas,
        }
    }
}

impl From<&Erc20Transfer> for EvmRequest {
    fn from(transfer: &Erc20Transfer) -> Self {
        Self {
            chain: transfer.chain,
            from: transfer.from,
            to: transfer.contract,
            value: Wei(0),
            data: erc20::transfer(transfer.to, transfer.amount),
            gas: transfer.gas,
        }
    }
}

impl From<&EvmCall> for EvmRequest {
    fn from(call: &EvmCall) -> Self {
        Self {
            chain: call.chain,
            from: call.from,
            to: call.to,
            value: call.value,
            data: call.data.clone(),
            gas: call.gas,
        }
    }
}

impl EvmRequest {
    /// The transaction with a nonce and fees.
    ///
    /// # Errors
    /// What is wrong with it, by itself.
    pub fn transaction(&self, nonce: Nonce, fees: Fees) -> Result<Transaction, TransactionError> {
        Transaction::check(RawTransaction {
            chain_id: self.chain,
            nonce,
            fees,
            gas_limit: self.gas.limit,
            to: self.to,
            value: self.value,
            data: self.data.clone(),
        })
    }

    /// The highest fee in all; a checked request's is a number.
    pub fn highest_fee(&self) -> Wei {
        let (gas, fee) = (self.gas.limit.0, self.gas.fees.max_fee_per_gas.0);
        Wei(fee.saturating_mul(gas.into()))
    }

    /// Checks what does not depend on the account's nonce or the market. What no node would take is refused here: neither could it be replaced or
    /// cancelled, so its nonce would never be free.
    fn check(&self, environment: Environment) -> Result<(), IntentError> {
        let chain_id = self.chain.0;
        Network::of(self.chain, environment).ok_or(IntentError::NoSuchChain { chain_id })?;
        check_gas(self.chain, &self.data, self.gas.limit)?;
        self.transaction(Nonce(0), self.gas.fees)?;
        self.check_fees()?;
        match self.value == Wei(0) && self.data.is_empty() {
            true => Err(IntentError::NothingSent),
            false => Ok(()),
        }
    }

    fn check_fees(&self) -> Result<(), TransactionError> {
        let priority = self.gas.fees.max_priority_fee_per_gas.0;
        let fee = self.highest_fee();
        if priority < LEAST_PRIORITY {
            let at_least = LEAST_PRIORITY;
            return Err(TransactionError::PriorityTooLow { priority, at_least });
        }
        if fee > MOST_FEE {
            let (fee, at_most) = (fee.0, MOST_FEE.0);
            return Err(TransactionError::FeeTooHigh { fee, at_most });
        }
        Ok(())
    }
}

fn address(text: String) -> Result<EvmAddress, IntentError> {
    EvmAddress::parse(&text).ok_or(IntentError::BadDestination(text))
}

/// Ether to somebody, as callers write it.
#[derive(CandidType, Deserialize, Clone, Debug, PartialEq, Eq)]
pub struct RawEvmTransfer {
    /// EIP-155's number of the chain.
    pub chain_id: u64,
    /// From which of the wallet's accounts.
    pub from_index: u32,
    /// To whom.
    pub to: String,
    /// In wei.
    pub value: u128,
    /// The most gas that it uses; at least 21 000, at most 2^24.
    pub gas_limit: u64,
    /// The most that is paid for a unit of gas, in wei.
    pub max_fee_per_gas: u128,
    /// The most of it that goes to the block's maker.
    pub max_priority_fee_per_gas: u128,
}

/// Tokens to somebody, as callers write it.
#[derive(CandidType, Deserialize, Clone, Debug, PartialEq, Eq)]
pub struct RawErc20Transfer {
    /// EIP-155's number of the chain.
    pub chain_id: u64,
    /// From which of the wallet's accounts.
    pub from_index: u32,
    /// The token's contract.
    pub contract: String,
    /// To whom.
    pub to: String,
    /// In the token's smallest unit.
    pub amount: u128,
    /// The most gas that it uses; at least 21 000 and what its data takes, at most 2^24.
    pub gas_limit: u64,
    /// The most that is paid for a unit of gas, in wei.
    pub max_fee_per_gas: u128,
    /// The most of it that goes to the block's maker.
    pub max_priority_fee_per_gas: u128,
}

/// A call of a contract, as callers write it.
#[derive(CandidType, Deserialize, Clone, Debug, PartialEq, Eq)]
pub struct RawEvmCall {
    /// EIP-155's number of the chain.
    pub chain_id: u64,
    /// From which of the wallet's accounts.
    pub from_index: u32,
    /// The contract.
    pub to: String,
    /// What is sent along, in wei.
    pub value: u128,
    /// What it is called with; at most 32 KiB.
    pub data: ByteBuf,
    /// The most gas that it uses; at least 21 000 and what its data takes, at most 2^24.
    pub gas_limit: u64,
    /// The most that is paid for a unit of gas, in wei.
    pub max_fee_per_gas: u128,
    /// The most of it that goes to the block's maker.
    pub max_priority_fee_per_gas: u128,
}

impl EvmTransfer {
    /// Checks a transfer.
    ///
    /// # Errors
    /// The address, the chain, or the transaction.
    pub fn parse(raw: RawEvmTransfer, environment: Environment) -> Result<Self, IntentError> {
        let transfer = Self {
            chain: ChainId(raw.chain_id),
            from: AccountIndex(raw.from_index),
            to: address(raw.to)?,
            value: Wei(raw.value),
            gas: GasCap::of(
                raw.gas_limit,
                raw.max_fee_per_gas,
                raw.max_priority_fee_per_gas,
            ),
        };
        EvmRequest::from(&transfer).check(environment)?;
        Ok(transfer)
    }
}

impl Erc20Transfer {
    /// Checks a transfer.
    ///
    /// # Errors
    /// The addresses, the chain, or the transaction.
    pub fn parse(raw: RawErc20Transfer, environment: Environment) -> Result<Self, IntentError> {
        if raw.amount == 0 {
            return Err(IntentError::NothingSent);
        }
        let transfer = Self {
            chain: ChainId(raw.chain_id),
            from: AccountIndex(raw.from_index),
            contract: address(raw.contract)?,
            to: address(raw.to)?,
            amount: Amount(raw.amount),
            gas: GasCap::of(
                raw.gas_limit,
                raw.max_fee_per_gas,
                raw.max_priority_fee_per_gas,
            ),
        };
        EvmRequest::from(&transfer).check(environment)?;
        Ok(transfer)
    }
}

impl EvmCall {
    /// Checks a call.
    ///
    /// # Errors
    /// The address, the chain, or the transaction.
    pub fn parse(raw: RawEvmCall, environment: Environment) -> Result<Self, IntentError> {
        let call = Self {
            chain: ChainId(raw.chain_id),
            from: AccountIndex(raw.from_index),
            to: address(raw.to)?,
            value: Wei(raw.value),
            data: raw.data.into_vec(),
            gas: GasCap::of(
                raw.gas_limit,
                raw.max_fee_per_gas,
                raw.max_priority_fee_per_gas,
            ),
        };
        EvmRequest::from(&call).check(environment)?;
        Ok(call)
    }
}

impl From<&EvmTransfer> for RawEvmTransfer {
    fn from(transfer: &EvmTransfer) -> Self {
        Self {
            chain_id: transfer.chain.0,
            from_index: transfer.from.0,
            to: transfer.to.to_string(),
            value: transfer.value.0,
            gas_limit: transfer.gas.limit.0,
            max_fee_per_gas: transfer.gas.fees.max_fee_per_gas.0,
            max_priority_fee_per_gas: transfer.gas.fees.max_priority_fee_per_gas.0,
        }
    }
}

impl From<&Erc20Transfer> for RawErc20Transfer {
    fn from(transfer: &Erc20Transfer) -> Self {
        Self {
            chain_id: transfer.chain.0,
            from_index: transfer.from.0,
            contract: transfer.contract.to_string(),
            to: transfer.to.to_string(),
            amount: transfer.amount.0,
            gas_limit: transfer.gas.limit.0,
            max_fee_per_gas: transfer.gas.fees.max_fee_per_gas.0,
            max_priority_fee_per_gas: transfer.gas.fees.max_priority_fee_per_gas.0,
        }
    }
}

impl From<&EvmCall> for RawEvmCall {
    fn from(call: &EvmCall) -> Self {
        Self {
            chain_id: call.chain.0,
            from_index: call.from.0,
            to: call.to.to_string(),
            value: call.value.0,
            data: ByteBuf::from(call.data.clone()),
            gas_limit: call.gas.limit.0,
            max_fee_per_gas: call.gas.fees.max_fee_per_gas.0,
            max_priority_fee_per_gas: call.gas.fees.max_priority_fee_per_gas.0,
        }
    }
}
