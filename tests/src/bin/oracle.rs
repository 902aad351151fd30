//! Replays the recorded oracle against the server in POCKET_IC_BIN and tells what differs, sorted by shape.
//!
//! `oracle [FILTER] [--verbose] [--limit N] [--threads N] [--timeout SECONDS]`
//!
//! FILTER is a group (`traps`), a group and a part of the name (`traps/icc/call`), or a part of a name (`instr/nop`).
//! `--verbose` shows each failing case up to the step that differs; `--limit` bounds the shapes (or, verbose, the cases) shown.
//! The full report is in `target/oracle-report.json`, the server's output beside it in `oracle-server.log`.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use chainkey_tests::oracle::file::{Case, GROUPS, load};
use chainkey_tests::oracle::replay::silence_caught_panics;
use chainkey_tests::oracle::report;
use chainkey_tests::oracle::run::{Options, run};

struct Arguments {
    filter: Option<String>,
    verbose: bool,
    limit: usize,
    options: Options,
}

fn main() -> ExitCode {
    let result = arguments().and_then(|arguments| replay(&arguments));
    match result {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(text) => {
            eprintln!("{text}");
            ExitCode::from(2)
        }
    }
}

fn arguments() -> Result<Arguments, String> {
    let mut arguments = Arguments {
        filter: None,
        verbose: false,
        limit: 40,
        options: Options {
            server_log: Some(report::path().with_file_name("oracle-server.log")),
            ..Options::default()
        },
    };
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let mut number = || {
            let word = words.next().unwrap_or_default();
            word.parse::<usize>()
                .map_err(|_| format!("not a number: {word}"))
        };
        match word.as_str() {
            "--verbose" => arguments.verbose = true,
            "--limit" => arguments.limit = number()?,
            "--threads" => arguments.options.threads = number()?,
            "--timeout" => arguments.options.limit = Duration::from_secs(number()? as u64),
            other if other.starts_with('-') => return Err(format!("unknown option {other}")),
            other => arguments.filter = Some(other.to_string()),
        }
    }
    Ok(arguments)
}

fn replay(arguments: &Arguments) -> Result<bool, String> {
    silence_caught_panics();
    let cases = cases(arguments.filter.as_deref())?;
    let start = Instant::now();
    let outcomes = run(cases, &arguments.options).map_err(|e| e.to_string())?;
    if arguments.verbose {
        let failing = outcomes.iter().filter(|o| o.failure.is_some());
        for outcome in failing.take(arguments.limit) {
            println!("{}", report::details(outcome));
        }
    }
    let limit = if arguments.verbose {
        0
    } else {
        arguments.limit
    };
    print!("{}", report::text(&outcomes, limit));
    let path = report::path();
    let text = report::to_json(&outcomes).to_string();
    std::fs::write(&path, text).map_err(|e| format!("{}: {e}", path.display()))?;
    let mut slow: Vec<_> = outcomes.iter().collect();
    slow.sort_by_key(|o| std::cmp::Reverse(o.time));
    let slow = slow
        .iter()
        .take(3)
        .map(|o| format!("{} {:.1?}", o.case.name, o.time));
    let slow = slow.collect::<Vec<_>>().join(", ");
    println!(
        "{} cases in {:.1?}; slowest {slow}",
        outcomes.len(),
        start.elapsed()
    );
    Ok(outcomes.iter().all(|o| o.failure.is_none()))
}

fn cases(filter: Option<&str>) -> Result<Vec<Case>, String> {
    let filter = filter.unwrap_or_default();
    let (group, part) = match filter.split_once('/') {
        Some((group, part)) if GROUPS.contains(&group) => (Some(group), part),
        None if GROUPS.contains(&filter) => (Some(filter), ""),
        _ => (None, filter),
    };
    let mut cases = Vec::new();
    for name in GROUPS
        .iter()
        .filter(|name| group.is_none_or(|g| g == **name))
    {
        cases.extend(load(name).map_err(|e| e.to_string())?);
    }
    // A name like `rounds/time` begins with the name of its group, so the filter as a whole is tried first.
    let whole = cases.iter().any(|c| c.name.contains(filter));
    let part = if whole { filter } else { part };
    let part = if group == Some(filter) { "" } else { part };
    cases.retain(|c| c.name.contains(part));
    match cases.is_empty() {
        true => Err(format!("no case matches {filter}")),
        false => Ok(cases),
    }
}
