//! An intent as callers write and read it.
//!
//! - In and out: a Candid variant; [`super::Intent::parse`] checks it, and a checked intent is shown in the same form.

use super::solana::{RawSolTransfer, RawSplTransfer};
use super::{BtcSend, Intent, IntentError, RawErc20Transfer, RawEvmCall, RawEvmTransfer};
use crate::account::bitcoin::BitcoinNetwork;
use crate::chain::bitcoin::{Destination, FeeRate, Output, Payment, Satoshi};
use crate::policy::RawPolicy;
use crate::root_key::KeyKind;
use candid::{CandidType, Principal};
use serde::Deserialize;
use serde_bytes::ByteBuf;

/// What a proposal wants to happen.
#[derive(CandidType, Deserialize, Clone, Debug, PartialEq, Eq)]
pub enum RawIntent {
    /// A transfer on a ledger with ICRC-1.
    IcrcTransfer {
        /// The ledger.
        ledger: Principal,
        /// From which of the wallet's accounts.
        from_index: u32,
        /// An account in the textual encoding of ICRC-1.
        to: String,
        /// What arrives.
        amount: u128,
        /// The highest fee, in the same token.
        max_fee: u128,
    },
    /// A payment on Bitcoin.
    BtcSend {
        /// From which of the wallet's accounts.
        from_index: u32,
        /// To whom: 1 to 100.
        outputs: Vec<BtcOutput>,
        /// In milli-satoshi for each virtual byte.
        fee_rate: u64,
        /// The highest fee, in satoshi.
        max_fee: u64,
    },
    /// A message that an account on chains of Ethereum's kind signs (EIP-191).
    Eip191 {
        /// Which of the wallet's accounts.
        from_index: u32,
        /// The message, without the prefix; at most 32 KiB.
        message: ByteBuf,
    },
    /// Typed data that such an account signs (EIP-712).
    Eip712 {
        /// Which of the wallet's accounts.
        from_index: u32,
        /// JSON as `eth_signTypedData_v4` takes it; at most 32 KiB.
        typed_data: String,
    },
    /// Ether to somebody, on a chain of Ethereum's kind.
    EvmTransfer(RawEvmTransfer),
    /// Tokens of a contract on such a chain to somebody.
    Erc20Transfer(RawErc20Transfer),
    /// A call of a contract on such a chain.
    EvmCall(RawEvmCall),
    /// A payment of sol.
    SolTransfer(RawSolTransfer),
    /// A payment of a token on Solana.
    SplTransfer(RawSplTransfer),
    /// A signature with a key that holds nothing.
    RawSign {
        /// The kind of key.
        key: KeyKind,
        /// Which of the wallet's keys of this kind.
        index: u32,
        /// 32 bytes for ECDSA (a hash) and BIP-340, at most 4096 for Ed25519.
        message: ByteBuf,
    },
    /// Another policy.
    PolicyChange(RawPolicy),
    /// Other members; all of them.
    MemberChange(Vec<Principal>),
}

/// What one address gets.
#[derive(CandidType, Deserialize, Clone, Debug, PartialEq, Eq)]
pub struct BtcOutput {
    /// Of the network that the environment implies.
    pub address: String,
    /// In satoshi.
    pub amount: u64,
}

impl BtcOutput {
    fn parse(self, network: BitcoinNetwork) -> Result<Output, IntentError> {
        let to = Destination::parse(&self.address, network);
        let to = to.map_err(|_| IntentError::BadDestination(self.address))?;
        let value = Satoshi(self.amount);
        Ok(Output { to, value })
    }
}

/// A payment of what callers write.
///
/// # Errors
/// [`IntentError::BadDestination`] or [`IntentError::Payment`].
pub fn payment(
    outputs: Vec<BtcOutput>,
    fee_rate: u64,
    max_fee: u64,
    network: BitcoinNetwork,
) -> Result<Payment, IntentError> {
    let outputs = outputs.into_iter().map(|output| output.parse(network));
    let outputs = outputs.collect::<Result<_, _>>()?;
    Ok(Payment::new(outputs, FeeRate(fee_rate), Satoshi(max_fee))?)
}

impl From<&Intent> for RawIntent {
    fn from(intent: &Intent) -> Self {
        match intent {
            Intent::IcrcTransfer(transfer) => Self::IcrcTransfer {
                ledger: transfer.ledger.0,
                from_index: transfer.from.0,
                to: transfer.to.to_string(),
                amount: transfer.amount.0,
                max_fee: transfer.max_fee.0,
            },
            Intent::BtcSend(send) => Self::BtcSend {
                from_index: send.from.0,
                outputs: outputs(send),
                fee_rate: send.payment.fee_rate().0,
                max_fee: send.payment.max_fee().0,
            },
            Intent::Eip191(sign) => Self::Eip191 {
                from_index: sign.from.0,
                message: ByteBuf::from(sign.message.clone()),
            },
            Intent::Eip712(sign) => Self::Eip712 {
                from_index: sign.from.0,
                typed_data: sign.json.clone(),
            },
            Intent::EvmTransfer(transfer) => Self::EvmTransfer(transfer.into()),
            Intent::Erc20Transfer(transfer) => Self::Erc20Transfer(transfer.into()),
            Intent::EvmCall(call) => Self::EvmCall(call.into()),
            Intent::SolTransfer(send) | Intent::SplTransfer(send) => send.into(),
            Intent::RawSign(sign) => Self::RawSign {
                key: sign.key,
                index: sign.index.0,
                message: ByteBuf::from(sign.message.clone()),
            },
            Intent::PolicyChange(policy) => Self::PolicyChange(policy.into()),
            Intent::MemberChange(members) => Self::MemberChange(members.iter().collect()),
        }
    }
}

fn outputs(send: &BtcSend) -> Vec<BtcOutput> {
    let shown = |output: &Output| BtcOutput {
        address: output.to.address(send.network),
        amount: output.value.0,
    };
    send.payment.outputs().iter().map(shown).collect()
}
