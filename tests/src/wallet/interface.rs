//! The types of `candid/wallet.did`, as tests and the demo use them.
//!
//! - What they mean stands in that file. They are written down again here, and not taken from the canister's code, so that a change of the
//!   interface that clients would notice is noticed by the tests.
//! - Left out: types that every canister has, which canister-kit shares, and the ledger's errors, which the ledger of the tests shares.

pub use super::policy::{needs, tier};

use candid::{CandidType, Principal};
use canister_kit::Refusal;
use ledger::error::TransferError;
use serde::Deserialize;
use thiserror::Error;

/// Defines records and variants with what all of them derive.
macro_rules! candid_types {
    ($($item:item)*) => {
        $(
            #[derive(CandidType, Deserialize, Clone, Debug, PartialEq)]
            #[allow(missing_docs)] // The names and meanings of candid/wallet.did.
            $item
        )*
    };
}

candid_types! {
    pub enum Asset {
        Btc,
        Eth { chain_id: u64 },
        Erc20 { chain_id: u64, contract: String },
        Sol,
        Spl(String),
        Icrc(Principal),
    }

    pub struct Requirement {
        pub quorum: u32,
        pub delay_seconds: u64,
    }

    pub struct Tier {
        pub up_to: Option<u128>,
        pub needs: Requirement,
    }

    pub struct Limit {
        pub amount: u128,
        pub window_seconds: u64,
    }

    pub struct AllowList {
        pub activation_seconds: u64,
        pub destinations: Vec<String>,
    }

    pub struct Rules {
        pub asset: Asset,
        pub tiers: Vec<Tier>,
        pub limit: Option<Limit>,
        pub allow_list: Option<AllowList>,
    }

    pub struct ListedCalls {
        pub chain_id: u64,
        pub contract: String,
        pub selectors: Vec<Vec<u8>>,
    }

    pub struct Policy {
        pub assets: Vec<Rules>,
        pub highest: Requirement,
        pub calls: Option<Vec<ListedCalls>>,
    }

    pub struct WaitingEntry {
        pub asset: Asset,
        pub destination: String,
        pub active_from: u64,
    }

    pub struct Wallet {
        pub id: u64,
        pub name: String,
        pub members: Vec<Principal>,
        pub policy: Policy,
        pub policy_version: u64,
        pub created_at: u64,
        pub waiting: Vec<WaitingEntry>,
    }

    pub enum BitcoinNetwork {
        Mainnet,
        Testnet,
        Regtest,
    }

    pub struct IcrcAccount {
        pub owner: Principal,
        pub subaccount: Vec<u8>,
        pub text: String,
    }

    pub struct Addresses {
        pub bitcoin_network: BitcoinNetwork,
        pub p2wpkh: String,
        pub p2tr: String,
        pub evm: String,
        pub solana: String,
        pub icrc: IcrcAccount,
    }

    pub struct PublicKey {
        pub public_key: Vec<u8>,
        pub chain_code: Vec<u8>,
    }

    pub struct PublicKeys {
        pub ecdsa: PublicKey,
        pub bip340: PublicKey,
        pub ed25519: PublicKey,
    }

    pub struct RawKeys {
        pub ecdsa: Vec<u8>,
        pub bip340: Vec<u8>,
        pub ed25519: Vec<u8>,
    }

    pub enum KeyKind {
        Ecdsa,
        Bip340,
        Ed25519,
    }

    pub struct BtcOutput {
        pub address: String,
        pub amount: u64,
    }

    pub struct EvmTransfer {
        pub chain_id: u64,
        pub from_index: u32,
        pub to: String,
        pub value: u128,
        pub gas_limit: u64,
        pub max_fee_per_gas: u128,
        pub max_priority_fee_per_gas: u128,
    }

    pub struct Erc20Transfer {
        pub chain_id: u64,
        pub from_index: u32,
        pub contract: String,
        pub to: String,
        pub amount: u128,
        pub gas_limit: u64,
        pub max_fee_per_gas: u128,
        pub max_priority_fee_per_gas: u128,
    }

    pub struct EvmCall {
        pub chain_id: u64,
        pub from_index: u32,
        pub to: String,
        pub value: u128,
        pub data: Vec<u8>,
        pub gas_limit: u64,
        pub max_fee_per_gas: u128,
        pub max_priority_fee_per_gas: u128,
    }

    #[derive(Copy)]
    pub enum TokenProgram {
        Token,
        Token2022,
    }

    pub struct SolTransfer {
        pub from_index: u32,
        pub to: String,
        pub lamports: u64,
        pub off_curve: bool,
        pub compute_unit_price: u64,
        pub max_fee: u64,
    }

    pub struct SplTransfer {
        pub from_index: u32,
        pub mint: String,
        pub token_program: TokenProgram,
        pub to: String,
        pub amount: u64,
        pub decimals: u8,
        pub off_curve: bool,
        pub compute_unit_price: u64,
        pub max_fee: u64,
    }

    pub enum Intent {
        IcrcTransfer {
            ledger: Principal,
            from_index: u32,
            to: String,
            amount: u128,
            max_fee: u128,
        },
        BtcSend {
            from_index: u32,
            outputs: Vec<BtcOutput>,
            fee_rate: u64,
            max_fee: u64,
        },
        Eip191 {
            from_index: u32,
            message: Vec<u8>,
        },
        Eip712 {
            from_index: u32,
            typed_data: String,
        },
        EvmTransfer(EvmTransfer),
        Erc20Transfer(Erc20Transfer),
        EvmCall(EvmCall),
        SolTransfer(SolTransfer),
        SplTransfer(SplTransfer),
        RawSign {
            key: KeyKind,
            index: u32,
            message: Vec<u8>,
        },
        PolicyChange(Policy),
        MemberChange(Vec<Principal>),
    }

    pub enum Denial {
        OverLimit {
            asset: Asset,
            amount: u128,
            spent: u128,
            limit: u128,
            fits_at: Option<u64>,
        },
        NotListed {
            asset: Asset,
            destination: String,
        },
        NotActive {
            asset: Asset,
            destination: String,
            active_from: u64,
        },
        QuorumUnreachable {
            quorum: u32,
            members: u32,
        },
    }

    pub enum Standing {
        Ready,
        NeedsApprovals { given: u32, quorum: u32 },
        Waits { until: u64 },
        Rejected,
        Denied(Vec<Denial>),
    }

    pub enum Stage {
        Open(Standing),
        Reserved,
        Signing,
        Sent,
        Transferred { block: u64 },
        Signed { signature: Vec<u8> },
        Confirmed,
        Reverted,
        Replaced,
        Superseded,
        OutcomeUnread,
        Changed,
        Rejected,
        Cancelled,
        Expired,
    }

    pub struct CallError {
        pub code: u32,
        pub message: String,
    }

    pub enum Setback {
        LedgerSilent(CallError),
        FeeAboveCap { fee: u128, max_fee: u128 },
        LedgerRefused(TransferError),
        NotReached(CallError),
        OutcomeLost(CallError),
        RefusedAfterLoss(TransferError),
        StillLooking { next: u64 },
        LogUnreadable(CallError),
        NeverHappened,
        BitcoinSilent(CallError),
        NotPlanned(String),
        SignaturesNotCovered { required: u128 },
        NotBroadcast(CallError),
        Unconfirmed,
        TooManyCoins,
        EvmSilent(CallError),
        ProvidersDiffer,
        BaseFeeAboveCap { base_fee: u128, max_fee_per_gas: u128 },
        TooManyInFlight { in_flight: u64 },
        ForeignTransaction { pending: u64, next: u64 },
        NotFinal,
        InsufficientFunds,
        EarlierMissing,
        NotTaken(CallError),
        NonceUsed,
        ReceiptMissing { until: u64 },
        CountDisputed { counted: u64, next: u64 },
        SolanaSilent(CallError),
        NonceInUse { proposal: u64 },
        NonceNotOpened,
        SolanaRefused(String),
        HistoryMissing,
        NotSigned(CallError),
        BadSignature,
    }

    pub struct BitcoinPayment {
        pub txid: String,
        pub fee: u64,
        pub vsize: u64,
        pub signatures: u32,
        pub inputs: u32,
        pub replaced: Vec<String>,
    }

    pub struct EvmVersion {
        pub hash: Option<String>,
        pub max_fee_per_gas: u128,
        pub max_priority_fee_per_gas: u128,
        pub cancels: bool,
    }

    pub struct EvmMined {
        pub hash: String,
        pub block: u64,
        pub fee: u128,
    }

    pub struct EvmTransaction {
        pub account: String,
        pub chain_id: u64,
        pub nonce: u64,
        pub versions: Vec<EvmVersion>,
        pub mined: Option<EvmMined>,
    }

    pub struct SolanaTransactions {
        pub account: String,
        pub nonce_account: String,
        pub opening: Option<String>,
        pub transaction: Option<String>,
        pub replaced: Vec<String>,
        pub compute_unit_price: u64,
        pub fee: u64,
        pub rent: u64,
        pub slot: Option<u64>,
    }

    pub struct Proposal {
        pub id: u64,
        pub wallet: u64,
        pub intent: Intent,
        pub intent_digest: Vec<u8>,
        pub proposed_by: Principal,
        pub proposed_at: u64,
        pub expires_at: u64,
        pub note: String,
        pub approvals: Vec<Principal>,
        pub rejections: Vec<Principal>,
        pub stage: Stage,
        pub setback: Option<Setback>,
        pub bitcoin: Option<BitcoinPayment>,
        pub evm: Option<EvmTransaction>,
        pub solana: Option<SolanaTransactions>,
    }

    pub enum Account {
        Bitcoin { index: u32 },
        Icrc { ledger: Principal, index: u32 },
        Eth { chain_id: u64, index: u32 },
        Erc20 { chain_id: u64, contract: String, index: u32 },
        Solana { index: u32 },
        Spl { mint: String, token_program: TokenProgram, index: u32 },
    }

    pub struct Coin {
        pub txid: String,
        pub vout: u32,
        pub value: u64,
        pub taproot: bool,
        pub confirmations: u32,
        pub reserved_for: Option<u64>,
    }

    pub enum Holdings {
        Bitcoin {
            balance: u64,
            available: u64,
            coins: Vec<Coin>,
            fee_percentiles: Vec<u64>,
            tip_height: u32,
            as_of: u64,
        },
        Icrc {
            balance: u128,
            fee: u128,
            as_of: u64,
        },
        Eth {
            balance: u128,
            nonce: u64,
            next_nonce: u64,
            in_flight: Vec<u64>,
            base_fee_per_gas: u128,
            priority_fee_per_gas: u128,
            as_of: u64,
        },
        Erc20 {
            balance: u128,
            as_of: u64,
        },
        Solana {
            balance: u64,
            nonce_account: String,
            nonce: Option<String>,
            nonce_balance: u64,
            as_of: u64,
        },
        Spl {
            balance: u64,
            decimals: u8,
            token_account: String,
            frozen: bool,
            as_of: u64,
        },
    }

    pub struct Spend {
        pub asset: Asset,
        pub amount: u128,
        pub destinations: Vec<String>,
    }

    pub struct Quote {
        pub spends: Vec<Spend>,
        pub needs: Requirement,
        pub denials: Vec<Denial>,
    }

    pub enum NameError {
        Empty,
        TooLong { bytes: u64, at_most: u64 },
        NotPlain,
    }

    pub enum NoteError {
        TooLong { bytes: u64, at_most: u64 },
        NotPlain,
    }

    pub enum MembersError {
        Nobody,
        TooMany { members: u64, at_most: u64 },
        Anonymous,
        ManagementCanister,
        Twice(Principal),
        WithoutCaller,
    }

    pub enum RequirementError {
        Quorum { quorum: u32, members: u32 },
        DelayTooLong { seconds: u64, at_most: u64 },
    }

    pub enum RulesError {
        NoTiers,
        TooManyTiers { tiers: u64, at_most: u64 },
        LastTierBounded,
        UnboundedBeforeLast { tier: u32 },
        AmountsNotAscending { tier: u32 },
        LooserThanTierBefore { tier: u32 },
        StricterThanHighest { tier: u32 },
        Requirement { tier: u32, reason: RequirementError },
        Window { seconds: u64, at_most: u64 },
        ActivationTooLong { seconds: u64, at_most: u64 },
        BadDestination(String),
        DestinationTwice(String),
    }

    pub enum PolicyError {
        TooManyAssets { assets: u64, at_most: u64 },
        TooManyDestinations { destinations: u64, at_most: u64 },
        BadAsset(Asset),
        AssetTwice(Asset),
        Rules { asset: Asset, reason: RulesError },
        HighestRequirement(RequirementError),
        Calls(CallsError),
    }

    pub enum CallsError {
        TooMany { contracts_at_most: u64, selectors_at_most: u64 },
        BadContract(String),
        ContractTwice(String),
        NoSelectors(String),
        SelectorLength(String),
        SelectorTwice(String),
        Readable(String),
        TokenWithRules(String),
    }

    pub enum TransactionError {
        NoChain,
        NonceTooLarge,
        PriorityAboveMaximum { priority: u128, maximum: u128 },
        CostTooLarge,
        DataTooLong { bytes: u64, at_most: u64 },
        GasTooLow { gas: u64, at_least: u64 },
        GasTooHigh { gas: u64, at_most: u64 },
        PriorityTooLow { priority: u128, at_least: u128 },
        FeeTooHigh { fee: u128, at_most: u128 },
        RaiseTooSmall { priority: u128, maximum: u128 },
    }

    pub enum SolanaPaymentError {
        OffCurve,
        FeeAboveCap { fee: u64, max_fee: u64 },
    }

    pub enum IntentError {
        NoLedger(Principal),
        BadDestination(String),
        NothingSent,
        MessageLength { key: KeyKind, bytes: u64 },
        NoSuchChain { chain_id: u64 },
        Transaction(TransactionError),
        Solana(SolanaPaymentError),
        Policy(PolicyError),
        Members(MembersError),
    }

    #[derive(Error)]
    #[error("{self:?}")]
    pub enum WalletError {
        Refused(Refusal),
        Name(NameError),
        Members(MembersError),
        Policy(PolicyError),
        NoSuchWallet,
        KeysNotPrepared,
        KeysBeingPrepared,
        KeyUnavailable { key: KeyKind, code: u32, message: String },
        KeyMalformed(KeyKind),
        KeyChanged(KeyKind),
        Intent(IntentError),
        Note(NoteError),
        Expiry { after: u64, at_latest: u64 },
        TooManyProposals { at_most: u64 },
        NoSuchProposal,
        NotOpen,
        OtherDigest,
        NotProposer,
        NotReady(Standing),
        BeingCarriedOut,
        NothingToResume,
        NothingToBump,
        NothingSigned,
        Silent(CallError),
    }
}

/// What the wallet's own methods answer.
pub type Answer<T> = Result<T, WalletError>;
