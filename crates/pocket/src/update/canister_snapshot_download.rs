//! `update/canister_snapshot_download`: writes a snapshot to a directory on the server's machine.

use crate::app::App;
use crate::body::Body;
use crate::principals;
use crate::slots::Cost;
use axum::extract::{Path, State};
use axum::response::Response;
use pocket_ic::common::rest::RawCanisterSnapshotDownload;

/// Answers when it is done.
pub async fn handle(State(app): State<App>, Path(id): Path<String>, body: Body) -> Response {
    let operation = |instance: &mut chainkey_instance::Instance,
                     raw: RawCanisterSnapshotDownload| {
        let canister = principals::canister(&raw.canister_id.canister_id)?;
        Ok(instance.download_snapshot(canister, raw.snapshot_id, &raw.snapshot_dir)?)
    };
    app.answer(&id, &body.0, Cost::Long, operation).await
}
