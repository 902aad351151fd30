//! Faults on order, for tests of canisters that ask this one: no part of the SOL RPC canister.
//!
//! - What it does: a controller orders that the next so many requests, of one method or of any, fail in one way. Cycles are taken as ever.
//! - Orders are kept on the heap: an upgrade forgets them.

use crate::interface::error::{
    HttpOutcallError, MultiRpcResult, RejectionCode, RpcError, RpcResult,
};
use crate::interface::install::{Fault, Order};
use crate::interface::source::RpcSource;
use ic_cdk::api::{is_controller, msg_caller};
use std::cell::RefCell;

thread_local! {
    static ORDER: RefCell<Option<Order>> = const { RefCell::new(None) };
}

/// Places an order, which replaces the one before; nothing takes it back.
///
/// # Panics
/// The caller is no controller.
pub(crate) fn place(order: Option<Order>) {
    assert!(
        is_controller(&msg_caller()),
        "only controllers order faults"
    );
    ORDER.set(order);
}

/// The fault of the request that comes now.
pub(crate) fn take(method: &str) -> Option<Fault> {
    ORDER.with_borrow_mut(|order| {
        let order = order.as_mut()?;
        let meant = order.method.as_deref().is_none_or(|name| name == method);
        order.count = order.count.checked_sub(u32::from(meant))?;
        meant.then_some(order.fault)
    })
}

/// What an outcall says that has no answer.
pub(crate) fn timeout() -> RpcError {
    RpcError::HttpOutcallError(HttpOutcallError::IcError {
        code: RejectionCode::SysTransient,
        message: "Canister http request timed out".to_owned(),
    })
}

/// What becomes of answers.
pub(crate) fn change<Reply: Clone>(
    fault: Option<Fault>,
    results: Vec<(RpcSource, RpcResult<Reply>)>,
    reduce: impl FnOnce(Vec<(RpcSource, RpcResult<Reply>)>) -> MultiRpcResult<Reply>,
) -> MultiRpcResult<Reply> {
    match fault {
        None | Some(Fault::not_asked) => reduce(results),
        Some(Fault::no_answer) => {
            let lost = |(source, _)| (source, Err(timeout()));
            reduce(results.into_iter().map(lost).collect())
        }
        Some(Fault::inconsistent) => {
            let mut results = results;
            // With one source alone the canister could not be inconsistent; here it is said to have given both answers.
            let (source, answer) = results.pop().expect("a request has sources");
            if results.is_empty() {
                results.push((source.clone(), answer));
            }
            results.push((source, Err(timeout())));
            MultiRpcResult::Inconsistent(results)
        }
        Some(Fault::trap) => ic_cdk::trap("a fault on order: the providers were asked"),
    }
}
