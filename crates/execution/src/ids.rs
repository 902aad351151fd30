//! Identifiers of canisters, subnets and nodes.
//!
//! Source: interface specification, "Principals". A canister id allocated by a subnet is ten bytes: a big-endian u64
//! followed by `01 01`. In: principals or integers. Out: typed ids. Leaves out: which subnet hosts an id.

use candid::Principal;
use std::fmt;

/// The id of a canister.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct CanisterId(Principal);

impl CanisterId {
    /// The management canister, `aaaaa-aa`.
    pub const MANAGEMENT: CanisterId = CanisterId(Principal::management_canister());

    /// Takes any principal as the id of a canister.
    pub const fn new(principal: Principal) -> Self {
        CanisterId(principal)
    }

    /// The id with this number: eight bytes big endian, then `01 01`.
    pub fn from_number(number: u64) -> Self {
        let mut bytes = [1; 10];
        bytes[..8].copy_from_slice(&number.to_be_bytes());
        CanisterId(Principal::from_slice(&bytes))
    }

    /// The number of an id made by [`CanisterId::from_number`]; `None` for any other principal.
    pub fn number(&self) -> Option<u64> {
        match self.0.as_slice() {
            [number @ .., 1, 1] if number.len() == 8 => {
                let mut bytes = [0; 8];
                bytes.copy_from_slice(number);
                Some(u64::from_be_bytes(bytes))
            }
            _ => None,
        }
    }

    /// The id as a principal.
    pub const fn principal(&self) -> Principal {
        self.0
    }

    /// The bytes of the id (at most 29).
    pub fn as_slice(&self) -> &[u8] {
        self.0.as_slice()
    }
}

impl fmt::Display for CanisterId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The id of a subnet.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct SubnetId(pub Principal);

impl fmt::Display for SubnetId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The id of a node.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct NodeId(pub Principal);

/// The id of an ingress message: the representation-independent hash of its content (32 bytes).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MessageId(pub [u8; 32]);

impl fmt::Debug for MessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "0x{}", hex::encode(self.0))
    }
}

impl fmt::Display for MessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "0x{}", hex::encode(self.0))
    }
}

/// An inclusive range of canister ids.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct CanisterRange {
    /// The first id of the range.
    pub start: CanisterId,
    /// The last id of the range.
    pub end: CanisterId,
}

impl CanisterRange {
    /// Whether the id lies in the range.
    pub fn contains(&self, id: &CanisterId) -> bool {
        self.start <= *id && *id <= self.end
    }
}

/// Nanoseconds since 1970-01-01.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Time(pub u64);

impl Time {
    /// The time `nanoseconds` later, saturating.
    pub const fn plus(self, nanoseconds: u64) -> Time {
        Time(self.0.saturating_add(nanoseconds))
    }

    /// The nanoseconds since an earlier time, 0 if it is later.
    pub const fn since(self, earlier: Time) -> u64 {
        self.0.saturating_sub(earlier.0)
    }
}

/// The number of a round of a subnet, from 1.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Round(pub u64);
