//! Who deals or receives: a committee with its members' keys.
//!
//! In: keys checked by [`crate::Registration::verify`], in the order of the node indices. Out: a committee that every protocol message is bound to
//! by its digest. The caller must guarantee that all nodes agree on the list (the registry of the subnet).

use crate::encryption::{EncryptionKey, MemberKeys};
use crate::error::IdkgError;
use chainkey_algebra::{Committee, Curve, Domain, Ed25519, Ed25519Table, NodeIndex, Oracle};
use ed25519_dalek::VerifyingKey;
use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Arc, OnceLock};

/// A committee's members with their keys for one epoch. Equal if their digests are.
pub struct Members {
    committee: Committee,
    keys: Vec<MemberKeys>,
    digest: [u8; 32],
    /// Every dealing of the epoch is encrypted with the same keys, so the first one makes a table of each.
    tables: OnceLock<Vec<Ed25519Table>>,
}

impl PartialEq for Members {
    fn eq(&self, other: &Self) -> bool {
        self.digest == other.digest
    }
}

impl Eq for Members {}

impl fmt::Debug for Members {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = out.debug_struct("Members");
        out.field("committee", &self.committee);
        out.field("keys", &self.keys).finish_non_exhaustive()
    }
}

impl Members {
    /// Members in the order of their indices; 3f + 1 of them, no key twice.
    pub fn new(keys: Vec<MemberKeys>) -> Result<Arc<Self>, IdkgError> {
        let committee = Committee::new(u16::try_from(keys.len()).unwrap_or(u16::MAX))?;
        let mut seen = BTreeSet::new();
        let mut oracle = Oracle::new(Domain::Members).number("members", committee.size() as u64);
        for (node, member) in committee.members().zip(&keys) {
            let encryption = Ed25519::point_to_bytes(&member.encryption.point);
            let signing = member.signing.to_bytes();
            if !seen.insert(encryption.clone()) || !seen.insert(signing.to_vec()) {
                return Err(IdkgError::SharedKey(node));
            }
            oracle = oracle
                .bytes("signing", signing)
                .bytes("encryption", encryption)
                .number("epoch", member.encryption.epoch);
        }
        let digest = oracle.digest();
        Ok(Arc::new(Members {
            committee,
            keys,
            digest,
            tables: OnceLock::new(),
        }))
    }

    /// The committee that they form.
    pub fn committee(&self) -> Committee {
        self.committee
    }

    /// What stands for the members in everything hashed.
    pub fn digest(&self) -> &[u8; 32] {
        &self.digest
    }

    /// A member's key for signed messages.
    pub fn signing_key(&self, node: NodeIndex) -> Option<&VerifyingKey> {
        self.keys.get(usize::from(node.0)).map(|keys| &keys.signing)
    }

    /// The members, each with its key for encrypted shares, ready for many multiplications.
    pub(crate) fn receivers(&self) -> impl Iterator<Item = (NodeIndex, &Ed25519Table)> {
        let tables = self.tables.get_or_init(|| {
            let points = self.keys.iter().map(|keys| &keys.encryption.point);
            points.map(Ed25519Table::new).collect()
        });
        self.committee.members().zip(tables)
    }

    /// A member's key for encrypted shares.
    pub fn encryption_key(&self, node: NodeIndex) -> Option<&EncryptionKey> {
        let keys = self.keys.get(usize::from(node.0));
        keys.map(|keys| &keys.encryption)
    }
}
