//! `_/dashboard`: a page with the subnets and their canisters.

use crate::app::App;
use crate::reply::Refusal;
use crate::slots::Cost;
use axum::extract::{Path, State};
use axum::response::Html;
use chainkey_instance::Instance;
use std::fmt::Write;

/// Answers with the page.
pub async fn handle(
    State(app): State<App>,
    Path(id): Path<String>,
) -> Result<Html<String>, Refusal> {
    let hosted = app.0.slots.get(&id)?;
    let page = hosted
        .run(Cost::Long, |instance| Ok(page(instance)))
        .await?;
    Ok(Html(page))
}

fn page(instance: &Instance) -> String {
    let mut rows = String::new();
    for subnet in instance.topology().subnets {
        let canisters = instance.canister_ids(subnet.id);
        let _ = write!(
            rows,
            "<h2>{:?} subnet {}</h2><p>{} nodes, {} canisters</p><ul>",
            subnet.spec.kind,
            subnet.id,
            subnet.nodes,
            canisters.len()
        );
        for canister in canisters {
            let _ = write!(rows, "<li>{canister}</li>");
        }
        rows.push_str("</ul>");
    }
    format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Instance</title></head><body><h1>Instance</h1><p>Time: {} ns since 1970-01-01</p>{rows}</body></html>",
        instance.time().0
    )
}
