//! Outcomes are even, by weight, without putting back, and the same wherever the work stops.

use draw_proof::domain::Domain;
use draw_proof::evaluation::{Evaluation, Step};
use draw_proof::spec::Kind;

/// The seed of one of many draws, the same in every run.
fn seed(number: u64) -> [u8; 32] {
    Domain::Seed.hash(&[b"tests", &number.to_be_bytes()])
}

/// Pearson's statistic against equal shares.
fn chi_square(counts: &[u64]) -> f64 {
    let expected = counts.iter().sum::<u64>() as f64 / counts.len() as f64;
    let square = |count: &u64| (*count as f64 - expected).powi(2) / expected;
    counts.iter().map(square).sum()
}

/// The statistic's value that chance exceeds once in 10 000 times, for so many classes (Wilson and Hilferty, 1931).
fn limit(classes: usize) -> f64 {
    let freedom = (classes - 1) as f64;
    let part = 2.0 / (9.0 * freedom);
    freedom * (1.0 - part + 3.719 * part.sqrt()).powi(3)
}

#[test]
fn ten_thousand_raffles_of_300_entries_show_no_bias_and_entry_299_wins() {
    let mut wins = vec![0; 300];
    for number in 0..10_000 {
        let kind = Kind::Raffle { winners: 1 };
        let outcome = Evaluation::new(kind, 300, seed(number)).all(|_| 1);
        wins[outcome[0] as usize] += 1;
    }
    assert!(wins[299] > 0, "an index of a byte could not reach it");
    assert!(chi_square(&wins) < limit(300), "{}", chi_square(&wins));
}

#[test]
fn every_place_of_shuffles_of_300_entries_is_even() {
    let (mut first, mut middle, mut last) = (vec![0; 300], vec![0; 300], vec![0; 300]);
    for number in 0..10_000 {
        let outcome = Evaluation::new(Kind::Shuffle, 300, seed(number)).all(|_| 1);
        first[outcome[0] as usize] += 1;
        middle[outcome[150] as usize] += 1;
        last[outcome[299] as usize] += 1;
    }
    for counts in [first, middle, last] {
        assert!(chi_square(&counts) < limit(300), "{}", chi_square(&counts));
    }
}

#[test]
fn all_orders_of_four_entries_are_even() {
    let mut orders = std::collections::BTreeMap::new();
    for number in 0..24_000 {
        let outcome = Evaluation::new(Kind::Shuffle, 4, seed(number)).all(|_| 1);
        *orders.entry(outcome).or_insert(0u64) += 1;
    }
    let counts: Vec<u64> = orders.into_values().collect();
    assert_eq!(counts.len(), 24);
    assert!(chi_square(&counts) < limit(24), "{}", chi_square(&counts));
}

#[test]
fn dice_and_lottery_numbers_are_even() {
    let (mut sides, mut numbers) = (vec![0; 6], vec![0; 49]);
    for number in 0..5_000 {
        let dice = Kind::Dice { count: 4, sides: 6 };
        for thrown in Evaluation::new(dice, 0, seed(number)).all(|_| 1) {
            sides[thrown as usize - 1] += 1;
        }
        let lottery = Kind::Lottery {
            count: 6,
            highest: 49,
        };
        let mut drawn = Evaluation::new(lottery, 0, seed(number)).all(|_| 1);
        for value in &drawn {
            numbers[*value as usize - 1] += 1;
        }
        drawn.sort_unstable();
        drawn.dedup();
        assert_eq!(drawn.len(), 6, "no number comes twice");
    }
    assert!(chi_square(&sides) < limit(6), "{}", chi_square(&sides));
    assert!(chi_square(&numbers) < limit(49), "{}", chi_square(&numbers));
}

/// Weights 1, 2, 3: the probability of each ordered pair of winners is the product of the shares of what is left.
#[test]
fn weighted_winners_without_putting_back_have_exactly_the_probabilities_of_drawing_one_after_the_other()
 {
    let weights = [1u64, 2, 3];
    let draws = 60_000;
    let mut pairs = std::collections::BTreeMap::new();
    for number in 0..draws {
        let kind = Kind::Raffle { winners: 2 };
        let outcome = Evaluation::new(kind, 3, seed(number)).all(|index| weights[index as usize]);
        *pairs.entry((outcome[0], outcome[1])).or_insert(0u64) += 1;
    }
    let mut statistic = 0.0;
    for first in 0..3u32 {
        for second in (0..3u32).filter(|second| *second != first) {
            let (one, two) = (
                weights[first as usize] as f64,
                weights[second as usize] as f64,
            );
            let expected = draws as f64 * one / 6.0 * two / (6.0 - one);
            let seen = pairs[&(first, second)] as f64;
            statistic += (seen - expected).powi(2) / expected;
        }
    }
    assert!(statistic < limit(6), "{statistic}");
}

#[test]
fn all_entries_win_once_where_there_are_not_more_than_winners() {
    let kind = Kind::Raffle { winners: 10 };
    for count in [0, 1, 9, 10] {
        let mut outcome = Evaluation::new(kind, count, seed(1)).all(|index| 1 + u64::from(index));
        outcome.sort_unstable();
        assert_eq!(outcome, (0..count).collect::<Vec<_>>());
    }
}

#[test]
fn work_that_stops_after_any_number_of_steps_and_begins_anew_gives_the_same() {
    let kinds = [
        Kind::Raffle { winners: 20 },
        Kind::Shuffle,
        Kind::Dice {
            count: 30,
            sides: 100,
        },
        Kind::Lottery {
            count: 20,
            highest: 90,
        },
    ];
    for kind in kinds {
        let weight = |index: u32| 1 + u64::from(index) % 5;
        let whole = Evaluation::new(kind, 40, seed(5)).all(weight);
        let mut work = Evaluation::new(kind, 40, seed(5));
        let mut values = Vec::new();
        loop {
            match work.step() {
                Step::Weight { index } => work.load(weight(index)),
                Step::Value(value) => values.push(value),
                Step::Done => break,
            }
            if values.len() == 7 && work.given() == 7 {
                // As after an upgrade: what was on the heap is gone.
                let mut again = Evaluation::new(kind, 40, seed(5));
                while again.given() < 7 {
                    if let Step::Weight { index } = again.step() {
                        again.load(weight(index));
                    }
                }
                work = again;
            }
        }
        assert_eq!(values, whole);
        assert_eq!(work.length() as usize, whole.len());
    }
}
