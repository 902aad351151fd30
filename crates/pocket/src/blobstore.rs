//! `/blobstore`: bytes that later requests refer to by hash.
//!
//! In: bytes, plain or compressed by gzip. Out: their hash in hex. Blobs live as long as the server.

use crate::app::App;
use crate::body::Body;
use crate::reply::Refusal;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use flate2::read::GzDecoder;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::io::Read;
use std::sync::{Arc, PoisonError, RwLock};

/// Bytes of a blob at most.
pub const MAX_BLOB: usize = 4 * 1024 * 1024 * 1024;

/// Bytes that a compressed blob may decompress to: those of a canister's stable memory.
const MAX_PLAIN: u64 = 500 * 1024 * 1024 * 1024;

/// An uploaded blob.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Blob {
    data: axum::body::Bytes,
    gzip: bool,
}

impl Blob {
    /// The bytes, decompressed if needed.
    pub fn plain(&self) -> Result<Vec<u8>, Refusal> {
        if !self.gzip {
            return Ok(self.data.to_vec());
        }
        let mut plain = Vec::new();
        match GzDecoder::new(self.data.as_ref())
            .take(MAX_PLAIN)
            .read_to_end(&mut plain)
        {
            Ok(_) => Ok(plain),
            Err(_) => Err(Refusal::Unreadable("Decompression failed".into())),
        }
    }

    fn hash(&self) -> Vec<u8> {
        let mut hasher = Sha256::new();
        hasher.update(&self.data);
        if self.gzip {
            hasher.update([1]);
        }
        hasher.finalize().to_vec()
    }
}

/// All blobs, by hash.
#[derive(Default)]
pub struct Blobs(RwLock<BTreeMap<Vec<u8>, Arc<Blob>>>);

impl Blobs {
    /// The blob with this hash.
    pub fn get(&self, hash: &[u8]) -> Option<Arc<Blob>> {
        let blobs = self.0.read().unwrap_or_else(PoisonError::into_inner);
        blobs.get(hash).cloned()
    }

    fn insert(&self, blob: Blob) -> Vec<u8> {
        let hash = blob.hash();
        let mut blobs = self.0.write().unwrap_or_else(PoisonError::into_inner);
        blobs.insert(hash.clone(), Arc::new(blob));
        hash
    }
}

/// `POST`: keeps a blob.
pub async fn store(
    State(app): State<App>,
    headers: HeaderMap,
    body: Body,
) -> Result<String, Response> {
    let gzip = match headers.get(header::CONTENT_ENCODING).map(|v| v.as_bytes()) {
        None => false,
        Some(b"gzip") => true,
        Some(_) => {
            let message = "Bad encoding: Only 'gzip' content encoding is supported";
            return Err((StatusCode::BAD_REQUEST, message).into_response());
        }
    };
    let blob = Blob { data: body.0, gzip };
    Ok(hex::encode(app.0.blobs.insert(blob)))
}

/// `GET`: the blob as it was uploaded.
pub async fn fetch(State(app): State<App>, Path(id): Path<String>) -> Response {
    let Ok(hash) = hex::decode(&id) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    match app.0.blobs.get(&hash) {
        None => StatusCode::NOT_FOUND.into_response(),
        Some(blob) if blob.gzip => {
            ([(header::CONTENT_ENCODING, "gzip")], blob.data.clone()).into_response()
        }
        Some(blob) => blob.data.clone().into_response(),
    }
}
