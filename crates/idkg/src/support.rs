//! Signatures by which receivers say that they hold good shares, and dealings that enough of them support.
//!
//! Source: docs/protocols/idkg.md, section 8. One signature may cover any number of dealings, of any transcripts, curves and kinds: it is over the
//! list of their digests, each of which binds all that it is about. At 2f + 1 supports, f + 1 honest nodes have shares: enough to restore
//! everybody else's. In: what was vouched for. Out: a [`VerifiedSupport`], which, like all that is public, may be handed to other nodes of the same
//! process. Signatures are Ed25519 (RFC 8032, strict verification).

use crate::dealing::DealingDigest;
use crate::error::{IdkgError, Needed};
use crate::kind::Kind;
use crate::members::Members;
use crate::opened::Vouched;
use crate::params::Level;
use crate::public::PublicDealing;
use chainkey_algebra::codec::{CodecError, Reader, Writer};
use chainkey_algebra::{Curve, Domain, NodeIndex, Oracle};
use ed25519_dalek::{Signature, Signer, SigningKey};
use std::collections::BTreeSet;

/// As many dealings as one signature may cover.
const LARGEST_SUPPORT: usize = 100_000;

/// A signature over dealings; not yet checked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Support {
    pub(crate) signer: NodeIndex,
    digests: BTreeSet<DealingDigest>,
    signature: Signature,
}

/// A support whose signature was checked against the keys of a committee.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct VerifiedSupport {
    signer: NodeIndex,
    digests: BTreeSet<DealingDigest>,
    members: [u8; 32],
    domain: Domain,
}

/// A verified dealing that 2f + 1 receivers support.
#[derive(Clone, Debug)]
pub struct SupportedDealing<C: Curve, K: Kind> {
    public: PublicDealing<C, K>,
}

fn message(domain: Domain, signer: NodeIndex, digests: &BTreeSet<DealingDigest>) -> [u8; 32] {
    let oracle = Oracle::new(domain)
        .number("signer", u64::from(signer.0))
        .number("dealings", digests.len() as u64);
    digests
        .iter()
        .fold(oracle, |oracle, digest| oracle.bytes("dealing", digest.0))
        .digest()
}

impl Support {
    /// Signs for the dealings whose shares this node found good. What others vouched for is left out.
    pub fn sign(
        signer: NodeIndex,
        key: &SigningKey,
        vouched: impl IntoIterator<Item = Vouched>,
    ) -> Self {
        Support::sign_as(Domain::Support, signer, key, vouched)
    }

    pub(crate) fn sign_as(
        domain: Domain,
        signer: NodeIndex,
        key: &SigningKey,
        vouched: impl IntoIterator<Item = Vouched>,
    ) -> Self {
        let own = vouched.into_iter().filter(|own| own.receiver == signer);
        let digests = own.map(|vouched| vouched.digest).collect();
        let signature = key.sign(&message(domain, signer, &digests));
        Support {
            signer,
            digests,
            signature,
        }
    }

    /// Checks the signature.
    pub fn verify(self, members: &Members) -> Result<VerifiedSupport, IdkgError> {
        self.verify_as(Domain::Support, members)
    }

    pub(crate) fn verify_as(
        self,
        domain: Domain,
        members: &Members,
    ) -> Result<VerifiedSupport, IdkgError> {
        let signer = self.signer;
        let key = members.signing_key(signer);
        let key = key.ok_or(IdkgError::NotAReceiver(signer))?;
        let message = message(domain, signer, &self.digests);
        key.verify_strict(&message, &self.signature)
            .map_err(|_| IdkgError::BadSignature { signer })?;
        Ok(VerifiedSupport {
            signer,
            digests: self.digests,
            members: *members.digest(),
            domain,
        })
    }

    /// Who signed.
    pub fn signer(&self) -> NodeIndex {
        self.signer
    }

    /// Signer (2 bytes), digests (a list of 32 bytes each, ascending), signature (64).
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        writer.u16(self.signer.0).length(self.digests.len());
        for digest in &self.digests {
            writer.raw(digest.0);
        }
        writer.raw(self.signature.to_bytes());
        writer.finish()
    }

    /// Reads what [`Support::encode`] writes.
    pub fn decode(bytes: &[u8]) -> Result<Self, IdkgError> {
        let mut reader = Reader::new(bytes);
        let support = Support::read(&mut reader)?;
        reader.finish()?;
        Ok(support)
    }

    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, IdkgError> {
        let signer = NodeIndex(reader.u16()?);
        let count = reader.length(LARGEST_SUPPORT)?;
        let mut digests = BTreeSet::new();
        for _ in 0..count {
            let digest = DealingDigest(reader.array()?);
            if digests.last().is_some_and(|last| *last >= digest) {
                return Err(CodecError::UnknownTag(digest.0[0]).into());
            }
            digests.insert(digest);
        }
        Ok(Support {
            signer,
            digests,
            signature: Signature::from_bytes(&reader.array()?),
        })
    }
}

impl VerifiedSupport {
    /// Who signed.
    pub fn signer(&self) -> NodeIndex {
        self.signer
    }

    /// The dealings that are supported.
    pub fn digests(&self) -> &BTreeSet<DealingDigest> {
        &self.digests
    }

    /// The same, of the dealings for which this holds only: who signed a list signed each.
    #[must_use]
    pub fn only(&self, holds: impl Fn(&DealingDigest) -> bool) -> Self {
        let digests = self.digests.iter().copied();
        VerifiedSupport {
            signer: self.signer,
            digests: digests.filter(holds).collect(),
            members: self.members,
            domain: self.domain,
        }
    }

    /// The receivers who signed for a dealing in a domain, if they are 2f + 1.
    pub(crate) fn enough<'a, C: Curve, K: Kind>(
        public: &PublicDealing<C, K>,
        supports: impl IntoIterator<Item = &'a VerifiedSupport>,
        (domain, what): (Domain, Needed),
    ) -> Result<BTreeSet<NodeIndex>, IdkgError> {
        let (members, digest) = (public.params().receivers(), public.digest());
        let mut signers = BTreeSet::new();
        for support in supports {
            if support.domain != domain || !support.digests.contains(&digest) {
                continue;
            }
            let signer = support.signer;
            if support.members != *members.digest() {
                return Err(IdkgError::OtherMembers { signer });
            }
            signers.insert(signer);
        }
        let needed = members.committee().high().shares();
        if signers.len() < needed {
            return Err(IdkgError::NotEnough {
                what,
                needed,
                found: signers.len(),
            });
        }
        Ok(signers)
    }
}

impl<C: Curve, K: Kind> SupportedDealing<C, K> {
    /// A dealing with its supports; those of other dealings are passed over, and a signer counts once.
    pub fn new(
        public: PublicDealing<C, K>,
        supports: &[VerifiedSupport],
    ) -> Result<Self, IdkgError> {
        // Supports guarantee f + 1 honest openings: enough for low thresholds only.
        let params = public.params();
        Level::Low.expect(params.receivers(), params.threshold())?;
        VerifiedSupport::enough(&public, supports, (Domain::Support, Needed::Supports))?;
        Ok(SupportedDealing { public })
    }

    /// The dealing.
    pub fn public(&self) -> &PublicDealing<C, K> {
        &self.public
    }
}
