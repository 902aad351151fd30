//! Moving canister snapshots between a canister and a directory.
//!
//! Source: interface specification, `read_canister_snapshot_*` and `upload_canister_snapshot_*`. Every step is a call of the
//! management canister by the canister's first controller; rounds run on the canister's subnet only. In: canister, directory.
//! Out: files, or the new snapshot's id.

use crate::error::InstanceError;
use crate::ingress::CanisterCall;
use crate::instance::Instance;
use crate::route::EffectivePrincipal;
use crate::snapshot_directory::{Part, SnapshotDirectory};
use candid::utils::{ArgumentDecoder, ArgumentEncoder};
use candid::{Principal, decode_args, encode_args};
use chainkey_execution::ids::CanisterId;
use ic_management_canister_types::{
    ReadCanisterSnapshotDataArgs, ReadCanisterSnapshotDataResult, ReadCanisterSnapshotMetadataArgs,
    ReadCanisterSnapshotMetadataResult, SnapshotDataKind, SnapshotDataOffset,
    UploadCanisterSnapshotDataArgs, UploadCanisterSnapshotMetadataArgs,
    UploadCanisterSnapshotMetadataResult,
};
use std::path::Path;

/// Bytes that one call moves.
const CHUNK: u64 = 2_000_000;

/// Rounds that one step may take.
const MAX_STEP_ROUNDS: u32 = 100;

/// A canister, its subnet and who speaks for it.
#[derive(Clone, Copy)]
struct Subject {
    index: usize,
    canister: CanisterId,
    controller: Principal,
}

fn refused(message: impl Into<String>) -> InstanceError {
    InstanceError::Snapshot(message.into())
}

impl Instance {
    /// Writes a snapshot to a directory, which must be absent or empty.
    pub fn download_snapshot(
        &mut self,
        canister: CanisterId,
        snapshot: Vec<u8>,
        directory: &Path,
    ) -> Result<(), InstanceError> {
        let subject = self.subject(canister)?;
        let files = SnapshotDirectory::create(directory)?;
        let canister_id = canister.principal();
        let argument = ReadCanisterSnapshotMetadataArgs {
            canister_id,
            snapshot_id: snapshot.clone(),
        };
        let (metadata,): (ReadCanisterSnapshotMetadataResult,) =
            self.step(subject, "read_canister_snapshot_metadata", (argument,))?;
        files.write_metadata(&metadata)?;
        for part in Part::ALL {
            for (offset, size) in pieces(part.size(&metadata)) {
                let kind = read_kind(part, offset, size);
                let chunk = self.read_piece(subject, &snapshot, kind)?;
                files.append(part, &chunk)?;
            }
        }
        for stored in &metadata.wasm_chunk_store {
            let hash = stored.hash.clone();
            let kind = SnapshotDataKind::WasmChunk { hash };
            let chunk = self.read_piece(subject, &snapshot, kind)?;
            files.write_chunk(&stored.hash, &chunk)?;
        }
        Ok(())
    }

    /// Makes a snapshot of a canister from a directory; its id.
    pub fn upload_snapshot(
        &mut self,
        canister: CanisterId,
        replace: Option<Vec<u8>>,
        directory: &Path,
    ) -> Result<Vec<u8>, InstanceError> {
        let subject = self.subject(canister)?;
        let files = SnapshotDirectory::open(directory)?;
        let metadata = files.metadata()?;
        let argument = upload_argument(canister, replace, &metadata)?;
        let (made,): (UploadCanisterSnapshotMetadataResult,) =
            self.step(subject, "upload_canister_snapshot_metadata", (argument,))?;
        for part in Part::ALL {
            for (offset, size) in pieces(part.size(&metadata)) {
                let chunk = files.read(part, offset, size)?;
                self.write_piece(subject, &made.snapshot_id, upload_kind(part, offset), chunk)?;
            }
        }
        for stored in &metadata.wasm_chunk_store {
            let chunk = files.chunk(&stored.hash)?;
            let kind = SnapshotDataOffset::WasmChunk;
            self.write_piece(subject, &made.snapshot_id, kind, chunk)?;
        }
        Ok(made.snapshot_id)
    }

    fn subject(&self, canister: CanisterId) -> Result<Subject, InstanceError> {
        let missing = InstanceError::CanisterNotFound(canister);
        let controllers = self.controllers(canister)?;
        Ok(Subject {
            index: self.host_of(canister).ok_or(missing)?,
            canister,
            controller: *controllers
                .first()
                .ok_or_else(|| refused("The canister has no controllers."))?,
        })
    }

    fn read_piece(
        &mut self,
        subject: Subject,
        snapshot: &[u8],
        kind: SnapshotDataKind,
    ) -> Result<Vec<u8>, InstanceError> {
        let argument = ReadCanisterSnapshotDataArgs {
            canister_id: subject.canister.principal(),
            snapshot_id: snapshot.to_vec(),
            kind,
        };
        let (piece,): (ReadCanisterSnapshotDataResult,) =
            self.step(subject, "read_canister_snapshot_data", (argument,))?;
        Ok(piece.chunk)
    }

    fn write_piece(
        &mut self,
        subject: Subject,
        snapshot: &[u8],
        kind: SnapshotDataOffset,
        chunk: Vec<u8>,
    ) -> Result<(), InstanceError> {
        let argument = UploadCanisterSnapshotDataArgs {
            canister_id: subject.canister.principal(),
            snapshot_id: snapshot.to_vec(),
            kind,
            chunk,
        };
        self.step(subject, "upload_canister_snapshot_data", (argument,))
    }

    /// One call of the management canister, with rounds on the subject's subnet until it is answered.
    fn step<Argument, Answer>(
        &mut self,
        subject: Subject,
        method: &str,
        argument: Argument,
    ) -> Result<Answer, InstanceError>
    where
        Argument: ArgumentEncoder,
        Answer: for<'a> ArgumentDecoder<'a>,
    {
        let call = CanisterCall {
            caller_info: None,
            sender: subject.controller,
            receiver: CanisterId::MANAGEMENT,
            effective: EffectivePrincipal::Canister(subject.canister),
            method: method.into(),
            payload: encode_args(argument).map_err(|error| refused(error.to_string()))?,
        };
        let submitted = self
            .submit_to(subject.index, call)?
            .map_err(|rejected| refused(rejected.error.to_string()))?;
        for _ in 0..MAX_STEP_ROUNDS {
            self.round_on(subject.index);
            if let Some(answer) = self.answer_of(submitted.subnet, &submitted.message) {
                let data = answer.map_err(|rejected| refused(rejected.error.to_string()))?;
                return decode_args(&data).map_err(|error| refused(error.to_string()));
            }
        }
        Err(refused(format!("{method} was not answered")))
    }
}

/// Offsets and sizes of the pieces in which so many bytes are moved.
fn pieces(bytes: u64) -> impl Iterator<Item = (u64, u64)> {
    (0..bytes.div_ceil(CHUNK)).map(move |number| {
        let offset = number * CHUNK;
        (offset, CHUNK.min(bytes - offset))
    })
}

fn read_kind(part: Part, offset: u64, size: u64) -> SnapshotDataKind {
    match part {
        Part::Module => SnapshotDataKind::WasmModule { offset, size },
        Part::Heap => SnapshotDataKind::WasmMemory { offset, size },
        Part::Stable => SnapshotDataKind::StableMemory { offset, size },
    }
}

fn upload_kind(part: Part, offset: u64) -> SnapshotDataOffset {
    match part {
        Part::Module => SnapshotDataOffset::WasmModule { offset },
        Part::Heap => SnapshotDataOffset::WasmMemory { offset },
        Part::Stable => SnapshotDataOffset::StableMemory { offset },
    }
}

fn upload_argument(
    canister: CanisterId,
    replace: Option<Vec<u8>>,
    metadata: &ReadCanisterSnapshotMetadataResult,
) -> Result<UploadCanisterSnapshotMetadataArgs, InstanceError> {
    let globals: Option<Vec<_>> = metadata.globals.iter().cloned().collect();
    Ok(UploadCanisterSnapshotMetadataArgs {
        canister_id: canister.principal(),
        replace_snapshot: replace,
        wasm_module_size: metadata.wasm_module_size,
        globals: globals.ok_or_else(|| refused("the metadata has a global of unknown type"))?,
        wasm_memory_size: metadata.wasm_memory_size,
        stable_memory_size: metadata.stable_memory_size,
        certified_data: metadata.certified_data.clone(),
        global_timer: metadata.global_timer.clone(),
        on_low_wasm_memory_hook_status: metadata.on_low_wasm_memory_hook_status.clone(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_cover_all_bytes_once() {
        let all: Vec<(u64, u64)> = pieces(4_000_001).collect();
        assert_eq!(
            all,
            [(0, 2_000_000), (2_000_000, 2_000_000), (4_000_000, 1)]
        );
        assert_eq!(pieces(0).count(), 0);
    }
}
