//! The table of all methods: name, who may call, where a call goes, which canister it concerns, who serves it.
//!
//! Source: interface specification, "The IC management canister". In: a method's name. Out: its row. Whoever adds a method
//! adds a row here and a handler in the module of its group; nothing else has a list of methods.

use super::wire::{sender_version_of, target_of};
use super::{Invocation, Reply};
use super::{chunks, create, info, install, keys, lifecycle, logs, outcalls, randomness, settings};
use super::{snapshot_transfer, snapshots, status, subnet_info};
use crate::error::UserError;
use crate::ids::CanisterId;
use crate::sandbox::KeyName;
use crate::subnet::SubnetState;
use candid::Principal;
use ic_management_canister_types as types;

type Handler = fn(&mut SubnetState, &mut Invocation) -> Result<Reply, UserError>;
type QueryHandler = fn(&SubnetState, Principal, &[u8]) -> Result<Vec<u8>, UserError>;
type TargetOf = fn(&[u8]) -> Result<Option<CanisterId>, UserError>;
type VersionOf = fn(&[u8]) -> Result<Option<u64>, UserError>;
type KeyOf = fn(&[u8]) -> Result<KeyName, UserError>;
type SubnetOf = fn(&[u8]) -> Result<Principal, UserError>;

/// Which users may call a method by ingress.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum IngressAccess {
    /// Everybody (and nobody pays for the message).
    Everybody,
    /// Controllers of the canister concerned.
    Controllers,
    /// Whom the canister's `status_visibility` allows.
    StatusReaders,
    /// Whom the canister's `snapshot_visibility` allows.
    SnapshotReaders,
}

/// Who may call a method in replicated mode.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Callers {
    /// Canisters, and users by ingress.
    All(IngressAccess),
    /// Canisters only; ingress is refused by name of the method.
    Canisters,
    /// Canisters only; ingress is decoded before it is refused.
    CanistersAfterDecoding,
}

/// To which subnet a canister's call goes, and which canister it concerns.
#[derive(Clone, Copy)]
pub enum Route {
    /// The caller's own subnet; no canister is concerned.
    OwnSubnet,
    /// The subnet of the canister concerned.
    Canister(TargetOf),
    /// The subnet that serves the key; `signing`: the key has to be enabled there.
    #[allow(missing_docs, reason = "the line above says it")]
    Key { key: KeyOf, signing: bool },
    /// The subnet named in the argument.
    Subnet(SubnetOf),
}

/// One method.
pub struct Method {
    /// Its name.
    pub name: &'static str,
    /// Who may call it in replicated mode.
    pub callers: Callers,
    /// Where a call goes.
    pub route: Route,
    /// How to find `sender_canister_version` in the argument, where there is one.
    pub version: Option<VersionOf>,
    pub(super) handler: Handler,
    pub(super) query: Option<QueryHandler>,
}

/// The row of a method.
pub(super) fn find(name: &str) -> Option<&'static Method> {
    METHODS.iter().find(|method| method.name == name)
}

const CONTROLLERS: Callers = Callers::All(IngressAccess::Controllers);
const EVERYBODY: Callers = Callers::All(IngressAccess::Everybody);
const STATUS_READERS: Callers = Callers::All(IngressAccess::StatusReaders);
const SNAPSHOT_READERS: Callers = Callers::All(IngressAccess::SnapshotReaders);
const BY_ID: Route = Route::Canister(target_of::<types::CanisterIdRecord>);

const fn row(name: &'static str, callers: Callers, route: Route, handler: Handler) -> Method {
    Method {
        name,
        callers,
        route,
        version: None,
        handler,
        query: None,
    }
}

const fn versioned(method: Method, version: VersionOf) -> Method {
    Method {
        version: Some(version),
        ..method
    }
}

const fn queried(method: Method, query: QueryHandler) -> Method {
    Method {
        query: Some(query),
        ..method
    }
}

const fn key(name: &'static str, key: KeyOf, signing: bool, handler: Handler) -> Method {
    row(
        name,
        Callers::Canisters,
        Route::Key { key, signing },
        handler,
    )
}

/// All methods.
pub const METHODS: &[Method] = &[
    // Creation and cycles.
    versioned(
        row(
            "create_canister",
            Callers::Canisters,
            Route::OwnSubnet,
            create::create_canister,
        ),
        create::version_of_create,
    ),
    versioned(
        row(
            "provisional_create_canister_with_cycles",
            EVERYBODY,
            Route::OwnSubnet,
            create::provisional_create_canister_with_cycles,
        ),
        sender_version_of::<types::ProvisionalCreateCanisterWithCyclesArgs>,
    ),
    row(
        "provisional_top_up_canister",
        EVERYBODY,
        Route::Canister(target_of::<types::ProvisionalTopUpCanisterArgs>),
        create::provisional_top_up_canister,
    ),
    row(
        "deposit_cycles",
        Callers::Canisters,
        BY_ID,
        create::deposit_cycles,
    ),
    // Settings and code.
    versioned(
        row(
            "update_settings",
            CONTROLLERS,
            Route::Canister(target_of::<types::UpdateSettingsArgs>),
            settings::update_settings,
        ),
        sender_version_of::<types::UpdateSettingsArgs>,
    ),
    versioned(
        row(
            "install_code",
            CONTROLLERS,
            Route::Canister(target_of::<types::InstallCodeArgs>),
            install::install_code,
        ),
        sender_version_of::<types::InstallCodeArgs>,
    ),
    versioned(
        row(
            "install_chunked_code",
            CONTROLLERS,
            Route::Canister(target_of::<types::InstallChunkedCodeArgs>),
            install::install_chunked_code,
        ),
        sender_version_of::<types::InstallChunkedCodeArgs>,
    ),
    versioned(
        row(
            "uninstall_code",
            CONTROLLERS,
            Route::Canister(target_of::<types::UninstallCodeArgs>),
            lifecycle::uninstall_code,
        ),
        sender_version_of::<types::UninstallCodeArgs>,
    ),
    row(
        "upload_chunk",
        CONTROLLERS,
        Route::Canister(target_of::<types::UploadChunkArgs>),
        chunks::upload_chunk,
    ),
    row(
        "clear_chunk_store",
        CONTROLLERS,
        BY_ID,
        chunks::clear_chunk_store,
    ),
    row("stored_chunks", CONTROLLERS, BY_ID, chunks::stored_chunks),
    // Life.
    row(
        "start_canister",
        CONTROLLERS,
        BY_ID,
        lifecycle::start_canister,
    ),
    row(
        "stop_canister",
        CONTROLLERS,
        BY_ID,
        lifecycle::stop_canister,
    ),
    row(
        "delete_canister",
        CONTROLLERS,
        BY_ID,
        lifecycle::delete_canister,
    ),
    // What there is to know about a canister.
    queried(
        row(
            "canister_status",
            STATUS_READERS,
            BY_ID,
            status::canister_status,
        ),
        status::query_canister_status,
    ),
    row(
        "canister_info",
        Callers::CanistersAfterDecoding,
        Route::Canister(target_of::<types::CanisterInfoArgs>),
        info::canister_info,
    ),
    row(
        "canister_metadata",
        Callers::CanistersAfterDecoding,
        Route::Canister(target_of::<types::CanisterMetadataArgs>),
        info::canister_metadata,
    ),
    queried(
        row(
            "canister_metrics",
            CONTROLLERS,
            BY_ID,
            info::canister_metrics,
        ),
        info::query_canister_metrics,
    ),
    queried(
        row(
            "fetch_canister_logs",
            Callers::Canisters,
            Route::Canister(target_of::<types::FetchCanisterLogsArgs>),
            logs::fetch_canister_logs,
        ),
        logs::query_canister_logs,
    ),
    // Snapshots.
    versioned(
        row(
            "take_canister_snapshot",
            CONTROLLERS,
            Route::Canister(target_of::<types::TakeCanisterSnapshotArgs>),
            snapshots::take_canister_snapshot,
        ),
        sender_version_of::<types::TakeCanisterSnapshotArgs>,
    ),
    versioned(
        row(
            "load_canister_snapshot",
            CONTROLLERS,
            Route::Canister(target_of::<types::LoadCanisterSnapshotArgs>),
            snapshots::load_canister_snapshot,
        ),
        sender_version_of::<types::LoadCanisterSnapshotArgs>,
    ),
    queried(
        row(
            "list_canister_snapshots",
            SNAPSHOT_READERS,
            BY_ID,
            snapshots::list_canister_snapshots,
        ),
        snapshots::query_canister_snapshots,
    ),
    row(
        "delete_canister_snapshot",
        CONTROLLERS,
        Route::Canister(target_of::<types::DeleteCanisterSnapshotArgs>),
        snapshots::delete_canister_snapshot,
    ),
    row(
        "read_canister_snapshot_metadata",
        SNAPSHOT_READERS,
        Route::Canister(target_of::<types::ReadCanisterSnapshotMetadataArgs>),
        snapshot_transfer::read_metadata,
    ),
    row(
        "read_canister_snapshot_data",
        SNAPSHOT_READERS,
        Route::Canister(target_of::<types::ReadCanisterSnapshotDataArgs>),
        snapshot_transfer::read_data,
    ),
    row(
        "upload_canister_snapshot_metadata",
        CONTROLLERS,
        Route::Canister(target_of::<types::UploadCanisterSnapshotMetadataArgs>),
        snapshot_transfer::upload_metadata,
    ),
    row(
        "upload_canister_snapshot_data",
        CONTROLLERS,
        Route::Canister(target_of::<types::UploadCanisterSnapshotDataArgs>),
        snapshot_transfer::upload_data,
    ),
    // The world outside.
    row(
        "raw_rand",
        Callers::Canisters,
        Route::OwnSubnet,
        randomness::raw_rand,
    ),
    row(
        "http_request",
        Callers::Canisters,
        Route::OwnSubnet,
        outcalls::http_request,
    ),
    // Threshold keys.
    key(
        "ecdsa_public_key",
        keys::ecdsa_public_key_id,
        false,
        keys::ecdsa_public_key,
    ),
    key(
        "sign_with_ecdsa",
        keys::sign_with_ecdsa_id,
        true,
        keys::sign_with_ecdsa,
    ),
    key(
        "schnorr_public_key",
        keys::schnorr_public_key_id,
        false,
        keys::schnorr_public_key,
    ),
    key(
        "sign_with_schnorr",
        keys::sign_with_schnorr_id,
        true,
        keys::sign_with_schnorr,
    ),
    key(
        "vetkd_public_key",
        keys::vetkd_public_key_id,
        false,
        keys::vetkd_public_key,
    ),
    key(
        "vetkd_derive_key",
        keys::vetkd_derive_key_id,
        true,
        keys::vetkd_derive_key,
    ),
    // The subnet.
    row(
        "subnet_info",
        Callers::Canisters,
        Route::Subnet(subnet_info::subnet_of_info),
        subnet_info::subnet_info,
    ),
    row(
        "subnet_metrics",
        Callers::Canisters,
        Route::Subnet(subnet_info::subnet_of_metrics),
        subnet_info::subnet_metrics,
    ),
    row(
        "node_metrics_history",
        Callers::Canisters,
        Route::Subnet(subnet_info::subnet_of_nodes),
        subnet_info::node_metrics_history,
    ),
    queried(
        row(
            "list_canisters",
            Callers::Canisters,
            Route::OwnSubnet,
            subnet_info::list_canisters,
        ),
        subnet_info::query_canisters,
    ),
];
