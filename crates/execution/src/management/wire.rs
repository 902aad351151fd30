//! Candid of the management canister: decoding with the real limits and error texts, encoding of replies.
//!
//! In: bytes. Out: arguments or the error that callers see. What the argument types of `ic-management-canister-types` do not
//! bound by themselves (lists of principals, headers) is bounded here.

use super::blobs::WithBlobs;
use crate::error::{ErrorCode, UserError};
use crate::ids::CanisterId;
use candid::utils::ArgumentEncoder;
use candid::{CandidType, DecoderConfig, Principal};
use ic_management_canister_types as types;
use serde::de::DeserializeOwned;

/// Bytes of values that the argument type does not know.
const SKIPPING_QUOTA: usize = 10_000;
/// Controllers, and viewers of a visibility setting.
const MAX_PRINCIPALS: usize = 10;
/// Headers of an outcall.
const MAX_HEADERS: usize = 64;
/// Bytes of name and value of one of them.
const MAX_HEADER_BYTES: usize = 16 << 10;
/// Bytes of all of them.
const MAX_HEADERS_BYTES: usize = 48 << 10;

/// The argument of a management method.
pub(super) trait Argument: CandidType + DeserializeOwned {
    /// The canister that the call concerns, if there is one.
    fn target(&self) -> Option<Principal> {
        None
    }

    /// `sender_canister_version`.
    fn sender_version(&self) -> Option<u64> {
        None
    }

    /// How a list is larger than it may be, if one is.
    fn list_excess(&self) -> Option<Excess> {
        None
    }

    /// The argument, where it can be read faster than as this type.
    fn read_blobs(_payload: &[u8], _config: &DecoderConfig) -> Option<Self> {
        None
    }
}

/// How a list is larger than it may be.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Excess {
    /// Too many elements.
    Elements { allowed: usize },
    /// An element with too many bytes.
    ElementBytes { allowed: usize },
    /// All elements together have too many bytes.
    TotalBytes { allowed: usize },
}

/// Decodes an argument.
pub(super) fn decode<T: Argument>(payload: &[u8]) -> Result<T, UserError> {
    let mut config = DecoderConfig::new();
    config
        .set_skipping_quota(SKIPPING_QUOTA)
        .set_full_error_message(false);
    let argument: T = match T::read_blobs(payload, &config) {
        Some(argument) => argument,
        None => candid::utils::decode_one_with_config(payload, &config)
            .map_err(|error| undecodable(format!("{error:#}")))?,
    };
    let (what, allowed) = match argument.list_excess() {
        None => return Ok(argument),
        Some(Excess::Elements { allowed }) => ("number of elements", allowed),
        Some(Excess::ElementBytes { allowed }) => ("single element data size", allowed),
        Some(Excess::TotalBytes { allowed }) => ("total data size", allowed),
    };
    Err(undecodable(format!(
        "Fail to decode argument 0: Deserialize error: The {what} exceeds maximum allowed {allowed}"
    )))
}

fn undecodable(error: String) -> UserError {
    UserError::new(
        ErrorCode::InvalidManagementPayload,
        format!("Error decoding candid: {error}"),
    )
}

/// Decodes an argument and names the canister that it concerns.
pub(super) fn target_of<T: Argument>(payload: &[u8]) -> Result<Option<CanisterId>, UserError> {
    Ok(decode::<T>(payload)?.target().map(CanisterId::new))
}

/// Decodes an argument for its `sender_canister_version`.
pub(super) fn sender_version_of<T: Argument>(payload: &[u8]) -> Result<Option<u64>, UserError> {
    Ok(decode::<T>(payload)?.sender_version())
}

/// Encodes a reply.
pub(super) fn encode<T: CandidType>(reply: &T) -> Vec<u8> {
    encode_arguments((reply,))
}

/// The reply `()`.
pub fn nothing() -> Vec<u8> {
    encode_arguments(())
}

fn encode_arguments<T: ArgumentEncoder>(arguments: T) -> Vec<u8> {
    // Encoding values of derived types into memory has no way to fail.
    candid::encode_args(arguments).expect("the types of management replies can be encoded")
}

fn settings_excess(settings: Option<&types::CanisterSettings>) -> Option<Excess> {
    let settings = settings?;
    let viewers = |viewers: usize| viewers > MAX_PRINCIPALS;
    let log = matches!(&settings.log_visibility, Some(types::LogVisibility::AllowedViewers(v)) if viewers(v.len()));
    let snapshots = matches!(&settings.snapshot_visibility, Some(types::SnapshotVisibility::AllowedViewers(v)) if viewers(v.len()));
    let status = matches!(&settings.status_visibility, Some(types::StatusVisibility::AllowedViewers(v)) if viewers(v.len()));
    let controllers = settings
        .controllers
        .as_ref()
        .is_some_and(|controllers| controllers.len() > MAX_PRINCIPALS);
    (log || snapshots || status || controllers).then_some(Excess::Elements {
        allowed: MAX_PRINCIPALS,
    })
}

/// Arguments that concern the canister in the field named.
macro_rules! targeted {
    ($($argument:ty: $field:ident),* $(,)?) => {
        $(impl Argument for $argument {
            fn target(&self) -> Option<Principal> {
                Some(self.$field)
            }
        })*
    };
}

/// The same, with `sender_canister_version`.
macro_rules! targeted_and_versioned {
    ($($argument:ty: $field:ident),* $(,)?) => {
        $(impl Argument for $argument {
            fn target(&self) -> Option<Principal> {
                Some(self.$field)
            }
            fn sender_version(&self) -> Option<u64> {
                self.sender_canister_version
            }
        })*
    };
}

targeted! {
    types::CanisterIdRecord: canister_id,
    types::UploadChunkArgs: canister_id,
    types::CanisterInfoArgs: canister_id,
    types::CanisterMetadataArgs: canister_id,
    types::ProvisionalTopUpCanisterArgs: canister_id,
    types::DeleteCanisterSnapshotArgs: canister_id,
    types::ReadCanisterSnapshotMetadataArgs: canister_id,
    types::ReadCanisterSnapshotDataArgs: canister_id,
    types::UploadCanisterSnapshotMetadataArgs: canister_id,
    types::FetchCanisterLogsArgs: canister_id,
}

targeted_and_versioned! {
    types::InstallChunkedCodeArgs: target_canister,
    types::UninstallCodeArgs: canister_id,
    types::TakeCanisterSnapshotArgs: canister_id,
    types::LoadCanisterSnapshotArgs: canister_id,
}

impl Argument for types::InstallCodeArgs {
    fn target(&self) -> Option<Principal> {
        Some(self.canister_id)
    }
    fn sender_version(&self) -> Option<u64> {
        self.sender_canister_version
    }
    fn read_blobs(payload: &[u8], config: &DecoderConfig) -> Option<Self> {
        Self::read(payload, config)
    }
}

impl Argument for types::UploadCanisterSnapshotDataArgs {
    fn target(&self) -> Option<Principal> {
        Some(self.canister_id)
    }
    fn read_blobs(payload: &[u8], config: &DecoderConfig) -> Option<Self> {
        Self::read(payload, config)
    }
}

impl Argument for types::UpdateSettingsArgs {
    fn target(&self) -> Option<Principal> {
        Some(self.canister_id)
    }
    fn sender_version(&self) -> Option<u64> {
        self.sender_canister_version
    }
    fn list_excess(&self) -> Option<Excess> {
        settings_excess(Some(&self.settings))
    }
}

impl Argument for types::CreateCanisterArgs {
    fn sender_version(&self) -> Option<u64> {
        self.sender_canister_version
    }
    fn list_excess(&self) -> Option<Excess> {
        settings_excess(self.settings.as_ref())
    }
}

impl Argument for types::ProvisionalCreateCanisterWithCyclesArgs {
    fn sender_version(&self) -> Option<u64> {
        self.sender_canister_version
    }
    fn list_excess(&self) -> Option<Excess> {
        settings_excess(self.settings.as_ref())
    }
}

impl Argument for types::HttpRequestArgs {
    fn list_excess(&self) -> Option<Excess> {
        let mut total = 0;
        for (index, header) in self.headers.iter().enumerate() {
            let bytes = header.name.len() + header.value.len();
            total += bytes;
            if index >= MAX_HEADERS {
                let allowed = MAX_HEADERS;
                return Some(Excess::Elements { allowed });
            }
            if bytes > MAX_HEADER_BYTES {
                let allowed = MAX_HEADER_BYTES;
                return Some(Excess::ElementBytes { allowed });
            }
            if total > MAX_HEADERS_BYTES {
                let allowed = MAX_HEADERS_BYTES;
                return Some(Excess::TotalBytes { allowed });
            }
        }
        None
    }
}
impl Argument for types::SubnetInfoArgs {}
impl Argument for types::SubnetMetricsArgs {}
impl Argument for types::NodeMetricsHistoryArgs {}

impl Argument for types::VetKDPublicKeyArgs {}
