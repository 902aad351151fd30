//! Refusals of the management canister: codes and texts that clients see.
//!
//! Source: recorded behaviour; public sources where nothing was recorded. A text may end in a line of advice with a link.

use crate::canister::{Canister, SnapshotId};
use crate::cycles::Cycles;
use crate::error::{ErrorCode, UserError};
use crate::ids::CanisterId;
use candid::Principal;

const DOCS: &str = "https://internetcomputer.org/docs/current/references/execution-errors#";

/// A text with advice and a link into the documentation.
pub(super) fn advised(
    code: ErrorCode,
    text: impl Into<String>,
    advice: &str,
    anchor: &str,
) -> UserError {
    let text = text.into();
    UserError::new(
        code,
        format!("{text}\n{advice} See documentation: {DOCS}{anchor}"),
    )
}

/// There is no such canister.
pub(super) fn not_found(canister: CanisterId) -> UserError {
    UserError::new(
        ErrorCode::CanisterNotFound,
        format!("Canister {canister} not found"),
    )
}

/// Someone else than a controller.
pub(super) fn not_controller(canister: &Canister, sender: Principal) -> UserError {
    let controllers: Vec<String> = canister
        .settings
        .controllers
        .iter()
        .map(|controller| controller.to_string())
        .collect();
    advised(
        ErrorCode::CanisterInvalidController,
        format!(
            "Only the controllers of the canister {} can control it.\nCanister's controllers: {}\nSender's ID: {sender}",
            canister.id,
            controllers.join(" ")
        ),
        "Execute this call from a controller of the target canister or add the current caller as a controller.",
        "invalid-controller",
    )
}

/// Only users may call this, and as a query.
pub(super) fn contract_violation(text: impl Into<String>) -> UserError {
    UserError::new(ErrorCode::CanisterContractViolation, text)
}

/// An argument that can be decoded but not served.
pub(super) fn bad_argument(text: impl Into<String>) -> UserError {
    UserError::new(ErrorCode::InvalidManagementPayload, text)
}

/// Refused for a reason of its own.
pub(super) fn rejected(text: impl Into<String>) -> UserError {
    UserError::new(ErrorCode::CanisterRejectedMessage, text)
}

/// Something is wrong with the chunk store.
pub(super) fn chunk_store(text: impl std::fmt::Display) -> UserError {
    advised(
        ErrorCode::CanisterContractViolation,
        format!("Error from Wasm chunk store: {text}."),
        "Use the `stored_chunks` API to check which hashes are present or top up the canister if it is low on cycles.",
        "wasm-chunk-store-error",
    )
}

/// There is no such snapshot.
pub(super) fn snapshot_not_found(canister: CanisterId, id: &SnapshotId) -> UserError {
    advised(
        ErrorCode::CanisterSnapshotNotFound,
        format!("Could not find the snapshot ID {id} for canister {canister}."),
        "Use the `list_canister_snapshot` API to see which snapshots are present.",
        "canister-snapshot-not-found",
    )
}

/// The attached cycles do not suffice.
pub(super) fn too_few_cycles(method: &str, sent: Cycles, required: Cycles) -> UserError {
    rejected(format!(
        "{method} request sent with {sent} cycles, but {required} cycles are required."
    ))
}

/// What an operation that has to be paid first is told if the canister can't pay it: `kind` names the operation.
pub(super) fn cannot_pay(kind: Unpaid, error: UserError) -> UserError {
    match kind {
        Unpaid::Installation => advised(
            ErrorCode::CanisterOutOfCycles,
            format!("Canister installation failed with `{}`.", error.message),
            "Top up the canister with more cycles.",
            "install-code-not-enough-cycles",
        ),
        Unpaid::Snapshot => UserError::new(
            ErrorCode::CanisterOutOfCycles,
            format!(
                "Canister snapshotting failed with: `{}`\nTry sending more cycles with the request. See documentation: canister-snapshot-not-enough-cycles",
                error.message
            ),
        ),
        Unpaid::Chunk => chunk_store(format!("Could not upload chunk. {}", error.message)),
    }
}

/// Operations that are paid before they start.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Unpaid {
    Installation,
    Snapshot,
    Chunk,
}
