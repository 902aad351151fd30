//! Reports as text.
//!
//! In: a report. Out: a heading and a table, with columns as wide as they need. Leaves out: colours.

use super::arguments::Action;
use chainkey_control::view::{BeaconView, Condition, SubnetReport};
use std::fmt::Write;

/// What an action wants to see of a report.
pub fn show(report: &SubnetReport, action: &Action) -> String {
    let rows = match action {
        Action::Keys | Action::Refill => keys(report),
        Action::Transcripts => ceremonies(report),
        Action::Traces => traces(report),
        Action::Blames => blames(report),
        _ => nodes(report),
    };
    format!("{}\n{}", heading(report), table(&rows))
}

/// A value of the random beacon, each part in a line of its own, whole, to be copied.
pub fn beacon(beacon: &BeaconView) -> String {
    let (height, epoch) = (beacon.height, beacon.epoch);
    let parts = [
        ("value (BLS signature)", &beacon.signature),
        ("of the message", &beacon.message),
        ("under the key", &beacon.public_key),
        ("chained to", &beacon.parent),
        ("hash for the next", &beacon.hash),
    ];
    let rows = parts.map(|(name, value)| vec![name.to_owned(), value.clone()]);
    format!("beacon {height}, epoch {epoch}\n{}", table(&rows.to_vec()))
}

fn heading(report: &SubnetReport) -> String {
    let overview = &report.overview;
    let (count, faulty) = (overview.nodes.len(), overview.may_fail);
    let state = match report.stands_still {
        true => ", stands still: fewer than 2f + 1 nodes take part",
        false => "",
    };
    let (kind, id, epoch) = (&report.kind, &report.subnet, overview.epoch);
    format!("{kind} {id}: {count} nodes, f = {faulty}, epoch {epoch}{state}")
}

type Rows = Vec<Vec<String>>;

fn head(titles: &[&str]) -> Rows {
    vec![titles.iter().map(|title| (*title).to_owned()).collect()]
}

fn nodes(report: &SubnetReport) -> Rows {
    let mut rows = head(&["node", "condition", "side", "rules", "public key"]);
    for node in &report.overview.nodes {
        let rules = report.faults.rules.iter();
        let rules = rules.filter(|rule| rule.senders.contains(&node.node));
        let rules: Vec<String> = rules
            .map(|rule| {
                let kind = rule.kind.map(|kind| format!(" {}", name(&kind)));
                let kind = kind.unwrap_or_default();
                let often = match rule.percent {
                    100 => String::new(),
                    percent => format!(" {percent}%"),
                };
                format!("{}{kind}{often}", name(&rule.effect))
            })
            .collect();
        let condition = match node.condition {
            Condition::Running => "running",
            Condition::Crashed => "crashed",
            Condition::Silent => "silent",
        };
        rows.push(vec![
            node.node.to_string(),
            condition.to_owned(),
            node.group.to_string(),
            rules.join(", "),
            short(&node.public_key),
        ]);
    }
    rows
}

fn keys(report: &SubnetReport) -> Rows {
    let mut rows = head(&["key", "presignatures", "public key"]);
    if let Some(key) = &report.overview.certification_key {
        rows.push(vec!["certification".into(), String::new(), short(key)]);
    }
    for key in &report.overview.keys {
        let made = key.public_key.as_deref();
        rows.push(vec![
            key.key.to_string(),
            key.stock.to_string(),
            made.map_or("not made yet".to_owned(), short),
        ]);
    }
    rows
}

fn ceremonies(report: &SubnetReport) -> Rows {
    let mut rows = head(&[
        "ceremony",
        "curve",
        "what",
        "hidden",
        "threshold",
        "dealers",
        "needed",
        "accused",
        "made",
    ]);
    for one in &report.overview.ceremonies {
        rows.push(vec![
            one.number.to_string(),
            one.curve.clone(),
            one.operation.clone(),
            yes(one.masked),
            one.threshold.to_string(),
            list(&one.dealers),
            one.needed.to_string(),
            list(&one.accused),
            yes(one.made),
        ]);
    }
    rows
}

fn traces(report: &SubnetReport) -> Rows {
    let mut rows = head(&[
        "request",
        "key",
        "bound",
        "drawn",
        "batch/slot",
        "contributors",
        "blamed",
        "bind",
        "sign",
    ]);
    for one in &report.overview.traces {
        let timing = report.timings.get(&one.request);
        let took = |micros: Option<u64>| {
            micros.map_or(String::new(), |micros| {
                format!("{}.{:03} ms", micros / 1000, micros % 1000)
            })
        };
        let presignature = one.trace.presignature;
        rows.push(vec![
            one.request.to_string(),
            one.key.to_string(),
            one.trace.bound_at_height.to_string(),
            one.trace.drawn_at_height.to_string(),
            presignature.map_or(String::new(), |(batch, slot)| format!("{batch}/{slot}")),
            list(&one.trace.contributors),
            list(&one.trace.blamed),
            took(timing.map(|timing| timing.bind_micros)),
            took(timing.map(|timing| timing.sign_micros)),
        ]);
    }
    rows
}

fn blames(report: &SubnetReport) -> Rows {
    let mut rows = head(&["epoch", "node", "for"]);
    for blame in &report.overview.blames {
        rows.push(vec![
            blame.epoch.to_string(),
            blame.node.to_string(),
            blame.what.clone(),
        ]);
    }
    rows
}

fn yes(value: bool) -> String {
    if value { "yes" } else { "no" }.to_owned()
}

fn list<'a>(nodes: impl IntoIterator<Item = &'a u16>) -> String {
    let nodes = nodes.into_iter().map(u16::to_string);
    nodes.collect::<Vec<_>>().join(" ")
}

/// A value as it stands in JSON, without the signs: `corrupt:wrong_value`.
fn name<T: serde::Serialize>(value: &T) -> String {
    let json = serde_json::to_string(value).unwrap_or_default();
    json.replace(['"', '{', '}'], "")
}

/// The first digits of a key.
fn short(key: &str) -> String {
    match key.char_indices().nth(16) {
        Some((end, _)) => format!("{}…", &key[..end]),
        None => key.to_owned(),
    }
}

/// Rows with columns of equal width.
fn table(rows: &Rows) -> String {
    let columns = rows.first().map_or(0, Vec::len);
    let width = |column: usize| {
        let cells = rows.iter().map(|row| row[column].chars().count());
        cells.max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut text = String::new();
    for row in rows {
        let cells = row.iter().zip(&widths);
        let line = cells.fold(String::new(), |mut line, (cell, width)| {
            let _ = write!(line, "  {cell:width$}");
            line
        });
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use chainkey_control::view::{Effect, Misbehaviour, PayloadKind};

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let rows = vec![
            vec!["node".to_owned(), "is".to_owned()],
            vec!["1".to_owned(), "running".to_owned()],
        ];
        assert_eq!(table(&rows), "  node  is\n  1     running\n");
    }

    #[test]
    fn rules_have_the_names_of_the_arguments() {
        let lie = Effect::Corrupt(Misbehaviour::WrongShares(2));
        assert_eq!(name(&lie), "corrupt:wrong_shares:2");
        assert_eq!(name(&PayloadKind::SignatureShare), "signature_share");
    }

    #[test]
    fn long_keys_are_cut() {
        assert_eq!(short(&"ab".repeat(33)), "abababababababab…");
        assert_eq!(short("ab"), "ab");
    }
}
