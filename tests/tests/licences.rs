//! The licences of everything that is built in, against the list in deny.toml.
//!
//! - In: `cargo metadata` for this machine's target and for Wasm, the same of the Solana of the tests, the lock file of the frontend,
//!   and the list `allow` of deny.toml. Out: each package whose licence nobody has allowed.
//! - The list has the form that cargo-deny reads, so that both can be used; an ADR says why this
//!   test is what `make check` runs.
//! - Left out: security advisories, and packages that only help to build the frontend.

use serde_json::Value;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The quoted entries between `allow = [` and the closing bracket.
fn allowed() -> BTreeSet<String> {
    let text = read("deny.toml");
    let (_, after) = text.split_once("allow = [").expect("deny.toml has a list");
    let (list, _) = after.split_once(']').expect("the list ends");
    list.split('"')
        .skip(1)
        .step_by(2)
        .map(str::to_owned)
        .collect()
}

/// The licences that single packages may have beyond the list: lines `{ name = "a", allow = ["b"] }` of the list `exceptions`.
fn exceptions() -> BTreeSet<(String, String)> {
    let text = read("deny.toml");
    let (_, after) = text.split_once("exceptions = [\n").unwrap_or_default();
    let lines = after.lines().take_while(|line| line.trim() != "]");
    let quoted = |line: &str| -> Vec<String> {
        let parts = line.split('"').skip(1).step_by(2);
        parts.map(str::to_owned).collect()
    };
    lines
        .filter_map(|line| match &quoted(line)[..] {
            [name, licence] => Some((name.clone(), licence.clone())),
            _ => None,
        })
        .collect()
}

/// Whether a licence expression can be satisfied with allowed licences only. `/` is an old way to
/// write `OR`; `AND` binds tighter than `OR`, `WITH` tighter than both.
fn satisfied(expression: &str, allowed: &BTreeSet<String>) -> bool {
    let spaced = expression
        .replace('/', " OR ")
        .replace('(', " ( ")
        .replace(')', " ) ");
    let mut words = spaced.split_whitespace().peekable();
    let answer = any_of(&mut words, allowed);
    answer && words.peek().is_none()
}

type Words<'a> = std::iter::Peekable<std::str::SplitWhitespace<'a>>;

fn any_of(words: &mut Words, allowed: &BTreeSet<String>) -> bool {
    let mut answer = all_of(words, allowed);
    while words.next_if_eq(&"OR").is_some() {
        answer |= all_of(words, allowed);
    }
    answer
}

fn all_of(words: &mut Words, allowed: &BTreeSet<String>) -> bool {
    let mut answer = one(words, allowed);
    while words.next_if_eq(&"AND").is_some() {
        answer &= one(words, allowed);
    }
    answer
}

fn one(words: &mut Words, allowed: &BTreeSet<String>) -> bool {
    match words.next() {
        Some("(") => {
            let answer = any_of(words, allowed);
            words.next() == Some(")") && answer
        }
        Some(licence) => match words.next_if_eq(&"WITH").and_then(|_| words.next()) {
            Some(exception) => allowed.contains(&format!("{licence} WITH {exception}")),
            None => allowed.contains(licence),
        },
        None => false,
    }
}

/// Name and licence of every package that a build of a workspace for `target` takes in.
fn packages(manifest: &str, target: &str) -> Vec<(String, String)> {
    let output = Command::new(env!("CARGO"))
        .args([
            "metadata",
            "--format-version=1",
            "--locked",
            "--filter-platform",
            target,
            "--manifest-path",
            manifest,
        ])
        .current_dir(root())
        .output()
        .expect("cargo runs");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("cargo speaks JSON");
    let list = metadata["packages"].as_array().expect("a list of packages");
    list.iter()
        .map(|package| describe(&package["name"], &package["license"]))
        .collect()
}

/// Name and licence of every package that the frontend ships.
fn frontend_packages() -> Vec<(String, String)> {
    let lock: Value = serde_json::from_str(&read("frontend/package-lock.json")).expect("JSON");
    let list = lock["packages"].as_object().expect("a map of packages");
    list.iter()
        .filter(|(_, package)| package["dev"] != Value::Bool(true))
        .map(|(name, package)| describe(&Value::from(name.as_str()), &package["license"]))
        .collect()
}

fn describe(name: &Value, licence: &Value) -> (String, String) {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    (text(name), text(licence))
}

fn demand_allowed(packages: Vec<(String, String)>, at_least: usize) {
    assert!(
        packages.len() >= at_least,
        "only {} packages were seen",
        packages.len()
    );
    let (allowed, exceptions) = (allowed(), exceptions());
    let refused: Vec<_> = packages
        .into_iter()
        .filter(|package| !satisfied(&package.1, &allowed) && !exceptions.contains(package))
        .collect();
    assert!(refused.is_empty(), "not allowed by deny.toml: {refused:#?}");
}

#[test]
fn every_package_of_the_network_and_the_tests_has_an_allowed_licence() {
    demand_allowed(packages("Cargo.toml", "x86_64-unknown-linux-gnu"), 100);
}

#[test]
fn every_package_of_the_solana_of_the_tests_has_an_allowed_licence() {
    let manifest = "tests/solana/Cargo.toml";
    demand_allowed(packages(manifest, "x86_64-unknown-linux-gnu"), 100);
}

#[test]
fn every_package_of_the_canisters_has_an_allowed_licence() {
    demand_allowed(packages("Cargo.toml", "wasm32-unknown-unknown"), 100);
}

#[test]
fn every_package_that_the_frontend_ships_has_an_allowed_licence() {
    demand_allowed(frontend_packages(), 5);
}

#[test]
fn a_licence_outside_the_list_is_found() {
    let allowed = BTreeSet::from(["MIT", "Apache-2.0 WITH LLVM-exception"].map(str::to_owned));
    for (expression, expected) in [
        ("MIT", true),
        ("GPL-3.0-only", false),
        ("", false),
        ("GPL-3.0-only OR MIT", true),
        ("GPL-3.0-only/MIT", true),
        ("GPL-3.0-only AND MIT", false),
        ("MIT OR ISC AND GPL-3.0-only", true),
        ("(MIT OR ISC) AND GPL-3.0-only", false),
        ("Apache-2.0 WITH LLVM-exception", true),
        ("Apache-2.0", false),
        ("MIT MIT", false),
    ] {
        assert_eq!(satisfied(expression, &allowed), expected, "{expression}");
    }
}
