//! `GET /instances`: a word for each instance, by number.

use crate::app::App;
use crate::reply;
use axum::extract::State;
use axum::response::Response;

/// Answers with the list.
pub async fn handle(State(app): State<App>) -> Response {
    let all = app.0.slots.all();
    let words: Vec<String> = all.iter().map(|hosted| hosted.describe()).collect();
    reply::ok(&words)
}
