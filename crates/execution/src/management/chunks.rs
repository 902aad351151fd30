//! The chunk store. Methods: upload_chunk, clear_chunk_store, stored_chunks; and joining chunks to a module.
//!
//! Source: interface specification, "upload_chunk"; recorded texts and fees. In: chunks of at most 1 MiB. Out: their hashes,
//! or the module that they make.

use super::access::{controlled_mut, controlled_or_self};
use super::refusal::{Unpaid, cannot_pay, chunk_store, not_found};
use super::{Invocation, Reply, wire};
use crate::canister::{Canister, CyclesUse};
use crate::cycles::fees::Width;
use crate::error::UserError;
use crate::ids::CanisterId;
use crate::subnet::SubnetState;
use ic_management_canister_types as types;
use sha2::{Digest, Sha256};

/// Bytes of a chunk at most.
pub const MAX_CHUNK_BYTES: usize = 1 << 20;
/// Chunks of a store at most.
pub const MAX_CHUNKS: usize = 100;
/// Instructions that taking a chunk counts for.
const UPLOAD_INSTRUCTIONS: u64 = 200_000_000;

/// upload_chunk
pub(super) fn upload_chunk(
    state: &mut SubnetState,
    call: &mut Invocation,
) -> Result<Reply, UserError> {
    let arguments: types::UploadChunkArgs = call.decode()?;
    let id = CanisterId::new(arguments.canister_id);
    let caller = call.caller();
    controlled_or_self(state, id, caller)?;
    let fees = state.fees.clone();
    let is_system = state.config.kind.is_system();
    let canister = state.canisters.get_mut(&id).ok_or_else(|| not_found(id))?;
    let hash = check_chunk(canister, &arguments.chunk)?;
    let instructions = if is_system { 0 } else { UPLOAD_INSTRUCTIONS };
    let fee = fees.execution(instructions, Width::Wasm32);
    canister
        .can_pay(&fees, fee, &caller)
        .map_err(|error| cannot_pay(Unpaid::Chunk, error))?;
    canister.charge(fee, CyclesUse::Instructions);
    canister.chunks.insert(hash, arguments.chunk.into());
    Ok(Reply::Now(wire::encode(&types::ChunkHash {
        hash: hash.to_vec(),
    })))
}

fn check_chunk(canister: &Canister, chunk: &[u8]) -> Result<[u8; 32], UserError> {
    if chunk.len() > MAX_CHUNK_BYTES {
        return Err(chunk_store(format!(
            "Wasm chunk size {} exceeds the maximum chunk size of {MAX_CHUNK_BYTES}",
            chunk.len()
        )));
    }
    let hash: [u8; 32] = Sha256::digest(chunk).into();
    if canister.chunks.len() >= MAX_CHUNKS && !canister.chunks.contains_key(&hash) {
        return Err(chunk_store(format!(
            "Wasm chunk store has already reached maximum capacity of {} bytes or the maximum number of entries, {MAX_CHUNKS}",
            MAX_CHUNKS * MAX_CHUNK_BYTES
        )));
    }
    Ok(hash)
}

/// clear_chunk_store
pub(super) fn clear_chunk_store(
    state: &mut SubnetState,
    call: &mut Invocation,
) -> Result<Reply, UserError> {
    let arguments: types::ClearChunkStoreArgs = call.decode()?;
    let id = CanisterId::new(arguments.canister_id);
    if call.caller() == id.principal() {
        let canister = state.canisters.get_mut(&id).ok_or_else(|| not_found(id))?;
        canister.chunks.clear();
    } else {
        controlled_mut(state, id, call.caller())?.chunks.clear();
    }
    Ok(Reply::Now(wire::nothing()))
}

/// stored_chunks
pub(super) fn stored_chunks(
    state: &mut SubnetState,
    call: &mut Invocation,
) -> Result<Reply, UserError> {
    let arguments: types::StoredChunksArgs = call.decode()?;
    let id = CanisterId::new(arguments.canister_id);
    let canister = controlled_or_self(state, id, call.caller())?;
    Ok(Reply::Now(wire::encode(&hashes(canister.chunks.keys()))))
}

/// Hashes as the clients see them.
pub(super) fn hashes<'a>(hashes: impl Iterator<Item = &'a [u8; 32]>) -> types::StoredChunksResult {
    hashes
        .map(|hash| types::ChunkHash {
            hash: hash.to_vec(),
        })
        .collect()
}

/// The module made of these chunks of the store.
pub(super) fn join_chunks(
    store: &Canister,
    list: &[types::ChunkHash],
    module_hash: &[u8; 32],
) -> Result<Vec<u8>, UserError> {
    let mut module = Vec::new();
    for chunk in list {
        let hash: [u8; 32] = chunk
            .hash
            .as_slice()
            .try_into()
            .map_err(|_| chunk_store("Chunk hash is invalid. The length is not 32"))?;
        let bytes = store
            .chunks
            .get(&hash)
            .ok_or_else(|| chunk_store(format!("Chunk hash {hash:?} was not found")))?;
        module.extend_from_slice(bytes);
    }
    let found: [u8; 32] = Sha256::digest(&module).into();
    if found == *module_hash {
        Ok(module)
    } else {
        Err(chunk_store(format!(
            "Wasm module hash {found:?} does not match given hash WasmHash({module_hash:?})"
        )))
    }
}
