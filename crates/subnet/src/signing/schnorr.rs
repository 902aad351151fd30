//! BIP-340 and Ed25519 in terms of a lane: how their presignatures are made, and how they sign.
//!
//! Source: protocols.md of the design, section 3; docs/protocols/threshold-schnorr.md. A batch is one RandomUnmasked.

use super::scheme::{Outcome, SigningScheme, combine, derived, own_share};
use crate::agenda::Agenda;
use crate::ceremony::{CurveBoard, CurveNode};
use crate::message::CeremonyId;
use crate::request::{Request, RequestError, Work};
use chainkey_algebra::commitment::SimpleShare;
use chainkey_algebra::{Domain, NodeIndex, Oracle};
use chainkey_idkg::{Extraction, Params, Transcript, Unmasked};
use chainkey_threshold_schnorr::{
    Bip340, BoundRequest, Ed25519, KeyShare, KeyTranscriptId, MasterKey, PresignatureId,
    PresignatureShare, PublicPresignature, Rerandomized, Scheme, SchnorrError, SignatureShare,
    SigningRequest, TaprootRoot,
};
use std::marker::PhantomData;
use std::sync::Arc;

/// A Schnorr scheme in a lane.
pub struct Schnorr<S: Scheme>(PhantomData<S>);

/// What a request says besides key and message, in the scheme's own form.
pub trait AuxOf: Scheme {
    /// The Merkle root as auxiliary input; `None` if the scheme refuses it.
    fn aux(merkle_root: Option<&[u8]>) -> Option<Self::Aux>;
}

impl AuxOf for Bip340 {
    fn aux(merkle_root: Option<&[u8]>) -> Option<Self::Aux> {
        merkle_root.map(TaprootRoot::new).transpose().ok()
    }
}

impl AuxOf for Ed25519 {
    fn aux(merkle_root: Option<&[u8]>) -> Option<Self::Aux> {
        merkle_root.is_none().then(Self::Aux::default)
    }
}

impl<S: AuxOf> SigningScheme for Schnorr<S> {
    type Curve = S::Curve;
    type Key = Arc<MasterKey<S>>;
    type Batch = CeremonyId;
    type Public = Arc<PublicPresignature<S>>;
    type Secret = PresignatureShare<S>;
    type Bound = BoundRequest<S>;
    type Session = Rerandomized<S>;
    type Share = SignatureShare<S>;

    fn key(transcript: &Transcript<S::Curve, Unmasked>) -> Option<Self::Key> {
        let committee = transcript.receivers().committee();
        let commitment = transcript.commitments().first()?.clone();
        MasterKey::new(KeyTranscriptId(*transcript.digest()), committee, commitment).ok()
    }

    fn begin(
        agenda: &mut Agenda,
        board: &mut CurveBoard<S::Curve>,
        slots: usize,
    ) -> Option<CeremonyId> {
        agenda.begin(&mut board.unmasked, |id, members| {
            Params::random_unmasked(id, members, members, slots, Extraction::Matrix)
        })
    }

    fn proceed(
        nonces: &mut CeremonyId,
        (key, key_transcript): (&Self::Key, &Transcript<S::Curve, Unmasked>),
        _: &mut Agenda,
        board: &mut CurveBoard<S::Curve>,
    ) -> Option<Vec<Self::Public>> {
        let transcript = board.unmasked_transcript(*nonces)?;
        let numbered = transcript.commitments().iter().enumerate();
        numbered
            .map(|(slot, nonce)| {
                let id = Oracle::new(Domain::Presignature)
                    .bytes("key", key_transcript.digest())
                    .bytes("nonces", transcript.digest())
                    .number("slot", slot as u64)
                    .digest();
                PublicPresignature::new(PresignatureId(id), key.clone(), nonce.clone()).ok()
            })
            .collect()
    }

    fn ceremonies(nonces: &CeremonyId) -> Vec<CeremonyId> {
        vec![*nonces]
    }

    fn secrets(
        nonces: &CeremonyId,
        presignatures: &[Self::Public],
        index: NodeIndex,
        node: &CurveNode<S::Curve>,
    ) -> Option<Vec<Self::Secret>> {
        let shares = node.unmasked_share(*nonces)?.shares();
        let pairs = presignatures.iter().zip(shares);
        pairs
            .map(|(public, share)| {
                PresignatureShare::new(Arc::clone(public), index, share.clone()).ok()
            })
            .collect()
    }

    fn bind(
        request: &Request,
        key: &Self::Key,
        presignature: Self::Public,
    ) -> Result<Self::Bound, RequestError> {
        let Work::SignMessage {
            message,
            merkle_root,
        } = &request.work
        else {
            return Err(RequestError::Work);
        };
        let (tweak, derived_key) = derived::<S::Curve>(request, &key.public_key())?;
        let signing = SigningRequest {
            id: request.id.0.to_be_bytes().to_vec(),
            key: key.id(),
            message: message.clone(),
            tweak,
            derived_key,
            aux: S::aux(merkle_root.as_deref()).ok_or(RequestError::MerkleRoot)?,
        };
        let bound = signing.bind(presignature);
        bound.map_err(|_| RequestError::NoSuchKey)
    }

    fn rerandomize(bound: Self::Bound, randomness: &[u8; 32]) -> Option<Self::Session> {
        bound.rerandomize(randomness).ok()
    }

    fn sign(
        secret: Self::Secret,
        index: NodeIndex,
        key_share: &SimpleShare<S::Curve>,
        session: &Self::Session,
    ) -> Option<Vec<u8>> {
        let key = session.presignature().key().clone();
        let key_share = KeyShare::new(key, index, key_share.clone()).ok()?;
        Some(secret.sign(&key_share, session).ok()?.encode())
    }

    fn read_share(
        session: &Self::Session,
        bytes: &[u8],
        sender: NodeIndex,
    ) -> Result<Option<Self::Share>, String> {
        let share = own_share(SignatureShare::decode(bytes), SignatureShare::node, sender)?;
        Ok(Some(share).filter(|share| share.session() == session.id()))
    }

    fn combine(
        session: &Self::Session,
        shares: &[(NodeIndex, Self::Share)],
    ) -> (Outcome, Vec<NodeIndex>) {
        let is_burned = |error: &SchnorrError| matches!(error, SchnorrError::Burned(_));
        combine(session, shares, |signature| signature.to_vec(), is_burned)
    }
}
