//! `chainkey nodes`, `chainkey crash 3` and the like: the nodes of a running network, to see and to break.
//!
//! In: a subcommand. Out: tables, or JSON with `--json`. Leaves out: everything that the network does by itself.

mod arguments;
mod tables;

pub use arguments::Control;

use arguments::{Action, Target};
use chainkey_control::view::{Effect, FaultChange, SubnetReport};
use chainkey_control::{ControlError, NetworkNodes, SubnetNodes};
use serde::Serialize;

/// Does what the arguments say; what is to be printed.
pub fn run(control: Control) -> Result<String, ControlError> {
    let Control { target, action } = control;
    let network = NetworkNodes::new(&target.server, target.instance);
    if matches!(action, Action::Beacon) {
        let beacon = chosen(&network, &target)?.next_beacon()?;
        return Ok(match target.json {
            true => json(&beacon),
            false => tables::beacon(&beacon),
        });
    }
    let reports = match change(&action) {
        None => seen(&network, &target, &action)?,
        Some(change) => vec![chosen(&network, &target)?.change(&change)?],
    };
    if target.json {
        return Ok(json(&reports));
    }
    let shown = reports.iter();
    let shown = shown.map(|report| tables::show(report, &action));
    Ok(shown.collect::<Vec<_>>().join("\n"))
}

fn json<T: Serialize>(value: &T) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default()
}

/// What is done without a change of faults.
fn seen(
    network: &NetworkNodes,
    target: &Target,
    action: &Action,
) -> Result<Vec<SubnetReport>, ControlError> {
    match action {
        Action::Reshare { plan } => {
            let nodes = chosen(network, target)?;
            Ok(vec![nodes.reshare(&plan.plan())?])
        }
        Action::Refill => Ok(vec![chosen(network, target)?.refill()?]),
        _ if target.subnet.is_none() => network.reports(),
        _ => Ok(vec![chosen(network, target)?.report()?]),
    }
}

/// The subnet that is named; else the one that holds keys, or the only one.
fn chosen(network: &NetworkNodes, target: &Target) -> Result<SubnetNodes, ControlError> {
    if let Some(wanted) = &target.subnet {
        return network.of_kind(wanted);
    }
    let reports = network.reports()?;
    let with_keys = reports
        .iter()
        .find(|report| !report.overview.keys.is_empty());
    match with_keys.or(reports.first().filter(|_| reports.len() == 1)) {
        Some(report) => Ok(network.of(report)),
        None => network.of_kind("(name one with --subnet)"),
    }
}

/// The change of faults that an action is.
fn change(action: &Action) -> Option<FaultChange> {
    Some(match action {
        Action::Crash { nodes } => FaultChange::Crash(nodes.set()),
        Action::Silence { nodes } => FaultChange::Silence(nodes.set()),
        Action::Restart { nodes } => FaultChange::Restart(nodes.set()),
        Action::Obey { nodes } => FaultChange::Obey(nodes.set()),
        Action::Partition { groups } => FaultChange::Partition(groups.clone()),
        Action::Heal => FaultChange::Heal,
        Action::Delay { nodes, steps, when } => when.rule(nodes, Effect::Delay(*steps)),
        Action::Lose { nodes, when } => when.rule(nodes, Effect::Drop),
        Action::Duplicate { nodes, when } => when.rule(nodes, Effect::Duplicate),
        Action::Corrupt { nodes, how, when } => when.rule(nodes, how.effect()),
        _ => return None,
    })
}
