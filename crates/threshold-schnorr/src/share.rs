//! Shares of a signature: their encoding, and the check of a single one.
//!
//! - Source: step 5 and 7 of `docs/protocols/threshold-schnorr.md`.
//! - In: bytes. Out: [`SignatureShare`], well formed but claimed; [`VerifiedShare`], known to be right.
//! - Leaves out: who sent the share. The network authenticates senders; the caller compares [`SignatureShare::node`] with the sender.

use crate::error::SchnorrError;
use crate::ids::SessionId;
use crate::scheme::{Scalar, Scheme};
use crate::session::Rerandomized;
use chainkey_algebra::codec::{Reader, Writer};
use chainkey_algebra::robust::SharesError;
use chainkey_algebra::{Curve, NodeIndex};

/// A node's share of a signature, as it says. s is masked by the nonce and public.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SignatureShare<S: Scheme> {
    pub(crate) node: NodeIndex,
    pub(crate) session: SessionId,
    pub(crate) s: Scalar<S>,
}

impl<S: Scheme> SignatureShare<S> {
    /// Bytes of an encoded share: node (2, big endian), session (32), s (32, big endian).
    pub const BYTES: usize = 2 + 32 + 32;

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
        writer.scalar::<S::Curve>(&self.s);
        writer.finish()
    }

    /// Reads the encoding; refuses other lengths and scalars that are not reduced.
    pub fn decode(bytes: &[u8]) -> Result<Self, SchnorrError> {
        let mut reader = Reader::new(bytes);
        let share = SignatureShare {
            node: NodeIndex(reader.u16()?),
            session: SessionId(reader.array()?),
            s: reader.scalar::<S::Curve>()?,
        };
        reader.finish()?;
        Ok(share)
    }

    /// Refuses a share that can't belong to this session, before any arithmetic.
    pub(crate) fn demand_fits(&self, session: &Rerandomized<S>) -> Result<(), SchnorrError> {
        let committee = session.presignature().key().committee();
        if !committee.contains(self.node) {
            return Err(SharesError::UnknownNode(self.node).into());
        }
        if self.session != session.id() {
            return Err(SchnorrError::OtherSession(self.node));
        }
        Ok(())
    }
}

/// A share that opens the session's commitments at its node.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct VerifiedShare<S: Scheme>(SignatureShare<S>);

impl<S: Scheme> VerifiedShare<S> {
    /// The node whose share it is.
    pub fn node(&self) -> NodeIndex {
        self.0.node
    }
}

impl<S: Scheme> AsRef<SignatureShare<S>> for VerifiedShare<S> {
    fn as_ref(&self) -> &SignatureShare<S> {
        &self.0
    }
}

impl<S: Scheme> Rerandomized<S> {
    /// Checks a single share against the commitments to the key and to the nonce at its node.
    pub fn verify_share(&self, share: SignatureShare<S>) -> Result<VerifiedShare<S>, SchnorrError> {
        share.demand_fits(self)?;
        let terms = self.terms();
        let presignature = self.presignature();
        let key = presignature.key().at(share.node);
        let nonce = presignature.nonce().at(share.node);
        let nonce = if terms.of_nonce == Scalar::<S>::from(1) {
            nonce
        } else {
            -nonce
        };
        let opened = S::Curve::mul_base(&(share.s - terms.constant));
        if opened == S::Curve::mul(&key, &terms.of_key) + nonce {
            Ok(VerifiedShare(share))
        } else {
            Err(SharesError::WrongShare(share.node).into())
        }
    }
}
