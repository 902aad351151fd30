//! The table of BENCHMARKS.md: each step with what it is compared with and what it is to reach.
//!
//! In: figures by name. Out: lines of Markdown. A row of which no figure was measured is left out.
//!
//! Targets in milliseconds and recorded figures belong to a quiet machine, on which a multiplication took what [`ANCHORS`] says. They are
//! multiplied by the slowness of this run: the least of the four quotients of what a multiplication takes now and took then.
//! Bold is what misses its target all the same; a star marks what misses only the target as it is written.

use std::collections::BTreeMap;

/// Milliseconds of a multiplication when the targets were set.
const ANCHORS: [(&str, f64); 4] = [
    ("calibration_multiplication_secp256k1", 0.038),
    ("calibration_multiplication_ed25519", 0.027),
    ("calibration_multiplication_bls12_381_g1", 0.062),
    ("calibration_multiplication_bls12_381_g2", 0.130),
];

/// How many times slower than then this run was.
fn slowness(found: &BTreeMap<String, f64>) -> f64 {
    let quotients = ANCHORS.iter().map(|(name, anchor)| found[*name] / anchor);
    quotients.fold(f64::INFINITY, f64::min)
}

/// What a step is compared with.
enum Peer {
    /// A figure of this run.
    Measured(String),
    /// Milliseconds that were measured of the Internet Computer's own library (release build of October 2025) on such a machine.
    Recorded(f64),
    /// Nothing.
    Nobody,
}

/// What a step is to reach.
enum Target {
    Milliseconds(f64),
    /// Of what it is compared with.
    Times(f64),
    Open,
}

struct Row {
    step: String,
    /// Names of figures: with what is public done once, and by each node.
    shared: String,
    alone: Option<String>,
    peer: Peer,
    target: Target,
}

impl Row {
    /// A step that is measured in both ways.
    fn of_all(step: String, name: &str, peer: Peer, target: Target) -> Self {
        Row {
            step,
            shared: format!("{name}_shared"),
            alone: Some(format!("{name}_alone")),
            peer,
            target,
        }
    }

    /// A step of one node.
    fn of_one(step: String, name: String, peer: Peer, target: Target) -> Self {
        Row {
            step,
            shared: name,
            alone: None,
            peer,
            target,
        }
    }

    fn line(&self, found: &BTreeMap<String, f64>) -> Option<String> {
        let shared = *found.get(&self.shared)?;
        let alone = self.alone.as_ref().and_then(|name| found.get(name));
        let slowness = slowness(found);
        let (peer, then, source) = match &self.peer {
            Peer::Measured(name) => (found.get(name).copied(), 1.0, ""),
            Peer::Recorded(figure) => (Some(*figure), slowness, " (rec.)"),
            Peer::Nobody => (None, slowness, ""),
        };
        let (limit, then, target) = match self.target {
            Target::Milliseconds(limit) => (Some(limit), slowness, format!("{limit} ms")),
            Target::Times(times) => (
                peer.map(|peer| peer * times),
                then,
                format!("{times} times"),
            ),
            Target::Open => (None, slowness, String::new()),
        };
        let judged = |figure: f64| match limit {
            Some(limit) if figure > limit * then => format!("**{}**", rounded(figure)),
            Some(limit) if figure > limit => format!("{}\\*", rounded(figure)),
            _ => rounded(figure),
        };
        Some(format!(
            "| {} | {} | {} | {} | {} | {} |",
            self.step,
            judged(shared),
            alone.map_or(String::new(), |alone| judged(*alone)),
            peer.map_or(String::new(), |peer| rounded(peer) + source),
            self.ratios(found).join(" / "),
            target
        ))
    }

    /// Of each figure to the peer's, as that would be in this run.
    fn ratios(&self, found: &BTreeMap<String, f64>) -> Vec<String> {
        let peer = match &self.peer {
            Peer::Measured(name) => found.get(name).copied(),
            Peer::Recorded(figure) => Some(figure * slowness(found)),
            Peer::Nobody => None,
        };
        let names = [Some(&self.shared), self.alone.as_ref()];
        let figures = names
            .into_iter()
            .flatten()
            .filter_map(|name| found.get(name));
        figures
            .filter_map(|figure| peer.map(|peer| rounded(figure / peer)))
            .collect()
    }
}

/// Three digits that count.
fn rounded(figure: f64) -> String {
    let digits = 2 - figure.log10().floor() as i32;
    format!("{figure:.*}", digits.max(0) as usize)
}

/// The whole table.
pub fn markdown(found: &BTreeMap<String, f64>) -> String {
    let mut text = format!("Slowness of this run: {:.2}.\n\n", slowness(found));
    text += "| step | ours, shared (ms) | ours, alone (ms) | peer (ms) | ratio | target |\n|---|---|---|---|---|---|\n";
    let rows = [presignatures(), from_stock(), keys(), online(), faults()];
    for line in rows.iter().flatten().filter_map(|row| row.line(found)) {
        text += &line;
        text += "\n";
    }
    text
}

fn presignatures() -> Vec<Row> {
    let mut rows = Vec::new();
    let steps: [(&str, &str, [f64; 3], [f64; 3]); 3] = [
        ("ECDSA", "ecdsa", [29., 262., 1854.], [12., 100., 650.]),
        ("BIP340", "bip340", [3.9, 30., 194.], [1.5, 11., 70.]),
        ("Ed25519", "ed25519", [3.5, 28., 185.], [1.5, 11., 70.]),
    ];
    for (title, scheme, recorded, targets) in steps {
        for (nodes, (recorded, target)) in [4, 13, 34]
            .into_iter()
            .zip(recorded.into_iter().zip(targets))
        {
            let batch = match scheme {
                "ecdsa" => Target::Milliseconds(target / 5.0),
                _ => Target::Open,
            };
            rows.push(Row::of_all(
                format!("{title} presignature, n = {nodes}"),
                &format!("{scheme}_presignature_n{nodes}"),
                Peer::Recorded(recorded),
                Target::Milliseconds(target),
            ));
            rows.push(Row::of_all(
                format!("{title} presignature of a batch, n = {nodes}"),
                &format!("{scheme}_presignature_batch_n{nodes}"),
                Peer::Recorded(recorded),
                batch,
            ));
        }
    }
    for (how, name) in [("", ""), (" with its tables", "_multiexp")] {
        rows.push(Row::of_all(
            format!("ECDSA presignature, n = 13, beside `cggmp24`{how}, 5 of 13"),
            "ecdsa_presignature_n13",
            Peer::Measured(format!("cggmp24_presignature{name}_5_of_13")),
            Target::Times(0.01),
        ));
    }
    rows
}

fn from_stock() -> Vec<Row> {
    let mut rows = Vec::new();
    for (title, scheme, library) in [
        ("BIP340", "bip340", "frost_secp256k1_tr"),
        ("Ed25519", "ed25519", "frost_ed25519"),
    ] {
        for (needed, nodes) in [(2, 4), (5, 13), (12, 34)] {
            rows.push(Row::of_all(
                format!("{title} signature from stock, {needed} of {nodes}, beside FROST"),
                &format!("{scheme}_sign_n{nodes}"),
                Peer::Measured(format!("{library}_sign_{needed}_of_{nodes}")),
                Target::Times(0.7),
            ));
        }
    }
    rows
}

fn keys() -> Vec<Row> {
    let mut rows = Vec::new();
    for (needed, nodes) in [(2, 4), (5, 13), (12, 34)] {
        rows.push(Row::of_all(
            format!("secp256k1 key, {needed} of {nodes}, beside FROST"),
            &format!("secp256k1_dkg_n{nodes}"),
            Peer::Measured(format!("frost_secp256k1_tr_dkg_{needed}_of_{nodes}")),
            Target::Times(1.0),
        ));
    }
    for (nodes, target) in [(13, 80.), (34, 600.), (40, 900.)] {
        rows.push(Row::of_all(
            format!("resharing of a BLS key of the high threshold, n = {nodes}"),
            &format!("bls_resharing_n{nodes}"),
            Peer::Nobody,
            Target::Milliseconds(target),
        ));
    }
    rows
}

fn online() -> Vec<Row> {
    let mut rows = Vec::new();
    for (nodes, recorded, target) in [
        (4, 0.91, None),
        (13, 2.38, Some(1.0)),
        (34, 5.98, Some(3.0)),
    ] {
        let name = format!("ecdsa_combiner_n{nodes}");
        let step = format!("ECDSA online, one combiner, n = {nodes}");
        let in_all = target.map_or(Target::Open, Target::Milliseconds);
        rows.push(Row::of_one(
            step,
            name,
            Peer::Recorded(recorded),
            Target::Open,
        ));
        let name = format!("ecdsa_sign_n{nodes}");
        let step = format!("ECDSA online, f + 1 nodes and a combiner, n = {nodes}");
        rows.push(Row::of_all(step, &name, Peer::Recorded(recorded), in_all));
    }
    for (title, scheme, recorded) in [
        ("BIP340", "bip340", [1.03, 2.35, 5.94]),
        ("Ed25519", "ed25519", [0.58, 1.38, 3.42]),
    ] {
        for (nodes, recorded) in [4, 13, 34].into_iter().zip(recorded) {
            let step = format!("{title} online, one combiner, n = {nodes}");
            let name = format!("{scheme}_combiner_n{nodes}");
            rows.push(Row::of_one(
                step,
                name,
                Peer::Recorded(recorded),
                Target::Times(0.7),
            ));
        }
    }
    for (nodes, peer, target) in [(13, Peer::Recorded(18.2), 2.0), (40, Peer::Nobody, 4.6)] {
        let step = format!("BLS high threshold, one combiner, n = {nodes}");
        let name = format!("bls_combiner_n{nodes}");
        rows.push(Row::of_one(step, name, peer, Target::Milliseconds(target)));
    }
    for (nodes, recorded, target) in [(13, 18.8, 8.0), (34, 37.5, 16.0)] {
        let step = format!("vetKD, 2f + 1 shares, combined and checked, n = {nodes}");
        let name = format!("vetkd_derive_n{nodes}");
        rows.push(Row::of_one(
            step,
            name,
            Peer::Recorded(recorded),
            Target::Milliseconds(target),
        ));
    }
    rows
}

fn faults() -> Vec<Row> {
    let mut rows = Vec::new();
    for (title, scheme) in [
        ("ECDSA", "ecdsa"),
        ("BIP340", "bip340"),
        ("Ed25519", "ed25519"),
        ("BLS", "bls"),
        ("vetKD", "vetkd"),
    ] {
        for (what, name) in [("combiner", "combiner"), ("combining alone", "combine")] {
            for nodes in [13, 34] {
                rows.push(Row::of_one(
                    format!("{title}, {what}, one bad share beside none, n = {nodes}"),
                    format!("{scheme}_{name}_one_bad_n{nodes}"),
                    Peer::Measured(format!("{scheme}_{name}_n{nodes}")),
                    Target::Times(3.0),
                ));
            }
        }
    }
    rows
}
