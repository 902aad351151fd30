//! The house rules of STYLE.md as an ordinary test.
//!
//! - What it does: reads every text file of the repository and lets each rule look at it. Each rule
//!   has a fixture on which it fires, so that a rule that went blind is noticed.
//! - In: the files as they lie in the working tree. Out: a list of findings, `path:line: what`.
//! - Ratchet: rules and limits are tightened, never loosened; exemptions are listed by name below.

#[path = "tidy/arrows.rs"]
mod arrows;
#[path = "tidy/docs.rs"]
mod docs;
#[path = "tidy/places.rs"]
mod places;
#[path = "tidy/shape.rs"]
mod shape;
#[path = "tidy/source.rs"]
mod source;
#[path = "tidy/words.rs"]
mod words;

use source::{File, Finding, Tree};

/// Files that are one long table; they may be longer than the limit.
const TABLES: &[&str] = &[];

/// The only files with `unsafe`; each block has its proof beside it.
const UNSAFE_FILES: &[&str] = &[
    "crates/canister-kit/src/metadata.rs",
    "crates/execution/src/memory/image.rs",
    "crates/execution/src/sandbox/host_memory.rs",
    "crates/execution/src/wasm/cache.rs",
];

/// Applies a rule to every file that it concerns and fails with all that it found.
fn demand(rule: impl Fn(&File) -> Vec<Finding>) {
    let findings: Vec<String> = Tree::of_the_repository()
        .files
        .iter()
        .flat_map(|file| rule(file).into_iter().map(|finding| finding.of(file)))
        .collect();
    assert!(findings.is_empty(), "\n{}\n", findings.join("\n"));
}

#[test]
fn the_tree_is_really_read() {
    let tree = Tree::of_the_repository();
    for path in ["Cargo.toml", "Makefile", "tests/tests/tidy.rs"] {
        assert!(tree.contains(path), "{path} was not read");
    }
    assert!(!tree.files.iter().any(|file| file.path.contains("target/")));
}

#[test]
fn no_module_has_a_name_that_says_nothing() {
    demand(shape::banned_module_names);
}

#[test]
fn no_file_is_longer_than_600_lines() {
    demand(|file| shape::long_file(file, TABLES));
}

#[test]
fn no_function_is_longer_than_70_lines() {
    demand(|file| shape::long_functions(file, TABLES));
}

#[test]
fn no_endpoint_body_is_longer_than_six_lines() {
    demand(shape::long_endpoints);
}

#[test]
fn every_module_says_what_it_does() {
    demand(docs::missing_module_doc);
}

#[test]
fn no_doctest_is_ignored() {
    demand(docs::ignored_doctests);
}

#[test]
fn every_path_in_the_documents_exists() {
    let tree = Tree::of_the_repository();
    demand(|file| docs::dead_paths(file, &tree));
}

#[test]
fn no_test_is_ignored_and_no_work_is_left_marked() {
    demand(words::left_over_work);
}

#[test]
fn unsafe_is_only_where_it_is_allowed_and_proved() {
    demand(|file| words::stray_unsafe(file, UNSAFE_FILES));
}

#[test]
fn anyhow_is_only_in_binaries() {
    demand(words::stray_anyhow);
}

#[test]
fn no_file_names_a_place_on_a_machine_or_a_private_registry() {
    demand(places::machine_paths);
    demand(places::foreign_registries);
}

#[test]
fn the_arrows_between_packages_point_down() {
    demand(arrows::forbidden_dependencies);
}
