//! Presignatures: what the nodes prepare before they know the message, and use once.
//!
//! - Source: Groth and Shoup, eprint 2022/506; steps 1 and 2 of `docs/protocols/threshold-ecdsa.md`.
//! - In: the public commitments of four transcripts, and a node's shares of three of them.
//! - Out: [`PublicPresignature`], the same for everyone, and [`PresignatureShare`], one node's secret part.
//! - Security: a second signature from one presignature reveals the key. So a [`PresignatureShare`] has neither `Clone` nor a serialized form, and
//!   [`PresignatureShare::sign`] takes it by value, also when it refuses.
//! - The caller must guarantee: the transcripts were verified, the shares open the commitments (a node whose shares don't will only
//!   make shares that are found wrong), and the public part is not paired with secret parts of another presignature.

use crate::error::EcdsaError;
use crate::ids::{KeyTranscriptId, PresignatureId};
use crate::session::Rerandomized;
use crate::share::SignatureShare;
use chainkey_algebra::commitment::{PedersenCommitment, PedersenShare, SimpleCommitment};
use chainkey_algebra::group::Group;
use chainkey_algebra::robust::SharesError;
use chainkey_algebra::{Committee, Curve, NodeIndex};
use std::sync::Arc;

/// A master key as signing sees it: who holds it, and the transcript that shares it now.
#[derive(Debug)]
pub struct MasterKey<C: Curve> {
    id: KeyTranscriptId,
    committee: Committee,
    commitment: SimpleCommitment<C>,
}

impl<C: Curve> MasterKey<C> {
    /// A key shared with threshold f + 1 among the committee.
    pub fn new(
        id: KeyTranscriptId,
        committee: Committee,
        commitment: SimpleCommitment<C>,
    ) -> Result<Arc<Self>, EcdsaError> {
        demand_threshold("key", committee, commitment.threshold())?;
        demand_unknown::<C>("key", &commitment)?;
        Ok(Arc::new(MasterKey {
            id,
            committee,
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
    pub fn public_key(&self) -> C::Point {
        self.commitment.constant()
    }
}

/// The commitments of a presignature's four transcripts, each with threshold f + 1.
#[derive(Clone, Debug)]
pub struct PresignatureCommitments<C: Curve> {
    /// kappa, the nonce before rerandomization.
    pub kappa: SimpleCommitment<C>,
    /// lambda, the mask.
    pub lambda: PedersenCommitment<C>,
    /// kappa times lambda.
    pub kappa_lambda: PedersenCommitment<C>,
    /// The master key times lambda.
    pub x_lambda: PedersenCommitment<C>,
}

/// The public part of a presignature, bound to one key transcript.
#[derive(Debug)]
pub struct PublicPresignature<C: Curve> {
    id: PresignatureId,
    key: Arc<MasterKey<C>>,
    pub(crate) commitments: PresignatureCommitments<C>,
}

impl<C: Curve> PublicPresignature<C> {
    /// Binds the commitments to a key and to an identity. Refuses thresholds other than the key's and a nonce of zero.
    pub fn new(
        id: PresignatureId,
        key: Arc<MasterKey<C>>,
        commitments: PresignatureCommitments<C>,
    ) -> Result<Arc<Self>, EcdsaError> {
        let PresignatureCommitments {
            kappa,
            lambda,
            kappa_lambda,
            x_lambda,
        } = &commitments;
        demand_threshold("kappa", key.committee, kappa.threshold())?;
        demand_threshold("lambda", key.committee, lambda.threshold())?;
        demand_threshold("kappa lambda", key.committee, kappa_lambda.threshold())?;
        demand_threshold("x lambda", key.committee, x_lambda.threshold())?;
        demand_unknown::<C>("kappa", kappa)?;
        Ok(Arc::new(PublicPresignature {
            id,
            key,
            commitments,
        }))
    }

    /// Its identity.
    pub fn id(&self) -> PresignatureId {
        self.id
    }

    /// The key that it can sign for.
    pub fn key(&self) -> &Arc<MasterKey<C>> {
        &self.key
    }
}

/// One node's shares of a presignature. The share of kappa is not among them: signing does not need it.
#[derive(Debug)]
pub struct PresignatureSecrets<C: Curve> {
    /// Share of lambda.
    pub lambda: PedersenShare<C>,
    /// Share of kappa times lambda.
    pub kappa_lambda: PedersenShare<C>,
    /// Share of the master key times lambda.
    pub x_lambda: PedersenShare<C>,
}

/// One node's part of a presignature: makes one signature share and is gone.
///
/// ```compile_fail,E0382
/// use chainkey_algebra::Secp256k1;
/// use chainkey_threshold_ecdsa::{PresignatureShare, Rerandomized};
/// fn twice(share: PresignatureShare<Secp256k1>, one: Rerandomized<Secp256k1>, other: Rerandomized<Secp256k1>) {
///     let _ = share.sign(&one);
///     let _ = share.sign(&other);
/// }
/// ```
///
/// ```compile_fail,E0599
/// use chainkey_algebra::Secp256k1;
/// use chainkey_threshold_ecdsa::PresignatureShare;
/// fn copied(share: PresignatureShare<Secp256k1>) -> [PresignatureShare<Secp256k1>; 2] {
///     [share.clone(), share]
/// }
/// ```
#[derive(Debug)]
pub struct PresignatureShare<C: Curve> {
    public: Arc<PublicPresignature<C>>,
    node: NodeIndex,
    secrets: PresignatureSecrets<C>,
}

impl<C: Curve> PresignatureShare<C> {
    /// A member's part.
    pub fn new(
        public: Arc<PublicPresignature<C>>,
        node: NodeIndex,
        secrets: PresignatureSecrets<C>,
    ) -> Result<Self, EcdsaError> {
        if !public.key.committee.contains(node) {
            return Err(SharesError::UnknownNode(node).into());
        }
        Ok(PresignatureShare {
            public,
            node,
            secrets,
        })
    }

    /// The presignature of which this is a part.
    pub fn public(&self) -> &Arc<PublicPresignature<C>> {
        &self.public
    }

    /// Makes the node's share of a signature; step 5. The secrets are erased whether or not it succeeds.
    ///
    /// nu and mu are products with the mask lambda, which nobody knows and which is never used again: shares of them, and the values
    /// at zero that anyone interpolates from these, say no more than the signature does.
    pub fn sign(self, session: &Rerandomized<C>) -> Result<SignatureShare<C>, EcdsaError> {
        let presignature = session.presignature();
        if presignature.key.id != self.public.key.id {
            return Err(EcdsaError::OtherKey);
        }
        if presignature.id != self.public.id {
            return Err(EcdsaError::OtherPresignature);
        }
        let PresignatureSecrets {
            lambda,
            kappa_lambda,
            x_lambda,
        } = &self.secrets;
        let terms = session.terms();
        Ok(SignatureShare {
            node: self.node,
            session: session.id(),
            nu: terms.theta * lambda.value.expose() + terms.rho * x_lambda.value.expose(),
            nu_mask: terms.theta * lambda.mask.expose() + terms.rho * x_lambda.mask.expose(),
            mu: terms.delta * lambda.value.expose() + kappa_lambda.value.expose(),
            mu_mask: terms.delta * lambda.mask.expose() + kappa_lambda.mask.expose(),
        })
    }
}

fn demand_threshold(
    commitment: &'static str,
    committee: Committee,
    found: usize,
) -> Result<(), EcdsaError> {
    let expected = committee.low().shares();
    if found == expected {
        Ok(())
    } else {
        Err(EcdsaError::Threshold {
            commitment,
            expected,
            found,
        })
    }
}

/// A Simple commitment whose constant is the identity shares a zero that everyone knows.
fn demand_unknown<C: Curve>(
    name: &'static str,
    commitment: &SimpleCommitment<C>,
) -> Result<(), EcdsaError> {
    if bool::from(commitment.constant().is_identity()) {
        Err(EcdsaError::CommitmentToZero(name))
    } else {
        Ok(())
    }
}
