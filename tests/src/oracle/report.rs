//! Counts the outcomes per group and sorts the failures by shape, so that one cause in the engine is one line.
//!
//! A shape is the kind of step, the first differing field and how it differs: the distance of numbers, the texts without their digits
//! and quoted names. Out: a text for people and a JSON value for tools (`target/oracle-report.json`).

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::compare::Difference;
use super::file::GROUPS;
use super::run::{Failure, Outcome};

/// Longest text shown in a line.
const SHOWN: usize = 150;

/// The counts of one group.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// Cases that do not need keys.
    pub total: usize,
    /// Of these, identical but for noise.
    pub passed: usize,
    /// Of these, identical in every byte.
    pub exact: usize,
    /// Cases that need keys.
    pub keys_total: usize,
    /// Of these, identical but for noise.
    pub keys_passed: usize,
}

impl Count {
    /// Share of `passed`, in per cent.
    pub fn percent(&self) -> f64 {
        match self.total {
            0 => 100.0,
            total => 100.0 * self.passed as f64 / total as f64,
        }
    }
}

/// The counts of each group that has a case.
pub fn counts(outcomes: &[Outcome]) -> BTreeMap<String, Count> {
    let mut counts: BTreeMap<String, Count> = BTreeMap::new();
    for outcome in outcomes {
        let count = counts.entry(outcome.case.group.clone()).or_default();
        let passed = usize::from(outcome.failure.is_none());
        if outcome.needs_keys {
            count.keys_total += 1;
            count.keys_passed += passed;
        } else {
            count.total += 1;
            count.passed += passed;
            count.exact += usize::from(outcome.failure.is_none() && outcome.noise.is_empty());
        }
    }
    counts
}

/// Failures by shape, most frequent first.
pub fn shapes(outcomes: &[Outcome]) -> Vec<(String, Vec<&Outcome>)> {
    let mut shapes: BTreeMap<String, Vec<&Outcome>> = BTreeMap::new();
    for outcome in outcomes {
        if let Some(failure) = &outcome.failure {
            shapes.entry(shape(failure)).or_default().push(outcome);
        }
    }
    let mut shapes: Vec<_> = shapes.into_iter().collect();
    shapes.sort_by_key(|(_, outcomes)| std::cmp::Reverse(outcomes.len()));
    shapes
}

/// The summary for people, with at most `limit` shapes.
pub fn text(outcomes: &[Outcome], limit: usize) -> String {
    let mut out = String::new();
    let _ = writeln!(
        out,
        "{:<14}{:>7}{:>7}{:>8}{:>8}{:>12}",
        "group", "passed", "of", "%", "exact", "need keys"
    );
    let counts = counts(outcomes);
    for group in GROUPS {
        if let Some(c) = counts.get(group) {
            let _ = writeln!(
                out,
                "{group:<14}{:>7}{:>7}{:>8.1}{:>8}{:>12}",
                c.passed,
                c.total,
                c.percent(),
                c.exact,
                format!("{}/{}", c.keys_passed, c.keys_total),
            );
        }
    }
    let shapes = shapes(outcomes);
    if !shapes.is_empty() {
        let _ = writeln!(out, "\n{} shapes of differences:", shapes.len());
    }
    for (shape, outcomes) in shapes.iter().take(limit) {
        let first = outcomes[0];
        let _ = writeln!(out, "{:>5}  {shape}", outcomes.len());
        let _ = writeln!(out, "       e.g. {}", line(first));
    }
    if shapes.len() > limit {
        let _ = writeln!(out, "  ... and {} shapes more", shapes.len() - limit);
    }
    out
}

/// One line for a failing case: name, step, field, expected, got.
pub fn line(outcome: &Outcome) -> String {
    let Some(failure) = &outcome.failure else {
        return format!("{} passed", outcome.case.name);
    };
    let step = failure.step.map_or(String::new(), |s| format!(" step {s}"));
    let d = &failure.differences[0];
    format!(
        "{}{step} [{}] {}: expected {} got {}",
        outcome.case.name,
        failure.title,
        d.field,
        shown(&d.expected),
        shown(&d.got)
    )
}

/// Everything about a failing case, for a closer look.
pub fn details(outcome: &Outcome) -> String {
    let mut out = format!("{}\n", line(outcome));
    let Some(failure) = &outcome.failure else {
        return out;
    };
    if !outcome.case.note.is_empty() {
        let _ = writeln!(out, "  note: {}", outcome.case.note);
    }
    let _ = writeln!(out, "  subnets: {}", outcome.case.subnets.join(" "));
    for (index, step) in outcome.case.steps.iter().enumerate() {
        let mark = if failure.step == Some(index) {
            '>'
        } else {
            ' '
        };
        let _ = writeln!(out, "  {mark} {index} {}", step.title);
        let _ = writeln!(out, "      action   {:?}", step.action);
        let _ = writeln!(
            out,
            "      recorded {}",
            Value::Object(step.observed.clone())
        );
        if failure.step == Some(index) {
            let _ = writeln!(
                out,
                "      seen     {}",
                Value::Object(failure.seen.clone())
            );
            break;
        }
    }
    out
}

/// The report for tools.
pub fn to_json(outcomes: &[Outcome]) -> Value {
    let groups = counts(outcomes).into_iter().map(|(group, c)| {
        let value = json!({
            "total": c.total, "passed": c.passed, "exact": c.exact, "percent": c.percent(),
            "needs_keys_total": c.keys_total, "needs_keys_passed": c.keys_passed,
        });
        (group, value)
    });
    let failures = outcomes.iter().filter_map(|outcome| {
        let failure = outcome.failure.as_ref()?;
        let differences = failure
            .differences
            .iter()
            .map(|d| json!({"field": d.field, "expected": d.expected, "got": d.got}));
        Some(json!({
            "group": outcome.case.group,
            "name": outcome.case.name,
            "needs_keys": outcome.needs_keys,
            "step": failure.step,
            "op": failure.title,
            "shape": shape(failure),
            "differences": differences.collect::<Vec<_>>(),
        }))
    });
    let noisy = outcomes.iter().filter(|o| !o.noise.is_empty()).map(|o| {
        let noise = o.noise.iter().map(|n| format!("{n:?}")).collect::<Vec<_>>();
        json!({"name": o.case.name, "noise": noise})
    });
    json!({
        "groups": groups.collect::<serde_json::Map<_, _>>(),
        "failures": failures.collect::<Vec<_>>(),
        "equal_but_for_noise": noisy.collect::<Vec<_>>(),
    })
}

/// Where the report goes: `oracle-report.json` in the target folder.
pub fn path() -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap_or(Path::new("."));
    target
        .unwrap_or_else(|| workspace.join("target"))
        .join("oracle-report.json")
}

fn shape(failure: &Failure) -> String {
    let d = &failure.differences[0];
    let op = failure.title.split(' ').next().unwrap_or_default();
    format!("{op} {}: {}", d.field, how(d))
}

fn how(d: &Difference) -> String {
    if let (Some(expected), Some(got)) = (number(d, &d.expected), number(d, &d.got)) {
        return format!("{:+}", got.wrapping_sub(expected));
    }
    format!("{} -> {}", general(&d.expected), general(&d.got))
}

/// A number as such; for a counter in the last 8 bytes of a reply, its value.
fn number(d: &Difference, value: &Value) -> Option<i128> {
    match value {
        Value::Number(n) if d.field == "rounds" => n.as_i64().map(i128::from),
        Value::String(text) if d.field == "reply" => {
            let other = [&d.expected, &d.got].map(|v| v.as_str().unwrap_or("").len());
            if other != [16, 16] {
                return None;
            }
            let bytes: [u8; 8] = hex::decode(text).ok()?.try_into().ok()?;
            Some(i128::from(u64::from_le_bytes(bytes)))
        }
        Value::String(text) if d.field.contains('.') || d.field.starts_with("balance") => {
            text.parse().ok()
        }
        _ => None,
    }
}

/// A text without what differs from case to case: digits and quoted names.
fn general(value: &Value) -> String {
    let text = shown(value);
    let mut out = String::new();
    let mut quoted: Option<char> = None;
    for c in text.chars() {
        match (quoted, c) {
            (Some(q), c) if c == q => quoted = None,
            (Some(_), _) => {}
            (None, '`' | '"' | '\'') => {
                quoted = Some(c);
                out.push('*');
            }
            (None, c) if c.is_ascii_digit() => {
                if !out.ends_with('#') {
                    out.push('#');
                }
            }
            (None, c) => out.push(c),
        }
    }
    match out.find("reply ") {
        Some(0) => "reply".to_string(),
        _ => out,
    }
}

fn shown(value: &Value) -> String {
    let text = match value {
        Value::String(text) => text.replace('\n', "\\n"),
        other => other.to_string(),
    };
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failure(field: &str, expected: Value, got: Value) -> Failure {
        Failure {
            step: Some(2),
            title: "update go".to_string(),
            differences: vec![Difference {
                field: field.to_string(),
                expected,
                got,
            }],
            seen: Default::default(),
        }
    }

    #[test]
    fn the_shape_of_a_number_is_its_distance() {
        let f = failure("cycles_delta.A", "-6446621".into(), "-6444621".into());
        assert_eq!(shape(&f), "update cycles_delta.A: +2000");
        let f = failure(
            "reply",
            "dd00000000000000".into(),
            "de00000000000000".into(),
        );
        assert_eq!(shape(&f), "update reply: +1");
    }

    #[test]
    fn the_shape_of_a_text_leaves_out_digits_and_quoted_names() {
        let f = failure(
            "reject_message",
            "no `x` at 12".into(),
            "no `yy` at 3".into(),
        );
        assert_eq!(shape(&f), "update reject_message: no * at # -> no * at #");
    }
}
