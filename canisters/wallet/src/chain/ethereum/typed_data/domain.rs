//! The domain of typed data: where a signature is valid.
//!
//! - Specification: EIP-712, "Definition of `domainSeparator`": up to five members, in this order, none of them required.

use super::super::quantity::ChainId;
use super::schema::Member;
use super::value::{Structure, Value};
use crate::account::ethereum::EvmAddress;

/// The members that a domain may have, in their order.
const MEMBERS: [(&str, &str); 5] = [
    ("string", "name"),
    ("string", "version"),
    ("uint256", "chainId"),
    ("address", "verifyingContract"),
    ("bytes32", "salt"),
];

/// A domain; what is not there was not declared.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Domain {
    /// What asks for the signature, for readers.
    pub name: Option<String>,
    /// Its version, for readers.
    pub version: Option<String>,
    /// On which chain it is valid.
    pub chain_id: Option<ChainId>,
    /// Who verifies it.
    pub verifying_contract: Option<EvmAddress>,
    /// What else tells domains apart.
    pub salt: Option<[u8; 32]>,
}

impl Domain {
    /// A domain from its value. Nothing if the chain's number is not below 2^64.
    pub(super) fn of(members: &[Member], value: &Structure) -> Option<Self> {
        let mut domain = Self::default();
        for (place, member) in members.iter().enumerate() {
            match (member.name.as_str(), value.get(place)?) {
                ("name", Value::Text(text)) => domain.name = Some(text.clone()),
                ("version", Value::Text(text)) => domain.version = Some(text.clone()),
                ("chainId", Value::Word(word)) => {
                    let [high @ .., _, _, _, _, _, _, _, _] = word;
                    let low = *word.last_chunk()?;
                    domain.chain_id = Some(ChainId(u64::from_be_bytes(low)));
                    if high != &[0; 24] {
                        return None;
                    }
                }
                ("verifyingContract", Value::Word(word)) => {
                    domain.verifying_contract = Some(EvmAddress::new(*word.last_chunk()?));
                }
                ("salt", Value::Word(word)) => domain.salt = Some(*word),
                _ => return None,
            }
        }
        Some(domain)
    }
}

/// Whether the declared members are some of the standard's, in its order. A domain without any is one too.
pub fn is_standard(members: &[Member]) -> bool {
    let mut standard = MEMBERS.iter();
    members.iter().all(|member| {
        let declared = (member.written.as_str(), member.name.as_str());
        standard.any(|one| *one == declared)
    })
}
