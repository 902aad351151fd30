//! What became of ingress messages.
//!
//! Source: interface specification, "Request status". In: changes. Out: statuses; terminal ones are kept 5 minutes after the
//! message's expiry can have passed.

use crate::error::UserError;
use crate::ids::{MessageId, Time};
use candid::Principal;
use std::collections::BTreeMap;

/// How long a terminal status is kept, in nanoseconds.
pub const KEPT_NANOSECONDS: u64 = 5 * 60 * 1_000_000_000;

/// The status of an ingress message.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum IngressStatus {
    /// Taken, not executed yet.
    Received,
    /// Being executed.
    Processing,
    /// Replied.
    Replied(Vec<u8>),
    /// Rejected or failed.
    Failed(UserError),
}

impl IngressStatus {
    /// Whether nothing more will come.
    pub fn is_terminal(&self) -> bool {
        matches!(self, IngressStatus::Replied(_) | IngressStatus::Failed(_))
    }
}

/// One message's record.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Record {
    sender: Principal,
    status: IngressStatus,
    kept_until: Time,
}

/// The statuses of all recent ingress messages.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct IngressHistory {
    records: BTreeMap<MessageId, Record>,
    by_time: BTreeMap<Time, Vec<MessageId>>,
}

impl IngressHistory {
    /// Records a new message.
    pub fn receive(&mut self, id: MessageId, sender: Principal, expiry: Time) {
        let kept_until = expiry.plus(KEPT_NANOSECONDS);
        self.records.insert(
            id,
            Record {
                sender,
                status: IngressStatus::Received,
                kept_until,
            },
        );
    }

    /// Changes the status.
    pub fn set(&mut self, id: MessageId, status: IngressStatus, now: Time) {
        let Some(record) = self.records.get_mut(&id) else {
            return;
        };
        if status.is_terminal() {
            record.kept_until = now.plus(KEPT_NANOSECONDS);
            self.by_time.entry(record.kept_until).or_default().push(id);
        }
        record.status = status;
    }

    /// The status and the sender of a message.
    pub fn get(&self, id: &MessageId) -> Option<(&IngressStatus, Principal)> {
        self.records
            .get(id)
            .map(|record| (&record.status, record.sender))
    }

    /// All statuses, in the order of ids.
    pub fn statuses(&self) -> impl Iterator<Item = (&MessageId, &IngressStatus)> {
        let records = self.records.iter();
        records.map(|(id, record)| (id, &record.status))
    }

    /// Forgets what need not be kept any longer.
    pub fn prune(&mut self, now: Time) {
        while let Some(entry) = self.by_time.first_entry() {
            if *entry.key() >= now {
                break;
            }
            for id in entry.remove() {
                self.records.remove(&id);
            }
        }
    }
}
