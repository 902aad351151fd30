//! `POST /instances`: makes an instance.

use super::request::{self, Start};
use crate::app::App;
use crate::auto_progress;
use crate::body::Body;
use crate::read::topology::raw_topology;
use crate::reply::{self, Refusal};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use chainkey_instance::Instance;
use pocket_ic::common::rest::CreateInstanceResponse;

/// Answers with the number and the topology of the new instance.
pub async fn handle(State(app): State<App>, body: Body) -> Response {
    let (status, answer) = match create(&app, &body.0).await {
        Ok(created) => (StatusCode::CREATED, created),
        Err(refusal) => (
            refusal.status(),
            CreateInstanceResponse::Error {
                message: refusal.to_string(),
            },
        ),
    };
    match reply::encode(&answer) {
        Ok(json) => reply::json_bytes(status, json),
        Err(refusal) => refusal.into_response(),
    }
}

async fn create(app: &App, body: &[u8]) -> Result<CreateInstanceResponse, Refusal> {
    let request = request::read(body, &app.0.defaults)?;
    let environment = app.0.environment.clone();
    let config = request.config;
    let build = move || Instance::new(config, environment);
    let instance = tokio::task::spawn_blocking(build)
        .await
        .map_err(|error| Refusal::Internal(error.to_string()))??;
    let topology = raw_topology(&instance.topology());
    let instance_id = app.0.slots.insert(instance);
    if let Start::Live(delay) = request.start {
        let hosted = app.0.slots.get(&instance_id.to_string())?;
        auto_progress::start(&hosted, delay).await?;
    }
    Ok(CreateInstanceResponse::Created {
        instance_id,
        topology,
        http_gateway_info: None,
    })
}
