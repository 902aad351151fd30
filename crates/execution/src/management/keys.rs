//! Threshold keys. Methods: *_public_key, sign_with_ecdsa, sign_with_schnorr, vetkd_derive_key.
//!
//! Source: interface specification; recorded texts and fees. The work itself is done behind `ChainKeys`: public keys at once,
//! everything else in a later round. In: arguments. Out: keys and signatures as `ChainKeys` gives them, or the refusal.

use super::refusal::{bad_argument, rejected, too_few_cycles};
use super::wire::{self, Argument};
use super::{Invocation, Reply};
use crate::canister::ManagementOrigin;
use crate::chain_keys::{ChainKeyError, DerivedPublicKey, KeyDerivation, KeyOperation, KeyRequest};
use crate::cycles::Cycles;
use crate::cycles::fees::FeeSchedule;
use crate::error::{ErrorCode, UserError};
use crate::ids::CanisterId;
use crate::sandbox::{KeyName, KeyScheme};
use crate::subnet::SubnetState;
use candid::{CandidType, Principal};
use ic_management_canister_types as types;
use serde::Deserialize;
use serde_bytes::{ByteArray, ByteBuf};
use std::collections::BTreeMap;

/// Requests that a key's queue holds.
const QUEUE_CAPACITY: usize = 20;
/// Elements of a path, the canister id included.
const MAX_PATH: usize = 255;

/// A derivation path, bounded where it is decoded.
struct Path(Vec<Vec<u8>>);

impl CandidType for Path {
    fn _ty() -> candid::types::Type {
        Vec::<ByteBuf>::ty()
    }

    fn idl_serialize<S: candid::types::Serializer>(&self, serializer: S) -> Result<(), S::Error> {
        let elements: Vec<ByteBuf> = self.0.iter().cloned().map(ByteBuf::from).collect();
        elements.idl_serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Path {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let elements = Vec::<ByteBuf>::deserialize(deserializer)?;
        if elements.len() > MAX_PATH {
            return Err(serde::de::Error::custom(format!(
                "The number of elements exceeds maximum allowed {MAX_PATH}"
            )));
        }
        Ok(Path(elements.into_iter().map(ByteBuf::into_vec).collect()))
    }
}

/// `types::EcdsaPublicKeyArgs` with a bounded path.
#[derive(CandidType, Deserialize)]
struct EcdsaPublicKeyArgs {
    canister_id: Option<Principal>,
    derivation_path: Path,
    key_id: types::EcdsaKeyId,
}

/// `types::SchnorrPublicKeyArgs` with a bounded path.
#[derive(CandidType, Deserialize)]
struct SchnorrPublicKeyArgs {
    canister_id: Option<Principal>,
    derivation_path: Path,
    key_id: types::SchnorrKeyId,
}

/// `types::SignWithSchnorrArgs` with a bounded path.
#[derive(CandidType, Deserialize)]
struct SignWithSchnorrArgs {
    message: ByteBuf,
    derivation_path: Path,
    key_id: types::SchnorrKeyId,
    aux: Option<types::SchnorrAux>,
}

impl Argument for EcdsaPublicKeyArgs {}
impl Argument for SchnorrPublicKeyArgs {}
impl Argument for SignWithSchnorrArgs {}

/// `types::SignWithEcdsaArgs`, where the hash is 32 bytes by its type.
#[derive(CandidType, Deserialize)]
struct SignWithEcdsaArgs {
    message_hash: [u8; 32],
    derivation_path: Path,
    key_id: types::EcdsaKeyId,
}

impl Argument for SignWithEcdsaArgs {}

/// `types::VetKDDeriveKeyArgs`, where the transport key is 48 bytes by its type.
#[derive(CandidType, Deserialize)]
struct VetKdDeriveKeyArgs {
    input: ByteBuf,
    context: ByteBuf,
    transport_public_key: ByteArray<48>,
    key_id: types::VetKDKeyId,
}

impl Argument for VetKdDeriveKeyArgs {}

/// The requests that wait for results.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct KeyRequests {
    next: u64,
    waiting: BTreeMap<u64, WaitingRequest>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
struct WaitingRequest {
    request: KeyRequest,
    origin: ManagementOrigin,
    refund: Cycles,
}

impl KeyRequests {
    fn queued(&self, key: &KeyName) -> usize {
        self.waiting
            .values()
            .filter(|waiting| waiting.request.derivation.key == *key)
            .count()
    }
}

fn ecdsa_key(id: &types::EcdsaKeyId) -> KeyName {
    KeyName {
        scheme: KeyScheme::Ecdsa,
        kind: u32::from(id.curve),
        name: id.name.clone(),
    }
}

fn schnorr_key(id: &types::SchnorrKeyId) -> KeyName {
    KeyName {
        scheme: KeyScheme::Schnorr,
        kind: u32::from(id.algorithm),
        name: id.name.clone(),
    }
}

fn vetkd_key(id: &types::VetKDKeyId) -> KeyName {
    KeyName {
        scheme: KeyScheme::VetKd,
        kind: 0,
        name: id.name.clone(),
    }
}

/// The key of ecdsa_public_key.
pub(super) fn ecdsa_public_key_id(payload: &[u8]) -> Result<KeyName, UserError> {
    Ok(ecdsa_key(
        &wire::decode::<EcdsaPublicKeyArgs>(payload)?.key_id,
    ))
}

/// The key of sign_with_ecdsa.
pub(super) fn sign_with_ecdsa_id(payload: &[u8]) -> Result<KeyName, UserError> {
    Ok(ecdsa_key(
        &wire::decode::<SignWithEcdsaArgs>(payload)?.key_id,
    ))
}

/// The key of schnorr_public_key.
pub(super) fn schnorr_public_key_id(payload: &[u8]) -> Result<KeyName, UserError> {
    Ok(schnorr_key(
        &wire::decode::<SchnorrPublicKeyArgs>(payload)?.key_id,
    ))
}

/// The key of sign_with_schnorr.
pub(super) fn sign_with_schnorr_id(payload: &[u8]) -> Result<KeyName, UserError> {
    Ok(schnorr_key(
        &wire::decode::<SignWithSchnorrArgs>(payload)?.key_id,
    ))
}

/// The key of vetkd_public_key.
pub(super) fn vetkd_public_key_id(payload: &[u8]) -> Result<KeyName, UserError> {
    Ok(vetkd_key(
        &wire::decode::<types::VetKDPublicKeyArgs>(payload)?.key_id,
    ))
}

/// The key of vetkd_derive_key.
pub(super) fn vetkd_derive_key_id(payload: &[u8]) -> Result<KeyName, UserError> {
    Ok(vetkd_key(
        &wire::decode::<VetKdDeriveKeyArgs>(payload)?.key_id,
    ))
}

/// A key as texts show it: scheme, curve or algorithm, name.
pub(super) fn display_key(key: &KeyName) -> String {
    let name = &key.name;
    match (key.scheme, key.kind) {
        (KeyScheme::Ecdsa, 0) => format!("ecdsa:Secp256k1:{name}"),
        (KeyScheme::Ecdsa, _) => format!("ecdsa:Secp256r1:{name}"),
        (KeyScheme::Schnorr, 0) => format!("schnorr:Bip340Secp256k1:{name}"),
        (KeyScheme::Schnorr, _) => format!("schnorr:Ed25519:{name}"),
        (KeyScheme::VetKd, _) => format!("vetkd:Bls12_381_G2:{name}"),
    }
}

/// A key operation that can't be served, as its caller sees it.
pub(super) fn unavailable(error: &ChainKeyError) -> UserError {
    let code = match error {
        ChainKeyError::NoKeyYet { .. } | ChainKeyError::Stalled(_) => {
            ErrorCode::CertifiedStateUnavailable
        }
        ChainKeyError::InvalidTransportKey | ChainKeyError::InvalidArgument(_) => {
            ErrorCode::CanisterRejectedMessage
        }
    };
    UserError::new(code, error.to_string())
}

fn check_path(path: &[Vec<u8>]) -> Result<(), UserError> {
    let length = path.len() + 1;
    if length <= MAX_PATH {
        return Ok(());
    }
    let text = format!("Derivation path len {length} larger than allowed maximum of {MAX_PATH}");
    Err(rejected(format!("InvalidArgument({text:?})")))
}

/// Refuses a key that this subnet does not hold: whoever calls a subnet by its own id is not routed by the key.
fn check_held(state: &SubnetState, key: &KeyName) -> Result<(), UserError> {
    let holders = state.routing.keys.get(key);
    if holders.is_some_and(|ids| ids.contains(&state.id())) {
        return Ok(());
    }
    Err(rejected(format!(
        "Subnet {} does not hold threshold key {}.",
        state.id(),
        display_key(key)
    )))
}

fn derivation(
    call: &Invocation,
    key: KeyName,
    canister: Option<Principal>,
    path: Vec<Vec<u8>>,
) -> KeyDerivation {
    KeyDerivation {
        key,
        canister: CanisterId::new(canister.unwrap_or(call.caller())),
        path,
    }
}

fn public_key(
    state: &SubnetState,
    derivation: &KeyDerivation,
) -> Result<DerivedPublicKey, UserError> {
    check_held(state, &derivation.key)?;
    let derived = state.keys.public_key(state.id(), derivation);
    derived.map_err(|error| unavailable(&error))
}

/// ecdsa_public_key
pub(super) fn ecdsa_public_key(
    state: &mut SubnetState,
    call: &mut Invocation,
) -> Result<Reply, UserError> {
    let arguments: EcdsaPublicKeyArgs = call.decode()?;
    check_path(&arguments.derivation_path.0)?;
    let key = ecdsa_key(&arguments.key_id);
    let derivation = derivation(
        call,
        key,
        arguments.canister_id,
        arguments.derivation_path.0,
    );
    let derived = public_key(state, &derivation)?;
    Ok(Reply::Now(wire::encode(&types::EcdsaPublicKeyResult {
        public_key: derived.public_key,
        chain_code: derived.chain_code,
    })))
}

/// schnorr_public_key
pub(super) fn schnorr_public_key(
    state: &mut SubnetState,
    call: &mut Invocation,
) -> Result<Reply, UserError> {
    let arguments: SchnorrPublicKeyArgs = call.decode()?;
    check_path(&arguments.derivation_path.0)?;
    let key = schnorr_key(&arguments.key_id);
    let derivation = derivation(
        call,
        key,
        arguments.canister_id,
        arguments.derivation_path.0,
    );
    let derived = public_key(state, &derivation)?;
    Ok(Reply::Now(wire::encode(&types::SchnorrPublicKeyResult {
        public_key: derived.public_key,
        chain_code: derived.chain_code,
    })))
}

/// vetkd_public_key
pub(super) fn vetkd_public_key(
    state: &mut SubnetState,
    call: &mut Invocation,
) -> Result<Reply, UserError> {
    let arguments: types::VetKDPublicKeyArgs = call.decode()?;
    let key = vetkd_key(&arguments.key_id);
    let derivation = derivation(call, key, arguments.canister_id, vec![arguments.context]);
    let derived = public_key(state, &derivation)?;
    Ok(Reply::Now(wire::encode(&types::VetKDPublicKeyResult {
        public_key: derived.public_key,
    })))
}

/// sign_with_ecdsa
pub(super) fn sign_with_ecdsa(
    state: &mut SubnetState,
    call: &mut Invocation,
) -> Result<Reply, UserError> {
    let arguments: SignWithEcdsaArgs = call.decode()?;
    let path = arguments.derivation_path.0;
    let derivation = derivation(call, ecdsa_key(&arguments.key_id), None, path);
    let operation = KeyOperation::SignHash(arguments.message_hash);
    request(state, call, "sign_with_ecdsa", derivation, operation)
}

/// sign_with_schnorr
pub(super) fn sign_with_schnorr(
    state: &mut SubnetState,
    call: &mut Invocation,
) -> Result<Reply, UserError> {
    let arguments: SignWithSchnorrArgs = call.decode()?;
    let is_ed25519 = arguments.key_id.algorithm == types::SchnorrAlgorithm::Ed25519;
    if is_ed25519 && arguments.aux.is_some() {
        return Err(rejected(
            "Schnorr algorithm Ed25519 does not support aux input",
        ));
    }
    let merkle_root = arguments
        .aux
        .map(|types::SchnorrAux::Bip341(aux)| aux.merkle_root_hash);
    if let Some(root) = &merkle_root
        && !matches!(root.len(), 0 | 32)
    {
        return Err(bad_argument(
            "BIP341 requires the merkle root hash to have either 0 or 32 bytes",
        ));
    }
    let key = schnorr_key(&arguments.key_id);
    let derivation = derivation(call, key, None, arguments.derivation_path.0);
    let operation = KeyOperation::SignMessage {
        message: arguments.message.into_vec(),
        merkle_root,
    };
    request(state, call, "sign_with_schnorr", derivation, operation)
}

/// vetkd_derive_key
pub(super) fn vetkd_derive_key(
    state: &mut SubnetState,
    call: &mut Invocation,
) -> Result<Reply, UserError> {
    let arguments: VetKdDeriveKeyArgs = call.decode()?;
    let path = vec![arguments.context.into_vec()];
    let derivation = derivation(call, vetkd_key(&arguments.key_id), None, path);
    let operation = KeyOperation::DeriveKey {
        input: arguments.input.into_vec(),
        transport_key: arguments.transport_public_key.into_array(),
    };
    request(state, call, "vetkd_derive_key", derivation, operation)
}

/// Charges and queues a request. Canisters of the root subnet pay nothing.
fn request(
    state: &mut SubnetState,
    call: &mut Invocation,
    method: &str,
    derivation: KeyDerivation,
    operation: KeyOperation,
) -> Result<Reply, UserError> {
    let from_root = state.routing.host(CanisterId::new(call.caller())) == Some(state.routing.root);
    let fee = if from_root {
        Cycles::ZERO
    } else {
        FeeSchedule::threshold_signature(state.config.node_count())
    };
    let refund = call
        .cycles
        .checked_sub(fee)
        .ok_or_else(|| too_few_cycles(method, call.cycles, fee))?;
    if !matches!(operation, KeyOperation::DeriveKey { .. }) {
        check_path(&derivation.path)?;
    }
    check_held(state, &derivation.key)?;
    if state.key_requests.queued(&derivation.key) >= QUEUE_CAPACITY {
        return Err(rejected(format!(
            "{method} request failed: request queue for key {} is full.",
            display_key(&derivation.key)
        )));
    }
    let request = KeyRequest {
        id: state.key_requests.next,
        derivation,
        operation,
        round: state.round.0,
    };
    state
        .keys
        .accept(state.id(), &request)
        .map_err(|error| unavailable(&error))?;
    state.key_requests.next += 1;
    let waiting = WaitingRequest {
        origin: call.origin.clone(),
        refund,
        request,
    };
    state
        .key_requests
        .waiting
        .insert(waiting.request.id, waiting);
    call.cycles = Cycles::ZERO;
    Ok(Reply::Later)
}

/// Answers the requests of which the nodes have a result.
pub(super) fn answer_requests(state: &mut SubnetState) {
    let (keys, subnet, round) = (state.keys.clone(), state.id(), state.round.0);
    let mut done = Vec::new();
    for (id, waiting) in &state.key_requests.waiting {
        match keys.result(subnet, round, &waiting.request) {
            Ok(None) => {}
            Ok(Some(result)) => done.push((*id, Ok(result))),
            Err(error) => done.push((*id, Err(unavailable(&error)))),
        }
    }
    for (id, result) in done {
        if let Some(waiting) = state.key_requests.waiting.remove(&id) {
            let reply = result.map(|bytes| encode_result(&waiting.request.operation, bytes));
            state.answer_management(waiting.origin, reply, waiting.refund);
        }
    }
}

fn encode_result(operation: &KeyOperation, bytes: Vec<u8>) -> Vec<u8> {
    match operation {
        KeyOperation::SignHash(_) => wire::encode(&types::SignWithEcdsaResult { signature: bytes }),
        KeyOperation::SignMessage { .. } => {
            wire::encode(&types::SignWithSchnorrResult { signature: bytes })
        }
        KeyOperation::DeriveKey { .. } => wire::encode(&types::VetKDDeriveKeyResult {
            encrypted_key: bytes,
        }),
    }
}
