//! `update/canister_snapshot_upload`: makes a snapshot from a directory on the server's machine.

use crate::app::App;
use crate::body::Body;
use crate::principals;
use crate::slots::Cost;
use axum::extract::{Path, State};
use axum::response::Response;
use pocket_ic::common::rest::{RawCanisterSnapshotId, RawCanisterSnapshotUpload};

/// Answers with the id of the new snapshot.
pub async fn handle(State(app): State<App>, Path(id): Path<String>, body: Body) -> Response {
    let operation = |instance: &mut chainkey_instance::Instance, raw: RawCanisterSnapshotUpload| {
        let canister = principals::canister(&raw.canister_id.canister_id)?;
        let replace = raw.replace_snapshot.map(|id| id.snapshot_id);
        Ok(RawCanisterSnapshotId {
            snapshot_id: instance.upload_snapshot(canister, replace, &raw.snapshot_dir)?,
        })
    };
    app.answer(&id, &body.0, Cost::Long, operation).await
}
