//! Rules on names and sizes of modules, functions and endpoints.

use crate::source::{File, Finding, code_only, is_word};

const BANNED: &[&str] = &["utils", "util", "common", "helpers", "misc", "types"];
const MAX_FILE_LINES: usize = 600;
const MAX_FUNCTION_LINES: usize = 70;
const MAX_ENDPOINT_LINES: usize = 6;

/// Modules named after nothing in particular.
pub fn banned_module_names(file: &File) -> Vec<Finding> {
    if !file.is_rust() {
        return Vec::new();
    }
    let parts = file.path.trim_end_matches(".rs").split('/');
    let in_path = parts
        .filter(|part| BANNED.contains(part))
        .map(|part| Finding::new(1, format!("no module may be called `{part}`")));
    let code = code_only(&file.text);
    let inline = code.lines().enumerate().filter_map(|(index, line)| {
        let (_, after) = line.split_once("mod ")?;
        let name = after.split(|letter| !is_word(letter)).next()?;
        let banned = BANNED.contains(&name) && line.trim_end().ends_with(['{', ';']);
        banned.then(|| Finding::new(index + 1, format!("no module may be called `{name}`")))
    });
    in_path.chain(inline).collect()
}

/// Files that nobody reads to the end.
pub fn long_file(file: &File, tables: &[&str]) -> Vec<Finding> {
    let lines = file.text.lines().count();
    let exempt = !file.is_rust() || file.is_test() || tables.contains(&file.path.as_str());
    if exempt || lines <= MAX_FILE_LINES {
        return Vec::new();
    }
    vec![Finding::new(
        lines,
        format!("{lines} lines, at most {MAX_FILE_LINES}"),
    )]
}

/// Functions that do more than one thing.
pub fn long_functions(file: &File, tables: &[&str]) -> Vec<Finding> {
    if !file.is_rust() || tables.contains(&file.path.as_str()) {
        return Vec::new();
    }
    functions(&file.text)
        .into_iter()
        .filter(|function| function.lines > MAX_FUNCTION_LINES)
        .map(|function| {
            let Function {
                name, line, lines, ..
            } = function;
            Finding::new(
                line,
                format!("`{name}` has {lines} lines, at most {MAX_FUNCTION_LINES}"),
            )
        })
        .collect()
}

/// Endpoints of canisters that do more than: caller, parse, one domain call, result.
pub fn long_endpoints(file: &File) -> Vec<Finding> {
    if !file.path.starts_with("canisters/") || !file.path.ends_with("src/lib.rs") {
        return Vec::new();
    }
    let production = file.text.split("#[cfg(test)]").next().unwrap_or_default();
    functions(production)
        .into_iter()
        .filter(|function| function.body_lines > MAX_ENDPOINT_LINES)
        .map(
            |Function {
                 name,
                 line,
                 body_lines,
                 ..
             }| {
                Finding::new(
                    line,
                    format!(
                        "the body of `{name}` has {body_lines} lines, at most {MAX_ENDPOINT_LINES}"
                    ),
                )
            },
        )
        .collect()
}

struct Function {
    name: String,
    /// Line of the word `fn`, from 1.
    line: usize,
    /// From the word `fn` to the closing brace.
    lines: usize,
    /// Between the braces.
    body_lines: usize,
}

/// Every function with a body, nested ones included.
fn functions(text: &str) -> Vec<Function> {
    let code = code_only(text);
    let bytes = code.as_bytes();
    let mut found = Vec::new();
    for (start, _) in code.match_indices("fn ") {
        if start > 0 && is_word(char::from(bytes[start - 1])) {
            continue;
        }
        let name: String = code[start + 3..]
            .chars()
            .take_while(|c| is_word(*c))
            .collect();
        let Some(open) = body_start(bytes, start).filter(|_| !name.is_empty()) else {
            continue;
        };
        let close = matching_brace(bytes, open);
        let count = |from: usize, to: usize| code[from..to].matches('\n').count();
        found.push(Function {
            name,
            line: count(0, start) + 1,
            lines: count(start, close) + 1,
            body_lines: count(open, close).saturating_sub(1),
        });
    }
    found
}

/// The brace that opens the body; none for a declaration that ends in a semicolon.
fn body_start(bytes: &[u8], start: usize) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, byte) in bytes.iter().enumerate().skip(start) {
        match byte {
            b'(' | b'[' => depth += 1,
            b')' | b']' => depth = depth.checked_sub(1)?,
            b';' if depth == 0 => return None,
            b'{' if depth == 0 => return Some(at),
            _ => {}
        }
    }
    None
}

fn matching_brace(bytes: &[u8], open: usize) -> usize {
    let mut depth = 0_usize;
    for (at, byte) in bytes.iter().enumerate().skip(open) {
        match byte {
            b'{' => depth += 1,
            b'}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return at;
        }
    }
    bytes.len()
}

#[test]
fn a_module_called_after_nothing_is_found() {
    let by_path = File::fixture("crates/x/src/utils.rs", "//! x");
    let by_line = File::fixture(
        "crates/x/src/lib.rs",
        "//! x\npub mod helpers;\nmod model;\n",
    );
    assert_eq!(banned_module_names(&by_path).len(), 1);
    assert_eq!(banned_module_names(&by_line).len(), 1);
}

#[test]
fn a_file_of_601_lines_is_found_unless_it_is_a_table() {
    let file = File::fixture("crates/x/src/a.rs", &"x\n".repeat(601));
    assert_eq!(long_file(&file, &[]).len(), 1);
    assert!(long_file(&file, &["crates/x/src/a.rs"]).is_empty());
    assert!(long_file(&File::fixture("crates/x/src/a.rs", &"x\n".repeat(600)), &[]).is_empty());
}

#[test]
fn a_function_of_71_lines_is_found() {
    let of_lines = |lines: usize| {
        let body = "    x();\n".repeat(lines - 2);
        File::fixture(
            "a.rs",
            &format!("fn a() -> [u8; 2]\n{{\n{}}}\n", &body[9..]),
        )
    };
    assert_eq!(long_functions(&of_lines(71), &[]).len(), 1);
    assert!(long_functions(&of_lines(70), &[]).is_empty());
}

#[test]
fn an_endpoint_of_seven_lines_is_found() {
    let body = |lines: usize| format!("fn a() {{\n{}}}\n", "    x();\n".repeat(lines));
    let endpoint = |lines| File::fixture("canisters/x/src/lib.rs", &body(lines));
    assert_eq!(long_endpoints(&endpoint(7)).len(), 1);
    assert!(long_endpoints(&endpoint(6)).is_empty());
}
