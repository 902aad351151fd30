//! Encryption of shares for many receivers at once: one ephemeral key, one mask per receiver and scalar.
//!
//! Source: the multi-receiver encryption of Groth and Shoup (eprint 2022/506, section on MEGa): the dealer sends V = v G and V' = v H' with a proof
//! that both have the same logarithm, H' being hashed from V, the transcript and the dealer; the mask of receiver j is the oracle's
//! output on v K_j. Whoever has V from another dealing can't make V', so ciphertexts can't be copied or mauled.
//! - Ours: all keys are on edwards25519, whatever curve is shared: a node has one encryption key, and a multiplication
//!   costs a fifth of one in G2. The proof is also bound to the commitments and ciphertexts of its dealing.
//! - In: secrets, points. Out: scalars that are masked.
//! - Forward secrecy: a key per epoch. Drop the [`EncryptionSecret`] of an epoch when it is over (dropping erases): what was dealt to it
//!   can't be decrypted any more.

use crate::equations::Equations;
use crate::error::IdkgError;
use crate::same_logarithm::{SameLogarithm, Statement};
use chainkey_algebra::codec::{CodecError, Reader, Writer};
use chainkey_algebra::{
    Curve, Domain, Ed25519, Ed25519Table, NodeIndex, Oracle, OracleStream, Secret,
};
use ed25519_dalek::VerifyingKey;
use rand_core::{CryptoRng, RngCore};
use zeroize::Zeroize;

pub(crate) type Scalar = <Ed25519 as Curve>::Scalar;
pub(crate) type Point = <Ed25519 as Curve>::Point;

/// A node's secret for the shares that it receives in one epoch; erased when dropped.
#[derive(Debug)]
pub struct EncryptionSecret {
    epoch: u64,
    secret: Secret<Ed25519>,
    public: Point,
}

/// The public half of an [`EncryptionSecret`], proved to be known by its node.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct EncryptionKey {
    pub(crate) point: Point,
    pub(crate) epoch: u64,
}

/// A node's keys as the others know them: checked by [`Registration::verify`].
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MemberKeys {
    pub(crate) signing: VerifyingKey,
    pub(crate) encryption: EncryptionKey,
}

/// An encryption key with the proof that its node knows the secret; 136 bytes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Registration {
    epoch: u64,
    point: Point,
    image: Point,
    proof: SameLogarithm,
}

impl EncryptionSecret {
    /// A fresh secret for an epoch.
    pub fn generate(epoch: u64, rng: &mut (impl RngCore + CryptoRng)) -> Self {
        let secret = Secret::random(rng);
        let public = secret.public();
        EncryptionSecret {
            epoch,
            secret,
            public,
        }
    }

    /// The epoch that it is for.
    pub fn epoch(&self) -> u64 {
        self.epoch
    }

    /// The key with the proof that this node knows its secret.
    pub fn register(
        &self,
        node: &VerifyingKey,
        rng: &mut (impl RngCore + CryptoRng),
    ) -> Registration {
        let (oracle, base) = registration(node, self.epoch, &self.public);
        let statement = Statement {
            base,
            of_generator: self.public,
            of_base: Ed25519::mul(&base, self.secret.expose()),
        };
        Registration {
            epoch: self.epoch,
            point: self.public,
            image: statement.of_base,
            proof: statement.prove(oracle, &self.secret, rng),
        }
    }

    /// The point shared with a dealer, whose ephemeral key this is.
    pub(crate) fn shared(&self, ephemeral: &Point) -> Point {
        Ed25519::mul(ephemeral, self.secret.expose())
    }

    pub(crate) fn secret(&self) -> &Secret<Ed25519> {
        &self.secret
    }

    pub(crate) fn public(&self) -> &Point {
        &self.public
    }
}

/// What a registration's proof is bound to, and the base of its second image.
fn registration(node: &VerifyingKey, epoch: u64, key: &Point) -> (Oracle, Point) {
    let oracle = Oracle::new(Domain::EncryptionKeyPossession)
        .bytes("node", node.as_bytes())
        .number("epoch", epoch)
        .point::<Ed25519>("key", key);
    let base = Ed25519::hash_to_point(&oracle);
    (oracle, base)
}

impl Registration {
    /// Checks the proof; the key is then that node's for that epoch.
    pub fn verify(&self, node: &VerifyingKey, epoch: u64) -> Result<MemberKeys, IdkgError> {
        if self.epoch != epoch {
            return Err(IdkgError::UnprovedKey);
        }
        let (oracle, base) = registration(node, epoch, &self.point);
        let statement = Statement {
            base,
            of_generator: self.point,
            of_base: self.image,
        };
        let proved = statement.verify(oracle, &self.proof);
        proved.map_err(|_| IdkgError::UnprovedKey)?;
        Ok(MemberKeys {
            signing: *node,
            encryption: EncryptionKey {
                point: self.point,
                epoch,
            },
        })
    }

    /// Epoch (8 bytes), key, second image (32 each), proof (64).
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        writer
            .u64(self.epoch)
            .point::<Ed25519>(&self.point)
            .point::<Ed25519>(&self.image);
        self.proof.write(&mut writer);
        writer.finish()
    }

    /// Reads what [`Registration::encode`] writes.
    pub fn decode(bytes: &[u8]) -> Result<Self, IdkgError> {
        let mut reader = Reader::new(bytes);
        let registration = Registration {
            epoch: reader.u64()?,
            point: reader.point::<Ed25519>()?,
            image: reader.point::<Ed25519>()?,
            proof: SameLogarithm::read(&mut reader)?,
        };
        reader.finish()?;
        Ok(registration)
    }
}

/// What a dealing's ciphertexts and ephemeral key are bound to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Binding<'a> {
    /// The digest of the transcript's parameters: identity, epoch, curve, operation, dealers, receivers.
    pub(crate) context: &'a [u8; 32],
    /// Who deals.
    pub(crate) dealer: NodeIndex,
}

/// The dealer's secret of one dealing.
pub(crate) struct EphemeralSecret {
    /// An eighth of the logarithm of the key.
    eighth: Secret<Ed25519>,
    wire: [u8; 32],
    /// The secret that goes with a receiver's key.
    whole: Secret<Ed25519>,
}

/// The ephemeral key as it is sent, with its second image and proof: 160 bytes.
///
/// What is sent is an eighth of each point, and the equations of the proof are multiplied by 8: torsioned points can do no harm, and nobody
/// needs to check for them. The proof sends its first messages, so that many are checked in one sum.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Ephemeral {
    /// The key V, in the prime-order subgroup.
    pub(crate) point: Point,
    /// V/8, V'/8, and the proof's first messages, as sent.
    wire: [[u8; 32]; 4],
    /// The same as points.
    points: [Point; 4],
    response: Scalar,
}

impl Binding<'_> {
    fn base(&self, wire: &[u8; 32]) -> Point {
        let oracle = Oracle::new(Domain::EphemeralPoint)
            .bytes("context", self.context)
            .number("dealer", u64::from(self.dealer.0))
            .bytes("ephemeral", wire);
        Ed25519::hash_to_point(&oracle)
    }

    fn challenge(&self, body: &[u8; 32], wire: &[[u8; 32]; 4]) -> Scalar {
        Oracle::new(Domain::EphemeralPossession)
            .bytes("context", self.context)
            .number("dealer", u64::from(self.dealer.0))
            .bytes("body", body)
            .bytes("points", wire.as_flattened())
            .into_scalar::<Ed25519>()
    }

    /// The masks of a receiver's scalars, from the shared point.
    pub(crate) fn masks<C: Curve>(
        &self,
        wire: &[u8; 32],
        receiver: NodeIndex,
        shared: &Point,
        count: usize,
    ) -> Vec<Secret<C>> {
        let mut stream = Oracle::new(Domain::ShareEncryption)
            .bytes("context", self.context)
            .number("dealer", u64::from(self.dealer.0))
            .number("receiver", u64::from(receiver.0))
            .number("curve", C::ID as u64)
            .bytes("ephemeral", wire)
            .point::<Ed25519>("shared", shared)
            .stream();
        (0..count)
            .map(|_| Secret::new(stream.scalar::<C>()))
            .collect()
    }
}

impl EphemeralSecret {
    pub(crate) fn generate(rng: &mut (impl RngCore + CryptoRng)) -> Self {
        let eighth = Secret::<Ed25519>::random(rng);
        EphemeralSecret {
            wire: encode(&eighth.public()),
            whole: Secret::new(eighth.expose() * Scalar::from(8u64)),
            eighth,
        }
    }

    /// Masks the scalars of one receiver.
    pub(crate) fn seal<C: Curve>(
        &self,
        binding: Binding<'_>,
        receiver: NodeIndex,
        key: &Ed25519Table,
        scalars: &[Secret<C>],
    ) -> Vec<C::Scalar> {
        let mut shared = key.mul(self.whole.expose());
        let masks = binding.masks::<C>(&self.wire, receiver, &shared, scalars.len());
        shared.zeroize();
        scalars
            .iter()
            .zip(&masks)
            .map(|(scalar, mask)| *scalar.expose() + mask.expose())
            .collect()
    }

    /// Ends the dealing: proves the ephemeral key, bound to the digest of everything else.
    pub(crate) fn prove(
        self,
        binding: Binding<'_>,
        body: &[u8; 32],
        rng: &mut (impl RngCore + CryptoRng),
    ) -> Ephemeral {
        let base = binding.base(&self.wire);
        let nonce = Secret::<Ed25519>::random(rng);
        let points = [
            self.eighth.public(),
            Ed25519::mul(&base, self.eighth.expose()),
            nonce.public(),
            Ed25519::mul(&base, nonce.expose()),
        ];
        let wire = points.each_ref().map(encode);
        let challenge = binding.challenge(body, &wire);
        Ephemeral {
            point: self.whole.public(),
            wire,
            points,
            response: nonce.expose() + challenge * self.eighth.expose(),
        }
    }
}

fn encode(point: &Point) -> [u8; 32] {
    point.compress().to_bytes()
}

impl Ephemeral {
    /// Bytes of its encoding.
    pub(crate) const BYTES: usize = 160;

    /// V/8 as sent: what masks are bound to.
    pub(crate) fn wire(&self) -> &[u8; 32] {
        &self.wire[0]
    }

    /// Adds the equations of the proof: z G = R + c V and z H' = R' + c V'.
    pub(crate) fn add_equations(
        &self,
        equations: &mut Equations<Ed25519>,
        weights: &mut OracleStream,
        binding: Binding<'_>,
        body: &[u8; 32],
    ) {
        let challenge = binding.challenge(body, &self.wire);
        let (first, second) = (weights.weight::<Ed25519>(), weights.weight::<Ed25519>());
        let [key, image, of_generator, of_base] = self.points;
        equations
            .generator(first * self.response)
            .term(-(first * challenge), key)
            .term(-first, of_generator)
            .term(second * self.response, binding.base(self.wire()))
            .term(-(second * challenge), image)
            .term(-second, of_base);
    }

    pub(crate) fn write(&self, writer: &mut Writer) {
        writer
            .raw(self.wire.as_flattened())
            .scalar::<Ed25519>(&self.response);
    }

    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, CodecError> {
        let mut wire = [[0; 32]; 4];
        let mut points = [Ed25519::second_generator(); 4];
        for (bytes, point) in wire.iter_mut().zip(&mut points) {
            *bytes = reader.array()?;
            *point = Ed25519::decompress(bytes)?;
        }
        Ok(Ephemeral {
            point: Ed25519::decode_times_eight(&wire[0])?,
            wire,
            points,
            response: reader.scalar::<Ed25519>()?,
        })
    }
}
