//! Keys whose secret is published: the only place where somebody knows a whole key, since everybody does.
//!
//! What it does: shares a value that is public by design (the test keys that PocketIC publishes) as a transcript, so that everything afterwards,
//! resharing first of all, is the real protocol. Never for a secret: whoever calls this knows it. Given the same RNG, every node makes the
//! same transcript and takes its own shares.
//! In: the values. Out: a transcript without dealings, and everybody's shares.

use crate::error::IdkgError;
use crate::kind::Unmasked;
use crate::members::Members;
use crate::params::{LARGEST_BATCH, Level, TranscriptId};
use crate::transcript::{Transcript, TranscriptShare};
use chainkey_algebra::commitment::{SimpleCommitment, SimpleShare};
use chainkey_algebra::{Curve, Polynomial, Secret};
use rand_core::{CryptoRng, RngCore};
use std::sync::Arc;

/// A transcript of published values with everybody's shares.
#[derive(Debug)]
pub struct Published<C: Curve> {
    /// The transcript.
    pub transcript: Transcript<C, Unmasked>,
    /// The shares, in the order of the receivers.
    pub shares: Vec<TranscriptShare<C, Unmasked>>,
}

/// Shares values that are public by design.
pub fn share<C: Curve>(
    id: TranscriptId,
    receivers: &Arc<Members>,
    level: Level,
    values: &[C::Scalar],
    rng: &mut (impl RngCore + CryptoRng),
) -> Result<Published<C>, IdkgError> {
    let found = values.len();
    if found == 0 || found > LARGEST_BATCH {
        return Err(IdkgError::BatchSize { found });
    }
    let threshold = level.threshold(receivers);
    let polynomials: Vec<Polynomial<C>> = values
        .iter()
        .map(|value| Polynomial::sharing(&Secret::new(*value), threshold, rng))
        .collect();
    let commitments = polynomials.iter().map(SimpleCommitment::to).collect();
    let transcript = Transcript::published(id, receivers, threshold, commitments);
    let shares = receivers
        .committee()
        .members()
        .map(|node| {
            let values = polynomials.iter().map(|one| one.at(node));
            transcript.admit(node, values.map(|value| SimpleShare { value }).collect())
        })
        .collect::<Result<_, _>>()?;
    Ok(Published { transcript, shares })
}
