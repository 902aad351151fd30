//! Rules on secrets: who may open one, who may interpolate, who may take variable time, and who may reach the state of the nodes.
//!
//! - In: a file, and the files that are listed in `tidy.rs` with their reasons. Out: uses in any other file.
//! - A file is judged by its production code: what stands below `#[cfg(test)]` is left out, and so are files of tests and benches.
//! - Left out: what types do already. `Secret` has no arithmetic and no comparison of its own; the one way to its value is `expose`.

use crate::source::{File, Finding, Tree, code_only, is_word, lines_with_word};

/// Files that may do something, each with the reason why.
pub type Allowed = [(&'static str, &'static str)];

/// What interpolates.
const INTERPOLATION: &[&str] = &[
    "lagrange",
    "coefficients_at",
    "coefficients_at_zero",
    "points_at_zero",
    "masked_at_zero",
];

/// Modules of `crates/subnet` that hold what only a node may know.
const OF_A_NODE: &[&str] = &["node", "shares", "inheritance"];

/// The packages of nodes and protocols, as paths of Rust begin.
const NODES: &[&str] = &[
    "chainkey_subnet",
    "chainkey_idkg",
    "chainkey_algebra",
    "chainkey_threshold_ecdsa",
    "chainkey_threshold_schnorr",
    "chainkey_threshold_bls",
    "chainkey_vetkd",
];

/// Whether rules on secrets concern the file: Rust that is built into something.
fn is_production(file: &File) -> bool {
    let path = format!("/{}", file.path);
    let tests = ["/tests/", "/benches/", "/attacks/"];
    file.is_rust() && !tests.iter().any(|folder| path.contains(folder))
}

/// The code without comments, literals and the items below `#[cfg(test)]`; lines keep their numbers.
fn production_code(text: &str) -> String {
    let code = code_only(text);
    let mut kept = String::with_capacity(code.len());
    let mut rest = &code[..];
    while let Some(at) = rest.find("#[cfg(test)]") {
        let end = at + end_of_item(&rest[at..]);
        kept.push_str(&rest[..at]);
        kept.extend(rest[at..end].chars().filter(|letter| *letter == '\n'));
        rest = &rest[end..];
    }
    kept + rest
}

/// Where the item ends that begins with this attribute: at its semicolon, or at the brace that closes its body.
fn end_of_item(text: &str) -> usize {
    let mut depth = 0;
    for (at, letter) in text.char_indices() {
        match letter {
            '{' | '(' | '[' => depth += 1,
            '}' if depth == 1 => return at + 1,
            '}' | ')' | ']' => depth -= 1,
            ';' if depth == 0 => return at + 1,
            _ => {}
        }
    }
    text.len()
}

fn is_listed(file: &File, allowed: &Allowed) -> bool {
    allowed.iter().any(|(path, _)| *path == file.path)
}

/// The lines of a file's production code with one of the words, unless the file is listed.
fn stray_words(file: &File, words: &[&str], allowed: &Allowed, what: &str) -> Vec<Finding> {
    if !is_production(file) || is_listed(file, allowed) {
        return Vec::new();
    }
    let code = production_code(&file.text);
    let lines = words.iter().flat_map(|word| lines_with_word(&code, word));
    lines.map(|line| Finding::new(line, what)).collect()
}

/// Interpolation in a file that is not listed; and in a listed one that also opens secrets, so that no file can do both.
pub fn stray_interpolation(file: &File, allowed: &Allowed) -> Vec<Finding> {
    let stray = stray_words(
        file,
        INTERPOLATION,
        allowed,
        "interpolates and is not listed",
    );
    if !is_listed(file, allowed) {
        return stray;
    }
    let code = production_code(&file.text);
    let opened = lines_with_word(&code, "expose").into_iter();
    opened
        .map(|line| Finding::new(line, "opens a secret in a file that interpolates"))
        .collect()
}

/// Opening a secret in a file that is not listed.
pub fn stray_exposure(file: &File, allowed: &Allowed) -> Vec<Finding> {
    stray_words(
        file,
        &["expose"],
        allowed,
        "opens a secret and is not listed",
    )
}

/// Variable time in a file that is not listed, and a secret in the arguments of a call that takes variable time.
pub fn stray_variable_time(file: &File, allowed: &Allowed) -> Vec<Finding> {
    if !is_production(file) {
        return Vec::new();
    }
    let code = production_code(&file.text);
    let listed = is_listed(file, allowed);
    variable_time(&code)
        .filter_map(|(line, arguments)| match listed {
            false => Some(Finding::new(line, "takes variable time and is not listed")),
            true if !lines_with_word(arguments, "expose").is_empty() => {
                Some(Finding::new(line, "takes variable time on a secret"))
            }
            true => None,
        })
        .collect()
}

/// Every identifier with `vartime` in it: its line, and the text between the parentheses that follow.
fn variable_time(code: &str) -> impl Iterator<Item = (usize, &str)> {
    let lower = code.to_ascii_lowercase();
    let places: Vec<usize> = lower.match_indices("vartime").map(|(at, _)| at).collect();
    places.into_iter().map(|at| {
        let line = code[..at].matches('\n').count() + 1;
        let rest = code[at..].trim_start_matches(is_word);
        (line, in_parentheses(rest))
    })
}

/// What stands between the parenthesis that begins the text, perhaps behind type arguments, and the one that closes it.
fn in_parentheses(text: &str) -> &str {
    let text = match text
        .strip_prefix("::<")
        .and_then(|rest| rest.split_once(">("))
    {
        Some((types, rest)) if !types.contains(['(', ';']) => rest,
        _ => text.strip_prefix('(').unwrap_or(""),
    };
    let mut depth = 1;
    for (at, letter) in text.char_indices() {
        match letter {
            '(' => depth += 1,
            ')' if depth == 1 => return &text[..at],
            ')' => depth -= 1,
            _ => {}
        }
    }
    text
}

/// Entries of a list whose file is gone or no longer has any of the words: lists are only ever as long as they must be.
pub fn stale_entries(tree: &Tree, allowed: &Allowed, words: &[&str]) -> Vec<String> {
    let is_used = |path: &str| {
        let file = tree.files.iter().find(|file| file.path == path);
        let code = file.map(|file| production_code(&file.text).to_ascii_lowercase());
        code.is_some_and(|code| words.iter().any(|word| code.contains(word)))
    };
    let stale = allowed.iter().filter(|(path, _)| !is_used(path));
    stale
        .map(|(path, _)| format!("{path}: is listed for nothing"))
        .collect()
}

/// Names of the nodes or their protocols where calls of canisters and clients are executed.
pub fn nodes_within_reach(file: &File) -> Vec<Finding> {
    let within = ["crates/execution/", "crates/pocket/"];
    if !file.is_rust() || !within.iter().any(|folder| file.path.starts_with(folder)) {
        return Vec::new();
    }
    let code = code_only(&file.text);
    let lines = NODES.iter().flat_map(|name| lines_with_word(&code, name));
    lines
        .map(|line| Finding::new(line, "names what only the nodes may know"))
        .collect()
}

/// Modules of a node's own state that `crates/subnet` lets out, or does not have.
pub fn nodes_in_public(file: &File) -> Vec<Finding> {
    if file.path != "crates/subnet/src/lib.rs" {
        return Vec::new();
    }
    let code = code_only(&file.text);
    let lines: Vec<(usize, &str)> = code.lines().map(str::trim).enumerate().collect();
    let missing = OF_A_NODE.iter().filter(|name| {
        let private = format!("mod {name};");
        !lines.iter().any(|(_, line)| *line == private)
    });
    let let_out = OF_A_NODE.iter().flat_map(|name| {
        let paths = [
            format!("pub use {name}::"),
            format!("pub use crate::{name}::"),
        ];
        let hits = lines
            .iter()
            .filter(move |(_, line)| paths.iter().any(|path| line.starts_with(path)));
        hits.map(|(index, _)| Finding::new(index + 1, "lets out what only a node may know"))
    });
    missing
        .map(|name| Finding::new(1, format!("`{name}` is no private module")))
        .chain(let_out)
        .collect()
}

#[cfg(test)]
const LISTED: &Allowed = &[("crates/a/src/b.rs", "for a test")];

#[test]
fn what_stands_below_cfg_test_is_left_out() {
    let text = "a();\n#[cfg(test)]\n#[path = \"x.rs\"]\nmod b;\nc();\n#[cfg(test)]\nfn d(a: [u8; 3]) {\n if e() { f(); }\n}\ng();\n";
    let code = production_code(text);
    let words: Vec<&str> = code.split_whitespace().collect();
    assert_eq!(words, ["a();", "c();", "g();"]);
    assert_eq!(lines_with_word(&code, "g"), [10]);
}

#[test]
fn interpolation_outside_the_list_and_beside_an_open_secret_is_found() {
    let find =
        |path: &str, text: &str| stray_interpolation(&File::fixture(path, text), LISTED).len();
    let text = "let c = lagrange::coefficients_at::<C>(&nodes, 5)?;\n";
    assert_eq!(find("crates/a/src/c.rs", text), 2);
    assert_eq!(find("crates/a/src/b.rs", text), 0);
    assert_eq!(find("crates/a/tests/c.rs", text), 0);
    assert_eq!(
        find(
            "crates/a/src/c.rs",
            "#[cfg(test)]\nmod tests { use x::lagrange; }\n"
        ),
        0
    );
    assert_eq!(find("crates/a/src/b.rs", "let s = share.expose();\n"), 1);
}

#[test]
fn an_open_secret_outside_the_list_is_found() {
    let find = |path: &str, text: &str| stray_exposure(&File::fixture(path, text), LISTED).len();
    assert_eq!(
        find("crates/a/src/c.rs", "let s = *share\n    .expose();\n"),
        1
    );
    assert_eq!(
        find("crates/a/src/c.rs", "let s = a.map(Secret::expose);\n"),
        1
    );
    assert_eq!(find("crates/a/src/c.rs", "// not expose()\n"), 0);
    assert_eq!(find("crates/a/src/b.rs", "let s = share.expose();\n"), 0);
}

#[test]
fn variable_time_outside_the_list_or_on_a_secret_is_found() {
    let find =
        |path: &str, text: &str| stray_variable_time(&File::fixture(path, text), LISTED).len();
    let public = "C::mul(&C::msm_vartime(&weights, rights), nonce.expose());\n";
    assert_eq!(find("crates/a/src/c.rs", public), 1);
    assert_eq!(find("crates/a/src/b.rs", public), 0);
    let secret = "C::msm_vartime(&[(*share).expose()], &points);\n";
    assert_eq!(find("crates/a/src/b.rs", secret), 1);
    let generic = "C::msm_vartime::<Vec<u8>>(&[*share.expose()], &points);\n";
    assert_eq!(find("crates/a/src/b.rs", generic), 1);
    let imported = "use x::VartimeMultiscalarMul;\n";
    assert_eq!(find("crates/a/src/c.rs", imported), 1);
}

#[test]
fn nodes_that_execution_can_name_are_found() {
    let find = |path: &str, text: &str| nodes_within_reach(&File::fixture(path, text)).len();
    let text = "use chainkey_subnet::Subnet;\n";
    assert_eq!(find("crates/execution/src/a.rs", text), 1);
    assert_eq!(find("crates/pocket/src/a.rs", text), 1);
    assert_eq!(find("crates/instance/src/a.rs", text), 0);
    assert_eq!(
        find("crates/execution/src/a.rs", "//! See `chainkey_subnet`.\n"),
        0
    );
}

#[test]
fn modules_of_a_node_that_are_public_are_found() {
    let find = |text: &str| nodes_in_public(&File::fixture("crates/subnet/src/lib.rs", text)).len();
    let private = "mod inheritance;\nmod node;\nmod shares;\n";
    assert_eq!(find(private), 0);
    assert_eq!(find(&private.replace("mod node", "pub mod node")), 1);
    assert_eq!(find(&format!("{private}pub use node::Node;\n")), 1);
    assert_eq!(find("mod node;\n"), 2);
}

#[test]
fn an_entry_for_nothing_is_found() {
    let tree = Tree::of_the_repository();
    assert_eq!(stale_entries(&tree, LISTED, &["expose"]).len(), 1);
    let used: &Allowed = &[("crates/algebra/src/polynomial.rs", "for a test")];
    assert!(stale_entries(&tree, used, &["expose"]).is_empty());
}
