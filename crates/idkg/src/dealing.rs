//! A dealing as it is sent: commitments, proofs, ciphertexts, ephemeral key.
//!
//! Source: docs/protocols/idkg.md, sections 2 to 4. In: parameters, the dealer's own shares, randomness. Out: bytes.
//! Layout: curve (1), kind (1), context (32), dealer (2), commitments (a list of lists of points), proofs, ciphertexts (a list of lists of
//! scalars, one list per receiver), ephemeral key (128). Numbers and lists as in [`chainkey_algebra::codec`]; there is one encoding.
//! A decoded dealing is well-formed, and all its points are in the prime-order subgroup; nothing else is known of it before
//! [`Dealing::verify`].

use crate::encryption::{Binding, Ephemeral, EphemeralSecret};
use crate::error::IdkgError;
use crate::faulty;
use crate::kind::{Kind, Masked, Unmasked};
use crate::layout;
use crate::params::{LARGEST_BATCH, Operation, Params};
use crate::proof::{self, ProductWitness, Proof};
use crate::transcript::TranscriptShare;
use chainkey_algebra::codec::{CodecError, Reader, Writer};
use chainkey_algebra::{Curve, Domain, NodeIndex, Oracle, Polynomial, Secret};
use rand_core::{CryptoRng, RngCore};
use std::collections::BTreeSet;
use std::fmt;

/// More receivers or coefficients than any committee has.
const LARGEST_LIST: usize = 100;

/// What stands for a dealing in signatures, complaints and openings.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DealingDigest(pub [u8; 32]);

impl fmt::Debug for DealingDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0
            .iter()
            .take(4)
            .try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// A dealing, well-formed and not verified.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Dealing<C: Curve, K: Kind> {
    pub(crate) context: [u8; 32],
    pub(crate) dealer: NodeIndex,
    pub(crate) commitments: Vec<K::Commitment<C>>,
    pub(crate) proof: Proof<C>,
    pub(crate) ciphertexts: Vec<Vec<C::Scalar>>,
    pub(crate) ephemeral: Ephemeral,
    /// The encoding; digests are made of it.
    bytes: Vec<u8>,
    /// Where in the encoding the commitments stand.
    commitments_end: usize,
    /// The digest of everything but the ephemeral key.
    pub(crate) body: [u8; 32],
    digest: DealingDigest,
}

/// Where the commitments begin: after curve, kind, context and dealer.
const COMMITMENTS_START: usize = 36;

/// The dealer's own secrets that an operation needs.
#[derive(Clone, Copy, Debug)]
pub enum DealerInput<'a, C: Curve> {
    /// For random values.
    Nothing,
    /// For ReshareOfMasked.
    Masked(&'a TranscriptShare<C, Masked>),
    /// For ReshareOfUnmasked.
    Unmasked(&'a TranscriptShare<C, Unmasked>),
    /// For UnmaskedTimesMasked: left and right.
    Factors(
        &'a TranscriptShare<C, Unmasked>,
        &'a TranscriptShare<C, Masked>,
    ),
}

/// What a dealer has made before it encrypts the shares.
pub(crate) struct Plan<C: Curve, K: Kind> {
    pub(crate) commitments: Vec<K::Commitment<C>>,
    /// For each sharing, [`Kind::SCALARS`] polynomials.
    pub(crate) polynomials: Vec<Vec<Polynomial<C>>>,
}

impl<C: Curve, K: Kind> Plan<C, K> {
    pub(crate) fn of(polynomials: Vec<Vec<Polynomial<C>>>) -> Self {
        let commitments = polynomials.iter().map(|parts| K::commit(parts)).collect();
        Plan {
            commitments,
            polynomials,
        }
    }

    /// A receiver's scalars, sharing after sharing.
    pub(crate) fn scalars(&self, receiver: NodeIndex) -> Vec<Secret<C>> {
        let polynomials = self.polynomials.iter().flatten();
        polynomials.map(|part| part.at(receiver)).collect()
    }

    /// The masks of the constants; only of masked kinds.
    pub(crate) fn constant_masks(&self) -> impl Iterator<Item = &Secret<C>> {
        self.polynomials
            .iter()
            .map(|parts| &parts[1].coefficients()[0])
    }
}

impl<C: Curve, K: Kind> Dealing<C, K> {
    /// Deals: steps 2.1 to 2.5 of docs/protocols/idkg.md.
    pub fn create(
        params: &Params<C, K>,
        dealer: NodeIndex,
        input: DealerInput<'_, C>,
        rng: &mut (impl RngCore + CryptoRng),
    ) -> Result<Self, IdkgError> {
        let nobody = BTreeSet::new();
        Dealing::create_keeping(params, dealer, input, &nobody, rng).map(|(dealing, _)| dealing)
    }

    /// Deals, and hands out what the receivers get, for dealers that may have to reveal some of it. `wrong_for` is empty but for dealers
    /// that are faulty on purpose.
    pub(crate) fn create_keeping(
        params: &Params<C, K>,
        dealer: NodeIndex,
        input: DealerInput<'_, C>,
        wrong_for: &BTreeSet<NodeIndex>,
        rng: &mut (impl RngCore + CryptoRng),
    ) -> Result<(Self, Plan<C, K>), IdkgError> {
        params.expect_dealer(dealer)?;
        let plan: Plan<C, K> = Plan::of(polynomials(params, dealer, input, rng)?);
        let binding = Binding {
            context: params.context(),
            dealer,
        };
        let commitments = encode_commitments::<C, K>(&plan.commitments);
        let proof = match (params.operation(), input) {
            (Operation::ReshareOfMasked(_), DealerInput::Masked(share)) => {
                let masks: Vec<_> = share.shares().iter().map(|share| &share.mask).collect();
                proof::prove_same_values(binding, &commitments, &masks, rng)
            }
            (Operation::UnmaskedTimesMasked(_, right), DealerInput::Factors(left, own_right)) => {
                let rights: Vec<C::Point> = right.points_at(dealer).collect();
                let witness = product_witness(&plan, left, own_right);
                proof::prove_products(binding, &commitments, &rights, &witness, rng)
            }
            _ => Proof::None,
        };
        let scalars = |receiver| {
            let mut scalars = plan.scalars(receiver);
            if wrong_for.contains(&receiver) {
                faulty::spoil(&mut scalars);
            }
            scalars
        };
        let commitments = plan.commitments.clone();
        let dealing = Dealing::seal(params, dealer, commitments, proof, scalars, rng);
        Ok((dealing, plan))
    }

    /// Encrypts what each receiver gets, and proves the ephemeral key.
    pub(crate) fn seal(
        params: &Params<C, K>,
        dealer: NodeIndex,
        commitments: Vec<K::Commitment<C>>,
        proof: Proof<C>,
        scalars: impl Fn(NodeIndex) -> Vec<Secret<C>>,
        rng: &mut (impl RngCore + CryptoRng),
    ) -> Self {
        let context = *params.context();
        let binding = Binding {
            context: &context,
            dealer,
        };
        let secret = EphemeralSecret::generate(rng);
        let receivers = params.receivers().receivers();
        let ciphertexts: Vec<Vec<C::Scalar>> = receivers
            .map(|(node, key)| secret.seal(binding, node, key, &scalars(node)))
            .collect();
        let header = header::<C, K>(&context, dealer);
        let encoded = encode_commitments::<C, K>(&commitments);
        let commitments_end = header.len() + encoded.len();
        let mut writer = Writer::new();
        writer.raw(header).raw(encoded);
        write_rest(&mut writer, &proof, &ciphertexts);
        let mut bytes = writer.finish();
        let body = body_digest(&bytes);
        let ephemeral = secret.prove(binding, &body, rng);
        let mut writer = Writer::new();
        ephemeral.write(&mut writer);
        let ending = writer.finish();
        let digest = digest(&body, &ending);
        bytes.extend(ending);
        Dealing {
            context,
            dealer,
            commitments,
            proof,
            ciphertexts,
            ephemeral,
            bytes,
            commitments_end,
            body,
            digest,
        }
    }

    /// Reads what [`Dealing::encode`] gives, of a dealing for these parameters. What is for others or has another length, in whatever part, is refused
    /// before a point is decoded.
    pub fn receive(params: &Params<C, K>, bytes: &[u8]) -> Result<Self, IdkgError> {
        layout::check(params, bytes)?;
        Dealing::decode(bytes)
    }

    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, IdkgError> {
        let mut reader = Reader::new(bytes);
        for expected in [C::ID as u8, K::TAG] {
            let found = reader.u8()?;
            if found != expected {
                return Err(CodecError::UnknownTag(found).into());
            }
        }
        let context = reader.array()?;
        let dealer = NodeIndex(reader.u16()?);
        let count = reader.length(LARGEST_BATCH)?;
        let mut length = COMMITMENTS_START + 4;
        let mut commitments = Vec::new();
        for _ in 0..count {
            let points = reader.points::<C>(LARGEST_LIST)?;
            length += 4 + points.len() * C::POINT_BYTES;
            let empty = CodecError::TooShort(length);
            commitments.push(K::from_points(points).ok_or(empty)?);
        }
        let proof = Proof::read(&mut reader, LARGEST_BATCH)?;
        let mut ciphertexts = Vec::new();
        for _ in 0..reader.length(LARGEST_LIST)? {
            let count = reader.length(2 * LARGEST_BATCH)?;
            let scalars = (0..count).map(|_| reader.scalar::<C>());
            ciphertexts.push(scalars.collect::<Result<Vec<_>, _>>()?);
        }
        let ephemeral = Ephemeral::read(&mut reader)?;
        reader.finish()?;
        let (front, ending) = bytes.split_at(bytes.len() - Ephemeral::BYTES);
        let body = body_digest(front);
        Ok(Dealing {
            context,
            dealer,
            commitments,
            proof,
            ciphertexts,
            ephemeral,
            bytes: bytes.to_vec(),
            commitments_end: length,
            body,
            digest: digest(&body, ending),
        })
    }

    /// The dealing as bytes.
    pub fn encode(&self) -> &[u8] {
        &self.bytes
    }

    /// Who says to have dealt it. The caller must have authenticated that.
    pub fn dealer(&self) -> NodeIndex {
        self.dealer
    }

    /// What stands for it.
    pub fn digest(&self) -> DealingDigest {
        self.digest
    }

    pub(crate) fn binding(&self) -> Binding<'_> {
        Binding {
            context: &self.context,
            dealer: self.dealer,
        }
    }

    /// The encoded commitments, which proofs are bound to.
    pub(crate) fn commitment_bytes(&self) -> &[u8] {
        &self.bytes[COMMITMENTS_START..self.commitments_end]
    }
}

/// Steps 2.1 and 2.2: the polynomials of each sharing.
fn polynomials<C: Curve, K: Kind>(
    params: &Params<C, K>,
    dealer: NodeIndex,
    input: DealerInput<'_, C>,
    rng: &mut (impl RngCore + CryptoRng),
) -> Result<Vec<Vec<Polynomial<C>>>, IdkgError> {
    let threshold = params.threshold();
    let constants: Vec<Option<Secret<C>>> = match (params.operation(), input) {
        (Operation::Random(_), DealerInput::Nothing) => vec![None; params.batch()],
        (Operation::ReshareOfMasked(old), DealerInput::Masked(share))
            if share.is_of(old, dealer) =>
        {
            let shares = share.shares().iter();
            shares.map(|share| Some(share.value.clone())).collect()
        }
        (Operation::ReshareOfUnmasked(old), DealerInput::Unmasked(share))
            if share.is_of(old, dealer) =>
        {
            let shares = share.shares().iter();
            shares.map(|share| Some(share.value.clone())).collect()
        }
        (Operation::UnmaskedTimesMasked(left, right), DealerInput::Factors(l, r))
            if l.is_of(left, dealer) && r.is_of(right, dealer) =>
        {
            let lefts = l.shares().iter().cycle();
            let pairs = lefts.zip(r.shares());
            pairs
                .map(|(left, right)| *left.value.expose() * right.value.expose())
                .map(|product| Some(Secret::new(product)))
                .collect()
        }
        _ => return Err(IdkgError::WrongInput),
    };
    let mut sharing = |constant: &Option<Secret<C>>| match constant {
        Some(constant) => Polynomial::sharing(constant, threshold, rng),
        None => Polynomial::random(threshold, rng),
    };
    Ok(constants
        .iter()
        .map(|constant| {
            let value = sharing(constant);
            let masks = (1..K::SCALARS).map(|_| sharing(&None));
            std::iter::once(value).chain(masks).collect()
        })
        .collect())
}

fn product_witness<C: Curve, K: Kind>(
    plan: &Plan<C, K>,
    left: &TranscriptShare<C, Unmasked>,
    right: &TranscriptShare<C, Masked>,
) -> ProductWitness<C> {
    let lefts = left.shares().iter().map(|left| left.value.clone());
    let factors = left.shares().iter().cycle().zip(right.shares());
    let masks = factors.zip(plan.constant_masks());
    ProductWitness {
        lefts: lefts.collect(),
        masks: masks
            .map(|((left, right), mask)| {
                let moved = *left.value.expose() * right.mask.expose();
                Secret::new(*mask.expose() - moved)
            })
            .collect(),
    }
}

fn header<C: Curve, K: Kind>(context: &[u8; 32], dealer: NodeIndex) -> Vec<u8> {
    let mut writer = Writer::new();
    writer.u8(C::ID as u8).u8(K::TAG).raw(context).u16(dealer.0);
    writer.finish()
}

fn encode_commitments<C: Curve, K: Kind>(commitments: &[K::Commitment<C>]) -> Vec<u8> {
    let mut writer = Writer::new();
    writer.length(commitments.len());
    for commitment in commitments {
        writer.points::<C>(K::points(commitment));
    }
    writer.finish()
}

fn write_rest<C: Curve>(writer: &mut Writer, proof: &Proof<C>, ciphertexts: &[Vec<C::Scalar>]) {
    proof.write(writer);
    writer.length(ciphertexts.len());
    for scalars in ciphertexts {
        writer.length(scalars.len());
        for scalar in scalars {
            writer.scalar::<C>(scalar);
        }
    }
}

fn body_digest(body: &[u8]) -> [u8; 32] {
    Oracle::new(Domain::Dealing).bytes("body", body).digest()
}

fn digest(body: &[u8; 32], ephemeral: &[u8]) -> DealingDigest {
    let oracle = Oracle::new(Domain::Dealing)
        .bytes("body digest", body)
        .bytes("ephemeral", ephemeral);
    DealingDigest(oracle.digest())
}
