//! The log that one execution writes.
//!
//! Source: interface specification, "Canister logs". In: messages. Out: records. What an execution logs is bounded like the log
//! itself: a record that does not fit is cut, and older ones make room. Leaves out: the canister's log (see `canister::log`).

use super::LogRecord;
use crate::ids::Time;
use std::collections::VecDeque;

/// Bytes that a record takes besides its content.
const RECORD_BYTES: usize = 40;

/// The records of one execution.
pub(crate) struct ExecutionLog {
    time: Time,
    next_index: u64,
    capacity: usize,
    used: usize,
    records: VecDeque<LogRecord>,
}

impl ExecutionLog {
    /// An empty log of `capacity` bytes whose first record has this number.
    pub fn new(time: Time, next_index: u64, capacity: usize) -> Self {
        ExecutionLog {
            time,
            next_index,
            capacity,
            used: 0,
            records: VecDeque::new(),
        }
    }

    /// Bytes that the log holds at most.
    pub fn capacity(&self) -> usize {
        self.capacity
    }

    /// Bytes that are free.
    pub fn remaining(&self) -> usize {
        self.capacity.saturating_sub(self.used)
    }

    /// Adds a record.
    pub fn append(&mut self, mut content: Vec<u8>) {
        content.truncate(self.capacity.saturating_sub(RECORD_BYTES));
        let size = content.len() + RECORD_BYTES;
        while self.used + size > self.capacity {
            let Some(oldest) = self.records.pop_front() else {
                break;
            };
            self.used -= oldest.content.len() + RECORD_BYTES;
        }
        self.used += size;
        self.records.push_back(LogRecord {
            index: self.next_index,
            time: self.time,
            content,
        });
        self.next_index += 1;
    }

    /// The records, oldest first.
    pub fn into_records(self) -> Vec<LogRecord> {
        self.records.into()
    }
}
