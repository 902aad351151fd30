//! Rules on words that must not stand in code, or only in named places.

use crate::source::{File, Finding, code_only, lines_with_word};

/// How many lines above an `unsafe` its proof may begin.
const PROOF_WITHIN_LINES: usize = 12;

/// Ignored tests, and marks of unfinished work.
pub fn left_over_work(file: &File) -> Vec<Finding> {
    let source = [".rs", ".ts", ".toml", ".yaml", ".did", "Makefile"];
    if !source.iter().any(|end| file.path.ends_with(end)) {
        return Vec::new();
    }
    let mark = concat!("FIX", "ME");
    let mut findings: Vec<Finding> = lines_with_word(&file.text, mark)
        .into_iter()
        .map(|line| Finding::new(line, format!("{mark} is left")))
        .collect();
    if file.is_rust() {
        for (index, line) in code_only(&file.text).lines().enumerate() {
            for banned in ["#[ignore", "todo!(", "unimplemented!(", "dbg!("] {
                if line.contains(banned) {
                    findings.push(Finding::new(index + 1, format!("`{banned}` is left")));
                }
            }
        }
    }
    findings
}

/// `unsafe` in a file that is not listed, or without a proof just above.
pub fn stray_unsafe(file: &File, allowed: &[&str]) -> Vec<Finding> {
    if !file.is_rust() {
        return Vec::new();
    }
    let lines: Vec<&str> = file.text.lines().collect();
    let unproved = |line: usize| {
        let from = line.saturating_sub(PROOF_WITHIN_LINES);
        !lines[from..line].iter().any(|text| text.contains("SAFETY"))
    };
    let listed = allowed.contains(&file.path.as_str());
    lines_with_word(&code_only(&file.text), "unsafe")
        .into_iter()
        .filter_map(|line| match listed {
            false => Some(Finding::new(line, "`unsafe` outside the listed files")),
            true if unproved(line) => Some(Finding::new(line, "`unsafe` without its SAFETY proof")),
            true => None,
        })
        .collect()
}

/// `anyhow` in a library, where errors are typed.
pub fn stray_anyhow(file: &File) -> Vec<Finding> {
    let binary = file.path.ends_with("src/main.rs") || file.path.contains("/src/bin/");
    if !file.is_rust() || binary {
        return Vec::new();
    }
    lines_with_word(&code_only(&file.text), "anyhow")
        .into_iter()
        .map(|line| Finding::new(line, "`anyhow` outside a binary"))
        .collect()
}

#[test]
fn ignored_tests_and_marks_of_work_are_found() {
    let text = concat!(
        "#[ignore]\nfn a() { todo!() }\n// FIX",
        "ME: b\n// todo!() in words\n"
    );
    assert_eq!(left_over_work(&File::fixture("a.rs", text)).len(), 3);
}

#[test]
fn unsafe_outside_the_list_or_without_proof_is_found() {
    let bare = "fn a() { unsafe { b() } }\n";
    let proved = "// SAFETY: b has no conditions.\nfn a() { unsafe { b() } }\n";
    let find =
        |text: &str, allowed: &[&str]| stray_unsafe(&File::fixture("a.rs", text), allowed).len();
    assert_eq!(find(proved, &[]), 1);
    assert_eq!(find(bare, &["a.rs"]), 1);
    assert_eq!(find(proved, &["a.rs"]), 0);
    assert_eq!(find("// unsafe\n#![allow(unsafe_code)]\n", &[]), 0);
}

#[test]
fn anyhow_in_a_library_is_found() {
    let text = "use anyhow::Result;\n";
    assert_eq!(
        stray_anyhow(&File::fixture("crates/a/src/lib.rs", text)).len(),
        1
    );
    assert!(stray_anyhow(&File::fixture("crates/a/src/main.rs", text)).is_empty());
}
