//! Percentiles by the nearest rank, as the Bitcoin canister gives them: 101 values for 0 to 100, or none.

/// The percentiles of these values, in ascending order.
pub(super) fn of(mut values: Vec<u64>) -> Vec<u64> {
    values.sort_unstable();
    let Some(last) = values.len().checked_sub(1) else {
        return Vec::new();
    };
    (0..=100)
        .map(|percent: usize| {
            let rank = (percent * values.len()).div_ceil(100);
            values[rank.saturating_sub(1).min(last)]
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::of;

    #[test]
    fn no_values_have_no_percentiles() {
        assert!(of(Vec::new()).is_empty());
    }

    #[test]
    fn one_value_is_every_percentile() {
        assert_eq!(of(vec![7]), vec![7; 101]);
    }

    #[test]
    fn the_hundredths_of_1_to_1000_are_ten_apart() {
        let percentiles = of((1..=1_000).rev().collect());
        assert_eq!(percentiles[0], 1);
        let tens: Vec<u64> = (1..=100).map(|percent| percent * 10).collect();
        assert_eq!(percentiles[1..], tens);
    }
}
