//! What the installer chose: the token, its minting account, and whether faults can be ordered.
//!
//! - What it does: [`InitArgs`] are checked once and kept in a stable cell; nothing changes them.
//! - Stored as CBOR with numbered fields; an empty cell means that `init` has not run.

use crate::account::Account;
use crate::request::{Metadatum, Standard};
use crate::tokens::Tokens;
use candid::{CandidType, Nat};
use ic_stable_structures::storable::{Bound, Storable};
use minicbor::{Decode, Encode};
use serde::Deserialize;
use std::borrow::Cow;
use thiserror::Error;

/// The longest memo, in bytes.
pub const MAX_MEMO_BYTES: usize = 80;

/// The arguments of `init`.
#[derive(CandidType, Deserialize, Clone, Debug, PartialEq, Eq)]
pub struct InitArgs {
    /// Short name of the token.
    pub symbol: String,
    /// Name of the token.
    pub name: String,
    /// Decimal places of the unit that people see.
    pub decimals: u8,
    /// What a transfer or an approval costs, in the smallest unit.
    pub fee: Nat,
    /// Who mints and burns. It holds nothing.
    pub minting_account: Account,
    /// What is minted at installation; each is a block.
    pub initial_balances: Vec<(Account, Nat)>,
    /// Whether controllers may order faults (`dev_fail_next_transfers`). Only for tests.
    pub fault_controls: bool,
}

/// What is kept of them.
#[derive(Encode, Decode, Clone, Debug, PartialEq, Eq)]
#[cbor(map)]
pub struct Config {
    /// Short name of the token.
    #[n(0)]
    pub symbol: String,
    /// Name of the token.
    #[n(1)]
    pub name: String,
    /// Decimal places.
    #[n(2)]
    pub decimals: u8,
    /// What a transfer or an approval costs.
    #[n(3)]
    pub fee: Tokens,
    /// Who mints and burns.
    #[n(4)]
    pub minting_account: Account,
    /// Whether controllers may order faults.
    #[n(5)]
    pub fault_controls: bool,
}

impl Config {
    /// Checks the arguments of `init`, but for what is minted.
    ///
    /// # Errors
    /// [`InitError::Fee`].
    pub fn of(args: &InitArgs) -> Result<Self, InitError> {
        let fee = Tokens::from(&args.fee);
        if fee > Tokens::MOST {
            return Err(InitError::Fee);
        }
        Ok(Self {
            symbol: args.symbol.clone(),
            name: args.name.clone(),
            decimals: args.decimals,
            fee,
            minting_account: args.minting_account,
            fault_controls: args.fault_controls,
        })
    }

    /// Whether an account is the minting account.
    pub fn mints(&self, account: &Account) -> bool {
        self.minting_account.key() == account.key()
    }

    /// What `icrc1_metadata` answers.
    pub fn metadata(&self) -> Vec<(String, Metadatum)> {
        let entries = [
            ("icrc1:symbol", Metadatum::Text(self.symbol.clone())),
            ("icrc1:name", Metadatum::Text(self.name.clone())),
            ("icrc1:decimals", Metadatum::Nat(self.decimals.into())),
            ("icrc1:fee", Metadatum::Nat(self.fee.into())),
            (
                "icrc1:max_memo_length",
                Metadatum::Nat(MAX_MEMO_BYTES.into()),
            ),
        ];
        entries
            .into_iter()
            .map(|(key, value)| (key.to_owned(), value))
            .collect()
    }
}

/// What `icrc1_supported_standards` answers.
pub fn standards() -> Vec<Standard> {
    let of = |name: &str, url: &str| Standard {
        name: name.to_owned(),
        url: url.to_owned(),
    };
    let folder = "https://github.com/dfinity/ICRC-1/tree/main/standards";
    vec![
        of("ICRC-1", "https://github.com/dfinity/ICRC-1"),
        of("ICRC-2", &format!("{folder}/ICRC-2")),
        of("ICRC-3", &format!("{folder}/ICRC-3")),
    ]
}

/// The cell's content: nothing before `init`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slot(pub Option<Config>);

impl Storable for Slot {
    const BOUND: Bound = Bound::Unbounded;

    fn to_bytes(&self) -> Cow<'_, [u8]> {
        let Some(config) = &self.0 else {
            return Cow::Owned(Vec::new());
        };
        match minicbor::to_vec(config) {
            Ok(bytes) => Cow::Owned(bytes),
            // A vector takes every write, and no field has an encoder that fails.
            Err(error) => panic!("the configuration does not encode: {error}"),
        }
    }

    fn into_bytes(self) -> Vec<u8> {
        self.to_bytes().into_owned()
    }

    fn from_bytes(bytes: Cow<'_, [u8]>) -> Self {
        if bytes.is_empty() {
            return Self(None);
        }
        match minicbor::decode(&bytes) {
            Ok(config) => Self(Some(config)),
            Err(error) => panic!("the stored configuration does not decode: {error}"),
        }
    }
}

/// Why the ledger is not installed or upgraded.
#[derive(Error, Clone, Copy, Debug, PartialEq, Eq)]
pub enum InitError {
    /// The fee is more than anybody can pay.
    #[error("the fee is more than {}", Tokens::MOST.0)]
    Fee,
    /// The minting account holds nothing.
    #[error("the minting account has no balance to begin with")]
    MintingBalance,
    /// All balances together are more than can be counted.
    #[error("the balances to begin with are more than {}", Tokens::MOST.0)]
    Supply,
    /// Stable memory already holds a ledger.
    #[error("stable memory already holds a ledger")]
    AlreadyInstalled,
    /// Stable memory holds no ledger.
    #[error("no ledger in stable memory: install this canister, do not upgrade into it")]
    NotInstalled,
}
