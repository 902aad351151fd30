//! `update/tick`: one round on every subnet.

use crate::app::App;
use crate::body::Body;
use crate::principals;
use crate::reply::Refusal;
use crate::slots::Cost;
use axum::extract::{Path, State};
use axum::response::Response;
use chainkey_execution::ids::NodeId;
use chainkey_instance::Blockmakers;
use pocket_ic::common::rest::{RawNodeId, RawSubnetBlockmakers, RawTickConfigs};
use serde::Deserialize;

/// The configuration of the round, or anything else for none.
#[derive(Deserialize)]
#[serde(untagged)]
enum Arguments {
    Configured(RawTickConfigs),
    Plain(serde::de::IgnoredAny),
}

/// Answers when the round is done.
pub async fn handle(State(app): State<App>, Path(id): Path<String>, body: Body) -> Response {
    app.answer(&id, &body.0, Cost::Long, |instance, raw: Arguments| {
        let makers = match raw {
            Arguments::Configured(configs) => configs.blockmakers.unwrap_or_default(),
            Arguments::Plain(_) => Vec::new(),
        };
        let makers: Result<Vec<Blockmakers>, Refusal> = makers.into_iter().map(read).collect();
        Ok(instance.tick_with(&makers?)?)
    })
    .await
}

fn read(raw: RawSubnetBlockmakers) -> Result<Blockmakers, Refusal> {
    let node = |raw: &RawNodeId| principals::node(&raw.node_id).map(NodeId);
    let failed: Result<Vec<NodeId>, Refusal> = raw.failed_blockmakers.iter().map(node).collect();
    Ok(Blockmakers {
        subnet: principals::subnet(&raw.subnet.subnet_id)?,
        blockmaker: node(&raw.blockmaker)?,
        failed: failed?,
    })
}
