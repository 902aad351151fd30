//! The verifier: whether a transcript is a proof, what it proves, and what it rests on.
//!
//! Source: docs/protocols/draws.md, steps 25 to 27. In: the bytes of a transcript, and what is trusted. Out: a [`Verdict`], or the first thing that does not fit.
//! A verdict is not yet an approval: whoever relies on it reads grade and flags, and knows which canister and module it expects.

pub use crate::anchor::TrustAnchor;
use crate::domain::Hash;
use crate::error::DrawProofError;
use crate::evaluation::Evaluation;
use crate::history::{Facts, History, Moments};
use crate::merkle::{Peaks, node};
use crate::seed::Commitment;
use crate::spec::{Entrants, Source, Spec};
use crate::transcript::{Header, Transcript};
use crate::vrf::{BEACON_CONTEXT, DRAWS_CONTEXT, VrfKey};
use std::collections::BTreeMap;
use std::fmt;

/// What a verdict rests on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RestsOn {
    /// The public network's master key of this name.
    MainnetKey(String),
    /// The master key that was given.
    GivenKey,
    /// The signing canister's public key that was given.
    PublicKey,
    /// Nothing: there is no proof.
    Nothing,
}

/// How good the randomness is, at best (step 26).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grade {
    /// A verifiable random function of this draw, on randomness that did not exist before the close.
    VerifiableAndFresh,
    /// A verifiable random function of this draw alone.
    Verifiable,
    /// A beacon's round, later than the close.
    VerifiableBeacon,
    /// The canister's word.
    Unproven,
}

/// What whoever relies on a draw should know (step 27).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flag {
    /// The code, the controllers or a snapshot were changed between two moments.
    Changed {
        /// The earlier one; the other is the next.
        after: Moments,
        /// How many changes there were.
        changes: u64,
        /// Whether the module is another one.
        other_module: bool,
    },
    /// The time of the last change of code is not among those told at this moment.
    InstallUnknown(Moments),
    /// The seed took more than one attempt.
    Attempts(u32),
}

/// A draw that was verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// What it rests on.
    pub rests_on: RestsOn,
    /// How good the randomness is, if the code was ours.
    pub grade: Grade,
    /// What should be known.
    pub flags: Vec<Flag>,
    /// What was fixed at the close.
    pub header: Header,
    /// The root of the entries.
    pub root: Hash,
    /// The hash of the canister's module when the seed was fixed.
    pub module_hash: Option<Hash>,
    /// The seed.
    pub seed: Hash,
    /// The outcome.
    pub outcome: Vec<u32>,
    /// The hash of the transcript, which the canister's certified log has too.
    pub digest: Hash,
}

/// Verifies a transcript (step 25).
///
/// # Errors
/// The first thing that does not fit.
pub fn verify(bytes: &[u8], anchor: &TrustAnchor) -> Result<Verdict, DrawProofError> {
    let transcript = Transcript::decode(bytes)?;
    let Transcript {
        header,
        entries,
        tail,
        digest,
    } = &transcript;
    let spec = header.spec.get();
    let history = History {
        created: header.created,
        closed: header.closed,
        drawn: tail.drawn,
    };
    in_order(spec.closes_at, &history)?;
    if tail.attempts == 0 {
        return Err(DrawProofError::Attempts);
    }
    let root = root_of(&transcript)?;
    if root != tail.root {
        return Err(DrawProofError::Root);
    }
    let commitment = Commitment {
        canister: &header.canister,
        draw: header.draw,
        spec: header.spec.hash(),
        root,
        history: history.hash(&header.key_name),
    };
    let key = key_of(header, anchor)?;
    let seed = commitment.seed(&spec.source, &tail.evidence, key.as_ref())?;
    let evaluation = Evaluation::new(spec.kind, header.entries, seed);
    if evaluation.all(|index| entries[index as usize].weight) != tail.outcome {
        return Err(DrawProofError::Outcome);
    }
    if tail.digest(&header.encode()) != *digest {
        return Err(DrawProofError::Digest);
    }
    let (grade, rests_on) = worth(header, anchor);
    Ok(Verdict {
        rests_on,
        grade,
        flags: flags(&history, tail.attempts),
        header: header.clone(),
        root,
        module_hash: tail.drawn.facts.module_hash,
        seed,
        outcome: tail.outcome.clone(),
        digest: *digest,
    })
}

fn in_order(closes_at: u64, history: &History) -> Result<(), DrawProofError> {
    let History {
        created,
        closed,
        drawn,
    } = history;
    if closed.at < closes_at || closed.at < created.at {
        return Err(DrawProofError::Order(Moments::Closed));
    }
    match drawn.at < closed.at {
        true => Err(DrawProofError::Order(Moments::Drawn)),
        false => Ok(()),
    }
}

/// The root, if the entries keep the rules of the specification.
fn root_of(transcript: &Transcript) -> Result<Hash, DrawProofError> {
    let spec: &Spec = &transcript.header.spec;
    let (count, at_most) = (transcript.header.entries, spec.get().most_entries);
    if count > at_most {
        return Err(DrawProofError::TooManyEntries { count, at_most });
    }
    let mut peaks = Peaks::default();
    let mut of_each: BTreeMap<&[u8], u32> = BTreeMap::new();
    for (index, entry) in (0..).zip(&transcript.entries) {
        entry.check(index, spec)?;
        if let Entrants::Anyone { each } = spec.get().entrants {
            let own = of_each.entry(&entry.who).or_default();
            *own += 1;
            if *own > each {
                return Err(DrawProofError::TooManyOfOne { index });
            }
        }
        peaks.push(entry.leaf(index), node);
    }
    Ok(peaks.root())
}

fn key_of(header: &Header, anchor: &TrustAnchor) -> Result<Option<VrfKey>, DrawProofError> {
    let derive = |canister: &[u8], context| {
        let key = anchor.key(&header.key_name, canister, context);
        key.map(Some)
    };
    match &header.spec.get().source {
        Source::RawRand => Ok(None),
        Source::Vrf | Source::VrfAndRawRand => derive(&header.canister, DRAWS_CONTEXT),
        Source::Beacon { canister, .. } => derive(canister, BEACON_CONTEXT),
    }
}

fn worth(header: &Header, anchor: &TrustAnchor) -> (Grade, RestsOn) {
    let grade = match header.spec.get().source {
        Source::Vrf => Grade::Verifiable,
        Source::VrfAndRawRand => Grade::VerifiableAndFresh,
        Source::Beacon { .. } => Grade::VerifiableBeacon,
        Source::RawRand => return (Grade::Unproven, RestsOn::Nothing),
    };
    let rests_on = match anchor {
        TrustAnchor::Mainnet => RestsOn::MainnetKey(header.key_name.clone()),
        TrustAnchor::Given(_) => RestsOn::GivenKey,
        TrustAnchor::PublicKey(_) => RestsOn::PublicKey,
    };
    (grade, rests_on)
}

fn flags(history: &History, attempts: u32) -> Vec<Flag> {
    let History {
        created,
        closed,
        drawn,
    } = history;
    let spans = [
        (Moments::Created, &created.facts, &closed.facts),
        (Moments::Closed, &closed.facts, &drawn.facts),
    ];
    let changed = spans
        .into_iter()
        .filter_map(|(after, before, then)| changed(after, before, then));
    let moments = [
        (Moments::Created, created),
        (Moments::Closed, closed),
        (Moments::Drawn, drawn),
    ];
    let unknown = moments
        .into_iter()
        .filter(|(_, moment)| moment.facts.last_install.is_none())
        .map(|(which, _)| Flag::InstallUnknown(which));
    let attempts = (attempts > 1).then_some(Flag::Attempts(attempts));
    changed.chain(unknown).chain(attempts).collect()
}

fn changed(after: Moments, before: &Facts, then: &Facts) -> Option<Flag> {
    (before != then).then(|| Flag::Changed {
        after,
        changes: then.total_changes.saturating_sub(before.total_changes),
        other_module: before.module_hash != then.module_hash,
    })
}

impl fmt::Display for Moments {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Created => "created",
            Self::Closed => "closed",
            Self::Drawn => "drawn",
        })
    }
}

impl fmt::Display for Grade {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::VerifiableAndFresh => {
                "verifiable and fresh: the canister's unique signature on exactly this draw, with randomness that did not exist before the close"
            }
            Self::Verifiable => "verifiable: the canister's unique signature on exactly this draw",
            Self::VerifiableBeacon => {
                "verifiable beacon: the beacon's unique signature on a round after the close; that the entries were closed before stands in the canister's certified log"
            }
            Self::Unproven => "unproven: the canister's word; the nodes' randomness has no proof",
        })
    }
}

impl fmt::Display for Flag {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Changed {
                after,
                changes,
                other_module,
            } => {
                let module = match other_module {
                    true => ", and the module is another one",
                    false => "",
                };
                write!(
                    out,
                    "{changes} changes of code, controllers or snapshots after it was {after}{module}"
                )
            }
            Self::InstallUnknown(moment) => write!(
                out,
                "when it was {moment}, the last change of code was not among those told"
            ),
            Self::Attempts(attempts) => write!(out, "the seed took {attempts} attempts"),
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hex = |bytes: &[u8]| Hex(bytes.to_vec());
        let Header {
            canister,
            draw,
            spec,
            entries,
            ..
        } = &self.header;
        writeln!(out, "title     {}", spec.get().title)?;
        writeln!(out, "draw      {draw} of canister {}", hex(canister))?;
        match self.module_hash {
            Some(module) => writeln!(out, "module    {}", hex(&module))?,
            None => writeln!(out, "module    none")?,
        }
        writeln!(out, "entries   {entries}, root {}", hex(&self.root))?;
        writeln!(out, "seed      {}", hex(&self.seed))?;
        writeln!(out, "digest    {}", hex(&self.digest))?;
        match &self.rests_on {
            RestsOn::MainnetKey(name) => {
                writeln!(out, "trusts    the public network's master key {name}")?
            }
            RestsOn::GivenKey => writeln!(out, "trusts    the master key that was given")?,
            RestsOn::PublicKey => writeln!(
                out,
                "trusts    the signing canister's public key that was given"
            )?,
            RestsOn::Nothing => writeln!(out, "trusts    nothing that could be checked")?,
        }
        writeln!(out, "grade     {}", self.grade)?;
        for flag in &self.flags {
            writeln!(out, "flag      {flag}")?;
        }
        let values: Vec<String> = self.outcome.iter().map(u32::to_string).collect();
        write!(out, "outcome   {}", values.join(" "))
    }
}

/// Bytes as people read them.
struct Hex(Vec<u8>);

impl fmt::Display for Hex {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(out, "{byte:02x}"))
    }
}
