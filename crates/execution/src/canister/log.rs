//! The log of a canister: a ring of records bounded in bytes.
//!
//! Source: interface specification, "Canister logs". In: records of executions. Out: those that still fit.

use crate::sandbox::LogRecord;
use std::collections::VecDeque;

/// Bytes that a record takes besides its content.
const RECORD_BYTES: usize = 40;

/// The log.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct CanisterLog {
    next_index: u64,
    bytes: usize,
    records: VecDeque<LogRecord>,
}

impl CanisterLog {
    /// The number of the next record.
    pub fn next_index(&self) -> u64 {
        self.next_index
    }

    /// Adds the records of one execution, cut to what fits, and drops the oldest ones beyond `capacity` bytes.
    pub fn append(&mut self, records: Vec<LogRecord>, capacity: usize) {
        for mut record in records {
            record
                .content
                .truncate(capacity.saturating_sub(RECORD_BYTES));
            self.next_index = record.index + 1;
            self.bytes += size(&record);
            self.records.push_back(record);
        }
        while self.bytes > capacity {
            let Some(oldest) = self.records.pop_front() else {
                break;
            };
            self.bytes -= size(&oldest);
        }
    }

    /// The records that are kept, oldest first.
    pub fn records(&self) -> impl Iterator<Item = &LogRecord> {
        self.records.iter()
    }

    /// Drops all records (uninstall, reinstall); the numbers go on.
    pub fn clear(&mut self) {
        self.records.clear();
        self.bytes = 0;
    }

    /// Bytes in use.
    pub fn bytes(&self) -> usize {
        self.bytes
    }
}

fn size(record: &LogRecord) -> usize {
    record.content.len() + RECORD_BYTES
}
