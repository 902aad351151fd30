//! What can happen to the wallets: the only way in which they change.
//!
//! - Stored as CBOR: [number, [fields]], inside the record that the kit makes of it. Numbers are never used again for something else.
//! - The caller makes every check before it records an event.

use crate::chain::bitcoin::{self, SignedTransaction};
use crate::chain::ethereum::transaction::SignedTransaction as SignedEvmTransaction;
use crate::chain::solana::TransactionId;
use crate::intent::Intent;
use crate::members::Members;
use crate::name::Name;
use crate::policy::Policy;
use crate::proposal::{
    EvmVersion, Note, Outcome, Plan, ProposalId, Receipt, Setback, Signature, SolanaVersion,
};
use crate::root_key::RootKey;
use crate::wallet::{PolicyVersion, WalletId};
use canister_kit::encoding::Timestamp;
use minicbor::{Decode, Encode};

/// Something that happened.
#[derive(Encode, Decode, Clone, Debug, PartialEq, Eq)]
pub enum WalletEvent {
    /// A wallet was made, by the stamp's caller.
    #[n(0)]
    WalletCreated {
        /// Its number: the next one.
        #[n(0)]
        id: WalletId,
        /// Its name.
        #[n(1)]
        name: Name,
        /// Its members.
        #[n(2)]
        members: Members,
        /// Its first policy.
        #[n(3)]
        policy: Policy,
    },
    /// The management canister told a key of the canister, which is kept from now on.
    #[n(1)]
    RootKeyCached {
        /// The key.
        #[n(0)]
        key: RootKey,
    },
    /// The stamp's caller has proposed, and so approved, something.
    #[n(2)]
    Proposed {
        /// The proposal's number: the next one.
        #[n(0)]
        id: ProposalId,
        /// For which wallet.
        #[n(1)]
        wallet: WalletId,
        /// What.
        #[n(2)]
        intent: Intent,
        /// Until when it is open.
        #[n(3)]
        expires_at: Timestamp,
        /// What the proposer wrote.
        #[n(4)]
        note: Note,
    },
    /// The stamp's caller has approved, under this policy.
    #[n(3)]
    Approved {
        /// Which proposal.
        #[n(0)]
        id: ProposalId,
        /// Which policy.
        #[n(1)]
        policy_version: PolicyVersion,
    },
    /// The stamp's caller has rejected.
    #[n(4)]
    Rejected {
        /// Which proposal.
        #[n(0)]
        id: ProposalId,
    },
    /// An open proposal has ended without having happened.
    #[n(5)]
    Closed {
        /// Which proposal.
        #[n(0)]
        id: ProposalId,
        /// How.
        #[n(1)]
        outcome: Outcome,
    },
    /// The policy has let it happen; what it takes is reserved.
    #[n(6)]
    Reserved {
        /// Which proposal.
        #[n(0)]
        id: ProposalId,
        /// What exactly is done.
        #[n(1)]
        plan: Plan,
    },
    /// Signatures are asked for from now on.
    #[n(7)]
    SigningBegun {
        /// Which proposal.
        #[n(0)]
        id: ProposalId,
    },
    /// It is sent from now on.
    #[n(8)]
    Sent {
        /// Which proposal.
        #[n(0)]
        id: ProposalId,
    },
    /// An attempt has stopped; the stage is as it was.
    #[n(9)]
    Stopped {
        /// Which proposal.
        #[n(0)]
        id: ProposalId,
        /// Why.
        #[n(1)]
        setback: Setback,
    },
    /// What was tried surely had no effect: it is open again, and nothing is reserved for it.
    #[n(10)]
    Released {
        /// Which proposal.
        #[n(0)]
        id: ProposalId,
        /// Why.
        #[n(1)]
        setback: Setback,
    },
    /// Nobody knows what became of an attempt to send it.
    #[n(11)]
    OutcomeLost {
        /// Which proposal.
        #[n(0)]
        id: ProposalId,
    },
    /// It is looked for in the ledger's log, from this block on.
    #[n(12)]
    Looking {
        /// Which proposal.
        #[n(0)]
        id: ProposalId,
        /// The next block.
        #[n(1)]
        next: u64,
    },
    /// It has happened. A changed wallet is changed with this event.
    #[n(13)]
    Done {
        /// Which proposal.
        #[n(0)]
        id: ProposalId,
        /// What shows it.
        #[n(1)]
        receipt: Receipt,
    },
    /// The next signature of a transaction on Bitcoin has come.
    #[n(14)]
    SignatureMade {
        /// Which proposal.
        #[n(0)]
        id: ProposalId,
        /// The signature; it was verified.
        #[n(1)]
        signature: Signature,
    },
    /// A transaction on Bitcoin has all its signatures.
    #[n(15)]
    TransactionSigned {
        /// Which proposal.
        #[n(0)]
        id: ProposalId,
        /// The transaction.
        #[n(1)]
        transaction: SignedTransaction,
    },
    /// A version with a higher fee takes a transaction's place.
    #[n(16)]
    FeeBumped {
        /// Which proposal.
        #[n(0)]
        id: ProposalId,
        /// The new version.
        #[n(1)]
        plan: bitcoin::Plan,
    },
    /// The coins of a transaction on Bitcoin are spent, or not any more.
    #[n(17)]
    CoinsSeen {
        /// Which proposal.
        #[n(0)]
        id: ProposalId,
        /// The height of the tip under which they were first seen to be spent; nothing where they are not.
        #[n(1)]
        spent_at: Option<u32>,
    },
    /// A version of a transaction on a chain of Ethereum's kind is signed.
    #[n(18)]
    EvmSigned {
        /// Which proposal.
        #[n(0)]
        id: ProposalId,
        /// The transaction.
        #[n(1)]
        transaction: SignedEvmTransaction,
    },
    /// Another version takes such a transaction's place, under the same nonce.
    #[n(19)]
    EvmReplaced {
        /// Which proposal.
        #[n(0)]
        id: ProposalId,
        /// The new version, without its signature.
        #[n(1)]
        version: EvmVersion,
    },
    /// An attempt to sign such a transaction was interrupted: a signature may exist that nobody has got, so its nonce is not given back.
    #[n(20)]
    SignatureInDoubt {
        /// Which proposal.
        #[n(0)]
        id: ProposalId,
    },
    /// The nonce of such a transaction is finally used, and no receipt of a version was told.
    #[n(21)]
    ReceiptMissing {
        /// Which proposal.
        #[n(0)]
        id: ProposalId,
        /// Whether some receipt could not be read.
        #[n(1)]
        unread: bool,
    },
    /// The next transaction of a payment on Solana: the payment, now that its nonce account is there, or another version of it.
    #[n(28)]
    SolanaPlanned {
        /// Which proposal.
        #[n(0)]
        id: ProposalId,
        /// The transaction.
        #[n(1)]
        version: SolanaVersion,
    },
    /// A transaction on Solana has its signature.
    #[n(29)]
    SolanaSigned {
        /// Which proposal.
        #[n(0)]
        id: ProposalId,
        /// The signature; it was verified.
        #[n(1)]
        transaction: TransactionId,
    },
    /// The nonce of a payment on Solana is spent, and the chain's history shows none of its versions; or it does again.
    #[n(30)]
    SolanaMissing {
        /// Which proposal.
        #[n(0)]
        id: ProposalId,
        /// Since when.
        #[n(1)]
        since: Option<Timestamp>,
    },
}
