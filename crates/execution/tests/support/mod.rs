//! One subnet driven through its doors, for tests: ingress in, rounds, answers out.
#![allow(dead_code, reason = "each test file uses a part")]

use candid::{CandidType, Principal, encode_one};
use chainkey_execution::chain_keys::NoKeys;
use chainkey_execution::error::UserError;
use chainkey_execution::ids::{CanisterId, CanisterRange, MessageId, NodeId, SubnetId, Time};
use chainkey_execution::message::{CanisterMessage, Ingress};
use chainkey_execution::sandbox;
use chainkey_execution::subnet::{
    IngressStatus, InstructionLimits, RoutingTable, Subnet, SubnetConfig, SubnetKind, SubnetRecord,
};
use chainkey_execution::wasm::{ModuleCache, WasmEngine};
use ic_management_canister_types::{
    CanisterIdRecord, CanisterInstallMode, InstallCodeArgs, ProvisionalCreateCanisterWithCyclesArgs,
};
use std::collections::BTreeMap;
use std::sync::Arc;

const START: Time = Time(1_620_328_630_000_000_000);
const WINDOW: u64 = 300_000_000_000;

/// One subnet with its own stream.
pub struct World {
    pub subnet: Subnet,
    inbound: Vec<CanisterMessage>,
    nonce: u64,
}

impl World {
    /// An application subnet of 13 nodes.
    pub fn new() -> World {
        let id = SubnetId(Principal::self_authenticating(b"a subnet"));
        let range = CanisterRange {
            start: CanisterId::from_number(0),
            end: CanisterId::from_number((1 << 20) - 1),
        };
        let record = SubnetRecord {
            kind: SubnetKind::Application,
            node_count: 13,
            ranges: vec![range],
        };
        let routing = RoutingTable {
            root: SubnetId(Principal::self_authenticating(b"the root")),
            subnets: BTreeMap::from([(id, record)]),
            keys: BTreeMap::new(),
        };
        let node = |i: u8| NodeId(Principal::self_authenticating([i]));
        let config = SubnetConfig {
            id,
            kind: SubnetKind::Application,
            nodes: (0..13).map(node).collect(),
            start: START,
            seed: [7; 32],
            cost_schedule: SubnetKind::Application.cost_schedule(),
            instructions: InstructionLimits::production(SubnetKind::Application),
        };
        let engine = Arc::new(
            WasmEngine::new(ModuleCache::Memory, Some(sandbox::heap_creator())).expect("an engine"),
        );
        let subnet = Subnet::new(config, Arc::new(routing), engine, Arc::new(NoKeys));
        World {
            subnet,
            inbound: Vec::new(),
            nonce: 0,
        }
    }

    /// One round, a nanosecond later.
    pub fn round(&mut self) {
        let time = self.subnet.state.time.plus(1);
        let inbound = std::mem::take(&mut self.inbound);
        let own = self.subnet.state.id();
        for (subnet, message) in self.subnet.execute_round(time, inbound) {
            assert_eq!(subnet, own, "there is one subnet");
            self.inbound.push(message);
        }
    }

    /// Submits a call; the error is the door's.
    pub fn submit(
        &mut self,
        receiver: CanisterId,
        method: &str,
        payload: Vec<u8>,
    ) -> Result<MessageId, UserError> {
        self.nonce += 1;
        let mut id = [0; 32];
        id[..8].copy_from_slice(&self.nonce.to_be_bytes());
        let sender = Principal::anonymous();
        let ingress = Ingress {
            id: MessageId(id),
            sender,
            receiver,
            caller_info: None,
            method: method.into(),
            envelope_bytes: Ingress::unsigned_envelope_bytes(
                receiver.as_slice(),
                method,
                &payload,
                &sender,
            ),
            payload,
            expiry: self.subnet.state.time.plus(WINDOW),
        };
        self.subnet.submit(ingress)?;
        Ok(MessageId(id))
    }

    /// Runs rounds until the message is answered.
    pub fn answer(&mut self, id: MessageId) -> Result<Vec<u8>, UserError> {
        for _ in 0..200 {
            match self.subnet.ingress_status(&id) {
                Some((IngressStatus::Replied(reply), _)) => return Ok(reply.clone()),
                Some((IngressStatus::Failed(error), _)) => return Err(error.clone()),
                _ => self.round(),
            }
        }
        panic!("no answer after 200 rounds");
    }

    /// Submits a call and runs rounds until it is answered.
    pub fn call(
        &mut self,
        receiver: CanisterId,
        method: &str,
        payload: Vec<u8>,
    ) -> Result<Vec<u8>, UserError> {
        let id = self.submit(receiver, method, payload)?;
        self.answer(id)
    }

    /// Calls the management canister with this argument.
    pub fn manage(
        &mut self,
        method: &str,
        argument: &impl CandidType,
    ) -> Result<Vec<u8>, UserError> {
        let payload = encode_one(argument).expect("arguments encode");
        self.call(CanisterId::MANAGEMENT, method, payload)
    }

    /// A new canister of the anonymous user with plenty of cycles.
    pub fn create(&mut self) -> CanisterId {
        let argument = ProvisionalCreateCanisterWithCyclesArgs {
            amount: Some(1_000_000_000_000_000_u128.into()),
            settings: None,
            specified_id: None,
            sender_canister_version: None,
        };
        let reply = self
            .manage("provisional_create_canister_with_cycles", &argument)
            .expect("a canister");
        let record: CanisterIdRecord = candid::decode_one(&reply).expect("a record");
        CanisterId::new(record.canister_id)
    }

    /// Installs code given as text.
    pub fn install(
        &mut self,
        canister: CanisterId,
        mode: CanisterInstallMode,
        wat: &str,
    ) -> Result<(), UserError> {
        let argument = InstallCodeArgs {
            mode,
            canister_id: canister.principal(),
            wasm_module: wat::parse_str(wat).expect("valid text"),
            arg: Vec::new(),
            sender_canister_version: None,
        };
        self.manage("install_code", &argument).map(|_| ())
    }

    /// A new canister with this code.
    pub fn canister(&mut self, wat: &str) -> CanisterId {
        let canister = self.create();
        self.install(canister, CanisterInstallMode::Install, wat)
            .expect("installs");
        canister
    }
}
