//! Why a transaction is not relayed. The texts begin with the reason that a node of Bitcoin Core gives.

use bitcoin::{Amount, OutPoint, Txid};
use thiserror::Error;

/// Why a node with Bitcoin Core's default policy would refuse a transaction.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Rejected {
    /// The bytes are no transaction, or more than one.
    #[error("TX decode failed")]
    Malformed,
    /// Bitcoin Core's checks without context fail: sizes, values, inputs named twice.
    #[error("bad-txns: refused by the checks without context")]
    Invalid,
    /// Only blocks bring coinbases.
    #[error("coinbase")]
    Coinbase,
    /// Versions 1 and 2 are relayed; what version 3 needs is left out here.
    #[error("version: {0}")]
    Version(i32),
    /// Above 400 000 weight units, or below 65 bytes without witnesses.
    #[error("tx-size: {weight} weight units")]
    Size {
        /// Its weight.
        weight: u64,
    },
    /// An input's script is longer than 1650 bytes or does more than push.
    #[error("scriptsig: input {input}")]
    ScriptSig {
        /// Which input.
        input: usize,
    },
    /// An output has no form of the known ones.
    #[error("scriptpubkey: output {output}")]
    ScriptPubkey {
        /// Which output.
        output: usize,
    },
    /// Spending an output costs more than it is worth, at 3 satoshis a virtual byte.
    #[error("dust: output {output} is below {least}")]
    Dust {
        /// Which output.
        output: usize,
        /// The least value that would do.
        least: Amount,
    },
    /// The lock time has not come.
    #[error("non-final")]
    NonFinal,
    /// A relative lock time (BIP-68) has not come.
    #[error("non-BIP68-final: input {input}")]
    RelativeLock {
        /// Which input.
        input: usize,
    },
    /// A coin does not exist, or the chain has spent it.
    #[error("bad-txns-inputs-missingorspent: {outpoint}")]
    MissingOrSpent {
        /// The coin.
        outpoint: OutPoint,
    },
    /// A coinbase can be spent from the 100th block after its own on.
    #[error("bad-txns-premature-spend-of-coinbase: {outpoint}")]
    PrematureCoinbase {
        /// The coin.
        outpoint: OutPoint,
    },
    /// The outputs are worth more than the inputs.
    #[error("bad-txns-in-belowout: {inputs} < {outputs}")]
    BelowOutputs {
        /// The sum of the inputs.
        inputs: Amount,
        /// The sum of the outputs.
        outputs: Amount,
    },
    /// An input spends a form of output that has no meaning yet.
    #[error("bad-txns-nonstandard-inputs: input {input}")]
    NonstandardInput {
        /// Which input.
        input: usize,
    },
    /// An ECDSA signature has the larger of its two possible values for s.
    #[error(
        "mandatory-script-verify-flag-failed (Non-canonical signature: S value is unnecessarily high): input {input}"
    )]
    HighS {
        /// Which input.
        input: usize,
    },
    /// Bitcoin Core's interpreter says that the script is not satisfied.
    #[error("mandatory-script-verify-flag-failed: input {input}")]
    Script {
        /// Which input.
        input: usize,
    },
    /// Below 1 satoshi a virtual byte.
    #[error("min relay fee not met: {fee} < {least}")]
    BelowMinimumFee {
        /// What it pays.
        fee: Amount,
        /// What it would have to pay.
        least: Amount,
    },
    /// Another transaction spends the same coin and does not allow to be replaced (BIP-125, rule 1).
    #[error("txn-mempool-conflict: {conflict}")]
    Conflict {
        /// The one that came first.
        conflict: Txid,
    },
    /// It spends an output of what it would replace.
    #[error("bad-txns-spends-conflicting-tx: {conflict}")]
    SpendsConflict {
        /// What it would replace.
        conflict: Txid,
    },
    /// A replacement spends an unconfirmed coin that nothing which it replaces spent (BIP-125, rule 2).
    #[error("replacement-adds-unconfirmed: {outpoint}")]
    NewUnconfirmed {
        /// The coin.
        outpoint: OutPoint,
    },
    /// A replacement pays less than what it replaces pays together (BIP-125, rule 3), or not more for each virtual byte than each one
    /// with which it conflicts.
    #[error("insufficient fee: {fee} < {least}")]
    InsufficientFee {
        /// What it pays.
        fee: Amount,
        /// What it would have to pay.
        least: Amount,
    },
    /// A replacement does not pay 1 satoshi a virtual byte for its own relay, beyond what it replaces (BIP-125, rule 4).
    #[error("insufficient fee, not enough additional fees to relay: {fee} < {least}")]
    InsufficientRelayFee {
        /// What it pays.
        fee: Amount,
        /// What it would have to pay.
        least: Amount,
    },
    /// A replacement would remove more than 100 transactions (BIP-125, rule 5).
    #[error("too many potential replacements: {count}")]
    TooManyReplaced {
        /// How many.
        count: usize,
    },
    /// It, or one on which it depends, would be in a chain of more than 25 unconfirmed transactions.
    #[error("too-long-mempool-chain: {txid}")]
    TooLongChain {
        /// The one whose limit is reached.
        txid: Txid,
    },
}
