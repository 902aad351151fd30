//! Combining shares to a signature: first combine and verify once; look for a culprit only when that fails.
//!
//! - Source: steps 6 to 8 of `docs/protocols/threshold-schnorr.md`.
//! - In: shares in any order from anyone. Out: a signature that was verified, and the nodes whose shares were found wrong.
//! - Security: what is interpolated is s, in which the key is masked by the nonce; no secret is. No signature leaves that does not verify.

use crate::error::{Burn, SchnorrError};
use crate::scheme::{Point, Scalar, Scheme};
use crate::session::Rerandomized;
use crate::share::{SignatureShare, VerifiedShare};
use chainkey_algebra::robust::{self, Session};
use chainkey_algebra::{Committee, Curve, NodeIndex};

/// Collects the shares of one session. [`SchnorrError::Burned`] is final.
pub type Combiner<'a, S> = robust::Combiner<'a, Rerandomized<S>>;

impl<S: Scheme> Session for Rerandomized<S> {
    type Curve = S::Curve;
    type Share = SignatureShare<S>;
    type Verified = VerifiedShare<S>;
    type Output = [u8; 64];
    type Error = SchnorrError;

    fn committee(&self) -> Committee {
        self.presignature().key().committee()
    }

    fn sender(&self, share: &SignatureShare<S>) -> Result<NodeIndex, SchnorrError> {
        share.demand_fits(self)?;
        Ok(share.node)
    }

    fn verify_share(&self, share: SignatureShare<S>) -> Result<VerifiedShare<S>, SchnorrError> {
        self.verify_share(share)
    }

    fn attempt(
        &self,
        shares: &[&SignatureShare<S>],
        coefficients: &[Scalar<S>],
    ) -> Result<[u8; 64], SchnorrError> {
        let s = weighted_sum(shares, coefficients);
        let signature = S::encode(self.nonce(), &s);
        S::verify(self.output_key(), self.message(), &signature)
            .map_err(|_| SchnorrError::Burned(Burn::Contradiction))?;
        Ok(signature)
    }

    /// s G.
    fn residue(&self, shares: &[&SignatureShare<S>], weights: &[Scalar<S>]) -> Point<S> {
        S::Curve::mul_base(&weighted_sum(shares, weights))
    }

    fn target(&self) -> Point<S> {
        self.target()
    }
}

fn weighted_sum<S: Scheme>(shares: &[&SignatureShare<S>], weights: &[Scalar<S>]) -> Scalar<S> {
    shares
        .iter()
        .zip(weights)
        .fold(Scalar::<S>::from(0), |sum, (share, weight)| {
            sum + share.s * weight
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dealer::{Dealer, unwatched};
    use crate::{Bip340, Ed25519};

    fn one_wrong_share_is_found_without_checking_the_others<S: Scheme>() {
        let mut dealer = Dealer::<S>::new(13, 4);
        for bad in 0..6 {
            let (session, mut shares) = dealer.signed(b"message");
            shares.truncate(6);
            shares[bad].s += Scalar::<S>::from(1);
            let mut combiner = unwatched(&session, shares);
            assert_eq!(combiner.suspect(), Some(NodeIndex(bad as u16)));
            combiner.combine().unwrap();
            // Behind the first f + 1 shares nobody looked.
            let blamed = usize::from(bad < 5);
            assert_eq!(combiner.culprits().len(), blamed);
            assert_eq!(combiner.unchecked().len(), 6 - blamed);
        }
    }

    #[test]
    fn one_wrong_share_is_found_without_checking_the_others_in_both_schemes() {
        one_wrong_share_is_found_without_checking_the_others::<Bip340>();
        one_wrong_share_is_found_without_checking_the_others::<Ed25519>();
    }
}
