//! Rules on places: nothing in the repository depends on where its author worked.

use crate::source::{File, Finding};

/// Beginnings of paths that exist only on somebody's machine, cut so that this file has none.
const MACHINE: &[&str] = &[
    concat!("/wo", "rk/"),
    concat!("/ho", "me/"),
    concat!("/ro", "ot/"),
    concat!("/Us", "ers/"),
    concat!("/tm", "p/"),
];

/// Absolute paths of a machine.
pub fn machine_paths(file: &File) -> Vec<Finding> {
    let lines = file.text.lines().enumerate();
    lines
        .flat_map(|(index, line)| {
            let hits = MACHINE.iter().filter(move |path| has_path(line, path));
            hits.map(move |path| Finding::new(index + 1, format!("a path under {path}")))
        })
        .collect()
}

/// Whether `path` stands in the line as the beginning of an absolute path.
fn has_path(line: &str, path: &str) -> bool {
    line.match_indices(path).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        !before.is_some_and(|letter| letter.is_alphanumeric() || "._-~/*}".contains(letter))
    })
}

/// Lock files that name a registry other than the public one.
pub fn foreign_registries(file: &File) -> Vec<Finding> {
    let (key, public) = match file.path.rsplit('/').next() {
        Some("Cargo.lock") => (
            "source = \"",
            "registry+https://github.com/rust-lang/crates.io-index",
        ),
        Some("package-lock.json") => ("\"resolved\": \"", "https://registry.npmjs.org/"),
        _ => return Vec::new(),
    };
    let lines = file.text.lines().enumerate();
    lines
        .filter_map(|(index, line)| {
            let value = line.trim().strip_prefix(key)?;
            let foreign = !value.starts_with(public);
            foreign.then(|| Finding::new(index + 1, "a source that is not the public registry"))
        })
        .collect()
}

#[test]
fn a_path_of_a_machine_is_found() {
    let text = concat!(
        "see /ho",
        "me/me/a\nsrc/ho",
        "me/a\nhttps://x.org/ho",
        "me/\n"
    );
    assert_eq!(machine_paths(&File::fixture("a.md", text)).len(), 1);
}

#[test]
fn a_private_registry_is_found() {
    let cargo = "source = \"registry+https://example.org/index\"\n";
    assert_eq!(
        foreign_registries(&File::fixture("Cargo.lock", cargo)).len(),
        1
    );
    let npm = "  \"resolved\": \"https://registry.npmjs.org/a\",\n  \"resolved\": \"https://example.org/a\",\n";
    assert_eq!(
        foreign_registries(&File::fixture("frontend/package-lock.json", npm)).len(),
        1
    );
}
