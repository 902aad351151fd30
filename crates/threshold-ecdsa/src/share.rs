//! Shares of a signature: their encoding, and the check of a single one.
//!
//! - Source: Groth and Shoup, eprint 2022/506; steps 5 and 7 of `docs/protocols/threshold-ecdsa.md`.
//! - In: bytes. Out: [`SignatureShare`], well formed but claimed; [`VerifiedShare`], known to be right.
//! - Leaves out: who sent the share. The network authenticates senders; the caller compares [`SignatureShare::node`] with the sender.

use crate::error::EcdsaError;
use crate::ids::SessionId;
use crate::session::Rerandomized;
use chainkey_algebra::codec::{Reader, Writer};
use chainkey_algebra::ff::Field;
use chainkey_algebra::group::Group;
use chainkey_algebra::robust::SharesError;
use chainkey_algebra::{Curve, Domain, NodeIndex, Oracle};

/// A node's share of a signature, as it says. All values are masked by lambda and public.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SignatureShare<C: Curve> {
    pub(crate) node: NodeIndex,
    pub(crate) session: SessionId,
    pub(crate) nu: C::Scalar,
    pub(crate) nu_mask: C::Scalar,
    pub(crate) mu: C::Scalar,
    pub(crate) mu_mask: C::Scalar,
}

impl<C: Curve> SignatureShare<C> {
    /// Bytes of an encoded share: node (2, big endian), session (32), nu, its mask, mu, its mask (32 each, big endian).
    pub const BYTES: usize = 2 + 32 + 4 * 32;

    /// The node that it claims to be from.
    pub fn node(&self) -> NodeIndex {
        self.node
    }

    /// The session that it claims to be for.
    pub fn session(&self) -> SessionId {
        self.session
    }

    /// The one encoding.
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        writer.u16(self.node.0).raw(self.session.0);
        for scalar in [&self.nu, &self.nu_mask, &self.mu, &self.mu_mask] {
            writer.scalar::<C>(scalar);
        }
        writer.finish()
    }

    /// Reads the encoding; refuses other lengths and scalars that are not reduced.
    pub fn decode(bytes: &[u8]) -> Result<Self, EcdsaError> {
        let mut reader = Reader::new(bytes);
        let share = SignatureShare {
            node: NodeIndex(reader.u16()?),
            session: SessionId(reader.array()?),
            nu: reader.scalar::<C>()?,
            nu_mask: reader.scalar::<C>()?,
            mu: reader.scalar::<C>()?,
            mu_mask: reader.scalar::<C>()?,
        };
        reader.finish()?;
        Ok(share)
    }

    /// Refuses a share that can't belong to this session, before any arithmetic.
    pub(crate) fn demand_fits(&self, session: &Rerandomized<C>) -> Result<(), EcdsaError> {
        let committee = session.presignature().key().committee();
        if !committee.contains(self.node) {
            return Err(SharesError::UnknownNode(self.node).into());
        }
        if self.session != session.id() {
            return Err(EcdsaError::OtherSession(self.node));
        }
        Ok(())
    }
}

/// A share that opens the session's commitments at its node.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct VerifiedShare<C: Curve>(SignatureShare<C>);

impl<C: Curve> VerifiedShare<C> {
    /// The node whose share it is.
    pub fn node(&self) -> NodeIndex {
        self.0.node
    }
}

impl<C: Curve> AsRef<SignatureShare<C>> for VerifiedShare<C> {
    fn as_ref(&self) -> &SignatureShare<C> {
        &self.0
    }
}

impl<C: Curve> Rerandomized<C> {
    /// Checks a single share against the commitments at its node.
    ///
    /// nu and mu must open theta lambda + rho (x lambda) and delta lambda + (kappa lambda). Both are checked as one equation, the first
    /// one times a weight that is hashed from the share itself: a wrong share passes with probability 2^-128. All values are public.
    pub fn verify_share(&self, share: SignatureShare<C>) -> Result<VerifiedShare<C>, EcdsaError> {
        share.demand_fits(self)?;
        let weight = weight(&share);
        let terms = self.terms();
        let commitments = &self.presignature().commitments;
        let difference = C::msm_vartime(
            &[
                weight * terms.theta + terms.delta,
                weight * terms.rho,
                -(weight * share.nu + share.mu),
                -(weight * share.nu_mask + share.mu_mask),
            ],
            &[
                commitments.lambda.at(share.node),
                commitments.x_lambda.at(share.node),
                C::Point::generator(),
                C::second_generator(),
            ],
        ) + commitments.kappa_lambda.at(share.node);
        if bool::from(difference.is_identity()) {
            Ok(VerifiedShare(share))
        } else {
            Err(SharesError::WrongShare(share.node).into())
        }
    }
}

/// A weight that the share's maker can't choose, since it depends on all of the share.
fn weight<C: Curve>(share: &SignatureShare<C>) -> C::Scalar {
    Oracle::new(Domain::BatchWeights)
        .bytes("ECDSA share", share.encode())
        .stream()
        .weight::<C>()
}

/// The sums nu(0) and mu(0) of shares with their Lagrange coefficients.
pub(crate) fn masked_sums<C: Curve>(
    shares: &[&SignatureShare<C>],
    coefficients: &[C::Scalar],
) -> (C::Scalar, C::Scalar) {
    shares.iter().zip(coefficients).fold(
        (C::Scalar::ZERO, C::Scalar::ZERO),
        |(nu, mu), (share, coefficient)| (nu + share.nu * coefficient, mu + share.mu * coefficient),
    )
}
