//! Calls that count as payments although nobody can read them: contracts, and the functions of each that members trust.
//!
//! - What it does: a call with a listed selector is a payment of its value and highest fee to the contract, under the rules of the chain's currency; any
//!   other call that cannot be read needs the highest requirement.
//! - A selector that can be read is refused here: what it spends always counts, and its unreadable variants are suspicious. So is every selector of a
//!   contract that has rules as a token: tokens have more functions that move them than can be read (`transferAndCall`, `burn`).
//! - Bounded: 20 contracts, 100 selectors in all. Stored as CBOR with numbered fields, and left out where nothing is listed, so that policies from before
//!   there were such lists have the encoding that they had.

use crate::account::ethereum::EvmAddress;
use crate::asset::Asset;
use crate::chain::ethereum::decode::call::reads;
use crate::chain::ethereum::quantity::ChainId;
use candid::CandidType;
use minicbor::{Decode, Encode};
use serde::Deserialize;
use serde_bytes::ByteBuf;
use std::collections::{BTreeMap, BTreeSet};
use thiserror::Error;

/// Most contracts.
pub const MAX_CONTRACTS: usize = 20;

/// Most selectors of all contracts together.
pub const MAX_SELECTORS: usize = 100;

/// A function of a contract: the first four bytes of its signature's hash.
#[derive(Encode, Decode, Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[cbor(transparent)]
pub struct Selector(
    #[n(0)]
    #[cbor(with = "minicbor::bytes")]
    pub [u8; 4],
);

/// A contract on a chain.
#[derive(Encode, Decode, Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[cbor(map)]
pub struct Contract {
    /// On which chain.
    #[n(0)]
    pub chain: ChainId,
    /// Where.
    #[n(1)]
    pub address: EvmAddress,
}

/// Calls that count as payments.
#[derive(Encode, Decode, Clone, Debug, Default, PartialEq, Eq)]
#[cbor(transparent)]
pub struct ListedCalls(#[n(0)] BTreeMap<Contract, BTreeSet<Selector>>);

/// A contract and its listed functions, as callers write them.
#[derive(CandidType, Deserialize, Clone, Debug, PartialEq, Eq)]
pub struct RawListedCalls {
    /// EIP-155's number of the chain.
    pub chain_id: u64,
    /// The contract's address.
    pub contract: String,
    /// Four bytes each.
    pub selectors: Vec<ByteBuf>,
}

impl ListedCalls {
    /// Checks a list; nothing if it lists nothing.
    ///
    /// # Errors
    /// The first thing that is wrong with it.
    pub fn parse(raw: &[RawListedCalls]) -> Result<Option<Self>, CallsError> {
        let selectors: usize = raw.iter().map(|entry| entry.selectors.len()).sum();
        if raw.len() > MAX_CONTRACTS || selectors > MAX_SELECTORS {
            return Err(CallsError::TooMany {
                contracts_at_most: MAX_CONTRACTS as u64,
                selectors_at_most: MAX_SELECTORS as u64,
            });
        }
        let mut listed = BTreeMap::new();
        for entry in raw {
            let name = || entry.contract.clone();
            let address = EvmAddress::parse(&entry.contract);
            let contract = Contract {
                chain: ChainId(entry.chain_id),
                address: address.ok_or_else(|| CallsError::BadContract(name()))?,
            };
            let selectors = parse_selectors(contract, entry)?;
            if listed.insert(contract, selectors).is_some() {
                return Err(CallsError::ContractTwice(name()));
            }
        }
        Ok((!listed.is_empty()).then_some(Self(listed)))
    }

    /// Refuses functions of contracts that have rules as tokens: what they move, if they do, would count for no rule.
    ///
    /// # Errors
    /// [`CallsError::TokenWithRules`].
    pub fn check_tokens<'a>(
        &self,
        mut assets: impl Iterator<Item = &'a Asset>,
    ) -> Result<(), CallsError> {
        let listed = |asset: &Asset| match asset {
            Asset::Erc20(chain, address) => self.0.contains_key(&Contract {
                chain: *chain,
                address: *address,
            }),
            _ => false,
        };
        match assets.find(|asset| listed(asset)) {
            Some(Asset::Erc20(_, address)) => Err(CallsError::TokenWithRules(address.to_string())),
            _ => Ok(()),
        }
    }

    /// Whether a call of a function is listed.
    pub fn lists(&self, contract: Contract, selector: Selector) -> bool {
        let selectors = self.0.get(&contract);
        selectors.is_some_and(|selectors| selectors.contains(&selector))
    }

    /// Whether every call that this lists is listed there too.
    pub fn is_within(&self, other: &Self) -> bool {
        let mut all = self.0.iter().flat_map(|(contract, selectors)| {
            selectors.iter().map(move |selector| (*contract, *selector))
        });
        all.all(|(contract, selector)| other.lists(contract, selector))
    }
}

fn parse_selectors(
    contract: Contract,
    entry: &RawListedCalls,
) -> Result<BTreeSet<Selector>, CallsError> {
    let mut selectors = BTreeSet::new();
    for bytes in &entry.selectors {
        let refused = |why: fn(String) -> CallsError| why(entry.contract.clone());
        let selector = <[u8; 4]>::try_from(bytes.as_slice());
        let selector = selector.map_err(|_| refused(CallsError::SelectorLength))?;
        if reads(contract.address, selector) {
            return Err(refused(CallsError::Readable));
        }
        if !selectors.insert(Selector(selector)) {
            return Err(refused(CallsError::SelectorTwice));
        }
    }
    match selectors.is_empty() {
        true => Err(CallsError::NoSelectors(entry.contract.clone())),
        false => Ok(selectors),
    }
}

impl From<&ListedCalls> for Vec<RawListedCalls> {
    fn from(listed: &ListedCalls) -> Self {
        let raw = |(contract, selectors): (&Contract, &BTreeSet<Selector>)| RawListedCalls {
            chain_id: contract.chain.0,
            contract: contract.address.to_string(),
            selectors: selectors.iter().map(|it| ByteBuf::from(it.0)).collect(),
        };
        listed.0.iter().map(raw).collect()
    }
}

/// Why a list of calls is refused. Each names the contract where there is one to blame.
#[derive(CandidType, Deserialize, Error, Clone, Debug, PartialEq, Eq)]
pub enum CallsError {
    /// The list is too long.
    #[error("list at most {contracts_at_most} contracts with {selectors_at_most} selectors in all")]
    TooMany {
        /// The most contracts.
        contracts_at_most: u64,
        /// The most selectors.
        selectors_at_most: u64,
    },
    /// No address.
    #[error("write {0} as its chain does; check it for typing errors")]
    BadContract(String),
    /// It stands twice.
    #[error("put the selectors of {0} into one place")]
    ContractTwice(String),
    /// No selector.
    #[error("list a selector of {0}, or leave the contract out")]
    NoSelectors(String),
    /// Not four bytes.
    #[error("a selector of {0} has not four bytes")]
    SelectorLength(String),
    /// It stands twice.
    #[error("list each selector of {0} once only")]
    SelectorTwice(String),
    /// What it spends can be read, and always counts.
    #[error("leave functions of {0} out that spend tokens in a known way: they count as that")]
    Readable(String),
    /// It has rules as a token, and its functions may move it.
    #[error("leave {0} out: it has rules as a token, and its functions may move it")]
    TokenWithRules(String),
}
