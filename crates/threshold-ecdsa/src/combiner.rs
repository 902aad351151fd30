//! Combining shares to a signature: first combine and verify once; look for a culprit only when that fails.
//!
//! - Source: Groth and Shoup, eprint 2022/506; steps 6 to 8 of `docs/protocols/threshold-ecdsa.md`. The search is [`chainkey_algebra::robust`].
//! - In: shares in any order from anyone. Out: a signature that was verified, and the nodes whose shares were found wrong.
//! - Security: what is interpolated are nu and mu, masked by a lambda of their own; no secret is. No signature leaves that does not verify.

use crate::error::{Burn, EcdsaError};
use crate::session::Rerandomized;
use crate::share::{SignatureShare, VerifiedShare, masked_sums};
use crate::signature::Signature;
use chainkey_algebra::ff::Field;
use chainkey_algebra::group::Group;
use chainkey_algebra::robust::{self, Session};
use chainkey_algebra::{Committee, Curve, NodeIndex};

/// Collects the shares of one session. [`EcdsaError::Burned`] is final.
pub type Combiner<'a, C> = robust::Combiner<'a, Rerandomized<C>>;

impl<C: Curve> Session for Rerandomized<C> {
    type Curve = C;
    type Share = SignatureShare<C>;
    type Verified = VerifiedShare<C>;
    type Output = Signature<C>;
    type Error = EcdsaError;

    fn committee(&self) -> Committee {
        self.presignature().key().committee()
    }

    fn sender(&self, share: &SignatureShare<C>) -> Result<NodeIndex, EcdsaError> {
        share.demand_fits(self)?;
        Ok(share.node)
    }

    fn verify_share(&self, share: SignatureShare<C>) -> Result<VerifiedShare<C>, EcdsaError> {
        self.verify_share(share)
    }

    fn attempt(
        &self,
        shares: &[&SignatureShare<C>],
        coefficients: &[C::Scalar],
    ) -> Result<Signature<C>, EcdsaError> {
        let (nu, mu) = masked_sums(shares, coefficients);
        let inverse = Option::<C::Scalar>::from(mu.invert()).ok_or(Burn::MuZero);
        let s = nu * inverse.map_err(EcdsaError::Burned)?;
        if bool::from(s.is_zero()) {
            return Err(EcdsaError::Burned(Burn::SZero));
        }
        let signature = Signature::low(self.terms().rho, s);
        signature
            .verify(self.derived_key(), self.message_hash())
            .map_err(|_| EcdsaError::Burned(Burn::Contradiction))?;
        Ok(signature)
    }

    /// nu R - mu (e G + rho P).
    fn residue(&self, shares: &[&SignatureShare<C>], weights: &[C::Scalar]) -> C::Point {
        let (nu, mu) = masked_sums(shares, weights);
        self.residue(nu, mu)
    }

    fn target(&self) -> C::Point {
        C::Point::identity()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SessionId;
    use crate::dealer::{Dealer, combiner, unwatched};
    use crate::signature::{reduce, x_coordinate};
    use chainkey_algebra::Secp256k1;

    #[test]
    fn burns_when_s_is_zero() {
        let mut dealer = Dealer::<Secp256k1>::new(4, 1);
        let (values, delta, tweak) = (dealer.values(), dealer.scalar(), dealer.scalar());
        // With a chosen shift the nonce is known before the hash: e = -rho (x + omega) makes s zero.
        let nonce = Secp256k1::mul_base(&(values.kappa + delta));
        let rho = reduce::<Secp256k1>(&x_coordinate::<Secp256k1>(&nonce));
        let hash = Secp256k1::scalar_to_bytes(&-(rho * (dealer.secret_key + tweak)));
        let dealing = dealer.deal(values);
        let bound = dealer
            .request_with_tweak(hash, tweak)
            .bind(dealing.public.clone())
            .unwrap();
        let session = Rerandomized::with_shift(bound, delta, SessionId([1; 32])).unwrap();
        let members = dealer.committee.members();
        let shares = members.map(|node| dealing.part(node).sign(&session).unwrap());
        let error = combiner(&session, shares).combine().unwrap_err();
        assert_eq!(error, EcdsaError::Burned(Burn::SZero));
    }

    #[test]
    fn burns_when_the_shift_cancels_the_nonce() {
        let mut dealer = Dealer::<Secp256k1>::new(4, 2);
        let values = dealer.values();
        let dealing = dealer.deal(values);
        let bound = dealer
            .request([1; 32])
            .bind(dealing.public.clone())
            .unwrap();
        let error = Rerandomized::with_shift(bound, -values.kappa, SessionId([1; 32])).unwrap_err();
        assert_eq!(error, EcdsaError::Burned(Burn::NonceAtInfinity));
    }

    /// Why there is no second use: the dealer plays nodes whose stores were restored from a backup.
    #[test]
    fn the_control_a_second_use_would_reveal_the_key() {
        let mut dealer = Dealer::<Secp256k1>::new(4, 3);
        let dealing = dealer.presignature();
        let mut equation = |hash: [u8; 32]| {
            let request = dealer.request(hash);
            let (session, shares) = dealer.signed_with(&dealing, request);
            let signature = combiner(&session, shares).combine().unwrap();
            let s = Secp256k1::scalar_from_bytes(&signature.to_bytes()[32..]).unwrap();
            (s, *session.terms())
        };
        // s (kappa + delta) = theta + rho x, twice, all known but x and kappa, and which of s and -s they were.
        let ((s, a), (t, b)) = (equation([1; 32]), equation([2; 32]));
        let solve = |s: k256::Scalar, t: k256::Scalar| {
            let numerator = t * (a.theta - s * a.delta) - s * (b.theta - t * b.delta);
            numerator * (s * b.rho - t * a.rho).invert().unwrap()
        };
        let solutions = [solve(s, t), solve(-s, t), solve(s, -t), solve(-s, -t)];
        assert!(solutions.contains(&dealer.secret_key));
    }

    #[test]
    fn one_wrong_share_is_found_without_checking_the_others() {
        let mut dealer = Dealer::<Secp256k1>::new(13, 4);
        for bad in 0..6 {
            let (session, mut shares) = dealer.signed([1; 32]);
            shares.truncate(6);
            shares[bad].nu += k256::Scalar::ONE;
            let mut combiner = unwatched(&session, shares);
            assert_eq!(combiner.suspect(), Some(NodeIndex(bad as u16)));
            combiner.combine().unwrap();
            // Behind the first f + 1 shares nobody looked.
            let blamed = usize::from(bad < 5);
            assert_eq!(combiner.culprits().len(), blamed);
            assert_eq!(combiner.unchecked().len(), 6 - blamed);
        }
    }
}
