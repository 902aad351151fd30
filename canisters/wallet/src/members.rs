//! The members of a wallet: who may propose, approve and veto.
//!
//! - In: principals from a caller. Out: 1 to 20 different principals, none of which is anonymous (everyone can be) or the management canister
//!   (nobody can be): a member that nobody can be would make a quorum of all members unreachable.
//! - Stored as CBOR: an array of byte strings in ascending order, so that a set of members has one encoding.

use candid::{CandidType, Principal};
use canister_kit::encoding::Identity;
use minicbor::{Decode, Encode};
use serde::Deserialize;
use std::collections::BTreeSet;
use thiserror::Error;

/// Most members of a wallet.
pub const MAX_MEMBERS: usize = 20;

/// The members of a wallet.
#[derive(Encode, Decode, Clone, Debug, PartialEq, Eq)]
#[cbor(transparent)]
pub struct Members(#[n(0)] BTreeSet<Identity>);

impl Members {
    /// Checks members that came from outside.
    ///
    /// # Errors
    /// What is wrong with them, and with whom.
    pub fn parse(members: &[Principal]) -> Result<Self, MembersError> {
        if members.is_empty() {
            return Err(MembersError::Nobody);
        }
        if members.len() > MAX_MEMBERS {
            return Err(MembersError::TooMany {
                members: members.len() as u64,
                at_most: MAX_MEMBERS as u64,
            });
        }
        let mut all = BTreeSet::new();
        for &member in members {
            if member == Principal::anonymous() {
                return Err(MembersError::Anonymous);
            }
            if member == Principal::management_canister() {
                return Err(MembersError::ManagementCanister);
            }
            if !all.insert(Identity(member)) {
                return Err(MembersError::Twice(member));
            }
        }
        Ok(Self(all))
    }

    /// Whether somebody is a member.
    pub fn contains(&self, who: Principal) -> bool {
        self.0.contains(&Identity(who))
    }

    /// Those who are not among others.
    pub fn without(&self, others: &Self) -> BTreeSet<Identity> {
        self.0.difference(&others.0).copied().collect()
    }

    /// How many there are.
    pub fn count(&self) -> u32 {
        // At most MAX_MEMBERS.
        self.0.len() as u32
    }

    /// All of them, in ascending order.
    pub fn iter(&self) -> impl Iterator<Item = Principal> {
        self.0.iter().map(|member| member.0)
    }
}

/// Why members are refused.
#[derive(CandidType, Deserialize, Error, Clone, Debug, PartialEq, Eq)]
pub enum MembersError {
    /// There are none.
    #[error("name at least one member")]
    Nobody,
    /// There are too many.
    #[error("name at most {at_most} members, not {members}")]
    TooMany {
        /// How many were named.
        members: u64,
        /// The most.
        at_most: u64,
    },
    /// The anonymous principal, which everyone can be.
    #[error("leave out the anonymous principal: everyone can be it")]
    Anonymous,
    /// The management canister, which nobody can be.
    #[error("leave out the management canister: nobody can call as it")]
    ManagementCanister,
    /// Somebody is named twice.
    #[error("name {0} once only")]
    Twice(Principal),
    /// Whoever makes a wallet is one of its members.
    #[error("name yourself as a member")]
    WithoutCaller,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fake::person;

    #[test]
    fn members_are_1_to_20_different_principals_that_somebody_can_be() {
        let people: Vec<Principal> = (0..21).map(person).collect();
        assert_eq!(Members::parse(&people[..20]).unwrap().count(), 20);
        assert_eq!(Members::parse(&[]), Err(MembersError::Nobody));
        let too_many = MembersError::TooMany {
            members: 21,
            at_most: 20,
        };
        assert_eq!(Members::parse(&people), Err(too_many));
        let refused = [
            (Principal::anonymous(), MembersError::Anonymous),
            (
                Principal::management_canister(),
                MembersError::ManagementCanister,
            ),
            (person(1), MembersError::Twice(person(1))),
        ];
        for (member, reason) in refused {
            assert_eq!(Members::parse(&[person(1), member]), Err(reason));
        }
    }

    #[test]
    fn a_set_of_members_has_one_encoding() {
        let one = Members::parse(&[person(1), person(2)]).unwrap();
        let other = Members::parse(&[person(2), person(1)]).unwrap();
        let bytes = minicbor::to_vec(&one).unwrap();
        assert_eq!(minicbor::to_vec(&other).unwrap(), bytes);
        assert_eq!(minicbor::decode::<Members>(&bytes).unwrap(), one);
    }
}
