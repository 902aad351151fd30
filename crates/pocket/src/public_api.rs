//! `api/v2` to `api/v4` of an instance: the public IC API, not in this version.

use crate::reply::Refusal;

/// Refuses.
pub async fn handle() -> Refusal {
    Refusal::NotImplemented(
        "the public IC API (api/v2, v3, v4) is not part of this version; use the PocketIC API"
            .into(),
    )
}
