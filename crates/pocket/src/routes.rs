//! Which path leads to which operation. Every path also works with a slash at its end.

use crate::app::App;
use crate::blobstore::{self, MAX_BLOB};
use crate::body::MAX_BODY;
use crate::{
    auto_progress, dashboard, graph, http_gateway, instances, nodes, public_api, read, status,
    update, verify_signature,
};
use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::routing::{MethodRouter, any, delete, get, post};

/// All paths of the server.
pub fn router(app: App) -> Router {
    let blobs = post(blobstore::store).layer(DefaultBodyLimit::max(MAX_BLOB));
    let gateways = get(http_gateway::list).post(http_gateway::create);
    let all = get(instances::list::handle).post(instances::create::handle);
    let mut router = Router::new();
    for (path, method) in [
        ("/status", get(status::handle)),
        ("/blobstore", blobs),
        ("/blobstore/{blob}", get(blobstore::fetch)),
        ("/verify_signature", post(verify_signature::handle)),
        ("/read_graph/{label}/{operation}", get(graph::handle)),
        ("/prune_graph/{label}/{operation}", delete(graph::handle)),
        ("/http_gateway", gateways),
        ("/http_gateway/{gateway}/stop", post(http_gateway::stop)),
        ("/instances", all),
        ("/instances/{id}", delete(instances::delete::handle)),
    ] {
        router = both(router, path, method);
    }
    for (path, method) in instance_paths().into_iter().chain(node_paths()) {
        router = both(router, &format!("/instances/{{id}}/{path}"), method);
    }
    for version in ["v2", "v3", "v4"] {
        let path = format!("/instances/{{id}}/api/{version}/{{*rest}}");
        router = router.route(&path, any(public_api::handle));
    }
    router
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .layer(middleware::from_fn_with_state(app.clone(), count))
        .with_state(app)
}

fn instance_paths() -> Vec<(&'static str, MethodRouter<App>)> {
    vec![
        ("read/query", post(read::query::handle)),
        ("read/topology", get(read::topology::handle)),
        ("read/get_time", get(read::get_time::handle)),
        ("read/get_controllers", post(read::get_controllers::handle)),
        ("read/get_cycles", post(read::get_cycles::handle)),
        (
            "read/get_stable_memory",
            post(read::get_stable_memory::handle),
        ),
        ("read/get_subnet", post(read::get_subnet::handle)),
        ("read/pub_key", post(read::pub_key::handle)),
        ("read/ingress_status", post(read::ingress_status::handle)),
        (
            "read/get_canister_http",
            get(read::get_canister_http::handle),
        ),
        (
            "update/submit_ingress_message",
            post(update::submit_ingress_message::handle),
        ),
        (
            "update/await_ingress_message",
            post(update::await_ingress_message::handle),
        ),
        ("update/tick", post(update::tick::handle)),
        ("update/set_time", post(update::set_time::handle)),
        (
            "update/set_certified_time",
            post(update::set_certified_time::handle),
        ),
        ("update/add_cycles", post(update::add_cycles::handle)),
        (
            "update/set_stable_memory",
            post(update::set_stable_memory::handle),
        ),
        (
            "update/mock_canister_http",
            post(update::mock_canister_http::handle),
        ),
        (
            "update/mock_flexible_canister_http",
            post(update::mock_flexible_canister_http::handle),
        ),
        ("update/delete_subnet", post(update::delete_subnet::handle)),
        (
            "update/canister_snapshot_download",
            post(update::canister_snapshot_download::handle),
        ),
        (
            "update/canister_snapshot_upload",
            post(update::canister_snapshot_upload::handle),
        ),
        (
            "auto_progress",
            get(auto_progress::enabled).post(auto_progress::begin),
        ),
        ("stop_progress", post(auto_progress::end)),
        ("_/topology", get(read::topology::handle)),
        ("_/dashboard", get(dashboard::handle)),
    ]
}

/// What a PocketIC server does not have: the nodes, to see and to break.
fn node_paths() -> Vec<(&'static str, MethodRouter<App>)> {
    vec![
        ("nodes", get(nodes::list::handle)),
        ("nodes/{subnet}", get(nodes::report::handle)),
        ("nodes/{subnet}/faults", post(nodes::faults::handle)),
        ("nodes/{subnet}/beacon", post(nodes::beacon::handle)),
        ("nodes/{subnet}/refill", post(nodes::refill::handle)),
        ("nodes/{subnet}/reshare", post(nodes::reshare::handle)),
    ]
}

fn both(router: Router<App>, path: &str, method: MethodRouter<App>) -> Router<App> {
    router
        .route(path, method.clone())
        .route(&format!("{path}/"), method)
}

/// Counts the request as activity while it is pending.
async fn count(State(app): State<App>, request: Request, next: Next) -> Response {
    let _pending = app.0.activity.begin();
    next.run(request).await
}
