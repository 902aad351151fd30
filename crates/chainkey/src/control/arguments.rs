//! The subcommands for nodes.
//!
//! In: arguments. Out: what to do, in the values of `subnet-view`. Wrong arguments end the process with a message.

use chainkey_control::view::{Effect, FaultChange, Misbehaviour, PayloadKind, Resharing, Rule};
use clap::{Args, CommandFactory, Parser, Subcommand};
use serde::de::DeserializeOwned;
use std::collections::BTreeSet;

/// Sees and breaks the nodes of a running network.
#[derive(Parser, Debug)]
#[command(
    name = "chainkey",
    about = "Sees and breaks the nodes of a running network"
)]
pub struct Control {
    /// Where and how.
    #[command(flatten)]
    pub target: Target,
    /// What.
    #[command(subcommand)]
    pub action: Action,
}

impl Control {
    /// Whether this is the name of a subcommand.
    pub fn knows(name: &str) -> bool {
        name == "help" || Control::command().find_subcommand(name).is_some()
    }
}

/// Which nodes.
#[derive(Args, Debug)]
pub struct Target {
    /// The server's address
    #[arg(
        long,
        global = true,
        env = "CHAINKEY_SERVER",
        default_value = "http://127.0.0.1:8080"
    )]
    pub server: String,
    /// The number of the instance
    #[arg(long, global = true, default_value_t = 0)]
    pub instance: usize,
    /// The subnet, by id or kind; else the first that holds keys
    #[arg(long, global = true)]
    pub subnet: Option<String>,
    /// Print JSON
    #[arg(long, global = true)]
    pub json: bool,
}

/// Nodes by index.
#[derive(Args, Debug)]
pub struct Nodes {
    /// Indices of nodes, from 0
    #[arg(required = true)]
    pub nodes: Vec<u16>,
}

impl Nodes {
    /// Each once.
    pub fn set(&self) -> BTreeSet<u16> {
        self.nodes.iter().copied().collect()
    }
}

/// When a rule applies.
#[derive(Args, Debug)]
pub struct When {
    /// Only payloads of this kind, such as dealing, support or signature_share
    #[arg(long, value_parser = named::<PayloadKind>)]
    pub kind: Option<PayloadKind>,
    /// So often in a hundred
    #[arg(long, default_value_t = 100)]
    pub percent: u8,
}

impl When {
    /// The rule for these nodes.
    pub fn rule(&self, nodes: &Nodes, effect: Effect) -> FaultChange {
        let rule = Rule::always(nodes.set(), effect).sometimes(self.percent);
        FaultChange::Rule(match self.kind {
            Some(kind) => rule.only(kind),
            None => rule,
        })
    }
}

/// How nodes lie.
#[derive(Args, Debug)]
pub struct Lie {
    /// flip, truncate, replay, copy, wrong_value, wrong_shares, second_dealing, false_complaints or early_openings
    #[arg(long, default_value = "wrong_value", value_parser = lie)]
    pub how: Misbehaviour,
    /// To how many receivers wrong shares are dealt, or how many false complaints are made
    #[arg(long, default_value_t = 1)]
    pub times: u16,
}

impl Lie {
    /// What happens to payloads.
    pub fn effect(&self) -> Effect {
        Effect::Corrupt(match self.how {
            Misbehaviour::WrongShares(_) => Misbehaviour::WrongShares(self.times),
            Misbehaviour::FalseComplaints(_) => Misbehaviour::FalseComplaints(self.times),
            other => other,
        })
    }
}

/// A plan of resharing.
#[derive(Subcommand, Debug)]
pub enum Plan {
    /// The same nodes with other shares
    Refresh,
    /// These nodes leave, and as many new ones join
    Replace {
        /// Indices of nodes, from 0
        #[arg(required = true)]
        nodes: Vec<u16>,
    },
    /// So many nodes: 4, 7, 13, 34, 40 or another 3f + 1
    Resize {
        /// How many
        size: u16,
    },
}

impl Plan {
    /// As a value.
    pub fn plan(&self) -> Resharing {
        match self {
            Plan::Refresh => Resharing::Refresh,
            Plan::Replace { nodes } => Resharing::Replace(nodes.clone()),
            Plan::Resize { size } => Resharing::Resize(*size),
        }
    }
}

/// What to do.
#[derive(Subcommand, Debug)]
pub enum Action {
    /// Nodes and how they are
    Nodes,
    /// Keys with their stocks of presignatures
    #[command(visible_alias = "stock")]
    Keys,
    /// Ceremonies: who dealt, who was accused
    Transcripts,
    /// The ways of the latest signatures: who contributed, who was blamed, how long it took
    Traces,
    /// Who was blamed for what
    Blames,
    /// Nodes go off and lose what they had not written to disk
    Crash {
        /// Which
        #[command(flatten)]
        nodes: Nodes,
    },
    /// Nodes hear but say nothing
    Silence {
        /// Which
        #[command(flatten)]
        nodes: Nodes,
    },
    /// Nodes that are off or silent run again
    Restart {
        /// Which
        #[command(flatten)]
        nodes: Nodes,
    },
    /// Groups can't reach each other, such as: partition 0,1 2,3,4 (the others are one more group; none heals)
    Partition {
        /// Groups, each as indices with commas
        #[arg(value_parser = group)]
        groups: Vec<BTreeSet<u16>>,
    },
    /// What nodes say arrives later
    Delay {
        /// Which
        #[command(flatten)]
        nodes: Nodes,
        /// Steps of the broadcast
        #[arg(long, default_value_t = 3)]
        steps: u32,
        /// When
        #[command(flatten)]
        when: When,
    },
    /// What nodes say gets lost
    Lose {
        /// Which
        #[command(flatten)]
        nodes: Nodes,
        /// When
        #[command(flatten)]
        when: When,
    },
    /// What nodes say comes twice
    Duplicate {
        /// Which
        #[command(flatten)]
        nodes: Nodes,
        /// When
        #[command(flatten)]
        when: When,
    },
    /// Nodes lie
    Corrupt {
        /// Which
        #[command(flatten)]
        nodes: Nodes,
        /// How
        #[command(flatten)]
        how: Lie,
        /// When
        #[command(flatten)]
        when: When,
    },
    /// Nodes that lied, delayed or lost obey the protocols again
    Obey {
        /// Which
        #[command(flatten)]
        nodes: Nodes,
    },
    /// Nothing is wrong any more
    Heal,
    /// Makes the next value of the random beacon, and prints what it takes to verify it
    Beacon,
    /// Fills the stocks of presignatures
    Refill,
    /// Hands all keys over to the next committee
    Reshare {
        /// To whom
        #[command(subcommand)]
        plan: Plan,
    },
}

/// A value by the name that it has in JSON.
fn named<T: DeserializeOwned>(name: &str) -> Result<T, String> {
    let name = serde_json::Value::String(name.to_lowercase().replace('-', "_"));
    serde_json::from_value(name).map_err(|error| error.to_string())
}

fn lie(name: &str) -> Result<Misbehaviour, String> {
    match name.replace('-', "_").as_str() {
        "wrong_shares" => Ok(Misbehaviour::WrongShares(1)),
        "false_complaints" => Ok(Misbehaviour::FalseComplaints(1)),
        other => named(other),
    }
}

fn group(text: &str) -> Result<BTreeSet<u16>, String> {
    let indices = text.split(',').map(str::trim).map(str::parse::<u16>);
    indices
        .collect::<Result<_, _>>()
        .map_err(|error| format!("{error}; a group is indices with commas, such as 0,1,5"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn action(arguments: &[&str]) -> Action {
        let arguments = ["chainkey"].iter().chain(arguments);
        Control::try_parse_from(arguments).unwrap().action
    }

    #[test]
    fn every_subcommand_is_known_by_name() {
        for subcommand in Control::command().get_subcommands() {
            let names = subcommand.get_all_aliases().chain([subcommand.get_name()]);
            for name in names {
                assert!(Control::knows(name), "{name}");
            }
        }
        assert!(Control::knows("help") && Control::knows("stock"));
        assert!(!Control::knows("pocket-ic") && !Control::knows("--version"));
    }

    #[test]
    fn rules_say_who_what_and_how_often() {
        let Action::Corrupt { nodes, how, when } = action(&[
            "corrupt",
            "1",
            "5",
            "--how",
            "wrong-shares",
            "--times",
            "3",
            "--kind",
            "dealing",
            "--percent",
            "50",
        ]) else {
            panic!("another action");
        };
        let lie = Effect::Corrupt(Misbehaviour::WrongShares(3));
        let rule = Rule::always([1_u16, 5], lie).only(PayloadKind::Dealing);
        let expected = FaultChange::Rule(rule.sometimes(50));
        assert_eq!(when.rule(&nodes, how.effect()), expected);
    }

    #[test]
    fn groups_are_read_and_bad_ones_refused() {
        let Action::Partition { groups } = action(&["partition", "0,1", "4"]) else {
            panic!("another action");
        };
        assert_eq!(groups, [BTreeSet::from([0, 1]), BTreeSet::from([4])]);
        let bad = ["chainkey", "partition", "0;1"];
        assert!(Control::try_parse_from(bad).is_err());
        assert!(Control::try_parse_from(["chainkey", "corrupt", "1", "--how", "nicely"]).is_err());
        assert!(Control::try_parse_from(["chainkey", "crash"]).is_err());
    }
}
