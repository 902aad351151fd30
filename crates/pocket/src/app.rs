//! What all requests share.
//!
//! In: a request's instance number and body. Out: the answer of the operation. See `slots` for the order of operations.

use crate::activity::Activity;
use crate::blobstore::Blobs;
use crate::body::arguments;
use crate::reply::{self, Refusal};
use crate::slots::{Cost, Slots};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use chainkey_instance::{Environment, Instance, KeySource, NodeCounts};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::sync::Arc;

/// Settings of instances where the request does not say.
#[derive(Clone, Debug, Default)]
pub struct Defaults {
    /// Nodes by kind of subnet.
    pub nodes: NodeCounts,
    /// The seed of instances whose request names none. With a seed the same inputs give the same answers, keys included, which then are no
    /// secret; without, ids are those of seed 0 and keys come from the system's randomness.
    pub seed: Option<u64>,
    /// Where master keys come from, if the request does not say.
    pub keys: KeySource,
}

/// What all requests share.
pub struct Shared {
    /// Of all instances.
    pub environment: Environment,
    /// For new instances.
    pub defaults: Defaults,
    /// The instances.
    pub slots: Slots,
    /// Uploaded blobs.
    pub blobs: Blobs,
    /// Idle time.
    pub activity: Activity,
}

/// A handle for every request.
#[derive(Clone)]
pub struct App(pub Arc<Shared>);

impl App {
    /// A server's state without instances.
    pub fn new(environment: Environment, defaults: Defaults) -> Self {
        App(Arc::new(Shared {
            environment,
            defaults,
            slots: Slots::default(),
            blobs: Blobs::default(),
            activity: Activity::new(),
        }))
    }

    /// Runs an operation with the arguments in the body and answers with its result in JSON.
    pub async fn answer<A, T>(
        &self,
        id: &str,
        body: &[u8],
        cost: Cost,
        operation: impl FnOnce(&mut Instance, A) -> Result<T, Refusal> + Send + 'static,
    ) -> Response
    where
        A: DeserializeOwned + Send + 'static,
        T: Serialize,
    {
        let result = match (arguments::<A>(body), self.0.slots.get(id)) {
            (_, Err(refusal)) | (Err(refusal), _) => Err(refusal),
            (Ok(arguments), Ok(hosted)) => {
                let run =
                    move |instance: &mut Instance| reply::encode(&operation(instance, arguments)?);
                hosted.run(cost, run).await
            }
        };
        match result {
            Ok(json) => reply::json_bytes(StatusCode::OK, json),
            Err(refusal) => refusal.into_response(),
        }
    }
}
