//! Rules on documentation: it is there, it runs, and what it names exists.

use crate::source::{File, Finding, Tree};

/// Rust files that do not begin by saying what they do.
pub fn missing_module_doc(file: &File) -> Vec<Finding> {
    let mut lines = file.text.lines().map(str::trim);
    let documented = lines
        .find(|line| !line.is_empty() && !line.starts_with("#!["))
        .is_some_and(|line| line.starts_with("//!"));
    if documented || !file.is_rust() {
        return Vec::new();
    }
    vec![Finding::new(1, "the file does not begin with a module doc")]
}

/// Examples in documentation that the compiler never sees.
pub fn ignored_doctests(file: &File) -> Vec<Finding> {
    if !file.is_rust() {
        return Vec::new();
    }
    let is_ignored = |line: &str| {
        let line = line.trim_start();
        let doc = line.strip_prefix("///").or(line.strip_prefix("//!"));
        doc.and_then(|text| text.trim().strip_prefix("```"))
            .is_some_and(|info| info.split(',').any(|word| word.trim() == "ignore"))
    };
    let lines = file.text.lines().enumerate();
    lines
        .filter(|(_, line)| is_ignored(line))
        .map(|(index, _)| Finding::new(index + 1, "a doctest is ignored"))
        .collect()
}

/// Paths in backticks, and targets of links, that are nowhere in the repository.
pub fn dead_paths(file: &File, tree: &Tree) -> Vec<Finding> {
    if !file.path.ends_with(".md") {
        return Vec::new();
    }
    let folder = file.path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut findings = Vec::new();
    for (index, line) in file.text.lines().enumerate() {
        let quoted = line
            .split('`')
            .skip(1)
            .step_by(2)
            .filter(|it| is_path(it, tree));
        let linked = line.split("](").skip(1).filter_map(link_target);
        for path in quoted.chain(linked) {
            let beside = join(folder, path);
            if !tree.contains(path) && !tree.contains(&beside) {
                findings.push(Finding::new(index + 1, format!("`{path}` does not exist")));
            }
        }
    }
    findings
}

/// Whether a text in backticks claims to be a path from the root: it begins with a folder or ends
/// like a file, and has nothing in it that a path of this repository does not have.
fn is_path(text: &str, tree: &Tree) -> bool {
    let plain = text
        .chars()
        .all(|letter| letter.is_ascii_alphanumeric() || "_-./".contains(letter));
    let product = text.starts_with("target/") || text.starts_with("../");
    let in_folder = text
        .split_once('/')
        .is_some_and(|(first, _)| tree.contains(first));
    let like_file = ["md", "rs", "toml", "yaml", "did"].iter().any(|end| {
        text.rsplit_once('.')
            .is_some_and(|(stem, it)| it == *end && !stem.is_empty())
    });
    plain && !product && (in_folder || like_file)
}

/// The target of a link to another file of the repository.
fn link_target(after: &str) -> Option<&str> {
    let target = after.split([')', '#']).next()?;
    (!target.is_empty() && !target.contains(':')).then_some(target)
}

fn join(folder: &str, path: &str) -> String {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/') {
        match part {
            ".." => drop(parts.pop()),
            "." => {}
            name => parts.push(name),
        }
    }
    parts.join("/")
}

#[test]
fn a_file_without_a_module_doc_is_found() {
    let bare = File::fixture("a.rs", "use std::fmt;\n");
    let documented = File::fixture("a.rs", "#![allow(unsafe_code)]\n\n//! A.\n");
    assert_eq!(missing_module_doc(&bare).len(), 1);
    assert!(missing_module_doc(&documented).is_empty());
}

#[test]
fn an_ignored_doctest_is_found() {
    let ignored = File::fixture("a.rs", "//! A.\n/// ```rust,ignore\n/// x()\n/// ```\n");
    assert_eq!(ignored_doctests(&ignored).len(), 1);
    let running = File::fixture("a.rs", "//! A.\n/// ```\n/// x()\n/// ```\n");
    assert!(ignored_doctests(&running).is_empty());
}

#[test]
fn a_path_that_does_not_exist_is_found() {
    let tree = Tree::of_the_repository();
    let text =
        "`crates/nowhere/src/lib.rs` `tests/tests/tidy.rs` `a/b` [x](no.md) [y](../README.md)";
    let file = File::fixture("docs/a.md", text);
    let found: Vec<String> = dead_paths(&file, &tree)
        .into_iter()
        .map(|finding| finding.of(&file))
        .collect();
    assert_eq!(
        found,
        [
            "docs/a.md:1: `crates/nowhere/src/lib.rs` does not exist",
            "docs/a.md:1: `no.md` does not exist"
        ]
    );
}
