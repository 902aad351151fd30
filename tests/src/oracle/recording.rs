//! A recording in the place of an engine, for unit tests: it answers each call with what was observed in the current step.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::time::Duration;

use candid::Principal;
use pocket_ic::RejectResponse;
use pocket_ic::common::rest::{
    CanisterHttpHeader, CanisterHttpMethod, CanisterHttpPricingVersion, CanisterHttpReplication,
    CanisterHttpRequest, MockCanisterHttpResponse, RawEffectivePrincipal, RawMessageId,
};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use super::compare::{Comparison, compare};
use super::engine::{Answer, Engine, LogRecord, Request};
use super::file::{Action, Case, GROUPS, load};
use super::names::Names;
use super::replay::Replay;

const START: u64 = 1_620_328_630_000_000_000;

/// Answers from the observations of one case.
struct Recording<'a> {
    case: &'a Case,
    step: Cell<usize>,
    names: RefCell<Names>,
    balances: RefCell<BTreeMap<Principal, u128>>,
    created: Cell<u64>,
    ticks: Cell<u64>,
}

impl<'a> Recording<'a> {
    fn new(case: &'a Case) -> Self {
        let recording = Self {
            case,
            step: Cell::new(0),
            names: RefCell::default(),
            balances: RefCell::default(),
            created: Cell::new(0),
            ticks: Cell::new(0),
        };
        *recording.names.borrow_mut() = Names::new(recording.subnets());
        recording
    }

    /// Enters a step: binds what it will bind and moves the balances as recorded.
    fn enter(&self, index: usize) {
        self.step.set(index);
        self.ticks.set(0);
        let step = &self.case.steps[index];
        let binds = match &step.action {
            Action::Create { named, .. } => named.clone().or(Some("A".to_string())),
            Action::Update(call) | Action::Mgmt(call) => call.bind.clone(),
            _ => None,
        };
        if let Some(name) = binds {
            let id = self.next_canister();
            self.names.borrow_mut().bind(&name, id);
        }
        if let Action::Mgmt(call) = &step.action
            && let Some(name) = &call.bind_blob
            && step.observed.contains_key("reply")
        {
            self.names.borrow_mut().bind_blob(name, vec![1; 32]);
        }
        for name in &self.case.track {
            let Ok(id) = self.names.borrow().bound(name) else {
                continue;
            };
            let mut balances = self.balances.borrow_mut();
            if let Some(balance) = step.observed.get(&format!("balance_{name}")) {
                balances.insert(id, balance.as_str().unwrap().parse().unwrap());
            }
            if let Some(delta) = step.observed.get("cycles_delta").and_then(|d| d.get(name)) {
                let delta: i128 = delta.as_str().unwrap().parse().unwrap();
                let balance = balances.get_mut(&id).unwrap();
                *balance = balance.wrapping_add_signed(delta);
            }
        }
    }

    fn next_canister(&self) -> Principal {
        let number = self.created.replace(self.created.get() + 1);
        let mut bytes = (0xffff_ffff_ffe0_0000 + number).to_be_bytes().to_vec();
        bytes.extend([1, 1]);
        Principal::from_slice(&bytes)
    }

    fn observed(&self) -> &Map<String, Value> {
        let observed = &self.case.steps[self.step.get()].observed;
        if let Some(text) = observed.get("client_panic") {
            panic!("{}", text.as_str().unwrap());
        }
        observed
    }

    fn answer(&self) -> Answer {
        let observed = self.observed();
        match reject(observed, &self.names.borrow()) {
            Some(reject) => Err(reject),
            None if observed.contains_key("reply_len") => Ok(long_reply(observed)),
            None => Ok(match observed.get("reply").and_then(Value::as_str) {
                Some(digits) => self.names.borrow().bytes(digits).unwrap(),
                None => vec![],
            }),
        }
    }

    fn text(&self, value: &Value) -> String {
        self.names.borrow().candid(value.as_str().unwrap())
    }

    fn since_start(&self, value: &Value) -> u64 {
        START + value.as_str().unwrap().parse::<u64>().unwrap()
    }
}

/// A reply of the recorded length; its hash cannot be inverted, so tests leave the hash out.
fn long_reply(observed: &Map<String, Value>) -> Vec<u8> {
    vec![0; observed["reply_len"].as_u64().unwrap() as usize]
}

fn reject(observed: &Map<String, Value>, names: &Names) -> Option<RejectResponse> {
    Some(RejectResponse {
        reject_code: observed.get("reject_code")?.as_u64()?.try_into().ok()?,
        error_code: observed["error_code"].as_u64()?.try_into().ok()?,
        reject_message: names.candid(observed["reject_message"].as_str()?),
        certified: observed["certified"].as_bool()?,
    })
}

impl Engine for Recording<'_> {
    fn subnets(&self) -> BTreeMap<String, Principal> {
        let mut counts = BTreeMap::new();
        let mut names = BTreeMap::new();
        for kind in &self.case.subnets {
            let count: &mut u8 = counts.entry(kind).or_default();
            *count += 1;
            let name = match count {
                1 => kind.clone(),
                n => format!("{kind}{n}"),
            };
            let id = Principal::self_authenticating(name.as_bytes());
            names.insert(name, id);
        }
        names
    }

    fn create(&self, _subnet: Principal) -> Principal {
        let observed = self.case.steps[self.step.get()].action.clone();
        let Action::Create { named, .. } = observed else {
            panic!("not a create step");
        };
        let name = named.unwrap_or("A".to_string());
        self.names.borrow().bound(&name).unwrap()
    }

    fn add_cycles(&self, _canister: Principal, _amount: u128) {}

    fn balance(&self, canister: Principal) -> u128 {
        match self.balances.borrow().get(&canister) {
            Some(balance) => *balance,
            None => panic!("no such canister"),
        }
    }

    fn update(&self, _request: Request) -> Answer {
        self.answer()
    }

    fn query(&self, _request: Request) -> Answer {
        self.answer()
    }

    fn submit(&self, _request: Request) -> Result<RawMessageId, RejectResponse> {
        self.answer().map(|_| RawMessageId {
            effective_principal: RawEffectivePrincipal::None,
            message_id: vec![],
        })
    }

    fn status(&self, _message: RawMessageId) -> Option<Answer> {
        let observed = self.observed();
        let rounds = observed.get("rounds").and_then(Value::as_u64).unwrap_or(0);
        (self.ticks.get() == rounds && !observed.contains_key("pending")).then(|| self.answer())
    }

    fn await_call(&self, _message: RawMessageId) -> Answer {
        self.answer()
    }

    fn tick(&self) {
        self.ticks.set(self.ticks.get() + 1);
    }

    fn advance(&self, _by: Duration) {}

    fn now(&self) -> u64 {
        match self.case.steps[self.step.get()]
            .observed
            .get("ns_since_start")
        {
            Some(value) => self.since_start(value),
            None => START,
        }
    }

    fn logs(&self, _c: Principal, _s: Principal) -> Result<Vec<LogRecord>, RejectResponse> {
        let observed = self.observed();
        if let Some(reject) = reject(observed, &self.names.borrow()) {
            return Err(reject);
        }
        let records = observed["logs"]
            .as_array()
            .unwrap()
            .iter()
            .map(|r| LogRecord {
                idx: r["idx"].as_u64().unwrap(),
                timestamp_nanos: self.since_start(&r["ns_since_start"]),
                content: self.text(&r["text"]).into_bytes(),
            });
        Ok(records.collect())
    }

    fn controllers(&self, _canister: Principal) -> Vec<Principal> {
        let texts = self.observed()["controllers"].as_array().unwrap().iter();
        texts
            .map(|t| Principal::from_text(self.text(t)).unwrap())
            .collect()
    }

    fn exists(&self, _canister: Principal) -> bool {
        self.observed()["exists"].as_bool().unwrap()
    }

    fn stable(&self, _canister: Principal) -> Vec<u8> {
        vec![]
    }

    fn outcalls(&self) -> Vec<CanisterHttpRequest> {
        let request = |r: &Value| CanisterHttpRequest {
            subnet_id: Principal::from_text(self.text(&r["subnet"])).unwrap(),
            request_id: 0,
            http_method: CanisterHttpMethod::GET,
            url: r["url"].as_str().unwrap().to_string(),
            headers: vec![],
            body: hex::decode(r["body"].as_str().unwrap()).unwrap(),
            max_response_bytes: r["max_response_bytes"].as_u64(),
            replication: CanisterHttpReplication::FullyReplicated,
            pricing_version: CanisterHttpPricingVersion::Legacy,
        };
        match self.observed().get("requests").and_then(Value::as_array) {
            Some(requests) => requests.iter().map(request).collect(),
            None => vec![CanisterHttpRequest {
                headers: vec![CanisterHttpHeader {
                    name: String::new(),
                    value: String::new(),
                }],
                ..request(&serde_json::json!({"subnet": "aaaaa-aa", "url": "", "body": ""}))
            }],
        }
    }

    fn mock(&self, _response: MockCanisterHttpResponse) {}
}

/// Replays a case on its own recording and compares it with `expected`.
fn replay_against(recorded: &Case, expected: &Case) -> Vec<Comparison> {
    let engine = Recording::new(recorded);
    let mut replay = Replay::new(&engine, recorded);
    let mut all = Vec::new();
    for index in 0..recorded.steps.len() {
        engine.enter(index);
        all.push(compare(expected, index, &replay.step(index)));
    }
    all
}

/// Hashes of long replies cannot be played back.
fn without_hashes(mut case: Case) -> Case {
    for step in &mut case.steps {
        if let Some(len) = step.observed.get("reply_len").and_then(Value::as_u64) {
            let hash = hash_of_zeros(len).into();
            step.observed.insert("reply_sha256".to_string(), hash);
        }
    }
    case
}

fn hash_of_zeros(len: u64) -> String {
    hex::encode(Sha256::digest(vec![0; len as usize]))
}

#[test]
fn the_recording_replayed_on_itself_is_equal_in_all_cases() {
    super::replay::silence_caught_panics();
    let mut count = 0;
    for group in GROUPS {
        for case in load(group).unwrap() {
            let case = without_hashes(case);
            for (index, comparison) in replay_against(&case, &case).iter().enumerate() {
                let first = comparison.differences.first();
                assert_eq!(first, None, "{} step {index}", case.name);
                assert!(comparison.noise.is_empty(), "{} step {index}", case.name);
            }
            count += 1;
        }
    }
    assert_eq!(count, 1722);
}

#[test]
fn each_perturbed_field_of_a_case_is_found() {
    super::replay::silence_caught_panics();
    let mut found = 0;
    for group in GROUPS {
        for case in load(group).unwrap().into_iter().step_by(7) {
            let case = without_hashes(case);
            for index in 0..case.steps.len() {
                for field in perturbable(&case.steps[index].observed) {
                    let mut other = case.clone();
                    perturb(&mut other.steps[index].observed, &field);
                    let comparison = &replay_against(&case, &other)[index];
                    assert_ne!(comparison.differences, [], "{} {index} {field}", case.name);
                    found += 1;
                }
            }
        }
    }
    assert!(found > 1000, "only {found} perturbations");
}

fn perturbable(observed: &Map<String, Value>) -> Vec<String> {
    let fields = observed
        .keys()
        .filter(|f| *f != "reply_candid" && *f != "requests");
    fields.cloned().collect()
}

fn perturb(observed: &mut Map<String, Value>, field: &str) {
    let value = observed.get_mut(field).unwrap();
    *value = match value.take() {
        Value::Bool(bit) => Value::Bool(!bit),
        Value::Number(n) => (n.as_u64().unwrap() + 1).into(),
        Value::String(text) => format!("9{text}").into(),
        Value::Array(items) if items.is_empty() => vec!["more"].into(),
        Value::Array(_) => Vec::<Value>::new().into(),
        Value::Object(map) => {
            let name = map.keys().next().unwrap();
            serde_json::json!({ name: "1" })
        }
        Value::Null => 1.into(),
    };
}
