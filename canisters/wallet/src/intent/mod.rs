//! What a proposal wants to happen, checked.
//!
//! - What it does: reads an intent as a caller wrote it, against the wallet that it is for. Every intent has one encoding, and [`digest`] names it
//!   together with the proposal, the wallet and the version of the policy: whoever approves gives that digest, and so approves
//!   this act with this highest fee under this policy and nothing else.
//! - Stored as CBOR: [number, [fields]]. Numbers are never used again for something else.
//! - In: [`RawIntent`]. Out: [`Intent`], or an [`IntentError`].

mod error;
mod ethereum;
mod raw;
mod solana;

pub use error::IntentError;
pub use ethereum::{
    Erc20Transfer, EvmCall, EvmRequest, EvmTransfer, RawErc20Transfer, RawEvmCall, RawEvmTransfer,
};
#[cfg(test)]
pub use raw::BtcOutput;
pub use raw::RawIntent;
pub use solana::SolanaSend;
#[cfg(test)]
pub use solana::{RawSolTransfer, RawSplTransfer};

use crate::account::bitcoin::BitcoinNetwork;
use crate::account::icrc::IcrcDestination;
use crate::account::path::AccountIndex;
use crate::asset::{Amount, Asset, RawAsset};
use crate::chain::bitcoin::Payment;
use crate::chain::ethereum::hash::SigningHash;
use crate::chain::ethereum::message::personal;
use crate::chain::ethereum::typed_data::TypedData;
use crate::members::Members;
use crate::policy::Policy;
use crate::proposal::ProposalId;
use crate::root_key::KeyKind;
use crate::wallet::{PolicyVersion, Wallet, WalletId};
use candid::Principal;
use canister_kit::Environment;
use canister_kit::domain::{Hash, tagged};
use canister_kit::encoding::{Identity, to_cbor};
use minicbor::{Decode, Encode};

/// The longest message for a raw signature with EdDSA, in bytes.
pub const MAX_RAW_MESSAGE: usize = 4096;

/// The tag of an intent's digest.
const DIGEST_TAG: &str = "wallet/intent/1";

/// What a proposal wants to happen.
#[derive(Encode, Decode, Clone, Debug, PartialEq, Eq)]
pub enum Intent {
    /// A transfer on a ledger with ICRC-1.
    #[n(0)]
    IcrcTransfer(#[n(0)] IcrcTransfer),
    /// A signature with a key that holds nothing.
    #[n(1)]
    RawSign(#[n(0)] RawSign),
    /// Another policy.
    #[n(2)]
    PolicyChange(#[n(0)] Policy),
    /// Other members.
    #[n(3)]
    MemberChange(#[n(0)] Members),
    /// A payment on Bitcoin.
    #[n(4)]
    BtcSend(#[n(0)] BtcSend),
    /// A message that an account on chains of Ethereum's kind signs (EIP-191).
    #[n(5)]
    Eip191(#[n(0)] Eip191),
    /// Typed data that such an account signs (EIP-712).
    #[n(6)]
    Eip712(#[n(0)] Eip712),
    /// Ether to somebody.
    #[n(7)]
    EvmTransfer(#[n(0)] EvmTransfer),
    /// Tokens on such a chain to somebody.
    #[n(8)]
    Erc20Transfer(#[n(0)] Erc20Transfer),
    /// A call of a contract on such a chain.
    #[n(9)]
    EvmCall(#[n(0)] EvmCall),
    /// A payment of sol.
    #[n(10)]
    SolTransfer(#[n(0)] SolanaSend),
    /// A payment of a token on Solana.
    #[n(11)]
    SplTransfer(#[n(0)] SolanaSend),
}

/// A message that an account signs (EIP-191).
#[derive(Encode, Decode, Clone, Debug, PartialEq, Eq)]
#[cbor(map)]
pub struct Eip191 {
    /// Which of the wallet's accounts.
    #[n(0)]
    pub from: AccountIndex,
    /// The message.
    #[n(1)]
    #[cbor(with = "minicbor::bytes")]
    pub message: Vec<u8>,
}

/// Typed data that an account signs (EIP-712): JSON that was read once, and reads again.
#[derive(Encode, Decode, Clone, Debug, PartialEq, Eq)]
#[cbor(map)]
pub struct Eip712 {
    /// Which of the wallet's accounts.
    #[n(0)]
    pub from: AccountIndex,
    /// The JSON of `eth_signTypedData_v4`.
    #[n(1)]
    pub json: String,
}

impl Eip191 {
    /// What is signed.
    ///
    /// # Panics
    /// Never for a checked intent.
    pub fn signing_hash(&self) -> SigningHash {
        match personal(&self.message) {
            Ok(hash) => hash,
            Err(error) => panic!("a checked message is refused: {error}"),
        }
    }
}

impl Eip712 {
    /// The typed data.
    ///
    /// # Panics
    /// Never for a checked intent.
    pub fn data(&self) -> TypedData {
        match TypedData::parse(&self.json) {
            Ok(data) => data,
            Err(error) => panic!("checked typed data is refused: {error}"),
        }
    }
}

/// A payment on Bitcoin.
#[derive(Encode, Decode, Clone, Debug, PartialEq, Eq)]
#[cbor(map)]
pub struct BtcSend {
    /// In which network.
    #[n(0)]
    pub network: BitcoinNetwork,
    /// From which of the wallet's accounts: out of the coins of both its addresses.
    #[n(1)]
    pub from: AccountIndex,
    /// To whom, and what it may cost.
    #[n(2)]
    pub payment: Payment,
}

/// A transfer on a ledger with ICRC-1.
#[derive(Encode, Decode, Clone, Debug, PartialEq, Eq)]
#[cbor(map)]
pub struct IcrcTransfer {
    /// The ledger.
    #[n(0)]
    pub ledger: Identity,
    /// From which of the wallet's accounts.
    #[n(1)]
    pub from: AccountIndex,
    /// Where to.
    #[n(2)]
    pub to: IcrcDestination,
    /// What arrives.
    #[n(3)]
    pub amount: Amount,
    /// The highest fee, in the same token.
    #[n(4)]
    pub max_fee: Amount,
}

/// A signature with a key that holds nothing.
#[derive(Encode, Decode, Clone, Debug, PartialEq, Eq)]
#[cbor(map)]
pub struct RawSign {
    /// The kind of key.
    #[n(0)]
    pub key: KeyKind,
    /// Which of the wallet's keys of this kind.
    #[n(1)]
    pub index: AccountIndex,
    /// What is signed: 32 bytes for ECDSA and BIP-340.
    #[n(2)]
    #[cbor(with = "minicbor::bytes")]
    pub message: Vec<u8>,
}

impl Intent {
    /// Checks an intent for a wallet.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(
        raw: RawIntent,
        wallet: &Wallet,
        environment: Environment,
    ) -> Result<Self, IntentError> {
        let network = BitcoinNetwork::of(environment);
        Ok(match raw {
            RawIntent::IcrcTransfer {
                ledger,
                from_index,
                to,
                amount,
                max_fee,
            } => Self::IcrcTransfer(IcrcTransfer::parse(
                ledger,
                AccountIndex(from_index),
                to,
                [Amount(amount), Amount(max_fee)],
            )?),
            RawIntent::BtcSend {
                from_index,
                outputs,
                fee_rate,
                max_fee,
            } => Self::BtcSend(BtcSend {
                network,
                from: AccountIndex(from_index),
                payment: raw::payment(outputs, fee_rate, max_fee, network)?,
            }),
            RawIntent::Eip191 {
                from_index,
                message,
            } => {
                let (from, message) = (AccountIndex(from_index), message.into_vec());
                personal(&message)?;
                Self::Eip191(Eip191 { from, message })
            }
            RawIntent::Eip712 {
                from_index,
                typed_data,
            } => {
                TypedData::parse(&typed_data)?;
                Self::Eip712(Eip712 {
                    from: AccountIndex(from_index),
                    json: typed_data,
                })
            }
            RawIntent::RawSign {
                key,
                index,
                message,
            } => Self::RawSign(RawSign::parse(key, index, message.into_vec())?),
            RawIntent::EvmTransfer(raw) => Self::EvmTransfer(EvmTransfer::parse(raw, environment)?),
            RawIntent::Erc20Transfer(raw) => {
                Self::Erc20Transfer(Erc20Transfer::parse(raw, environment)?)
            }
            RawIntent::EvmCall(raw) => Self::EvmCall(EvmCall::parse(raw, environment)?),
            RawIntent::SolTransfer(raw) => Self::SolTransfer(raw.parse()?),
            RawIntent::SplTransfer(raw) => Self::SplTransfer(raw.parse()?),
            RawIntent::PolicyChange(policy) => {
                let policy = Policy::parse(&policy, wallet.members.count(), network)?;
                Self::PolicyChange(policy)
            }
            RawIntent::MemberChange(members) => Self::MemberChange(Members::parse(&members)?),
        })
    }

    /// What it asks of a chain of Ethereum's kind, if it is a transaction there.
    pub fn evm(&self) -> Option<EvmRequest> {
        match self {
            Self::EvmTransfer(transfer) => Some(transfer.into()),
            Self::Erc20Transfer(transfer) => Some(transfer.into()),
            Self::EvmCall(call) => Some(call.into()),
            _ => None,
        }
    }

    /// The payment on Solana, if it is one.
    pub fn solana(&self) -> Option<&SolanaSend> {
        match self {
            Self::SolTransfer(send) | Self::SplTransfer(send) => Some(send),
            _ => None,
        }
    }

    /// What approving it names: SHA-256 under the tag `wallet/intent/1` over proposal, wallet and policy version (8 bytes each, big endian)
    /// and the intent in CBOR.
    pub fn digest(&self, proposal: ProposalId, wallet: WalletId, policy: PolicyVersion) -> Hash {
        let numbers = [proposal.number(), wallet.number(), policy.number()];
        let [proposal, wallet, policy] = numbers.map(u64::to_be_bytes);
        tagged(DIGEST_TAG, &[&proposal, &wallet, &policy, &to_cbor(self)])
    }
}

impl IcrcTransfer {
    fn parse(
        ledger: Principal,
        from: AccountIndex,
        to: String,
        [amount, max_fee]: [Amount; 2],
    ) -> Result<Self, IntentError> {
        let asset = Asset::parse(&RawAsset::Icrc(ledger));
        asset.ok_or(IntentError::NoLedger(ledger))?;
        let to = IcrcDestination::parse(&to).ok_or(IntentError::BadDestination(to))?;
        if amount == Amount(0) {
            return Err(IntentError::NothingSent);
        }
        Ok(Self {
            ledger: Identity(ledger),
            from,
            to,
            amount,
            max_fee,
        })
    }
}

impl RawSign {
    fn parse(key: KeyKind, index: u32, message: Vec<u8>) -> Result<Self, IntentError> {
        let bytes = message.len();
        let wrong = match key {
            KeyKind::Ecdsa | KeyKind::Bip340 => bytes != 32,
            KeyKind::Ed25519 => bytes > MAX_RAW_MESSAGE,
        };
        if wrong {
            let bytes = bytes as u64;
            return Err(IntentError::MessageLength { key, bytes });
        }
        Ok(Self {
            key,
            index: AccountIndex(index),
            message,
        })
    }
}
