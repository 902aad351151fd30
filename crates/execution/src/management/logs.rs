//! fetch_canister_logs.
//!
//! Source: interface specification; recorded texts. Only a query; a canister that calls it is refused.

use super::access::{existing, may_read};
use super::refusal::rejected;
use super::{Invocation, Reply, wire};
use crate::error::UserError;
use crate::ids::CanisterId;
use crate::sandbox::LogRecord;
use crate::subnet::SubnetState;
use candid::Principal;
use ic_management_canister_types as types;

/// fetch_canister_logs called by a canister
pub(super) fn fetch_canister_logs(
    _: &mut SubnetState,
    _: &mut Invocation,
) -> Result<Reply, UserError> {
    Err(rejected(
        "fetch_canister_logs API is only accessible to end users in non-replicated mode",
    ))
}

/// fetch_canister_logs
pub(super) fn query_canister_logs(
    state: &SubnetState,
    caller: Principal,
    payload: &[u8],
) -> Result<Vec<u8>, UserError> {
    let arguments: types::FetchCanisterLogsArgs = wire::decode(payload)?;
    let canister = existing(state, CanisterId::new(arguments.canister_id))?;
    if !may_read(canister, &canister.settings.log_visibility, caller) {
        return Err(rejected(format!(
            "Caller {caller} is not allowed to access canister logs"
        )));
    }
    let wanted = |record: &&LogRecord| match &arguments.filter {
        None => true,
        Some(types::CanisterLogFilter::ByIdx { start, end }) => {
            (*start..*end).contains(&record.index)
        }
        Some(types::CanisterLogFilter::ByTimestampNanos { start, end }) => {
            (*start..*end).contains(&record.time.0)
        }
    };
    let canister_log_records = canister
        .log
        .records()
        .filter(wanted)
        .map(|record| types::CanisterLogRecord {
            idx: record.index,
            timestamp_nanos: record.time.0,
            content: record.content.clone(),
        })
        .collect();
    Ok(wire::encode(&types::FetchCanisterLogsResult {
        canister_log_records,
    }))
}
