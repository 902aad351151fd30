//! From what is recorded to the seed.
//!
//! Source: docs/protocols/draws.md, steps 12 and 15. In: what identifies a draw and everything about it that was fixed before. Out: the input of the verifiable random function, and the seed.

use crate::beacon::Round;
use crate::domain::{Domain, Hash};
use crate::error::DrawProofError;
use crate::evidence::Evidence;
use crate::spec::Source;
use crate::vrf::VrfKey;

/// Everything about a draw that is fixed before its seed.
#[derive(Clone, Copy, Debug)]
pub struct Commitment<'a> {
    /// The canister that draws.
    pub canister: &'a [u8],
    /// The draw's number there.
    pub draw: u64,
    /// The hash of its specification.
    pub spec: Hash,
    /// The root of its entries.
    pub root: Hash,
    /// The hash of its history.
    pub history: Hash,
}

impl Commitment<'_> {
    /// The input of the verifiable random function (step 12). It is not used for the other sources.
    pub fn vrf_input(&self, fresh: &[u8]) -> Hash {
        Domain::VrfInput.hash(&[
            self.canister,
            &self.draw.to_be_bytes(),
            &self.spec,
            &self.root,
            &self.history,
            fresh,
        ])
    }

    /// The seed (step 15). The key is that of the canister, or of the beacon for [`Source::Beacon`]; nothing for [`Source::RawRand`].
    ///
    /// # Errors
    /// [`DrawProofError::Signature`], or [`DrawProofError::Evidence`] if key or signature are missing.
    pub fn seed(
        &self,
        source: &Source,
        evidence: &Evidence,
        key: Option<&VrfKey>,
    ) -> Result<Hash, DrawProofError> {
        let fresh = evidence.fresh();
        let output = match source {
            Source::RawRand => Vec::new(),
            Source::Vrf | Source::VrfAndRawRand => {
                let (key, signature) = signed(evidence, key)?;
                key.output(&self.vrf_input(fresh), signature)?.to_vec()
            }
            Source::Beacon { canister, round } => {
                let (key, signature) = signed(evidence, key)?;
                let randomness = Round(*round).randomness(canister, key, signature)?;
                randomness.to_vec()
            }
        };
        Ok(Domain::Seed.hash(&[
            &[source.number()],
            self.canister,
            &self.draw.to_be_bytes(),
            &self.spec,
            &self.root,
            &self.history,
            fresh,
            &output,
        ]))
    }
}

fn signed<'a>(
    evidence: &'a Evidence,
    key: Option<&'a VrfKey>,
) -> Result<(&'a VrfKey, &'a [u8; 48]), DrawProofError> {
    let both = key.zip(evidence.signature());
    both.ok_or(DrawProofError::Evidence)
}
