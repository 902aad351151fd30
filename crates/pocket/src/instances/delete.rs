//! `DELETE /instances/{id}`: drops an instance.

use crate::app::App;
use crate::auto_progress;
use crate::reply::Refusal;
use axum::extract::{Path, State};
use axum::http::StatusCode;

/// Answers when it is gone.
pub async fn handle(State(app): State<App>, Path(id): Path<String>) -> Result<StatusCode, Refusal> {
    let hosted = app.0.slots.get(&id)?;
    auto_progress::stop(&hosted).await;
    hosted.delete().await;
    Ok(StatusCode::OK)
}
