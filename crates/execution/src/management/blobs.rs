//! Arguments with a large blob, read as one block.
//!
//! Some types of `ic-management-canister-types` declare a blob as a list of bytes, and Candid reads lists element by element: for a
//! module of 640 kB that takes longer than everything else about its installation from the cache. In: bytes. Out: the argument,
//! or nothing where the message does not give the blob as `blob`; the caller then decodes the declared type, so that what is
//! accepted and every error text stay those of the declared type.

use candid::{CandidType, DecoderConfig, Principal};
use ic_management_canister_types as types;
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// An argument type that has a twin with the same Candid type and faster blobs.
pub(super) trait WithBlobs: Sized {
    /// The twin.
    type Twin: CandidType + DeserializeOwned + Into<Self>;

    /// The argument, if the twin can read it.
    fn read(payload: &[u8], config: &DecoderConfig) -> Option<Self> {
        let twin = candid::utils::decode_one_with_config::<Self::Twin>(payload, config);
        twin.ok().map(Into::into)
    }
}

/// As [`types::InstallCodeArgs`].
#[derive(CandidType, Deserialize)]
pub(super) struct InstallCode {
    mode: types::CanisterInstallMode,
    canister_id: Principal,
    #[serde(with = "serde_bytes")]
    wasm_module: Vec<u8>,
    #[serde(with = "serde_bytes")]
    arg: Vec<u8>,
    sender_canister_version: Option<u64>,
}

impl WithBlobs for types::InstallCodeArgs {
    type Twin = InstallCode;
}

impl From<InstallCode> for types::InstallCodeArgs {
    fn from(twin: InstallCode) -> Self {
        types::InstallCodeArgs {
            mode: twin.mode,
            canister_id: twin.canister_id,
            wasm_module: twin.wasm_module,
            arg: twin.arg,
            sender_canister_version: twin.sender_canister_version,
        }
    }
}

/// As [`types::UploadCanisterSnapshotDataArgs`].
#[derive(CandidType, Deserialize)]
pub(super) struct UploadSnapshotData {
    canister_id: Principal,
    snapshot_id: types::SnapshotId,
    kind: types::SnapshotDataOffset,
    #[serde(with = "serde_bytes")]
    chunk: Vec<u8>,
}

impl WithBlobs for types::UploadCanisterSnapshotDataArgs {
    type Twin = UploadSnapshotData;
}

impl From<UploadSnapshotData> for types::UploadCanisterSnapshotDataArgs {
    fn from(twin: UploadSnapshotData) -> Self {
        types::UploadCanisterSnapshotDataArgs {
            canister_id: twin.canister_id,
            snapshot_id: twin.snapshot_id,
            kind: twin.kind,
            chunk: twin.chunk,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arguments() -> types::InstallCodeArgs {
        types::InstallCodeArgs {
            mode: types::CanisterInstallMode::Upgrade(None),
            canister_id: Principal::anonymous(),
            wasm_module: vec![0, 1, 2, 255],
            arg: vec![7],
            sender_canister_version: Some(3),
        }
    }

    #[test]
    fn the_twins_have_the_types_that_they_stand_for() {
        assert_eq!(types::InstallCodeArgs::ty(), InstallCode::ty());
        assert_eq!(
            types::UploadCanisterSnapshotDataArgs::ty(),
            UploadSnapshotData::ty()
        );
    }

    #[test]
    fn the_twin_reads_what_the_declared_type_reads() {
        let payload = candid::encode_one(arguments()).unwrap();
        let read = types::InstallCodeArgs::read(&payload, &DecoderConfig::new());
        assert_eq!(read, Some(arguments()));
    }

    /// Candid gives an empty list of unknown elements a type of its own, which a blob may not have.
    #[test]
    fn what_only_the_declared_type_can_read_is_left_to_it() {
        #[derive(CandidType)]
        struct Loose {
            mode: types::CanisterInstallMode,
            canister_id: Principal,
            wasm_module: Vec<candid::Empty>,
            arg: Vec<u8>,
        }
        let loose = Loose {
            mode: types::CanisterInstallMode::Install,
            canister_id: Principal::anonymous(),
            wasm_module: vec![],
            arg: vec![],
        };
        let payload = candid::encode_one(loose).unwrap();
        assert!(types::InstallCodeArgs::read(&payload, &DecoderConfig::new()).is_none());
        let declared: types::InstallCodeArgs = super::super::wire::decode(&payload).unwrap();
        assert_eq!(declared.wasm_module, Vec::<u8>::new());
    }
}
