//! Showing what canisters log, on stderr.
//!
//! In: a record. Out: one line with the subnet's time in UTC, as `2021-05-06 19:17:10.000000003 UTC: [Canister <id>] <text>`.

use chainkey_execution::ids::{CanisterId, Time};
use std::io::Write;

/// Writes the line; a closed stderr is no error.
pub fn show(canister: CanisterId, time: Time, content: &[u8]) {
    let text = String::from_utf8_lossy(content);
    let line = format!("{}: [Canister {canister}] {text}\n", utc(time));
    let _ = std::io::stderr().lock().write_all(line.as_bytes());
}

/// A time as date and time of day.
fn utc(time: Time) -> String {
    const DAY: u64 = 86_400;
    let (seconds, nanoseconds) = (time.0 / 1_000_000_000, time.0 % 1_000_000_000);
    let (year, month, day) = date(seconds / DAY);
    let (hour, minute, second) = (seconds % DAY / 3600, seconds % 3600 / 60, seconds % 60);
    format!("{year}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}.{nanoseconds:09} UTC")
}

/// The Gregorian date of a day since 1970-01-01.
fn date(days: u64) -> (u64, u64, u64) {
    let (mut year, mut left) = (1970, days);
    loop {
        let length = if leap(year) { 366 } else { 365 };
        if left < length {
            break;
        }
        left -= length;
        year += 1;
    }
    let february = if leap(year) { 29 } else { 28 };
    let mut month = 1;
    for length in [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] {
        if left < length {
            break;
        }
        left -= length;
        month += 1;
    }
    (year, month, left + 1)
}

fn leap(year: u64) -> bool {
    year.is_multiple_of(4) && !year.is_multiple_of(100) || year.is_multiple_of(400)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_shown_in_utc() {
        let start = Time(1_620_328_630_000_000_003);
        assert_eq!(utc(start), "2021-05-06 19:17:10.000000003 UTC");
        let leap_day = Time(1_709_164_800_000_000_000);
        assert_eq!(utc(leap_day), "2024-02-29 00:00:00.000000000 UTC");
        let new_year = Time(946_684_799_999_999_999);
        assert_eq!(utc(new_year), "1999-12-31 23:59:59.999999999 UTC");
    }
}
