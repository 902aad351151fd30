//! What a lane needs to know of a signature scheme.
//!
//! In: transcripts, requests, randomness, shares. Out: presignatures, sessions, signatures. Implemented once for each scheme, in terms of the crates
//! that hold the protocols. A node's part of a presignature is passed by value and is gone after use.

use crate::agenda::Agenda;
use crate::ceremony::{CurveBoard, CurveNode};
use crate::message::CeremonyId;
use crate::request::{Request, RequestError, path_scheme};
use chainkey_algebra::commitment::SimpleShare;
use chainkey_algebra::robust::{Combiner, Session};
use chainkey_algebra::{Curve, NodeIndex};
use chainkey_idkg::{Transcript, Unmasked};
use key_path::{MASTER_CHAIN_CODE, derive};

/// What became of an attempt to combine shares.
pub enum Outcome {
    /// A signature that verifies.
    Done(Vec<u8>),
    /// Too few good shares yet.
    Waiting,
    /// The presignature is spent without a signature: the request needs another one.
    Burned,
}

/// A signature scheme that signs with presignatures.
pub trait SigningScheme: 'static {
    /// The curve of its keys.
    type Curve: Curve;
    /// A master key as signing sees it.
    type Key: Clone + Send + Sync;
    /// The ceremonies by which a batch of presignatures is made.
    type Batch: Send;
    /// What all know of a presignature; a handle that is cheap to clone.
    type Public: Clone + Send + Sync;
    /// What one node keeps of a presignature.
    type Secret: Send;
    /// A request bound to a presignature.
    type Bound: Send;
    /// A bound request with its nonce.
    type Session: Send;
    /// A node's share of a signature.
    type Share: Clone + Send;

    /// The key that a transcript shares.
    fn key(transcript: &Transcript<Self::Curve, Unmasked>) -> Option<Self::Key>;

    /// Begins a batch of so many dealt slots; what it yields is more by the gain of extraction.
    fn begin(
        agenda: &mut Agenda,
        board: &mut CurveBoard<Self::Curve>,
        slots: usize,
    ) -> Option<Self::Batch>;

    /// Begins what can begin after a block; the presignatures, once all is made.
    fn proceed(
        batch: &mut Self::Batch,
        key: (&Self::Key, &Transcript<Self::Curve, Unmasked>),
        agenda: &mut Agenda,
        board: &mut CurveBoard<Self::Curve>,
    ) -> Option<Vec<Self::Public>>;

    /// The ceremonies of a batch.
    fn ceremonies(batch: &Self::Batch) -> Vec<CeremonyId>;

    /// A node's parts of a batch's presignatures, in their order; `None` while shares are missing.
    fn secrets(
        batch: &Self::Batch,
        presignatures: &[Self::Public],
        index: NodeIndex,
        node: &CurveNode<Self::Curve>,
    ) -> Option<Vec<Self::Secret>>;

    /// Binds a request to a presignature.
    fn bind(
        request: &Request,
        key: &Self::Key,
        presignature: Self::Public,
    ) -> Result<Self::Bound, RequestError>;

    /// Draws the nonce. `None` burns the presignature.
    fn rerandomize(bound: Self::Bound, randomness: &[u8; 32]) -> Option<Self::Session>;

    /// One node's share, in its wire form.
    fn sign(
        secret: Self::Secret,
        index: NodeIndex,
        key_share: &SimpleShare<Self::Curve>,
        session: &Self::Session,
    ) -> Option<Vec<u8>>;

    /// Reads a share that claims to be of this node; nothing if it is of another session, such as one that the request was given up in: an honest
    /// node may be late.
    fn read_share(
        session: &Self::Session,
        bytes: &[u8],
        sender: NodeIndex,
    ) -> Result<Option<Self::Share>, String>;

    /// Combines shares, verifies the signature, and names who sent a bad share.
    fn combine(
        session: &Self::Session,
        shares: &[(NodeIndex, Self::Share)],
    ) -> (Outcome, Vec<NodeIndex>);
}

/// The tweak and the public key that are derived for a request from a master key.
pub fn derived<C: Curve>(
    request: &Request,
    master: &C::Point,
) -> Result<(C::Scalar, C::Point), RequestError> {
    let scheme = path_scheme(request.key.scheme);
    let path = request.derivation.full_path()?;
    let master = C::point_to_bytes(master);
    let scheme = scheme.ok_or(RequestError::Work)?;
    let derived = derive(scheme, &master, &MASTER_CHAIN_CODE, &path)?;
    let no_key = |_| RequestError::NoSuchKey;
    let tweak = C::scalar_from_bytes(&derived.tweak).map_err(no_key)?;
    let key = C::point_from_bytes(&derived.public_key);
    Ok((tweak, key.map_err(no_key)?))
}

/// A share that was read, if it is the sender's own.
pub fn own_share<T, E: ToString>(
    share: Result<T, E>,
    node: impl FnOnce(&T) -> NodeIndex,
    sender: NodeIndex,
) -> Result<T, String> {
    let share = share.map_err(|error| error.to_string())?;
    if node(&share) == sender {
        Ok(share)
    } else {
        Err("sent the share of another node".into())
    }
}

/// Combines shares; `signature` writes what came out, and `is_burned` knows the error that spends the presignature.
pub fn combine<S: Session<Share: Clone>>(
    session: &S,
    shares: &[(NodeIndex, S::Share)],
    signature: impl FnOnce(S::Output) -> Vec<u8>,
    is_burned: impl FnOnce(&S::Error) -> bool,
) -> (Outcome, Vec<NodeIndex>) {
    let mut combiner = Combiner::new(session);
    let mut culprits = Vec::new();
    for (node, share) in shares {
        if combiner.add(share.clone()).is_err() {
            culprits.push(*node);
        }
    }
    let outcome = match combiner.combine() {
        Ok(made) => Outcome::Done(signature(made)),
        Err(error) if is_burned(&error) => Outcome::Burned,
        Err(_) => Outcome::Waiting,
    };
    culprits.extend(combiner.culprits());
    (outcome, culprits)
}
