//! Tests of the management canister: each group of methods, happy and refused, on a subnet with a real engine.

mod code;
mod creation;
mod doors;
mod keys;
mod outcalls;
mod settings;
mod snapshots;

use crate::canister::{Canister, ManagementOrigin};
use crate::chain_keys::NoKeys;
use crate::cycles::Cycles;
use crate::cycles::fees::FeeSchedule;
use crate::error::{ErrorCode, RejectCode, UserError};
use crate::ids::{CanisterId, CanisterRange, MessageId, NodeId, SubnetId, Time};
use crate::management::{self, ManagementCall};
use crate::message::{CallbackId, CanisterMessage, Payload};
use crate::sandbox::{KeyName, KeyScheme, heap_creator};
use crate::subnet::{
    IngressStatus, InstructionLimits, RoutingTable, SubnetConfig, SubnetKind, SubnetRecord,
    SubnetState,
};
use crate::wasm::{ModuleCache, WasmEngine};
use candid::{CandidType, Principal};
use ic_management_canister_types as types;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

static ENGINE: LazyLock<Arc<WasmEngine>> = LazyLock::new(|| {
    let engine = WasmEngine::new(ModuleCache::Memory, Some(heap_creator()));
    Arc::new(engine.expect("the engine starts"))
});

/// The first id that the subnet under test allocates.
const FIRST: u64 = 0xFFFF_FFFF_FFE0_0000;
/// The first id that it hosts when somebody asks for it.
const SPECIFIABLE: u64 = 0x10_0000;
const USER: Principal = Principal::anonymous();
const TRILLION: u128 = 1_000_000_000_000;

/// A subnet, and the messages sent to it so far.
struct World {
    state: SubnetState,
    sent: u64,
}

fn subnet(byte: u8) -> SubnetId {
    SubnetId(Principal::self_authenticating([byte]))
}

fn other_user() -> Principal {
    Principal::self_authenticating([9])
}

impl World {
    /// An application subnet of 13 nodes beside a root subnet.
    fn new() -> World {
        let nodes = (0..13)
            .map(|i| NodeId(Principal::self_authenticating([100, i])))
            .collect();
        let config = SubnetConfig {
            id: subnet(1),
            kind: SubnetKind::Application,
            nodes,
            start: Time(1_620_328_630_000_000_000),
            seed: [0; 32],
            cost_schedule: crate::cycles::fees::CostSchedule::Normal,
            instructions: InstructionLimits::production(SubnetKind::Application),
        };
        let range = |first: u64| CanisterRange {
            start: CanisterId::from_number(first),
            end: CanisterId::from_number(first + 0xF_FFFF),
        };
        let record = |kind, firsts: &[u64]| SubnetRecord {
            kind,
            node_count: 13,
            ranges: firsts.iter().copied().map(range).collect(),
        };
        let key = KeyName {
            scheme: KeyScheme::Ecdsa,
            kind: 0,
            name: "key_1".into(),
        };
        let routing = RoutingTable {
            root: subnet(2),
            subnets: BTreeMap::from([
                (
                    subnet(1),
                    record(SubnetKind::Application, &[SPECIFIABLE, FIRST]),
                ),
                (subnet(2), record(SubnetKind::Nns, &[0])),
            ]),
            keys: BTreeMap::from([(key, vec![subnet(1)])]),
        };
        let fees = Arc::new(FeeSchedule::new(config.cost_schedule, 13));
        let keys = Arc::new(NoKeys);
        let state = SubnetState::new(config, fees, Arc::new(routing), ENGINE.clone(), keys);
        World { state, sent: 0 }
    }

    /// A canister of the anonymous user with these cycles.
    fn canister(&mut self, cycles: u128) -> CanisterId {
        let arguments = types::ProvisionalCreateCanisterWithCyclesArgs {
            amount: Some(cycles.into()),
            settings: None,
            specified_id: None,
            sender_canister_version: None,
        };
        let reply: types::CanisterIdRecord =
            self.reply(USER, "provisional_create_canister_with_cycles", &arguments);
        CanisterId::new(reply.canister_id)
    }

    /// A canister with this code.
    fn installed(&mut self, wat: &str) -> CanisterId {
        let id = self.canister(1_000 * TRILLION);
        self.install(id, types::CanisterInstallMode::Install, wat, &[])
            .expect("the module is installed");
        id
    }

    fn install(
        &mut self,
        id: CanisterId,
        mode: types::CanisterInstallMode,
        wat: &str,
        arg: &[u8],
    ) -> Result<(), UserError> {
        let arguments = types::InstallCodeArgs {
            mode,
            canister_id: id.principal(),
            wasm_module: wat::parse_str(wat).expect("the test module is well formed"),
            arg: arg.to_vec(),
            sender_canister_version: None,
        };
        self.call(USER, "install_code", &arguments)
            .map(|reply| assert_eq!(reply, management::empty_reply()))
    }

    /// A call by ingress, past the filter; `None` if it is not answered yet.
    fn send(&mut self, sender: Principal, method: &str, arguments: &impl CandidType) -> MessageId {
        self.sent += 1;
        let mut id = [0; 32];
        id[..8].copy_from_slice(&self.sent.to_be_bytes());
        let id = MessageId(id);
        let expiry = self.state.time.plus(300_000_000_000);
        self.state.ingress.receive(id, sender, expiry);
        let call = ManagementCall {
            origin: ManagementOrigin::Ingress { id, sender },
            method: method.into(),
            payload: candid::encode_one(arguments).expect("arguments can be encoded"),
            cycles: Cycles::ZERO,
        };
        management::execute(&mut self.state, call);
        id
    }

    fn answer(&self, id: MessageId) -> Option<Result<Vec<u8>, UserError>> {
        match self.state.ingress.get(&id).map(|(status, _)| status) {
            Some(IngressStatus::Replied(reply)) => Some(Ok(reply.clone())),
            Some(IngressStatus::Failed(error)) => Some(Err(error.clone())),
            _ => None,
        }
    }

    fn call(
        &mut self,
        sender: Principal,
        method: &str,
        arguments: &impl CandidType,
    ) -> Result<Vec<u8>, UserError> {
        let id = self.send(sender, method, arguments);
        self.answer(id).expect("the call is answered at once")
    }

    fn reply<T: CandidType + DeserializeOwned>(
        &mut self,
        sender: Principal,
        method: &str,
        arguments: &impl CandidType,
    ) -> T {
        let reply = self
            .call(sender, method, arguments)
            .expect("the call succeeds");
        candid::decode_one(&reply).expect("the reply has the type of the clients")
    }

    fn refusal(
        &mut self,
        sender: Principal,
        method: &str,
        arguments: &impl CandidType,
    ) -> UserError {
        self.call(sender, method, arguments)
            .expect_err("the call is refused")
    }

    /// A call by a canister; the responses come out of [`World::responses`].
    fn canister_call(
        &mut self,
        sender: CanisterId,
        method: &str,
        arguments: &impl CandidType,
        cycles: u128,
    ) {
        let call = ManagementCall {
            origin: ManagementOrigin::Canister {
                sender,
                callback: CallbackId(1),
                receiver: CanisterId::MANAGEMENT,
                deadline: None,
            },
            method: method.into(),
            payload: candid::encode_one(arguments).expect("arguments can be encoded"),
            cycles: Cycles(cycles),
        };
        management::execute(&mut self.state, call);
    }

    /// Responses sent since the last look: payload and refund.
    fn responses(&mut self) -> Vec<(Payload, Cycles)> {
        std::mem::take(&mut self.state.outbound)
            .into_iter()
            .filter_map(|(_, message)| match message {
                CanisterMessage::Response(response) => Some((response.payload, response.refund)),
                CanisterMessage::Request(_) => None,
            })
            .collect()
    }

    /// The only response, a reject: code, text, refund.
    fn reject(&mut self) -> (RejectCode, String, Cycles) {
        match self.responses().as_slice() {
            [(Payload::Reject(reject), refund)] => (reject.code, reject.message.clone(), *refund),
            other => panic!("one reject expected, not {other:?}"),
        }
    }

    fn get(&self, id: CanisterId) -> &Canister {
        &self.state.canisters[&id]
    }

    fn status(&mut self, id: CanisterId) -> types::CanisterStatusResult {
        self.reply(USER, "canister_status", &record(id))
    }

    fn advance(&mut self, seconds: u64) {
        self.state.time = self.state.time.plus(seconds * 1_000_000_000);
        self.state.round.0 += 1;
    }
}

fn record(id: CanisterId) -> types::CanisterIdRecord {
    types::CanisterIdRecord {
        canister_id: id.principal(),
    }
}

fn code(error: &UserError) -> ErrorCode {
    error.code
}
