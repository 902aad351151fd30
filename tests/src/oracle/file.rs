//! The file format of the oracle: groups, cases, modules and steps, with the table of long strings expanded.
//!
//! In: the JSON files of `tests/vectors/oracle`. Out: typed cases. Unknown fields are ignored, unknown operations are errors.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Deserialize;
use serde_json::{Map, Value};
use thiserror::Error;

/// The groups, in the order of the README.
pub const GROUPS: [&str; 6] = [
    "instructions",
    "system_api",
    "traps",
    "fees",
    "management",
    "rounds",
];

/// Why a file could not be read.
#[derive(Debug, Error)]
pub enum FileError {
    /// The file is not there or not readable.
    #[error("{0}: {1}")]
    Io(PathBuf, std::io::Error),
    /// The file is not of this format.
    #[error("{0}: {1}")]
    Format(PathBuf, serde_json::Error),
    /// `@@N` without entry N.
    #[error("no entry {0} in the table of strings")]
    MissingString(String),
    /// A module that is neither text, bytes nor a reference, or does not assemble.
    #[error("module {0}: {1}")]
    Module(String, String),
}

#[derive(Deserialize)]
struct RawFile {
    group: String,
    strings: Vec<String>,
    common_modules: BTreeMap<String, RawModule>,
    cases: Vec<Value>,
}

#[derive(Clone, Deserialize)]
struct RawModule {
    wat: Option<String>,
    hex: Option<String>,
    #[serde(rename = "ref")]
    reference: Option<String>,
}

#[derive(Deserialize)]
struct RawCase {
    name: String,
    #[serde(default)]
    subnets: Vec<String>,
    modules: BTreeMap<String, RawModule>,
    #[serde(default)]
    track: Vec<String>,
    #[serde(default)]
    note: String,
    steps: Vec<Value>,
}

/// One recorded case.
#[derive(Clone, Debug)]
pub struct Case {
    /// Path-like name, unique in the group.
    pub name: String,
    /// The group it belongs to.
    pub group: String,
    /// Kinds of the subnets of the instance.
    pub subnets: Vec<String>,
    /// Assembled modules by name.
    pub modules: BTreeMap<String, Arc<Vec<u8>>>,
    /// Canisters whose cycles are watched.
    pub track: Vec<String>,
    /// What the recorder noted.
    pub note: String,
    /// The steps in order.
    pub steps: Vec<Step>,
}

/// One step with what was observed in it.
#[derive(Clone, Debug)]
pub struct Step {
    /// What to do.
    pub action: Action,
    /// What the recorded server showed.
    pub observed: Map<String, Value>,
    /// The operation and its method, for reports.
    pub title: String,
}

/// A call of a canister or of the management canister, as the files write it.
#[derive(Clone, Debug, Deserialize)]
pub struct Call {
    /// Name or text of the canister; `A` where absent.
    pub canister: Option<String>,
    /// The method.
    pub method: String,
    /// Argument in hex with placeholders.
    pub arg: Option<String>,
    /// Bytes in hex in front of the encoded `candid`.
    pub prefix: Option<String>,
    /// Argument in Candid's text form with placeholders.
    pub candid: Option<String>,
    /// Canister, subnet or `none`, where the message is routed.
    pub effective: Option<String>,
    /// Who calls; anonymous where absent.
    pub sender: Option<String>,
    /// Name for the principal in the reply.
    pub bind: Option<String>,
    /// Name for the blob in the reply.
    pub bind_blob: Option<String>,
    /// The inner call that an argument of the general canister makes, for reading.
    pub readable: Option<String>,
    /// A query call instead of an update call (management only).
    #[serde(default)]
    pub query: bool,
    /// Name of a submitted message.
    #[serde(rename = "as")]
    pub named: Option<String>,
}

/// The operations of the README.
#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "op", rename_all = "snake_case")]
pub enum Action {
    /// A canister with no cycles, then cycles added.
    Create {
        /// Its name, `A` where absent.
        #[serde(rename = "as")]
        named: Option<String>,
        /// Cycles to add, decimal.
        add_cycles: Option<String>,
        /// Name of the subnet, `app` where absent.
        subnet: Option<String>,
    },
    /// `install_code`.
    Install {
        /// The canister, `A` where absent.
        canister: Option<String>,
        /// Name of the module.
        module: String,
        /// install, reinstall, upgrade, upgrade_skip, upgrade_keep, upgrade_replace.
        mode: Option<String>,
        /// Argument in hex.
        arg: Option<String>,
        /// Who installs.
        sender: Option<String>,
    },
    /// An update call.
    Update(Call),
    /// A query call.
    Query(Call),
    /// A call of the management canister.
    Mgmt(Call),
    /// An update call that is submitted only.
    Submit(Call),
    /// Ticks until the message is answered.
    Rounds {
        /// Name of the message.
        msg: Option<String>,
        /// Most ticks; 40 where absent.
        max: Option<u64>,
    },
    /// One look at a message.
    Status {
        /// Name of the message.
        msg: Option<String>,
    },
    /// `await_call`.
    Await {
        /// Name of the message.
        msg: Option<String>,
    },
    /// Rounds.
    Tick {
        /// How many; 1 where absent.
        n: Option<u64>,
    },
    /// `advance_time`.
    Advance {
        /// Nanoseconds, decimal.
        ns: String,
    },
    /// `get_time`.
    Time {},
    /// `fetch_canister_logs`.
    Logs {
        /// The canister, `A` where absent.
        canister: Option<String>,
        /// Who reads.
        sender: Option<String>,
    },
    /// `get_controllers`.
    Controllers {
        /// The canister, `A` where absent.
        canister: Option<String>,
    },
    /// `canister_exists`.
    Exists {
        /// The canister, `A` where absent.
        canister: Option<String>,
    },
    /// `get_stable_memory`.
    Stable {
        /// The canister, `A` where absent.
        canister: Option<String>,
    },
    /// `cycle_balance`.
    Balance {
        /// The canister, `A` where absent.
        canister: Option<String>,
    },
    /// `get_canister_http`.
    HttpPending {},
    /// An answer to the first pending outcall.
    HttpMock {
        /// Status of a reply.
        status: Option<u16>,
        /// Headers of a reply: name and value.
        #[serde(default)]
        headers: Vec<(String, String)>,
        /// Body of a reply, hex.
        body: Option<String>,
        /// Message of a reject.
        reject: Option<String>,
        /// Code of a reject.
        code: Option<u64>,
    },
}

/// The folder with the files.
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors/oracle")
}

/// Reads one group.
pub fn load(group: &str) -> Result<Vec<Case>, FileError> {
    let path = folder().join(format!("{group}.json"));
    let text = std::fs::read_to_string(&path).map_err(|e| FileError::Io(path.clone(), e))?;
    let format = |e| FileError::Format(path.clone(), e);
    let file: RawFile = serde_json::from_str(&text).map_err(format)?;
    let mut common = BTreeMap::new();
    for (name, module) in &file.common_modules {
        common.insert(name.clone(), assemble(name, module)?);
    }
    let mut cases = Vec::new();
    for mut value in file.cases {
        expand(&mut value, &file.strings)?;
        let raw: RawCase = serde_json::from_value(value).map_err(format)?;
        cases.push(case(&file.group, raw, &common).map_err(|e| match e {
            CaseError::File(e) => e,
            CaseError::Json(e) => format(e),
        })?);
    }
    Ok(cases)
}

enum CaseError {
    File(FileError),
    Json(serde_json::Error),
}

fn case(
    group: &str,
    raw: RawCase,
    common: &BTreeMap<String, Arc<Vec<u8>>>,
) -> Result<Case, CaseError> {
    let mut modules = BTreeMap::new();
    for (name, module) in &raw.modules {
        let bytes = match module.reference.as_ref().map(|r| common.get(r)) {
            Some(Some(bytes)) => bytes.clone(),
            Some(None) => {
                let error = FileError::Module(name.clone(), "unknown reference".to_string());
                return Err(CaseError::File(error));
            }
            None => assemble(name, module).map_err(CaseError::File)?,
        };
        modules.insert(name.clone(), bytes);
    }
    let steps = raw.steps.into_iter().map(step).collect::<Result<_, _>>();
    Ok(Case {
        name: raw.name,
        group: group.to_string(),
        subnets: match raw.subnets.is_empty() {
            true => vec!["app".to_string()],
            false => raw.subnets,
        },
        modules,
        track: raw.track,
        note: raw.note,
        steps: steps.map_err(CaseError::Json)?,
    })
}

fn step(mut value: Value) -> Result<Step, serde_json::Error> {
    let observed = match value.get_mut("observed").map(Value::take) {
        Some(Value::Object(map)) => map,
        _ => Map::new(),
    };
    let word = |key: &str| value.get(key).and_then(Value::as_str).map(String::from);
    let detail = word("readable")
        .or_else(|| word("method"))
        .or_else(|| word("mode"));
    let title = [word("op"), detail].into_iter().flatten();
    let title = title.collect::<Vec<_>>().join(" ");
    Ok(Step {
        action: serde_json::from_value(value)?,
        observed,
        title,
    })
}

fn assemble(name: &str, module: &RawModule) -> Result<Arc<Vec<u8>>, FileError> {
    let error = |text: String| FileError::Module(name.to_string(), text);
    let bytes = match (&module.wat, &module.hex) {
        (Some(text), _) => wat::parse_str(text).map_err(|e| error(e.to_string()))?,
        (None, Some(digits)) => hex::decode(digits).map_err(|e| error(e.to_string()))?,
        (None, None) => return Err(error("neither text nor bytes".to_string())),
    };
    Ok(Arc::new(bytes))
}

fn expand(value: &mut Value, strings: &[String]) -> Result<(), FileError> {
    match value {
        Value::String(text) => {
            if let Some(entry) = text.strip_prefix("@@") {
                let index = entry.parse::<usize>().ok();
                let found = index.and_then(|i| strings.get(i));
                *text = found
                    .ok_or_else(|| FileError::MissingString(entry.to_string()))?
                    .clone();
            }
            Ok(())
        }
        Value::Array(items) => items.iter_mut().try_for_each(|item| expand(item, strings)),
        Value::Object(map) => map.values_mut().try_for_each(|item| expand(item, strings)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_group_is_read_and_there_are_1722_cases() {
        let count: usize = GROUPS.iter().map(|g| load(g).unwrap().len()).sum();
        assert_eq!(count, 1722);
    }

    #[test]
    fn a_missing_string_is_an_error() {
        let mut value = Value::String("@@1".to_string());
        assert!(expand(&mut value, &["only one".to_string()]).is_err());
    }
}
