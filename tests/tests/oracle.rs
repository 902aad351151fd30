//! The recorded oracle is replayed, and each difference is a known one.
//!
//! `vectors/oracle/differences.json` maps the name of a case to the reason why it differs. A case that differs and is not listed
//! fails the test, and so does a listed case that passes, unless its reason says that it may differ.

use std::collections::BTreeMap;

use chainkey_tests::oracle::file::{GROUPS, folder, load};
use chainkey_tests::oracle::replay::silence_caught_panics;
use chainkey_tests::oracle::report::{counts, line, path, text, to_json};
use chainkey_tests::oracle::run::{Options, run};

/// How the reason of a case begins that differs in some builds and not in others.
const MAY_DIFFER: &str = "May differ: ";
/// The least share of identical cases in each group, in per cent.
const SHARE: f64 = 95.0;

#[test]
fn the_recorded_behaviour_is_reproduced_but_for_the_listed_differences() {
    silence_caught_panics();
    let listed = std::fs::read_to_string(folder().join("differences.json")).unwrap();
    let mut listed: BTreeMap<String, String> = serde_json::from_str(&listed).unwrap();
    let cases: Vec<_> = GROUPS
        .iter()
        .flat_map(|group| load(group).unwrap())
        .collect();
    let outcomes = run(cases, &Options::default()).unwrap();
    std::fs::write(path(), to_json(&outcomes).to_string()).unwrap();
    let mut problems = Vec::new();
    for outcome in &outcomes {
        let name = &outcome.case.name;
        match (listed.remove(name), &outcome.failure) {
            (None, Some(_)) => problems.push(format!("not listed: {}", line(outcome))),
            (Some(reason), None) if !reason.starts_with(MAY_DIFFER) => {
                problems.push(format!("listed but equal: {name}: {reason}"))
            }
            _ => {}
        }
    }
    problems.extend(
        listed
            .keys()
            .map(|name| format!("listed but unknown: {name}")),
    );
    for (group, count) in counts(&outcomes) {
        if count.percent() < SHARE {
            problems.push(format!(
                "{group}: only {:.1} % are identical",
                count.percent()
            ));
        }
    }
    assert!(
        problems.is_empty(),
        "{}\n{}",
        text(&outcomes, 40),
        problems.join("\n")
    );
}
