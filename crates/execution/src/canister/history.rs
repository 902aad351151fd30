//! The history of a canister: changes of its code and its controllers.
//!
//! Source: interface specification, `canister_info`: the last 20 changes are kept, the total is counted. In and out: values.

use crate::ids::{CanisterId, Time};
use candid::Principal;
use std::collections::{BTreeSet, VecDeque};

/// Changes that are kept.
pub const KEPT_CHANGES: usize = 20;

/// Who made a change.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ChangeOrigin {
    /// A user.
    User(Principal),
    /// A canister, with its version if it told it (`sender_canister_version`).
    Canister(CanisterId, Option<u64>),
}

/// What changed.
#[derive(Clone, PartialEq, Eq, Debug)]
#[allow(missing_docs, reason = "the names are those of canister_info")]
pub enum HistoryChange {
    Creation {
        controllers: BTreeSet<Principal>,
        environment_variables_hash: Option<[u8; 32]>,
    },
    CodeUninstall,
    CodeDeployment {
        mode: DeploymentMode,
        module_hash: [u8; 32],
    },
    LoadSnapshot {
        from_canister: Option<CanisterId>,
        snapshot: Vec<u8>,
        version: u64,
        taken_at: Time,
        uploaded: bool,
    },
    ControllersChange {
        controllers: BTreeSet<Principal>,
        environment_variables_hash: Option<[u8; 32]>,
    },
}

/// How code was deployed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs, reason = "the names say it")]
pub enum DeploymentMode {
    Install,
    Reinstall,
    Upgrade,
}

/// One change.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HistoryEntry {
    /// When.
    pub time: Time,
    /// The canister version after it.
    pub version: u64,
    /// Who.
    pub origin: ChangeOrigin,
    /// What.
    pub change: HistoryChange,
}

/// The history.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct History {
    total: u64,
    entries: VecDeque<HistoryEntry>,
}

impl History {
    /// Adds a change; the oldest one goes if there are too many.
    pub fn push(&mut self, entry: HistoryEntry) {
        self.total += 1;
        self.entries.push_back(entry);
        if self.entries.len() > KEPT_CHANGES {
            self.entries.pop_front();
        }
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        *self = History::default();
    }

    /// All changes ever.
    pub fn total(&self) -> u64 {
        self.total
    }

    /// Those that are kept, oldest first.
    pub fn entries(&self) -> impl DoubleEndedIterator<Item = &HistoryEntry> + ExactSizeIterator {
        self.entries.iter()
    }
}
