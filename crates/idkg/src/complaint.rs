//! Complaints about bad shares, openings that answer them, and shares restored from these.
//!
//! Source: docs/protocols/idkg.md, section 7. A complaint reveals the point that complainer and dealer share, with a proof that it is that
//! point; everybody can then decrypt what the complainer was sent, and see that it is bad. Only then does a node open its own share of that one
//! dealing, whose dealer is proved faulty. f + 1 openings give the complainer its share: interpolated at the complainer's point, never at zero.
//! - In and out: a complaint has 130 bytes; an opening as many scalars as a share of the batch.
//! - A complaint needs no signature: its proof can only be made with the complainer's encryption secret. Nor does an opening:
//!   whoever sends a share that opens the commitment sends the right one.
//! - The caller keeps at most one complaint for each dealing and complainer, and one opening for each opener.

use crate::dealing::DealingDigest;
use crate::encryption::{EncryptionSecret, Point};
use crate::error::{IdkgError, Needed};
use crate::kind::{Kind, combine_shares, read_shares, write_shares};
use crate::opened::OpenedDealing;
use crate::public::PublicDealing;
use crate::same_logarithm::{SameLogarithm, Statement};
use chainkey_algebra::codec::{Reader, Writer};
use chainkey_algebra::lagrange;
use chainkey_algebra::{Curve, Domain, Ed25519, NodeIndex, Oracle};
use rand_core::{CryptoRng, RngCore};
use std::collections::BTreeMap;

/// Says that a dealer sent a bad share, and proves it; not yet checked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Complaint {
    digest: DealingDigest,
    complainer: NodeIndex,
    shared: Point,
    proof: SameLogarithm,
}

/// A complaint that proves its dealer faulty.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct VerifiedComplaint {
    digest: DealingDigest,
    dealer: NodeIndex,
    complainer: NodeIndex,
}

/// A node's shares of a dealing whose dealer is proved faulty; not yet checked.
#[derive(Clone, Debug)]
pub struct Opening<C: Curve, K: Kind> {
    digest: DealingDigest,
    opener: NodeIndex,
    shares: Vec<K::Share<C>>,
}

/// An opening that opens the commitments at its opener.
#[derive(Clone, Debug)]
pub struct VerifiedOpening<C: Curve, K: Kind> {
    complaint: VerifiedComplaint,
    opened: OpenedDealing<C, K>,
}

fn oracle(digest: DealingDigest, complainer: NodeIndex) -> Oracle {
    Oracle::new(Domain::Complaint)
        .bytes("dealing", digest.0)
        .number("complainer", u64::from(complainer.0))
}

impl Complaint {
    pub(crate) fn new<C: Curve, K: Kind>(
        public: &PublicDealing<C, K>,
        complainer: NodeIndex,
        secret: &EncryptionSecret,
        shared: Point,
        rng: &mut (impl RngCore + CryptoRng),
    ) -> Self {
        let statement = Statement {
            base: public.dealing().ephemeral.point,
            of_generator: *secret.public(),
            of_base: shared,
        };
        let digest = public.digest();
        let proof = statement.prove(oracle(digest, complainer), secret.secret(), rng);
        Complaint {
            digest,
            complainer,
            shared,
            proof,
        }
    }

    /// Which dealing it is about.
    pub fn digest(&self) -> DealingDigest {
        self.digest
    }

    /// Who complains.
    pub fn complainer(&self) -> NodeIndex {
        self.complainer
    }

    /// Checks that the point is the right one and the share really bad.
    pub fn verify<C: Curve, K: Kind>(
        &self,
        public: &PublicDealing<C, K>,
    ) -> Result<VerifiedComplaint, IdkgError> {
        let complainer = self.complainer;
        if self.digest != public.digest() {
            return Err(IdkgError::OtherDealing { from: complainer });
        }
        let members = public.params().receivers();
        let key = members.encryption_key(complainer);
        let statement = Statement {
            base: public.dealing().ephemeral.point,
            of_generator: key.ok_or(IdkgError::NotAReceiver(complainer))?.point,
            of_base: self.shared,
        };
        statement
            .verify(oracle(self.digest, complainer), &self.proof)
            .map_err(|_| IdkgError::BadComplaint { complainer })?;
        let shares = public.decrypt(complainer, &self.shared);
        match shares.and_then(|shares| public.admit(complainer, shares)) {
            Some(_) => Err(IdkgError::UnfoundedComplaint { complainer }),
            None => Ok(VerifiedComplaint {
                digest: self.digest,
                dealer: public.dealer(),
                complainer,
            }),
        }
    }

    /// Digest of the dealing (32 bytes), complainer (2), shared point (32), proof (64).
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        writer
            .raw(self.digest.0)
            .u16(self.complainer.0)
            .point::<Ed25519>(&self.shared);
        self.proof.write(&mut writer);
        writer.finish()
    }

    /// Reads what [`Complaint::encode`] writes.
    pub fn decode(bytes: &[u8]) -> Result<Self, IdkgError> {
        let mut reader = Reader::new(bytes);
        let complaint = Complaint {
            digest: DealingDigest(reader.array()?),
            complainer: NodeIndex(reader.u16()?),
            shared: reader.point::<Ed25519>()?,
            proof: SameLogarithm::read(&mut reader)?,
        };
        reader.finish()?;
        Ok(complaint)
    }
}

impl VerifiedComplaint {
    /// The dealer that is proved faulty.
    pub fn dealer(&self) -> NodeIndex {
        self.dealer
    }

    /// Who needs openings.
    pub fn complainer(&self) -> NodeIndex {
        self.complainer
    }

    /// Which dealing is accused.
    pub fn digest(&self) -> DealingDigest {
        self.digest
    }
}

impl<C: Curve, K: Kind> OpenedDealing<C, K> {
    /// Opens this node's own shares of the accused dealing.
    pub fn answer(&self, complaint: &VerifiedComplaint) -> Result<Opening<C, K>, IdkgError> {
        let digest = self.public().digest();
        if complaint.digest != digest {
            let from = complaint.complainer;
            return Err(IdkgError::OtherDealing { from });
        }
        let shares = self.shares().to_vec();
        Ok(Opening::of(digest, self.receiver(), shares))
    }
}

impl<C: Curve, K: Kind> Opening<C, K> {
    /// An opening of any shares, for nodes that are faulty on purpose.
    pub(crate) fn of(digest: DealingDigest, opener: NodeIndex, shares: Vec<K::Share<C>>) -> Self {
        Opening {
            digest,
            opener,
            shares,
        }
    }

    /// Which dealing it is of.
    pub fn digest(&self) -> DealingDigest {
        self.digest
    }

    /// Who opens.
    pub fn opener(&self) -> NodeIndex {
        self.opener
    }

    /// Checks the shares; a complaint must have been verified before.
    pub fn verify(
        self,
        public: &PublicDealing<C, K>,
        complaint: &VerifiedComplaint,
    ) -> Result<VerifiedOpening<C, K>, IdkgError> {
        let opener = self.opener;
        let digest = public.digest();
        if self.digest != digest || complaint.digest != digest {
            return Err(IdkgError::OtherDealing { from: opener });
        }
        if !public.params().receivers().committee().contains(opener) {
            return Err(IdkgError::NotAReceiver(opener));
        }
        let opened = public.admit_claimed(opener, self.shares);
        Ok(VerifiedOpening {
            complaint: *complaint,
            opened: opened.ok_or(IdkgError::BadOpening { opener })?,
        })
    }

    /// Digest of the dealing (32 bytes), opener (2), scalars (a list).
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        writer.raw(self.digest.0).u16(self.opener.0);
        write_shares::<C, K>(&mut writer, &self.shares);
        writer.finish()
    }

    /// Reads what [`Opening::encode`] writes.
    pub fn decode(bytes: &[u8]) -> Result<Self, IdkgError> {
        let mut reader = Reader::new(bytes);
        let digest = DealingDigest(reader.array()?);
        let opener = NodeIndex(reader.u16()?);
        let shares = read_shares::<C, K>(&mut reader)?;
        reader.finish()?;
        Ok(Opening {
            digest,
            opener,
            shares,
        })
    }
}

impl<C: Curve, K: Kind> PublicDealing<C, K> {
    /// Restores the complainer's shares out of as many openings as the threshold.
    pub fn restore(
        &self,
        complaint: &VerifiedComplaint,
        openings: &[VerifiedOpening<C, K>],
    ) -> Result<OpenedDealing<C, K>, IdkgError> {
        let mut of_dealing = BTreeMap::new();
        for opening in openings {
            let opener = opening.opened.receiver();
            if opening.complaint.digest != self.digest() || complaint.digest != self.digest() {
                return Err(IdkgError::OtherDealing { from: opener });
            }
            of_dealing.insert(opener, &opening.opened);
        }
        let needed = self.params().threshold().shares();
        if of_dealing.len() < needed {
            return Err(IdkgError::NotEnough {
                what: Needed::Openings,
                needed,
                found: of_dealing.len(),
            });
        }
        let openers: Vec<NodeIndex> = of_dealing.keys().copied().take(needed).collect();
        let complainer = complaint.complainer;
        let coefficients = lagrange::coefficients_at::<C>(&openers, complainer.x())?;
        let terms: Vec<_> = coefficients.into_iter().zip(of_dealing.values()).collect();
        let shares = (0..self.commitments().len())
            .map(|slot| {
                let of_slot = terms
                    .iter()
                    .map(|(coefficient, opened)| Some((*coefficient, opened.shares().get(slot)?)));
                combine_shares::<C, K>(of_slot)
            })
            .collect::<Option<Vec<_>>>();
        shares
            .and_then(|shares| self.admit_claimed(complainer, shares))
            .ok_or(IdkgError::WrongShare(complainer))
    }
}
