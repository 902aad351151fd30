//! The fees of HTTP outcalls.
//!
//! Source: the public fee table, "HTTPS outcalls", both pricing versions. In: sizes and times. Out: cycles. Here the number of nodes
//! is part of the formulas. Leaves out: who pays.

use super::Cycles;
use super::fees::FeeSchedule;

/// Bytes of the largest response, which is paid for where no limit is given.
pub const MAX_OUTCALL_RESPONSE_BYTES: u64 = 2_000_000;

/// What an outcall used, for the second pricing version.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct OutcallUse {
    /// Bytes of URL, headers, body and transform.
    pub request_bytes: u64,
    /// Time from request to response.
    pub roundtrip_milliseconds: u64,
    /// Bytes of the response as it came.
    pub raw_response_bytes: u64,
    /// Bytes of the response after the transform.
    pub transformed_response_bytes: u64,
    /// Instructions of the transform.
    pub transform_instructions: u64,
}

impl FeeSchedule {
    /// An outcall with a request of this many bytes and a response of at most this many.
    pub fn http_request(&self, request_bytes: u64, max_response_bytes: u64) -> Cycles {
        if self.is_free() {
            return Cycles::ZERO;
        }
        let nodes = self.nodes() as u128;
        let each = 3_000_000
            + 60_000 * nodes
            + 400 * request_bytes as u128
            + 800 * max_response_bytes as u128;
        Cycles(each) * self.nodes() as u64
    }

    /// An outcall priced by what it used.
    pub fn http_request_by_use(&self, used: &OutcallUse) -> Cycles {
        if self.is_free() {
            return Cycles::ZERO;
        }
        let nodes = self.nodes() as u128;
        let each = 1_000_000
            + 50 * used.request_bytes as u128
            + 140_000 * nodes
            + 800 * nodes * nodes
            + 50 * used.raw_response_bytes as u128
            + 300 * used.roundtrip_milliseconds as u128
            + used.transform_instructions as u128 / 13
            + (10 * nodes + 650) * used.transformed_response_bytes as u128;
        Cycles(each) * self.nodes() as u64
    }
}
