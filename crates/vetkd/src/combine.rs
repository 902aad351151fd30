//! From encrypted shares to an encrypted key: combine first, check once, blame only on failure.
//!
//! docs/protocols/vetkd.md, steps 5 to 7. In: shares in the names of distinct nodes, at least as many as the threshold. Out: the checked
//! encrypted key, and who sent a wrong share among those that were looked at. The search is [`chainkey_algebra::robust`].

use crate::ciphertext::Ciphertext;
use crate::encrypted_key::EncryptedKey;
use crate::error::VetKdError;
use crate::key_share::EncryptedKeyShare;
use crate::master_key::MasterKey;
use crate::request::Request;
use blstrs::{G1Affine, G1Projective, G2Projective, Gt, Scalar};
use chainkey_algebra::robust::{self, LinearCheck, SharedKey, SharesError};
use chainkey_algebra::{BlsG1, BlsG2, Curve, NodeIndex};
use group::Group;

/// An encrypted key, and what was found out on the way.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Combined {
    /// Checked to be the key that was asked for.
    pub encrypted_key: EncryptedKey,
    /// Nodes whose shares are proven wrong, in order; empty if the first attempt succeeded.
    pub culprits: Vec<NodeIndex>,
}

/// Encrypted keys for one request.
struct OfRequest<'a> {
    master: &'a MasterKey,
    request: &'a Request,
}

impl MasterKey {
    /// Combines as many of the shares as the threshold, the first ones, and checks the result. If it is wrong, wrong shares are found and others
    /// take their places, if there are enough.
    pub fn combine(
        &self,
        request: &Request,
        shares: &[(NodeIndex, EncryptedKeyShare)],
    ) -> Result<Combined, VetKdError> {
        let master = self;
        let combined = robust::combine(&OfRequest { master, request }, shares)?;
        Ok(Combined {
            encrypted_key: EncryptedKey::of_checked(&combined.sum),
            culprits: combined.culprits,
        })
    }

    /// Checks one share by itself. Combining does not need it; it is for whoever has to judge a single node.
    pub fn verify_share(
        &self,
        node: NodeIndex,
        share: &EncryptedKeyShare,
        request: &Request,
    ) -> Result<(), VetKdError> {
        let master = self;
        Ok(OfRequest { master, request }.verify_share(node, share)?)
    }
}

/// Both equations of a ciphertext as one with a weight. They are linear in its three points and the key, for a fixed weight.
impl LinearCheck for OfRequest<'_> {
    type Curve = BlsG2;
    type Share = EncryptedKeyShare;
    type Sum = Ciphertext;
    type Weight = Scalar;
    type Mismatch = Gt;

    fn key(&self) -> &SharedKey<BlsG2> {
        self.master.shared()
    }

    fn sum(&self, factors: &[Scalar], shares: &[(NodeIndex, EncryptedKeyShare)]) -> Ciphertext {
        let ciphertexts = || shares.iter().map(|(_, share)| share.ciphertext());
        let c1: Vec<G1Projective> = ciphertexts().map(|c| c.c1.into()).collect();
        let c2: Vec<G2Projective> = ciphertexts().map(|c| c.c2.into()).collect();
        let c3: Vec<G1Projective> = ciphertexts().map(|c| c.c3.into()).collect();
        Ciphertext {
            c1: BlsG1::msm_vartime(factors, &c1).into(),
            c2: BlsG2::msm_vartime(factors, &c2).into(),
            c3: BlsG1::msm_vartime(factors, &c3).into(),
        }
    }

    fn mismatch(&self, key: &Ciphertext) -> (Scalar, Gt) {
        let weight = key.weight(self.request);
        let derived = self.request.derived().prepared();
        let mismatch = key.mismatch(self.request, &weight, self.request.point(), derived);
        (weight, mismatch)
    }

    fn syndrome(&self, sum: &Ciphertext, weight: &Scalar, of_leading: &Scalar) -> Option<Gt> {
        let expected = G1Affine::from(G1Projective::from(self.request.point()) * of_leading);
        Some(sum.mismatch(self.request, weight, &expected, self.master.leading()?))
    }

    fn verify_share(&self, node: NodeIndex, share: &EncryptedKeyShare) -> Result<(), SharesError> {
        let key = self.master.node_key(node, self.request.derived())?;
        let share = share.ciphertext();
        let weight = share.weight(self.request);
        let mismatch = share.mismatch(self.request, &weight, self.request.point(), &key);
        if bool::from(mismatch.is_identity()) {
            Ok(())
        } else {
            Err(SharesError::WrongShare(node))
        }
    }
}
