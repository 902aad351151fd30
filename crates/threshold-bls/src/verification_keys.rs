//! The public side of a shared key: its public key, and the key of each node's share.
//!
//! docs/protocols/threshold-bls.md, step 1. In: a committee and the commitment that a key ceremony ended with. Out: keys that are evaluated
//! once and used for every message.

use crate::error::BlsError;
use crate::public_key::PublicKey;
use blstrs::{G2Affine, G2Prepared};
use chainkey_algebra::commitment::SimpleCommitment;
use chainkey_algebra::robust::SharedKey;
use chainkey_algebra::{BlsG2, Committee};

/// How many shares a key shall need.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Level {
    /// f + 1, for what must go on with few: the beacon and the tape.
    Low,
    /// 2f + 1, for what must not be signed twice in different ways: certification.
    High,
}

/// What is needed to verify and combine the shares of one key.
#[derive(Clone, Debug)]
pub struct VerificationKeys {
    shared: SharedKey<BlsG2>,
    public_key: PublicKey,
    leading: G2Prepared,
}

impl VerificationKeys {
    /// The commitment's threshold must be the level's. Evaluates the commitment at every node: some 10 ms for 40 nodes, once for each key.
    pub fn new(
        committee: Committee,
        level: Level,
        commitment: &SimpleCommitment<BlsG2>,
    ) -> Result<Self, BlsError> {
        let threshold = match level {
            Level::Low => committee.low(),
            Level::High => committee.high(),
        };
        let shared = SharedKey::new(committee, threshold, commitment)?;
        Ok(VerificationKeys {
            public_key: PublicKey::of_point(shared.public()),
            leading: G2Affine::from(shared.leading()).into(),
            shared,
        })
    }

    /// The key that signatures verify under.
    pub fn public_key(&self) -> &PublicKey {
        &self.public_key
    }

    /// How many shares make a signature.
    pub fn threshold(&self) -> usize {
        self.shared.threshold()
    }

    pub(crate) fn shared(&self) -> &SharedKey<BlsG2> {
        &self.shared
    }

    /// The commitment to the polynomial's highest coefficient.
    pub(crate) fn leading(&self) -> &G2Prepared {
        &self.leading
    }
}
