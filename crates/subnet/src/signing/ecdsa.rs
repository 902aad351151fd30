//! ECDSA in terms of a lane: how its presignatures are made, and how it signs.
//!
//! Source: protocols.md of the design, section 2; docs/protocols/threshold-ecdsa.md. A batch is kappa (RandomUnmasked), lambda (Random), and then the products
//! kappa lambda and x lambda.

use super::scheme::{Outcome, SigningScheme, combine, derived, own_share};
use crate::agenda::Agenda;
use crate::ceremony::{CurveBoard, CurveNode};
use crate::message::CeremonyId;
use crate::request::{Request, RequestError, Work};
use chainkey_algebra::commitment::SimpleShare;
use chainkey_algebra::{Curve, Domain, NodeIndex, Oracle};
use chainkey_idkg::{Extraction, Params, Transcript, Unmasked};
use chainkey_threshold_ecdsa::{
    BoundRequest, EcdsaError, KeyTranscriptId, MasterKey, PresignatureCommitments, PresignatureId,
    PresignatureSecrets, PresignatureShare, PublicPresignature, Rerandomized, SignatureShare,
    SigningRequest,
};
use std::marker::PhantomData;
use std::sync::Arc;

/// ECDSA on a curve.
pub struct Ecdsa<C: Curve>(PhantomData<C>);

/// The ceremonies of a batch of presignatures.
pub struct EcdsaBatch {
    kappa: CeremonyId,
    lambda: CeremonyId,
    products: Option<Products>,
}

#[derive(Clone, Copy)]
struct Products {
    kappa_lambda: CeremonyId,
    x_lambda: CeremonyId,
}

impl<C: Curve> SigningScheme for Ecdsa<C> {
    type Curve = C;
    type Key = Arc<MasterKey<C>>;
    type Batch = EcdsaBatch;
    type Public = Arc<PublicPresignature<C>>;
    type Secret = PresignatureShare<C>;
    type Bound = BoundRequest<C>;
    type Session = Rerandomized<C>;
    type Share = SignatureShare<C>;

    fn key(transcript: &Transcript<C, Unmasked>) -> Option<Self::Key> {
        let committee = transcript.receivers().committee();
        let commitment = transcript.commitments().first()?.clone();
        MasterKey::new(KeyTranscriptId(*transcript.digest()), committee, commitment).ok()
    }

    fn begin(agenda: &mut Agenda, board: &mut CurveBoard<C>, slots: usize) -> Option<EcdsaBatch> {
        let kappa = agenda.begin(&mut board.unmasked, |id, members| {
            Params::random_unmasked(id, members, members, slots, Extraction::Matrix)
        })?;
        let lambda = agenda.begin(&mut board.masked, |id, members| {
            Params::random(id, members, members, slots, Extraction::Matrix)
        })?;
        Some(EcdsaBatch {
            kappa,
            lambda,
            products: None,
        })
    }

    fn proceed(
        batch: &mut EcdsaBatch,
        (key, key_transcript): (&Self::Key, &Transcript<C, Unmasked>),
        agenda: &mut Agenda,
        board: &mut CurveBoard<C>,
    ) -> Option<Vec<Self::Public>> {
        let kappa = board.unmasked_transcript(batch.kappa)?.clone();
        let lambda = board.masked_transcript(batch.lambda)?.clone();
        let Some(products) = batch.products else {
            let kappa_lambda = agenda.begin(&mut board.masked, |id, _| {
                Params::product(id, &kappa, &lambda)
            })?;
            let x_lambda = agenda.begin(&mut board.masked, |id, _| {
                Params::product(id, key_transcript, &lambda)
            })?;
            batch.products = Some(Products {
                kappa_lambda,
                x_lambda,
            });
            return None;
        };
        let kappa_lambda = board.masked_transcript(products.kappa_lambda)?;
        let x_lambda = board.masked_transcript(products.x_lambda)?;
        let slots = kappa.len().min(lambda.len());
        (0..slots)
            .map(|slot| {
                let commitments = PresignatureCommitments {
                    kappa: kappa.commitments()[slot].clone(),
                    lambda: lambda.commitments()[slot].clone(),
                    kappa_lambda: kappa_lambda.commitments()[slot].clone(),
                    x_lambda: x_lambda.commitments()[slot].clone(),
                };
                let id = Oracle::new(Domain::Presignature)
                    .bytes("key", key_transcript.digest())
                    .bytes("kappa lambda", kappa_lambda.digest())
                    .bytes("x lambda", x_lambda.digest())
                    .number("slot", slot as u64)
                    .digest();
                PublicPresignature::new(PresignatureId(id), key.clone(), commitments).ok()
            })
            .collect()
    }

    fn ceremonies(batch: &EcdsaBatch) -> Vec<CeremonyId> {
        let products = batch.products.iter();
        let products = products.flat_map(|made| [made.kappa_lambda, made.x_lambda]);
        [batch.kappa, batch.lambda]
            .into_iter()
            .chain(products)
            .collect()
    }

    fn secrets(
        batch: &EcdsaBatch,
        presignatures: &[Self::Public],
        index: NodeIndex,
        node: &CurveNode<C>,
    ) -> Option<Vec<Self::Secret>> {
        let products = batch.products?;
        let lambda = node.masked_share(batch.lambda)?.shares();
        let kappa_lambda = node.masked_share(products.kappa_lambda)?.shares();
        let x_lambda = node.masked_share(products.x_lambda)?.shares();
        let numbered = presignatures.iter().enumerate();
        numbered
            .map(|(slot, public)| {
                let secrets = PresignatureSecrets {
                    lambda: lambda.get(slot)?.clone(),
                    kappa_lambda: kappa_lambda.get(slot)?.clone(),
                    x_lambda: x_lambda.get(slot)?.clone(),
                };
                PresignatureShare::new(Arc::clone(public), index, secrets).ok()
            })
            .collect()
    }

    fn bind(
        request: &Request,
        key: &Self::Key,
        presignature: Self::Public,
    ) -> Result<Self::Bound, RequestError> {
        let Work::SignHash(message_hash) = request.work else {
            return Err(RequestError::Work);
        };
        let (tweak, derived_key) = derived::<C>(request, &key.public_key())?;
        let signing = SigningRequest {
            id: request.id.0.to_be_bytes().to_vec(),
            key: key.id(),
            message_hash,
            tweak,
            derived_key,
        };
        let bound = signing.bind(presignature);
        bound.map_err(|_| RequestError::NoSuchKey)
    }

    fn rerandomize(bound: Self::Bound, randomness: &[u8; 32]) -> Option<Self::Session> {
        bound.rerandomize(randomness).ok()
    }

    fn sign(
        secret: Self::Secret,
        _: NodeIndex,
        _: &SimpleShare<C>,
        session: &Self::Session,
    ) -> Option<Vec<u8>> {
        Some(secret.sign(session).ok()?.encode())
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
        let is_burned = |error: &EcdsaError| matches!(error, EcdsaError::Burned(_));
        combine(
            session,
            shares,
            |signature| signature.to_bytes().to_vec(),
            is_burned,
        )
    }
}
