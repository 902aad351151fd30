//! From shares to a signature: combine first, verify once, blame only on failure.
//!
//! docs/protocols/threshold-bls.md, steps 4 to 6. In: shares in the names of distinct nodes, at least as many as the threshold. Out: the
//! verified signature, and who sent a wrong share among those that were looked at. The search is [`chainkey_algebra::robust`].

use crate::error::BlsError;
use crate::message::Message;
use crate::pairing_product::mismatch;
use crate::public_key::Signature;
use crate::share::SignatureShare;
use crate::verification_keys::VerificationKeys;
use blstrs::{G1Affine, G1Projective, G2Affine, G2Prepared, Gt, Scalar};
use chainkey_algebra::robust::{self, LinearCheck, SharedKey, SharesError};
use chainkey_algebra::{BlsG1, BlsG2, Curve, NodeIndex};
use group::Group;

/// A signature, and what was found out on the way.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Combined {
    /// Verified under the public key.
    pub signature: Signature,
    /// Nodes whose shares are proven wrong, in order; empty if the first attempt succeeded.
    pub culprits: Vec<NodeIndex>,
}

/// Signatures of one message.
struct OfMessage<'a> {
    keys: &'a VerificationKeys,
    message: &'a Message,
}

impl VerificationKeys {
    /// Makes a signature of as many of the shares as the threshold, the first ones, and verifies it. If it is wrong, wrong shares are found and
    /// others take their places, if there are enough.
    pub fn combine(
        &self,
        message: &Message,
        shares: &[(NodeIndex, SignatureShare)],
    ) -> Result<Combined, BlsError> {
        let keys = self;
        let combined = robust::combine(&OfMessage { keys, message }, shares)?;
        Ok(Combined {
            signature: Signature::of_verified(&combined.sum),
            culprits: combined.culprits,
        })
    }

    /// Verifies one share by itself. Combining does not need it; it is for whoever has to judge a single node.
    pub fn verify_share(
        &self,
        node: NodeIndex,
        share: &SignatureShare,
        message: &Message,
    ) -> Result<(), BlsError> {
        let keys = self;
        Ok(OfMessage { keys, message }.verify_share(node, share)?)
    }
}

impl LinearCheck for OfMessage<'_> {
    type Curve = BlsG2;
    type Share = SignatureShare;
    type Sum = G1Affine;
    type Weight = ();
    type Mismatch = Gt;

    fn key(&self) -> &SharedKey<BlsG2> {
        self.keys.shared()
    }

    fn sum(&self, factors: &[Scalar], shares: &[(NodeIndex, SignatureShare)]) -> G1Affine {
        let points: Vec<G1Projective> = shares
            .iter()
            .map(|(_, share)| share.point().into())
            .collect();
        BlsG1::msm_vartime(factors, &points).into()
    }

    fn mismatch(&self, signature: &G1Affine) -> ((), Gt) {
        let key = self.keys.public_key().prepared();
        ((), mismatch(signature, self.message.point(), key))
    }

    fn syndrome(&self, sum: &G1Affine, (): &(), of_leading: &Scalar) -> Option<Gt> {
        let expected = G1Affine::from(G1Projective::from(self.message.point()) * of_leading);
        Some(mismatch(sum, &expected, self.keys.leading()))
    }

    fn verify_share(&self, node: NodeIndex, share: &SignatureShare) -> Result<(), SharesError> {
        let key = G2Prepared::from(G2Affine::from(self.keys.shared().of_node(node)?));
        let mismatch = mismatch(share.point(), self.message.point(), &key);
        if bool::from(mismatch.is_identity()) {
            Ok(())
        } else {
            Err(SharesError::WrongShare(node))
        }
    }
}
