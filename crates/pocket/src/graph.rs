//! `/read_graph` and `/prune_graph`: results of operations that go on after their request was answered.
//!
//! Every operation of this server is answered in its own request, so there is never such a result.

use crate::reply::Refusal;
use axum::extract::Path;

/// Answers that there is no such operation.
pub async fn handle(Path((label, operation)): Path<(String, String)>) -> Refusal {
    Refusal::NotFound(format!(
        "state_label / op_id not found: {label} (base64) / {operation}"
    ))
}
