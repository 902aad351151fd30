//! Nodes that are faulty on purpose: what an attacker who holds a node's secrets can say, for fault injection.
//!
//! Source: protocols.md of the design, section 10. What bytes-level corruption can't reach: a dealing whose proofs hold and whose ciphertexts are wrong
//! for some receivers, and a complaint that is proved and unfounded. Nothing here gives a node power that its secrets don't.
//! In: what the honest function takes. Out: a message of the same type, which the checks of others must see through.

use crate::acknowledged::{HighDealing, HighParams};
use crate::complaint::{Complaint, Opening, VerifiedComplaint};
use crate::dealing::{DealerInput, Dealing};
use crate::encryption::EncryptionSecret;
use crate::error::IdkgError;
use crate::kind::{Kind, shares_of};
use crate::opened::OpenedDealing;
use crate::params::Params;
use crate::public::PublicDealing;
use chainkey_algebra::ff::Field;
use chainkey_algebra::{Curve, Domain, NodeIndex, Oracle, Secret};
use rand_core::{CryptoRng, RngCore};
use std::collections::BTreeSet;
use zeroize::Zeroize;

/// Makes the first scalar of a receiver wrong.
pub(crate) fn spoil<C: Curve>(scalars: &mut [Secret<C>]) {
    if let Some(first) = scalars.first_mut() {
        *first = Secret::new(*first.expose() + C::Scalar::ONE);
    }
}

/// Deals as [`Dealing::create`] does, but with wrong shares for these receivers.
pub fn deal_wrong_for<C: Curve, K: Kind>(
    params: &Params<C, K>,
    dealer: NodeIndex,
    input: DealerInput<'_, C>,
    receivers: &BTreeSet<NodeIndex>,
    rng: &mut (impl RngCore + CryptoRng),
) -> Result<Dealing<C, K>, IdkgError> {
    Dealing::create_keeping(params, dealer, input, receivers, rng).map(|(dealing, _)| dealing)
}

/// Deals as [`HighParams::deal`] does, but with wrong shares for these receivers; what is kept is right.
pub fn deal_high_wrong_for<C: Curve, K: Kind>(
    params: &HighParams<C, K>,
    dealer: NodeIndex,
    input: DealerInput<'_, C>,
    receivers: &BTreeSet<NodeIndex>,
    rng: &mut (impl RngCore + CryptoRng),
) -> Result<HighDealing<C, K>, IdkgError> {
    params.deal_keeping(dealer, input, receivers, rng)
}

/// Complains about a dealing whether or not the share is bad; the proof holds.
pub fn accuse<C: Curve, K: Kind>(
    dealing: &PublicDealing<C, K>,
    complainer: NodeIndex,
    secret: &EncryptionSecret,
    rng: &mut (impl RngCore + CryptoRng),
) -> Complaint {
    let mut shared = secret.shared(&dealing.dealing().ephemeral.point);
    let complaint = Complaint::new(dealing, complainer, secret, shared, rng);
    shared.zeroize();
    complaint
}

/// Moves an error from the first slot to the second, or makes the only one wrong, so that a sum weighted as in step 6.2 stays as it is: everybody
/// knows those weights.
pub(crate) fn cancelling<C: Curve, K: Kind>(
    public: &PublicDealing<C, K>,
    shares: &[K::Share<C>],
) -> Vec<K::Share<C>> {
    let own = shares.iter().flat_map(K::scalars);
    let mut scalars: Vec<Secret<C>> = own.cloned().collect();
    if let Some(second) = scalars.get_mut(K::SCALARS) {
        *second = Secret::new(*second.expose() + C::Scalar::ONE);
        let mut weights = Oracle::new(Domain::BatchWeights)
            .bytes("shares of", public.digest().0)
            .stream();
        scalars[0] = Secret::new(*scalars[0].expose() - weights.weight::<C>());
    } else {
        spoil(&mut scalars);
    }
    shares_of::<C, K>(scalars)
}

/// Answers a complaint with shares that are wrong, in the way that is hardest to see.
pub fn open_wrong<C: Curve, K: Kind>(
    opened: &OpenedDealing<C, K>,
    complaint: &VerifiedComplaint,
) -> Result<Opening<C, K>, IdkgError> {
    let opening = opened.answer(complaint)?;
    let shares = cancelling(opened.public(), opened.shares());
    Ok(Opening::of(opening.digest(), opening.opener(), shares))
}
