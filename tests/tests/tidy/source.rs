//! The files that the rules read, and Rust text without its comments and literals.
//!
//! - In: the working tree, without build products. Out: paths relative to the root, and text.
//! - Left out: parsing. A scanner that knows comments, strings and braces is enough for the rules.

use std::fs;
use std::path::Path;

/// Directories that hold products of a build, not sources.
const SKIPPED: &[&str] = &["target", "node_modules", "dist", "bindings", ".git"];

/// Endings of the files that are read as text.
const TEXT: &[&str] = &[
    "rs",
    "toml",
    "lock",
    "md",
    "json",
    "yaml",
    "yml",
    "ts",
    "html",
    "css",
    "did",
    "Makefile",
    "run",
    "sh",
    "LICENSE",
    ".gitignore",
];

/// One text file.
pub struct File {
    /// Path from the root, with `/`.
    pub path: String,
    /// The whole text.
    pub text: String,
}

impl File {
    /// A file that exists only for a test of a rule.
    #[cfg(test)]
    pub fn fixture(path: &str, text: &str) -> Self {
        Self {
            path: path.to_owned(),
            text: text.to_owned(),
        }
    }

    /// Whether it is Rust source.
    pub fn is_rust(&self) -> bool {
        self.path.ends_with(".rs")
    }

    /// Whether it holds tests and nothing else.
    pub fn is_test(&self) -> bool {
        self.path.contains("/tests/") || self.path.ends_with("/tests.rs")
    }
}

/// Something that a rule does not accept.
pub struct Finding {
    line: usize,
    what: String,
}

impl Finding {
    /// A finding at a line, counted from 1.
    pub fn new(line: usize, what: impl Into<String>) -> Self {
        Self {
            line,
            what: what.into(),
        }
    }

    /// The finding as one line of the report.
    pub fn of(self, file: &File) -> String {
        format!("{}:{}: {}", file.path, self.line, self.what)
    }
}

/// Every text file of the repository.
pub struct Tree {
    /// In the order of their paths.
    pub files: Vec<File>,
    directories: Vec<String>,
}

impl Tree {
    /// Reads the working tree that this test was compiled from.
    pub fn of_the_repository() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let mut tree = Self {
            files: Vec::new(),
            directories: Vec::new(),
        };
        tree.read(&root, "");
        tree.files.sort_by(|a, b| a.path.cmp(&b.path));
        tree
    }

    /// Whether a path from the root is a file or a directory that was read.
    pub fn contains(&self, path: &str) -> bool {
        let path = path.trim_end_matches('/');
        self.directories.iter().any(|known| known == path)
            || self.files.iter().any(|file| file.path == path)
    }

    fn read(&mut self, directory: &Path, prefix: &str) {
        for entry in fs::read_dir(directory).expect("the tree can be listed") {
            let entry = entry.expect("the tree can be listed");
            let name = entry.file_name().to_string_lossy().into_owned();
            let path = format!("{prefix}{name}");
            let kind = entry.file_type().expect("an entry has a type");
            if kind.is_dir() && !SKIPPED.contains(&name.as_str()) {
                self.read(&entry.path(), &format!("{path}/"));
                self.directories.push(path);
            } else if kind.is_file() && TEXT.iter().any(|end| name.ends_with(end)) {
                let text = fs::read_to_string(entry.path()).expect("text files are UTF-8");
                self.files.push(File { path, text });
            }
        }
    }
}

/// The text with every comment and literal blanked out; lines keep their numbers.
pub fn code_only(text: &str) -> String {
    let letters: Vec<char> = text.chars().collect();
    let mut code = String::with_capacity(text.len());
    let mut at = 0;
    while at < letters.len() {
        let end = skipped_until(&letters, at);
        if end == at {
            code.push(letters[at]);
            at += 1;
        } else {
            code.extend(
                letters[at..end]
                    .iter()
                    .map(|letter| if *letter == '\n' { '\n' } else { ' ' }),
            );
            at = end;
        }
    }
    code
}

/// Where the comment or literal that starts at `at` ends; `at` itself if none starts there.
fn skipped_until(letters: &[char], at: usize) -> usize {
    let next = |offset: usize| letters.get(at + offset).copied().unwrap_or('\0');
    let word_before = at > 0 && is_word(letters[at - 1]);
    match (letters[at], next(1)) {
        ('/', '/') => end_of_line(letters, at),
        ('/', '*') => end_of_block_comment(letters, at),
        ('"', _) => end_of_string(letters, at + 1),
        ('r', '"' | '#') if !word_before || next_is_raw_prefix(letters, at) => {
            end_of_raw_string(letters, at + 1).unwrap_or(at)
        }
        ('\'', '\\') => end_of_quoted(letters, at + 3),
        ('\'', _) if next(2) == '\'' => at + 3,
        _ => at,
    }
}

/// Whether the `r` at `at` follows a lone `b` or `c`, as in a raw byte string.
fn next_is_raw_prefix(letters: &[char], at: usize) -> bool {
    matches!(letters[at - 1], 'b' | 'c') && (at < 2 || !is_word(letters[at - 2]))
}

fn end_of_line(letters: &[char], at: usize) -> usize {
    let line = letters[at..].iter().position(|letter| *letter == '\n');
    line.map_or(letters.len(), |length| at + length)
}

fn end_of_block_comment(letters: &[char], start: usize) -> usize {
    let (mut at, mut depth) = (start, 0);
    while at < letters.len() {
        match (letters[at], letters.get(at + 1)) {
            ('/', Some('*')) => (at, depth) = (at + 2, depth + 1),
            ('*', Some('/')) => (at, depth) = (at + 2, depth - 1),
            _ => at += 1,
        }
        if depth == 0 {
            return at;
        }
    }
    letters.len()
}

fn end_of_string(letters: &[char], mut at: usize) -> usize {
    while at < letters.len() {
        match letters[at] {
            '"' => return at + 1,
            '\\' => at += 2,
            _ => at += 1,
        }
    }
    letters.len()
}

fn end_of_quoted(letters: &[char], at: usize) -> usize {
    let quote = letters.iter().skip(at).position(|letter| *letter == '\'');
    quote.map_or(letters.len(), |length| at + length + 1)
}

fn end_of_raw_string(letters: &[char], at: usize) -> Option<usize> {
    let hashes = letters[at..]
        .iter()
        .take_while(|letter| **letter == '#')
        .count();
    if letters.get(at + hashes) != Some(&'"') {
        return None;
    }
    let closing: Vec<char> = std::iter::once('"')
        .chain(std::iter::repeat_n('#', hashes))
        .collect();
    let body = at + hashes + 1;
    let found = letters[body..]
        .windows(closing.len())
        .position(|window| window == closing);
    Some(found.map_or(letters.len(), |length| body + length + closing.len()))
}

/// Whether a character can be part of an identifier.
pub fn is_word(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

/// The lines, counted from 1, on which an identifier stands.
pub fn lines_with_word(code: &str, word: &str) -> Vec<usize> {
    code.lines()
        .enumerate()
        .filter(|(_, line)| line.split(|letter| !is_word(letter)).any(|it| it == word))
        .map(|(index, _)| index + 1)
        .collect()
}

#[test]
fn comments_and_literals_are_blanked_out() {
    let text =
        "let a = \"fn x\"; // fn y\nlet b = r#\"fn \" z\"#; /* fn /* w */ */ let c = '\\'';\n";
    let code = code_only(text);
    assert!(!code.contains("fn"), "{code}");
    assert!(code.contains("let b") && code.contains("let c"), "{code}");
    assert_eq!(code.lines().count(), text.lines().count());
    assert_eq!(
        code_only("fn a<'a>(b: &'a u8) {}"),
        "fn a<'a>(b: &'a u8) {}"
    );
}
