//! How far a proposal is, and what has stopped it.
//!
//! - Stored as CBOR: enums are [number, [fields]]. Numbers are never used again for something else.
//! - A stage is recorded before the call that it stands for, so that whoever finds it after an interruption knows what may have happened.

use super::bitcoin::BitcoinWork;
use super::ethereum::EvmWork;
use super::solana::SolanaWork;
use crate::chain::icrc::{IcrcPlan, TransferError};
use crate::runtime::CallError;
use candid::CandidType;
use minicbor::{Decode, Encode};
use serde::Deserialize;
use thiserror::Error;

/// A signature of 64 bytes: r and s, or R and s.
#[derive(Encode, Decode, Clone, Copy, Debug, PartialEq, Eq)]
#[cbor(transparent)]
pub struct Signature(
    #[n(0)]
    #[cbor(with = "minicbor::bytes")]
    pub [u8; 64],
);

/// What exactly is done for an intent: fixed when it is reserved, and the same in every attempt.
#[derive(Encode, Decode, Clone, Debug, PartialEq, Eq)]
pub enum Plan {
    /// A transfer on a ledger.
    #[n(0)]
    Icrc(#[n(0)] IcrcPlan),
    /// One signature, which is the result.
    #[n(1)]
    Message,
    /// A transaction on Bitcoin.
    #[n(2)]
    Bitcoin(#[n(0)] Box<BitcoinWork>),
    /// A transaction on a chain of Ethereum's kind.
    #[n(3)]
    Evm(#[n(0)] Box<EvmWork>),
    /// A payment on Solana.
    #[n(4)]
    Solana(#[n(0)] Box<SolanaWork>),
}

impl Plan {
    /// The work on a transaction on Bitcoin.
    pub fn bitcoin(&self) -> Option<&BitcoinWork> {
        match self {
            Self::Bitcoin(work) => Some(work),
            _ => None,
        }
    }

    /// The work on a transaction on a chain of Ethereum's kind.
    pub fn evm(&self) -> Option<&EvmWork> {
        match self {
            Self::Evm(work) => Some(work),
            _ => None,
        }
    }

    /// The work on a payment on Solana.
    pub fn solana(&self) -> Option<&SolanaWork> {
        match self {
            Self::Solana(work) => Some(work),
            _ => None,
        }
    }
}

/// How far a proposal is.
#[derive(Encode, Decode, Clone, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Members decide.
    #[n(0)]
    Open,
    /// The policy has let it happen, and what it takes is reserved: its part of limits.
    #[n(1)]
    Reserved(#[n(0)] Plan),
    /// Signatures are being asked for; one may exist that nobody has got.
    #[n(2)]
    Signing(#[n(0)] Plan),
    /// It was sent; it may have happened.
    #[n(3)]
    Sent {
        /// What was sent.
        #[n(0)]
        plan: Plan,
        /// Whether the outcome of an attempt got lost, so that a refusal of a later one proves nothing.
        #[n(1)]
        lost: bool,
        /// The next block to look at, once the ledger says that it is too old.
        #[n(2)]
        looking: Option<u64>,
    },
    /// Nothing happens any more.
    #[n(4)]
    Ended(#[n(0)] Outcome),
}

/// How a proposal ended.
#[derive(Encode, Decode, Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It has happened.
    #[n(0)]
    Done(#[n(0)] Receipt),
    /// Members have rejected it.
    #[n(1)]
    Rejected,
    /// Its proposer has cancelled it.
    #[n(2)]
    Cancelled,
    /// Its time was over.
    #[n(3)]
    Expired,
}

/// What shows that it has happened.
#[derive(Encode, Decode, Clone, Debug, PartialEq, Eq)]
pub enum Receipt {
    /// The block of a ledger.
    #[n(0)]
    Block(#[n(0)] u64),
    /// The signature that was asked for.
    #[n(1)]
    Signature(#[n(0)] Signature),
    /// The wallet has been changed.
    #[n(2)]
    Changed,
    /// The signature that was asked for, as contracts take it: r, s, and 27 or 28.
    #[n(4)]
    EvmSignature(
        #[n(0)]
        #[cbor(with = "minicbor::bytes")]
        [u8; 65],
    ),
    /// The transaction that the Bitcoin network has confirmed.
    #[n(3)]
    Bitcoin(#[n(0)] Box<BitcoinWork>),
    /// The transaction on a chain of Ethereum's kind whose nonce is finally used.
    #[n(5)]
    Evm(#[n(0)] Box<EvmWork>),
    /// The payment on Solana that is final.
    #[n(15)]
    Solana(#[n(0)] Box<SolanaWork>),
}

/// Why an attempt stopped. The proposal is open again, or waits to be resumed.
#[derive(CandidType, Deserialize, Encode, Decode, Error, Clone, Debug, PartialEq, Eq)]
pub enum Setback {
    /// The ledger did not answer a question; nothing was sent.
    #[error("the ledger did not answer: {0}; execute again")]
    #[n(0)]
    LedgerSilent(#[n(0)] CallError),
    /// The fee is above the highest one of the intent; nothing was sent.
    #[error("the ledger's fee is {fee}, above {max_fee}; propose with a higher fee")]
    #[n(1)]
    FeeAboveCap {
        /// What the ledger takes.
        #[n(0)]
        #[cbor(with = "canister_kit::encoding::u128_bytes")]
        fee: u128,
        /// What the intent allows.
        #[n(1)]
        #[cbor(with = "canister_kit::encoding::u128_bytes")]
        max_fee: u128,
    },
    /// The ledger refused; nothing was transferred.
    #[error("{0}; execute again when that has changed")]
    #[n(2)]
    LedgerRefused(#[n(0)] TransferError),
    /// The call to the ledger failed before it could have an effect.
    #[error("the ledger was not reached: {0}; execute again")]
    #[n(3)]
    NotReached(#[n(0)] CallError),
    /// Nobody knows whether the transfer happened.
    #[error("the outcome is not known: {0}; resume")]
    #[n(4)]
    OutcomeLost(#[n(0)] CallError),
    /// The outcome of an earlier attempt is not known, and the ledger refuses this one.
    #[error("{0}, and an earlier attempt may have succeeded; resume")]
    #[n(5)]
    RefusedAfterLoss(#[n(0)] TransferError),
    /// The ledger's log is long: the search has come to this block.
    #[error("looked through the ledger's log up to block {next}; resume")]
    #[n(6)]
    StillLooking {
        /// The next one.
        #[n(0)]
        next: u64,
    },
    /// The ledger has no log that can be read, or did not show it.
    #[error("the ledger's log cannot be read: {0}; resume later")]
    #[n(7)]
    LogUnreadable(#[n(0)] CallError),
    /// The ledger's log has no such transfer, and it can be in none of its later blocks.
    #[error("the transfer never happened; execute again")]
    #[n(8)]
    NeverHappened,
    /// No signature came.
    #[error("no signature came: {0}; resume")]
    #[n(9)]
    NotSigned(#[n(0)] CallError),
    /// The Bitcoin canister did not answer a question; nothing has changed.
    #[error("the Bitcoin canister did not answer: {0}; execute or resume again")]
    #[n(11)]
    BitcoinSilent(#[n(0)] CallError),
    /// The coins, or the highest fee, do not suffice; nothing was reserved.
    #[error("{0}")]
    #[n(12)]
    NotPlanned(#[n(0)] String),
    /// The caller's admission does not cover the signatures; nothing was reserved.
    #[error("the signatures cost {required} cycles, which the caller's admission does not cover")]
    #[n(13)]
    SignaturesNotCovered {
        /// What they cost.
        #[n(0)]
        #[cbor(with = "canister_kit::encoding::u128_bytes")]
        required: u128,
    },
    /// The Bitcoin canister did not take the transaction; it may have taken it before.
    #[error("the transaction was not taken: {0}; resume")]
    #[n(14)]
    NotBroadcast(#[n(0)] CallError),
    /// It was broadcast, and is not confirmed deeply enough.
    #[error("the transaction has to be confirmed; resume later, or bump its fee")]
    #[n(15)]
    Unconfirmed,
    /// The account has more coins than the Bitcoin canister tells at once, so that missing ones prove nothing.
    #[error("the account has too many coins to be seen at once; spend some of them, then resume")]
    #[n(16)]
    TooManyCoins,
    /// The EVM RPC canister, or the providers that it asks, did not answer a question; nothing has changed.
    #[error("the chain was not reached: {0}; execute or resume again")]
    #[n(17)]
    EvmSilent(#[n(0)] CallError),
    /// Too few providers tell the same; nothing is assumed.
    #[error("the chain's providers tell different things; execute or resume again")]
    #[n(18)]
    ProvidersDiffer,
    /// The next block takes more per unit of gas than the intent allows; nothing was reserved.
    #[error(
        "the base fee is {base_fee}, and {max_fee_per_gas} at most, less a tenth for a cancellation, is approved; execute later, or propose with a higher fee"
    )]
    #[n(19)]
    BaseFeeAboveCap {
        /// What the next block takes, in wei.
        #[n(0)]
        #[cbor(with = "canister_kit::encoding::u128_bytes")]
        base_fee: u128,
        /// What the intent allows.
        #[n(1)]
        #[cbor(with = "canister_kit::encoding::u128_bytes")]
        max_fee_per_gas: u128,
    },
    /// The account has so many transactions that are not final; nothing was reserved.
    #[error("{in_flight} transactions of the account are not final; resume those first")]
    #[n(20)]
    TooManyInFlight {
        /// How many.
        #[n(0)]
        in_flight: u64,
    },
    /// A transaction of the account waits that the wallet has not made; nothing was reserved.
    #[error(
        "a transaction waits that is none of the wallet's: nonce {pending} would be the next one, not {next}; execute later"
    )]
    #[n(21)]
    ForeignTransaction {
        /// The next nonce after what waits.
        #[n(0)]
        pending: u64,
        /// The wallet's next one.
        #[n(1)]
        next: u64,
    },
    /// It was broadcast, and is not final.
    #[error("the transaction waits to be final; resume later, or raise its fees")]
    #[n(22)]
    NotFinal,
    /// The account does not hold what the transaction takes at most.
    #[error("the account holds too little for value and highest fee; send some, then resume")]
    #[n(23)]
    InsufficientFunds,
    /// An earlier transaction of the account has to be broadcast first.
    #[error("an earlier transaction of the account is missing; resume that first")]
    #[n(24)]
    EarlierMissing,
    /// The chain did not take the transaction; it may have taken it before.
    #[error("the transaction was not taken: {0}; resume, or raise its fees")]
    #[n(25)]
    NotTaken(#[n(0)] CallError),
    /// The nonce was used, by this transaction or another one; which one will be known when that is final.
    #[error("the nonce was used, and not finally; resume later")]
    #[n(26)]
    NonceUsed,
    /// The nonce is finally used, and no receipt of a version is told, or none that reads.
    #[error(
        "one of its versions has almost surely landed, but no receipt is told; look before you pay again, and resume after {until}"
    )]
    #[n(40)]
    ReceiptMissing {
        /// When this is final if nothing else is told, in nanoseconds since 1970.
        #[n(0)]
        until: u64,
    },
    /// The chain is said to know more transactions of the account than the wallet has made, and not all providers say so; nothing was reserved.
    #[error(
        "{counted} transactions of the account are said to be in blocks, where the wallet knows {next}, and not all providers agree; execute later"
    )]
    #[n(41)]
    CountDisputed {
        /// What enough of them say.
        #[n(0)]
        counted: u64,
        /// The wallet's next nonce.
        #[n(1)]
        next: u64,
    },
    /// The SOL RPC canister, or the providers that it asks, did not answer a question; nothing has changed.
    #[error("Solana was not reached: {0}; execute or resume again")]
    #[n(27)]
    SolanaSilent(#[n(0)] CallError),
    /// Another proposal spends the nonce account of this account; nothing was reserved.
    #[error("proposal {proposal} spends from this account; resume it, or pay from another index")]
    #[n(28)]
    NonceInUse {
        /// Which.
        #[n(0)]
        proposal: u64,
    },
    /// The nonce account was not opened in time, and will not be any more by that transaction. It is open again.
    #[error("the account's nonce account was not opened in time; execute again")]
    #[n(29)]
    NonceNotOpened,
    /// Solana's nodes refuse the transaction as it would not succeed now.
    #[error("Solana's nodes would not take it now: {0}; mend that if you can, then resume")]
    #[n(30)]
    SolanaRefused(#[n(0)] String),
    /// The nonce was spent, so one of the versions has landed; but the nodes that were asked know none of them.
    #[error("the nonce is spent, but no node knows the transaction; resume later")]
    #[n(31)]
    HistoryMissing,
    /// A signature came that the key has not made.
    #[error("the signature is not one of the key; resume, and report this")]
    #[n(10)]
    BadSignature,
}
