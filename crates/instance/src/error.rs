//! Errors of operations on an instance.
//!
//! The text of each is the debug form that the clients of a PocketIC server know. In: what went wrong. Out: that text. Leaves
//! out: rejects of calls, which are answers and not errors (see `ingress::CallRejected`).

use candid::Principal;
use chainkey_execution::chain_keys::ChainKeyError;
use chainkey_execution::ids::{CanisterId, NodeId, SubnetId};
use chainkey_subnet::SubnetError;
use subnet_view::FaultError;

/// Why an operation on an instance failed.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum InstanceError {
    /// There is no such canister.
    #[error("CanisterNotFound(CanisterId({0}))")]
    CanisterNotFound(CanisterId),
    /// The canister has no code.
    #[error("CanisterIsEmpty(CanisterId({0}))")]
    CanisterIsEmpty(CanisterId),
    /// A call can't be routed, is too large or was not answered in time.
    #[error("BadIngressMessage({0:?})")]
    BadIngressMessage(String),
    /// There is no such subnet.
    #[error("SubnetNotFound({0})")]
    SubnetNotFound(Principal),
    /// There is no such outcall waiting.
    #[error("InvalidCanisterHttpRequestId(({subnet}, {request}))")]
    InvalidOutcall {
        /// The subnet that was named.
        subnet: SubnetId,
        /// The number that was named.
        request: u64,
    },
    /// Not one answer for all nodes and not one for each: how many were given and how many nodes there are.
    #[error("InvalidMockCanisterHttpResponses(({given}, {nodes}))")]
    InvalidMockedAnswers {
        /// Answers given.
        given: usize,
        /// Nodes of the subnet.
        nodes: usize,
    },
    /// Not a reject code.
    #[error("InvalidRejectCode({0})")]
    InvalidRejectCode(u64),
    /// Time does not go back: the current time and the one to be set, in nanoseconds.
    #[error("SettingTimeIntoPast(({current}, {set}))")]
    SettingTimeIntoPast {
        /// The current time.
        current: u64,
        /// The time to be set.
        set: u64,
    },
    /// The status of a message was asked for by someone else than its sender.
    #[error("Forbidden({0:?})")]
    Forbidden(String),
    /// The subnet has no such node.
    #[error("BlockmakerNotFound({})", .0.0)]
    BlockmakerNotFound(NodeId),
    /// A node can't make the block and fail to make it.
    #[error("BlockmakerContainedInFailed({})", .0.0)]
    BlockmakerContainedInFailed(NodeId),
    /// The directory can't be read or written as that of a snapshot.
    #[error("InvalidCanisterSnapshotDirectory({0:?})")]
    InvalidSnapshotDirectory(String),
    /// The management canister refused a step of moving a snapshot.
    #[error("CanisterSnapshotError({0:?})")]
    Snapshot(String),
    /// The subnet must stay.
    #[error("SubnetCannotBeDeleted({0:?})")]
    SubnetCannotBeDeleted(String),
    /// The configuration is not one of an instance.
    #[error("{0}")]
    Configuration(String),
    /// A key is needed that does not exist yet.
    #[error("{0}")]
    ChainKey(#[from] ChainKeyError),
    /// The nodes of a subnet can't be made.
    #[error("{0}")]
    Nodes(#[from] SubnetError),
    /// A fault can't be.
    #[error(transparent)]
    Fault(#[from] FaultError),
    /// This version does not do that.
    #[error("Unsupported({0:?})")]
    Unsupported(String),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_the_debug_forms_that_clients_know() {
        let id = CanisterId::from_number(0);
        assert_eq!(
            InstanceError::CanisterNotFound(id).to_string(),
            "CanisterNotFound(CanisterId(rwlgt-iiaaa-aaaaa-aaaaa-cai))"
        );
        assert_eq!(
            InstanceError::BadIngressMessage("a \"b\"".into()).to_string(),
            "BadIngressMessage(\"a \\\"b\\\"\")"
        );
        let past = InstanceError::SettingTimeIntoPast { current: 2, set: 1 };
        assert_eq!(past.to_string(), "SettingTimeIntoPast((2, 1))");
    }
}
