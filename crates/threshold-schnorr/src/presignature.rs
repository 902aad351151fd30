//! Presignatures: one shared random nonce each, made before the message is known, and used once.
//!
//! - Source: Shoup, "The many faces of Schnorr", eprint 2023/1019; Groth and Shoup, eprint 2022/506; steps 1 and 2 of
//!   `docs/protocols/threshold-schnorr.md`.
//! - In: the public commitment of a transcript, and a node's share of it. Out: [`PublicPresignature`], the same for everyone, and
//!   [`PresignatureShare`], one node's secret part.
//! - Security: a second signature from one presignature reveals the key. So a [`PresignatureShare`] has neither `Clone` nor a serialized form, and
//!   [`PresignatureShare::sign`] takes it by value, also when it refuses.
//! - The caller must guarantee: the transcript was verified, the shares open the commitments (a node whose shares don't will only make
//!   shares that are found wrong), and the public part is not paired with secret parts of another presignature.

use crate::error::SchnorrError;
use crate::ids::{KeyTranscriptId, PresignatureId};
use crate::scheme::{Point, Scheme};
use crate::session::Rerandomized;
use crate::share::SignatureShare;
use chainkey_algebra::commitment::{SimpleCommitment, SimpleShare};
use chainkey_algebra::group::Group;
use chainkey_algebra::robust::SharesError;
use chainkey_algebra::{Committee, NodeIndex};
use std::sync::Arc;

/// A master key as signing sees it: who holds it, and the transcript that shares it now.
#[derive(Debug)]
pub struct MasterKey<S: Scheme> {
    id: KeyTranscriptId,
    committee: Committee,
    commitment: SimpleCommitment<S::Curve>,
    /// The commitment at each node: every blame needs these, and the key stays.
    at_nodes: Vec<Point<S>>,
}

impl<S: Scheme> MasterKey<S> {
    /// A key shared with threshold f + 1 among the committee.
    pub fn new(
        id: KeyTranscriptId,
        committee: Committee,
        commitment: SimpleCommitment<S::Curve>,
    ) -> Result<Arc<Self>, SchnorrError> {
        demand_shared::<S>("key", committee, &commitment)?;
        Ok(Arc::new(MasterKey {
            id,
            committee,
            at_nodes: committee
                .members()
                .map(|node| commitment.at(node))
                .collect(),
            commitment,
        }))
    }

    /// The transcript that shares the key.
    pub fn id(&self) -> KeyTranscriptId {
        self.id
    }

    /// The nodes that hold it.
    pub fn committee(&self) -> Committee {
        self.committee
    }

    /// The master public key.
    pub fn public_key(&self) -> Point<S> {
        self.commitment.constant()
    }

    /// The commitment to a member's share.
    pub(crate) fn at(&self, member: NodeIndex) -> Point<S> {
        self.at_nodes[usize::from(member.0)]
    }
}

/// One node's share of a master key. It lasts until the key is reshared.
#[derive(Debug)]
pub struct KeyShare<S: Scheme> {
    key: Arc<MasterKey<S>>,
    node: NodeIndex,
    share: SimpleShare<S::Curve>,
}

impl<S: Scheme> KeyShare<S> {
    /// A member's share; refuses one that does not open the key's commitment.
    pub fn new(
        key: Arc<MasterKey<S>>,
        node: NodeIndex,
        share: SimpleShare<S::Curve>,
    ) -> Result<Self, SchnorrError> {
        if !key.committee.contains(node) {
            return Err(SharesError::UnknownNode(node).into());
        }
        if share.commit() != key.at(node) {
            return Err(SharesError::WrongShare(node).into());
        }
        Ok(KeyShare { key, node, share })
    }

    /// Whose share it is.
    pub fn node(&self) -> NodeIndex {
        self.node
    }

    /// The key.
    pub fn key(&self) -> &Arc<MasterKey<S>> {
        &self.key
    }
}

/// The public part of a presignature, bound to one key transcript.
#[derive(Debug)]
pub struct PublicPresignature<S: Scheme> {
    id: PresignatureId,
    key: Arc<MasterKey<S>>,
    nonce: SimpleCommitment<S::Curve>,
}

impl<S: Scheme> PublicPresignature<S> {
    /// Binds the commitment of a shared nonce to a key and to an identity. Refuses a threshold other than the key's and a nonce of zero.
    pub fn new(
        id: PresignatureId,
        key: Arc<MasterKey<S>>,
        nonce: SimpleCommitment<S::Curve>,
    ) -> Result<Arc<Self>, SchnorrError> {
        demand_shared::<S>("nonce", key.committee, &nonce)?;
        Ok(Arc::new(PublicPresignature { id, key, nonce }))
    }

    /// Its identity.
    pub fn id(&self) -> PresignatureId {
        self.id
    }

    /// The key that it can sign for.
    pub fn key(&self) -> &Arc<MasterKey<S>> {
        &self.key
    }

    pub(crate) fn nonce(&self) -> &SimpleCommitment<S::Curve> {
        &self.nonce
    }
}

/// One node's part of a presignature: makes one signature share and is gone.
///
/// ```compile_fail,E0382
/// use chainkey_threshold_schnorr::{Bip340, KeyShare, PresignatureShare, Rerandomized};
/// fn twice(
///     share: PresignatureShare<Bip340>,
///     key: &KeyShare<Bip340>,
///     one: Rerandomized<Bip340>,
///     other: Rerandomized<Bip340>,
/// ) {
///     let _ = share.sign(key, &one);
///     let _ = share.sign(key, &other);
/// }
/// ```
///
/// ```compile_fail,E0599
/// use chainkey_threshold_schnorr::{Ed25519, PresignatureShare};
/// fn copied(share: PresignatureShare<Ed25519>) -> [PresignatureShare<Ed25519>; 2] {
///     [share.clone(), share]
/// }
/// ```
#[derive(Debug)]
pub struct PresignatureShare<S: Scheme> {
    public: Arc<PublicPresignature<S>>,
    node: NodeIndex,
    nonce: SimpleShare<S::Curve>,
}

impl<S: Scheme> PresignatureShare<S> {
    /// A member's part.
    pub fn new(
        public: Arc<PublicPresignature<S>>,
        node: NodeIndex,
        nonce: SimpleShare<S::Curve>,
    ) -> Result<Self, SchnorrError> {
        if !public.key.committee.contains(node) {
            return Err(SharesError::UnknownNode(node).into());
        }
        Ok(PresignatureShare {
            public,
            node,
            nonce,
        })
    }

    /// The presignature of which this is a part.
    pub fn public(&self) -> &Arc<PublicPresignature<S>> {
        &self.public
    }

    /// Makes the node's share of a signature; step 5. The nonce share is erased whether or not it succeeds.
    ///
    /// The share of the key is masked by that of the nonce, which is never used again: shares of s, and the s that anyone interpolates
    /// from these, say no more than the signature does.
    pub fn sign(
        self,
        key: &KeyShare<S>,
        session: &Rerandomized<S>,
    ) -> Result<SignatureShare<S>, SchnorrError> {
        let presignature = session.presignature();
        if presignature.key.id != self.public.key.id || key.key.id != self.public.key.id {
            return Err(SchnorrError::OtherKey);
        }
        if presignature.id != self.public.id {
            return Err(SchnorrError::OtherPresignature);
        }
        if key.node != self.node {
            return Err(SchnorrError::OtherNode {
                key: key.node,
                presignature: self.node,
            });
        }
        let terms = session.terms();
        Ok(SignatureShare {
            node: self.node,
            session: session.id(),
            s: terms.of_key * key.share.value.expose()
                + terms.of_nonce * self.nonce.value.expose()
                + terms.constant,
        })
    }
}

fn demand_shared<S: Scheme>(
    name: &'static str,
    committee: Committee,
    commitment: &SimpleCommitment<S::Curve>,
) -> Result<(), SchnorrError> {
    let (expected, found) = (committee.low().shares(), commitment.threshold());
    if found != expected {
        return Err(SchnorrError::Threshold {
            commitment: name,
            expected,
            found,
        });
    }
    // A constant that is the identity shares a zero that everyone knows.
    if bool::from(commitment.constant().is_identity()) {
        return Err(SchnorrError::CommitmentToZero(name));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::Ed25519;
    use crate::dealer::{Dealer, combiner};
    use chainkey_algebra::Curve;

    /// Why there is no second use: the dealer plays nodes whose stores were restored from a backup.
    #[test]
    fn the_control_a_second_use_would_reveal_the_key() {
        let mut dealer = Dealer::<Ed25519>::new(4, 12);
        let dealing = dealer.deal();
        let mut equation = |message: &[u8]| {
            let request = dealer.request(message);
            let (session, shares) = dealer.signed_with(&dealing, request);
            let mut s = combiner(&session, shares).combine().unwrap()[32..].to_vec();
            s.reverse();
            let s = chainkey_algebra::Ed25519::scalar_from_bytes(&s).unwrap();
            let terms = session.terms();
            (terms.of_key, s - terms.constant)
        };
        // s - constant = of_key x + k, twice, all known but x and k.
        let ((a, s), (b, t)) = (equation(b"one"), equation(b"two"));
        assert_eq!((s - t) * (a - b).invert(), dealer.secret_key);
    }
}
