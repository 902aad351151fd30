//! What a replay asks of an engine: the calls of the blocking client, by the names of the README.
//!
//! [`Client`] is the unmodified `pocket-ic` client. Each method panics where the client panics; the replay catches that, since the
//! texts are recorded. Unit tests put the recording itself in the place of an engine.

use std::collections::BTreeMap;
use std::time::Duration;

use candid::Principal;
use pocket_ic::common::rest::{
    CanisterHttpRequest, MockCanisterHttpResponse, RawEffectivePrincipal, RawMessageId, SubnetKind,
};
use pocket_ic::{
    CreateCanisterParams, CreateCanisterPlacement, PocketIc, PocketIcBuilder, RejectResponse,
};

/// A reply or a reject.
pub type Answer = Result<Vec<u8>, RejectResponse>;

/// A call as the client takes it.
#[derive(Clone, Debug)]
pub struct Request {
    /// The callee.
    pub canister: Principal,
    /// Where it is routed; by the callee where absent.
    pub effective: Option<RawEffectivePrincipal>,
    /// Who calls.
    pub sender: Principal,
    /// The method.
    pub method: String,
    /// The argument.
    pub payload: Vec<u8>,
}

/// One record of a canister's log.
#[derive(Clone, Debug)]
pub struct LogRecord {
    /// Its number.
    pub idx: u64,
    /// Nanoseconds since 1970.
    pub timestamp_nanos: u64,
    /// The bytes logged.
    pub content: Vec<u8>,
}

/// The calls that steps need.
pub trait Engine {
    /// The subnets by the names of the README.
    fn subnets(&self) -> BTreeMap<String, Principal>;
    /// A canister without cycles on a subnet, controlled by the anonymous principal.
    fn create(&self, subnet: Principal) -> Principal;
    /// Adds cycles.
    fn add_cycles(&self, canister: Principal, amount: u128);
    /// The balance in cycles.
    fn balance(&self, canister: Principal) -> u128;
    /// An update call.
    fn update(&self, request: Request) -> Answer;
    /// A query call.
    fn query(&self, request: Request) -> Answer;
    /// Submits an update call.
    fn submit(&self, request: Request) -> Result<RawMessageId, RejectResponse>;
    /// Looks at a submitted call.
    fn status(&self, message: RawMessageId) -> Option<Answer>;
    /// Awaits a submitted call.
    fn await_call(&self, message: RawMessageId) -> Answer;
    /// One round on every subnet.
    fn tick(&self);
    /// Moves the time.
    fn advance(&self, by: Duration);
    /// Nanoseconds since 1970.
    fn now(&self) -> u64;
    /// The log of a canister.
    fn logs(
        &self,
        canister: Principal,
        sender: Principal,
    ) -> Result<Vec<LogRecord>, RejectResponse>;
    /// The controllers of a canister.
    fn controllers(&self, canister: Principal) -> Vec<Principal>;
    /// Whether a canister exists.
    fn exists(&self, canister: Principal) -> bool;
    /// The stable memory of a canister.
    fn stable(&self, canister: Principal) -> Vec<u8>;
    /// Pending HTTP outcalls.
    fn outcalls(&self) -> Vec<CanisterHttpRequest>;
    /// Answers an outcall.
    fn mock(&self, response: MockCanisterHttpResponse);
}

/// An instance behind the unmodified client.
pub struct Client(PocketIc);

impl Client {
    /// Builds an instance with subnets of these kinds on the server of the builder.
    pub fn build(builder: PocketIcBuilder, kinds: &[String]) -> Self {
        let builder = kinds.iter().fold(builder, |b, kind| match kind.as_str() {
            "app" => b.with_application_subnet(),
            "sys" => b.with_system_subnet(),
            "vapp" => b.with_verified_application_subnet(),
            "nns" => b.with_nns_subnet(),
            "sns" => b.with_sns_subnet(),
            "ii" => b.with_ii_subnet(),
            "fid" => b.with_fiduciary_subnet(),
            other => panic!("unknown kind of subnet {other}"),
        });
        Self(builder.build())
    }
}

fn kind_name(kind: SubnetKind) -> Option<&'static str> {
    match kind {
        SubnetKind::Application => Some("app"),
        SubnetKind::System => Some("sys"),
        SubnetKind::VerifiedApplication => Some("vapp"),
        SubnetKind::NNS => Some("nns"),
        SubnetKind::SNS => Some("sns"),
        SubnetKind::II => Some("ii"),
        SubnetKind::Fiduciary => Some("fid"),
        SubnetKind::Bitcoin | SubnetKind::TestThresholdKeys | SubnetKind::CloudEngine => None,
    }
}

impl Engine for Client {
    fn subnets(&self) -> BTreeMap<String, Principal> {
        let topology = self.0.topology();
        let mut found = Vec::new();
        for (id, config) in topology.subnet_configs {
            let lowest = config
                .canister_ranges
                .iter()
                .map(|r| r.start.canister_id.clone());
            found.extend(kind_name(config.subnet_kind).map(|kind| (kind, lowest.min(), id)));
        }
        found.sort();
        let mut counts = BTreeMap::new();
        let mut names = BTreeMap::new();
        for (kind, _, id) in found {
            let count = counts.entry(kind).or_insert(0);
            *count += 1;
            let name = match count {
                1 => kind.to_string(),
                n => format!("{kind}{n}"),
            };
            names.insert(name, id);
        }
        names
    }

    fn create(&self, subnet: Principal) -> Principal {
        let params = CreateCanisterParams {
            cycles: Some(0),
            settings: None,
            placement: Some(CreateCanisterPlacement::SubnetId(subnet)),
        };
        self.0.create_canister_with_params(None, params).unwrap()
    }

    fn add_cycles(&self, canister: Principal, amount: u128) {
        self.0.add_cycles(canister, amount);
    }

    fn balance(&self, canister: Principal) -> u128 {
        self.0.cycle_balance(canister)
    }

    fn update(&self, r: Request) -> Answer {
        match r.effective {
            None => self
                .0
                .update_call(r.canister, r.sender, &r.method, r.payload),
            Some(effective) => self.0.update_call_with_effective_principal(
                r.canister, effective, r.sender, &r.method, r.payload,
            ),
        }
    }

    fn query(&self, r: Request) -> Answer {
        match r.effective {
            None => self
                .0
                .query_call(r.canister, r.sender, &r.method, r.payload),
            Some(effective) => self.0.query_call_with_effective_principal(
                r.canister, effective, r.sender, &r.method, r.payload,
            ),
        }
    }

    fn submit(&self, r: Request) -> Result<RawMessageId, RejectResponse> {
        match r.effective {
            None => self
                .0
                .submit_call(r.canister, r.sender, &r.method, r.payload),
            Some(effective) => self.0.submit_call_with_effective_principal(
                r.canister, effective, r.sender, &r.method, r.payload,
            ),
        }
    }

    fn status(&self, message: RawMessageId) -> Option<Answer> {
        self.0.ingress_status(message)
    }

    fn await_call(&self, message: RawMessageId) -> Answer {
        self.0.await_call(message)
    }

    fn tick(&self) {
        self.0.tick();
    }

    fn advance(&self, by: Duration) {
        self.0.advance_time(by);
    }

    fn now(&self) -> u64 {
        self.0.get_time().as_nanos_since_unix_epoch()
    }

    fn logs(
        &self,
        canister: Principal,
        sender: Principal,
    ) -> Result<Vec<LogRecord>, RejectResponse> {
        let records = self.0.fetch_canister_logs(canister, sender)?;
        Ok(records
            .into_iter()
            .map(|r| LogRecord {
                idx: r.idx,
                timestamp_nanos: r.timestamp_nanos,
                content: r.content,
            })
            .collect())
    }

    fn controllers(&self, canister: Principal) -> Vec<Principal> {
        self.0.get_controllers(canister)
    }

    fn exists(&self, canister: Principal) -> bool {
        self.0.canister_exists(canister)
    }

    fn stable(&self, canister: Principal) -> Vec<u8> {
        self.0.get_stable_memory(canister)
    }

    fn outcalls(&self) -> Vec<CanisterHttpRequest> {
        self.0.get_canister_http()
    }

    fn mock(&self, response: MockCanisterHttpResponse) {
        self.0.mock_canister_http_response(response);
    }
}
