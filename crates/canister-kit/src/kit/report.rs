//! What a kit tells of itself: `usage`, the text of `/metrics`, and the index page.
//!
//! - In: the kit's state. Out: records and texts. Only `usage` depends on who asks.

use super::Kit;
use crate::admission::Standing;
use crate::certified::{Content, Samples};
use crate::environment::Environment;
use crate::info::AdmissionMode;
use crate::product::Product;
use crate::quota::Group;
use crate::runtime::Runtime;
use crate::usage::Usage;
use candid::Principal;
use ic_stable_structures::Memory;

impl<P: Product, M: Memory> Kit<P, M> {
    /// The query `usage`: what its caller may still do. The anonymous principal sees a quota that it cannot use.
    pub fn usage(&self, world: &impl Runtime) -> Usage {
        let (caller, now) = (world.caller(), world.now());
        let left = self.quota.remaining(self.group(caller, now), caller, now);
        let limits = self.quota.limits().per_caller();
        let mode = self.config().admission;
        Usage {
            caller,
            calls_left: left.own,
            calls_at_most: limits.burst(),
            call_returns_every: limits.interval(),
            calls_left_together: left.together,
            requests: self.journal.count_of(caller),
            requests_at_most: self.journal.limits().per_caller(),
            standing: self.state.accounts.standing(mode, caller, now).into(),
        }
    }

    pub(super) fn content(&self, world: &impl Runtime) -> Content {
        Content {
            index: self.index(),
            metrics: self.metrics(world),
        }
    }

    fn metrics(&self, world: &impl Runtime) -> Vec<u8> {
        let mut out = Samples::new(world.now());
        let info = self.info();
        let facts = [
            ("name", info.name.as_str()),
            ("version", &info.version),
            ("environment", environment_name(info.environment)),
            ("key_name", &info.key_name),
            ("admission", admission_name(&info.admission)),
        ];
        out.facts("canister_info", "What this canister is.", &facts);
        let paused = f64::from(u8::from(info.paused));
        out.gauge(
            "canister_paused",
            "1 while methods that pay are stopped.",
            paused,
        );
        let help = "Cycles that the canister had at its last change.";
        out.cycles("canister_cycles", help, world.balance());
        let events = self.log.len() as f64;
        out.counter("canister_audit_events", "Events in the audit log.", events);
        let callers = self.quota.callers() as f64;
        out.gauge(
            "canister_quota_callers",
            "Callers whose quota is not full.",
            callers,
        );
        let (nobody, now) = (Principal::anonymous(), world.now());
        let left = self.quota.remaining(Group::Admitted, nobody, now);
        let help = "Calls that the quota of all callers together lets through.";
        out.gauge("canister_quota_left", help, f64::from(left.together));
        let (all, running, done) = (
            self.journal.len(),
            self.journal.running(),
            self.journal.done(),
        );
        let states = [
            ("running", running as f64),
            ("done", done as f64),
            ("unknown", all.saturating_sub(running + done) as f64),
        ];
        out.gauges("canister_requests", "Requests on record.", "state", &states);
        let accounts = self.state.accounts.len() as f64;
        let help = "Accounts with a balance, or entries of the allow-list.";
        out.gauge("canister_accounts", help, accounts);
        self.budget(&mut out, world);
        let refusals: Vec<(&str, f64)> = self
            .refusals
            .iter()
            .map(|(name, count)| (*name, *count as f64))
            .collect();
        let help = "Refused calls since the last upgrade.";
        out.counters("canister_refusals", help, "reason", &refusals);
        self.product().measure(&mut out);
        out.into_text()
    }

    fn budget(&self, out: &mut Samples, world: &impl Runtime) {
        let mode = self.config().admission;
        let standing = self
            .state
            .accounts
            .standing(mode, Principal::anonymous(), world.now());
        if let Standing::LeftToday(left) = standing {
            let help = "Cycles that all callers together may still spend today (UTC).";
            out.cycles("canister_budget_left", help, left);
        }
    }

    /// The values in it are names of this package or consist of letters, digits and `_`, so nothing needs escaping.
    fn index(&self) -> String {
        let info = self.info();
        let state = match info.paused {
            true => "paused",
            false => "active",
        };
        format!(
            "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>{name}</title>\
             <h1>{name} {version}</h1>\
             <p>Environment {environment}, key {key}, admission {admission}, {state}.</p>\
             <p><a href=\"/metrics\">Metrics</a>. The Candid interface is in the module's metadata; \
             the query audit_log tells everything that has happened, certified.</p></html>\n",
            name = info.name,
            version = info.version,
            environment = environment_name(info.environment),
            key = info.key_name,
            admission = admission_name(&info.admission),
        )
    }
}

fn environment_name(environment: Environment) -> &'static str {
    match environment {
        Environment::Local => "Local",
        Environment::Staging => "Staging",
        Environment::Production => "Production",
    }
}

fn admission_name(admission: &AdmissionMode) -> &'static str {
    match admission {
        AdmissionMode::AllowList => "AllowList",
        AdmissionMode::Prepaid => "Prepaid",
        AdmissionMode::Open { .. } => "Open",
    }
}
