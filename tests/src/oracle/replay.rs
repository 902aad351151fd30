//! Runs the steps of a case on an engine and writes down what is seen in the form of the recording.
//!
//! A panic of the client inside a step becomes `client_panic`, as it was recorded. After each step the balances of the tracked
//! canisters are read: the first sight is `balance_X`, later ones `cycles_delta`. A canister whose balance cannot be read (deleted)
//! has no entry, as in the recording.

use std::any::Any;
use std::cell::Cell;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use candid::types::value::{IDLArgs, IDLValue};
use candid::{CandidType, Principal};
use ic_management_canister_types::{CanisterInstallMode, UpgradeFlags, WasmMemoryPersistence};
use pocket_ic::RejectResponse;
use pocket_ic::common::rest::{
    CanisterHttpHeader, CanisterHttpReject, CanisterHttpReply, CanisterHttpRequest,
    CanisterHttpResponse, MockCanisterHttpResponse, RawEffectivePrincipal, RawMessageId,
};
use serde::Serialize;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::engine::{Answer, Engine, Request};
use super::file::{Action, Call, Case};
use super::names::{Names, Undriven};

/// Replies longer than this are recorded by length and hash.
const LONG_REPLY: usize = 2048;
/// The recorder kept this much of a panic's text.
const PANIC_TEXT: usize = 400;
/// The name of a canister or message that a step does not name.
const DEFAULT_CANISTER: &str = "A";
const DEFAULT_MESSAGE: &str = "m";
const DEFAULT_ROUNDS: u64 = 40;

type Seen = Map<String, Value>;

thread_local! {
    static QUIET: Cell<bool> = const { Cell::new(false) };
}

/// Lets panics that a replay catches pass without a line on stderr. Call once per process.
pub fn silence_caught_panics() {
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        if !QUIET.get() {
            before(info);
        }
    }));
}

/// Runs a closure; a panic becomes its text.
pub fn caught<T>(f: impl FnOnce() -> T) -> Result<T, String> {
    let before = QUIET.replace(true);
    let result = catch_unwind(AssertUnwindSafe(f));
    QUIET.set(before);
    result.map_err(|payload| panic_text(payload.as_ref()))
}

fn panic_text(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| payload.downcast_ref::<&str>().copied());
    text.unwrap_or("a panic without a text").to_string()
}

/// The replay of one case on one fresh instance.
pub struct Replay<'a, E> {
    engine: &'a E,
    case: &'a Case,
    names: Names,
    start: u64,
    balances: BTreeMap<String, u128>,
    messages: BTreeMap<String, RawMessageId>,
}

impl<'a, E: Engine> Replay<'a, E> {
    /// A replay on an instance that was just built.
    pub fn new(engine: &'a E, case: &'a Case) -> Self {
        Self {
            engine,
            case,
            names: Names::new(engine.subnets()),
            start: engine.now(),
            balances: BTreeMap::new(),
            messages: BTreeMap::new(),
        }
    }

    /// Runs one step and tells what was seen.
    pub fn step(&mut self, index: usize) -> Seen {
        let action = &self.case.steps[index].action;
        let mut seen = match caught(|| self.act(action)) {
            Ok(Ok(seen)) => seen,
            Ok(Err(undriven)) => gave_up(&undriven.to_string()),
            Err(text) => gave_up(&self.names.hide_text(&text)),
        };
        self.watch_cycles(&mut seen);
        seen
    }

    fn act(&mut self, action: &Action) -> Result<Seen, Undriven> {
        match action {
            Action::Create {
                named,
                add_cycles,
                subnet,
            } => self.create(named, add_cycles, subnet),
            Action::Install {
                canister,
                module,
                mode,
                arg,
                sender,
            } => self.install(canister, module, mode, arg, sender),
            Action::Update(call) => {
                let answer = self.engine.update(self.request(call)?);
                Ok(self.answered(call, answer))
            }
            Action::Query(call) => {
                let answer = self.engine.query(self.request(call)?);
                Ok(self.answered(call, answer))
            }
            Action::Mgmt(call) => {
                let request = self.management(call)?;
                let answer = match call.query {
                    true => self.engine.query(request),
                    false => self.engine.update(request),
                };
                Ok(self.answered(call, answer))
            }
            Action::Submit(call) => self.submit(call),
            Action::Rounds { msg, max } => self.rounds(msg, max.unwrap_or(DEFAULT_ROUNDS)),
            Action::Status { msg } => {
                let answer = self.engine.status(self.message(msg)?);
                Ok(answer.map_or_else(|| seen("pending", json!(true)), |a| self.answer(a)))
            }
            Action::Await { msg } => Ok(self.answer(self.engine.await_call(self.message(msg)?))),
            other => self.look(other),
        }
    }

    fn look(&mut self, action: &Action) -> Result<Seen, Undriven> {
        match action {
            Action::Tick { n } => (0..n.unwrap_or(1)).for_each(|_| self.engine.tick()),
            Action::Advance { ns } => {
                let ns = ns.parse().map_err(|_| Undriven::Argument(ns.clone()))?;
                self.engine.advance(Duration::from_nanos(ns));
            }
            Action::Time {} => {
                return Ok(seen("ns_since_start", self.since_start(self.engine.now())));
            }
            Action::Logs { canister, sender } => return self.logs(canister, sender),
            Action::Controllers { canister } => {
                let ids = self.engine.controllers(self.canister(canister)?);
                let texts = ids.iter().map(|id| self.names.hide_text(&id.to_text()));
                return Ok(seen("controllers", texts.collect::<Vec<_>>().into()));
            }
            Action::Exists { canister } => {
                let exists = self.engine.exists(self.canister(canister)?);
                return Ok(seen("exists", exists.into()));
            }
            Action::Stable { canister } => {
                let bytes = self.engine.stable(self.canister(canister)?);
                return Ok(seen("stable", self.names.hide_bytes(&bytes).into()));
            }
            Action::Balance { canister } => {
                let balance = self.engine.balance(self.canister(canister)?);
                return Ok(seen("balance", balance.to_string().into()));
            }
            Action::HttpPending {} => {
                let requests = self.engine.outcalls();
                let requests = requests.iter().map(|r| self.outcall(r));
                return Ok(seen("requests", requests.collect::<Vec<_>>().into()));
            }
            Action::HttpMock { .. } => self.mock(action)?,
            _ => unreachable!("`act` takes all calls"),
        }
        Ok(Seen::new())
    }

    fn create(
        &mut self,
        named: &Option<String>,
        add_cycles: &Option<String>,
        subnet: &Option<String>,
    ) -> Result<Seen, Undriven> {
        let subnet = self.names.subnet(subnet.as_deref().unwrap_or("app"))?;
        let id = self.engine.create(subnet);
        self.names
            .bind(named.as_deref().unwrap_or(DEFAULT_CANISTER), id);
        if let Some(cycles) = add_cycles {
            let amount = cycles
                .parse()
                .map_err(|_| Undriven::Argument(cycles.clone()))?;
            self.engine.add_cycles(id, amount);
        }
        Ok(Seen::new())
    }

    fn install(
        &mut self,
        canister: &Option<String>,
        module: &str,
        mode: &Option<String>,
        arg: &Option<String>,
        sender: &Option<String>,
    ) -> Result<Seen, Undriven> {
        let id = self
            .names
            .bound(canister.as_deref().unwrap_or(DEFAULT_CANISTER))?;
        let module = self.case.modules.get(module).ok_or(Undriven::Unbound)?;
        let payload = install_payload(
            id,
            module.to_vec(),
            mode.as_deref(),
            self.names.bytes(arg.as_deref().unwrap_or(""))?,
        )?;
        let answer = self.engine.update(Request {
            canister: Principal::management_canister(),
            effective: Some(RawEffectivePrincipal::CanisterId(id.as_slice().to_vec())),
            sender: self.names.sender(sender.as_deref())?,
            method: "install_code".to_string(),
            payload,
        });
        Ok(match answer {
            Ok(_) => seen("ok", json!(true)),
            Err(reject) => self.reject(reject),
        })
    }

    fn submit(&mut self, call: &Call) -> Result<Seen, Undriven> {
        let request = self.request(call)?;
        Ok(match self.engine.submit(request) {
            Ok(message) => {
                let name = call.named.as_deref().unwrap_or(DEFAULT_MESSAGE);
                self.messages.insert(name.to_string(), message);
                seen("submitted", json!(true))
            }
            Err(reject) => self.reject(reject),
        })
    }

    fn rounds(&mut self, msg: &Option<String>, max: u64) -> Result<Seen, Undriven> {
        let message = self.message(msg)?;
        let mut rounds = 0;
        loop {
            if let Some(answer) = self.engine.status(message.clone()) {
                let mut seen = self.answer(answer);
                seen.insert("rounds".to_string(), rounds.into());
                return Ok(seen);
            }
            if rounds == max {
                return Ok(seen("pending", json!(true)));
            }
            self.engine.tick();
            rounds += 1;
        }
    }

    fn logs(&self, canister: &Option<String>, sender: &Option<String>) -> Result<Seen, Undriven> {
        let sender = self.names.sender(sender.as_deref())?;
        Ok(match self.engine.logs(self.canister(canister)?, sender) {
            Err(reject) => self.reject(reject),
            Ok(records) => {
                let records = records.iter().map(|r| {
                    let text = String::from_utf8_lossy(&r.content);
                    json!({
                        "idx": r.idx,
                        "ns_since_start": self.since_start(r.timestamp_nanos),
                        "text": self.names.hide_text(&text),
                    })
                });
                seen("logs", records.collect::<Vec<_>>().into())
            }
        })
    }

    fn mock(&self, action: &Action) -> Result<(), Undriven> {
        let Action::HttpMock {
            status,
            headers,
            body,
            reject,
            code,
        } = action
        else {
            return Ok(());
        };
        let request = self.engine.outcalls().into_iter().next();
        let request = request.ok_or_else(|| Undriven::Argument("no outcall is pending".into()))?;
        let response = match reject {
            Some(message) => CanisterHttpResponse::CanisterHttpReject(CanisterHttpReject {
                reject_code: code.unwrap_or(1),
                message: message.clone(),
            }),
            None => CanisterHttpResponse::CanisterHttpReply(CanisterHttpReply {
                status: status.unwrap_or(200),
                headers: headers
                    .iter()
                    .cloned()
                    .map(|(name, value)| CanisterHttpHeader { name, value })
                    .collect(),
                body: self.names.bytes(body.as_deref().unwrap_or(""))?,
            }),
        };
        self.engine.mock(MockCanisterHttpResponse {
            subnet_id: request.subnet_id,
            request_id: request.request_id,
            response,
            additional_responses: vec![],
        });
        Ok(())
    }

    fn outcall(&self, request: &CanisterHttpRequest) -> Value {
        let headers = request.headers.iter().map(|h| json!([h.name, h.value]));
        json!({
            "url": request.url,
            "method": format!("{:?}", request.http_method),
            "headers": headers.collect::<Vec<_>>(),
            "body": self.names.hide_bytes(&request.body),
            "max_response_bytes": request.max_response_bytes,
            "subnet": self.names.hide_text(&request.subnet_id.to_text()),
        })
    }

    fn request(&self, call: &Call) -> Result<Request, Undriven> {
        let effective = call.effective.as_deref();
        Ok(Request {
            canister: self.canister(&call.canister)?,
            effective: effective.map(|e| self.effective(e)).transpose()?,
            sender: self.names.sender(call.sender.as_deref())?,
            method: call.method.clone(),
            payload: self.payload(call)?,
        })
    }

    fn management(&self, call: &Call) -> Result<Request, Undriven> {
        let effective = call.effective.as_deref().unwrap_or(DEFAULT_CANISTER);
        Ok(Request {
            canister: Principal::management_canister(),
            effective: Some(self.effective(effective)?),
            sender: self.names.sender(call.sender.as_deref())?,
            method: call.method.clone(),
            payload: self.payload(call)?,
        })
    }

    fn effective(&self, name: &str) -> Result<RawEffectivePrincipal, Undriven> {
        if name == "none" {
            return Ok(RawEffectivePrincipal::None);
        }
        if let Ok(subnet) = self.names.subnet(name) {
            return Ok(RawEffectivePrincipal::SubnetId(subnet.as_slice().to_vec()));
        }
        let id = self.names.principal(name)?;
        Ok(RawEffectivePrincipal::CanisterId(id.as_slice().to_vec()))
    }

    fn payload(&self, call: &Call) -> Result<Vec<u8>, Undriven> {
        let Some(candid) = &call.candid else {
            return self.names.bytes(call.arg.as_deref().unwrap_or(""));
        };
        let error = |e: String| Undriven::Argument(e);
        let text = self.names.candid(candid);
        let args = candid_parser::parse_idl_args(&text).map_err(|e| error(e.to_string()))?;
        let mut bytes = self.names.bytes(call.prefix.as_deref().unwrap_or(""))?;
        bytes.extend(args.to_bytes().map_err(|e| error(e.to_string()))?);
        Ok(bytes)
    }

    fn canister(&self, name: &Option<String>) -> Result<Principal, Undriven> {
        self.names
            .principal(name.as_deref().unwrap_or(DEFAULT_CANISTER))
    }

    fn message(&self, name: &Option<String>) -> Result<RawMessageId, Undriven> {
        let name = name.as_deref().unwrap_or(DEFAULT_MESSAGE);
        self.messages.get(name).cloned().ok_or(Undriven::Unbound)
    }

    fn since_start(&self, nanos: u64) -> Value {
        (i128::from(nanos) - i128::from(self.start))
            .to_string()
            .into()
    }

    fn answered(&mut self, call: &Call, answer: Answer) -> Seen {
        if let Ok(reply) = &answer
            && (call.bind.is_some() || call.bind_blob.is_some())
            && let Ok(args) = IDLArgs::from_bytes(reply)
        {
            if let Some((name, id)) = call.bind.as_ref().zip(first(&args, &principal_in)) {
                self.names.bind(name, id);
            }
            if let Some((name, blob)) = call.bind_blob.as_ref().zip(first(&args, &blob_in)) {
                self.names.bind_blob(name, blob);
            }
        }
        self.answer(answer)
    }

    fn answer(&self, answer: Answer) -> Seen {
        match answer {
            Ok(reply) if reply.len() > LONG_REPLY => {
                let mut seen = seen("reply_len", reply.len().into());
                let hash = hex::encode(Sha256::digest(&reply));
                seen.insert("reply_sha256".to_string(), hash.into());
                seen
            }
            Ok(reply) => seen("reply", self.names.hide_bytes(&reply).into()),
            Err(reject) => self.reject(reject),
        }
    }

    fn reject(&self, reject: RejectResponse) -> Seen {
        let mut seen = seen("reject_code", (reject.reject_code as u64).into());
        let message = self.names.hide_text(&reject.reject_message);
        seen.insert("error_code".to_string(), (reject.error_code as u64).into());
        seen.insert("reject_message".to_string(), message.into());
        seen.insert("certified".to_string(), reject.certified.into());
        seen
    }

    fn watch_cycles(&mut self, seen: &mut Seen) {
        let mut deltas = Map::new();
        for name in &self.case.track {
            let Ok(id) = self.names.bound(name) else {
                continue;
            };
            let Ok(now) = caught(|| self.engine.balance(id)) else {
                continue;
            };
            match self.balances.insert(name.clone(), now) {
                None => {
                    seen.insert(format!("balance_{name}"), now.to_string().into());
                }
                Some(before) if before != now => {
                    let delta = now.wrapping_sub(before) as i128;
                    deltas.insert(name.clone(), delta.to_string().into());
                }
                Some(_) => {}
            }
        }
        if !deltas.is_empty() {
            seen.insert("cycles_delta".to_string(), deltas.into());
        }
    }
}

/// The argument of `install_code` without the optional version of the sender.
#[derive(CandidType, Serialize)]
struct InstallCode {
    mode: CanisterInstallMode,
    canister_id: Principal,
    #[serde(with = "serde_bytes")]
    wasm_module: Vec<u8>,
    #[serde(with = "serde_bytes")]
    arg: Vec<u8>,
}

/// The argument of `install_code` as the recorder's client encoded it (its size enters the fees).
pub fn install_payload(
    canister_id: Principal,
    wasm_module: Vec<u8>,
    mode: Option<&str>,
    arg: Vec<u8>,
) -> Result<Vec<u8>, Undriven> {
    let flags = |skip_pre_upgrade, wasm_memory_persistence| {
        CanisterInstallMode::Upgrade(Some(UpgradeFlags {
            skip_pre_upgrade,
            wasm_memory_persistence,
        }))
    };
    let mode = match mode {
        None | Some("install") => CanisterInstallMode::Install,
        Some("reinstall") => CanisterInstallMode::Reinstall,
        Some("upgrade") => CanisterInstallMode::Upgrade(None),
        Some("upgrade_skip") => flags(Some(true), None),
        Some("upgrade_keep") => flags(None, Some(WasmMemoryPersistence::Keep)),
        Some("upgrade_replace") => flags(None, Some(WasmMemoryPersistence::Replace)),
        Some(other) => return Err(Undriven::Argument(format!("install mode {other}"))),
    };
    let args = InstallCode {
        mode,
        canister_id,
        wasm_module,
        arg,
    };
    candid::encode_one(args).map_err(|e| Undriven::Argument(e.to_string()))
}

fn seen(field: &str, value: Value) -> Seen {
    Map::from_iter([(field.to_string(), value)])
}

fn gave_up(text: &str) -> Seen {
    let text: String = text.chars().take(PANIC_TEXT).collect();
    seen("client_panic", text.into())
}

fn first<T>(args: &IDLArgs, take: &impl Fn(&IDLValue) -> Option<T>) -> Option<T> {
    args.args.iter().find_map(|value| first_in(value, take))
}

fn first_in<T>(value: &IDLValue, take: &impl Fn(&IDLValue) -> Option<T>) -> Option<T> {
    take(value).or_else(|| match value {
        IDLValue::Opt(inner) => first_in(inner, take),
        IDLValue::Vec(items) => items.iter().find_map(|item| first_in(item, take)),
        IDLValue::Record(fields) => fields.iter().find_map(|f| first_in(&f.val, take)),
        IDLValue::Variant(variant) => first_in(&variant.0.val, take),
        _ => None,
    })
}

fn principal_in(value: &IDLValue) -> Option<Principal> {
    match value {
        IDLValue::Principal(id) => Some(*id),
        _ => None,
    }
}

/// The bytes of a `vec nat8`, which decodes as a blob or, without type knowledge, as a vector.
pub fn blob_in(value: &IDLValue) -> Option<Vec<u8>> {
    match value {
        IDLValue::Blob(bytes) => Some(bytes.clone()),
        IDLValue::Vec(items) if !items.is_empty() => items
            .iter()
            .map(|item| match item {
                IDLValue::Nat8(byte) => Some(*byte),
                _ => None,
            })
            .collect(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_size_of_an_install_message_is_the_recorded_one() {
        // In `traps/upgrade/keep_needs_marker` an upgrade_keep with a module of 211 bytes is refused before it executes anything. It
        // costs 7 084 000 cycles: 5 000 000 for the execution, 1 200 000 for the message and 2000 for each of 442 bytes, of which
        // 113 are the envelope and 12 the method's name.
        let id = Principal::from_text("lxzze-o7777-77777-aaaaa-cai").unwrap();
        let bytes = install_payload(id, vec![0; 211], Some("upgrade_keep"), vec![]).unwrap();
        assert_eq!(bytes.len(), 442 - 113 - 12);
    }

    #[test]
    fn a_panic_is_caught_with_its_text() {
        assert_eq!(
            caught(|| panic!("no {}", 1)),
            Err::<(), _>("no 1".to_string())
        );
    }
}
