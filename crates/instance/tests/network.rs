//! Networks of subnets without canisters: topology, time, deletion, determinism.

use candid::Principal;
use chainkey_execution::ids::{CanisterId, NodeId, Time};
use chainkey_execution::sandbox::heap_creator;
use chainkey_execution::subnet::SubnetKind;
use chainkey_execution::wasm::{ModuleCache, WasmEngine};
use chainkey_instance::{
    Blockmakers, CanisterCall, EffectivePrincipal, Entropy, Environment, Instance, InstanceConfig,
    InstanceError, NodeCounts, SubnetSpec,
};
use std::sync::Arc;

const GENESIS: u64 = 1_620_328_630_000_000_000;

fn environment() -> Environment {
    Environment {
        engine: Arc::new(WasmEngine::new(ModuleCache::Memory, Some(heap_creator())).unwrap()),
        logs: None,
    }
}

fn network(kinds: &[SubnetKind]) -> Instance {
    let config = InstanceConfig {
        subnets: kinds.iter().copied().map(SubnetSpec::new).collect(),
        ..InstanceConfig::default()
    };
    Instance::new(config, environment()).unwrap()
}

#[test]
fn building_takes_a_nanosecond_a_subnet() {
    assert_eq!(
        network(&[SubnetKind::Application]).time(),
        Time(GENESIS + 1)
    );
    let two = network(&[SubnetKind::Application, SubnetKind::Nns]);
    assert_eq!(two.time(), Time(GENESIS + 2));
}

#[test]
fn subnets_come_in_the_documented_order_and_the_first_application_subnet_is_the_default() {
    let network = network(&[SubnetKind::Application, SubnetKind::System, SubnetKind::Nns]);
    let topology = network.topology();
    let kinds: Vec<SubnetKind> = topology
        .subnets
        .iter()
        .map(|subnet| subnet.spec.kind)
        .collect();
    assert_eq!(
        kinds,
        [SubnetKind::Nns, SubnetKind::System, SubnetKind::Application]
    );
    assert_eq!(
        topology.default_canister,
        topology.subnets[2].ranges[0].start
    );
    assert_eq!(topology.subnets[0].nodes, 40);
    assert_eq!(topology.subnets[0].ranges.len(), 3);
}

#[test]
fn node_counts_can_be_set_for_a_kind_and_for_a_subnet() {
    let mut nodes = NodeCounts::default();
    nodes.set(SubnetKind::Application, 4);
    let mut second = SubnetSpec::new(SubnetKind::Application);
    second.nodes = Some(7);
    let config = InstanceConfig {
        subnets: vec![SubnetSpec::new(SubnetKind::Application), second],
        nodes,
        ..InstanceConfig::default()
    };
    let topology = Instance::new(config, environment()).unwrap().topology();
    assert_eq!(
        (topology.subnets[0].nodes, topology.subnets[1].nodes),
        (4, 7)
    );
}

#[test]
fn an_instance_without_subnets_is_refused() {
    let refused = Instance::new(InstanceConfig::default(), environment()).err();
    assert!(matches!(refused, Some(InstanceError::Configuration(_))));
}

#[test]
fn time_does_not_go_back() {
    let mut network = network(&[SubnetKind::Application]);
    let now = network.time();
    let refused = network.set_time(Time(now.0 - 1)).unwrap_err();
    assert_eq!(
        refused.to_string(),
        format!("SettingTimeIntoPast(({}, {}))", now.0, now.0 - 1)
    );
    network.set_time(now).unwrap();
    network.tick();
    assert_eq!(network.time(), now.plus(1));
}

#[test]
fn a_set_time_is_the_time_of_the_next_round() {
    let mut network = network(&[SubnetKind::Application, SubnetKind::Application]);
    network.set_time(Time(GENESIS + 1_000)).unwrap();
    network.tick();
    assert_eq!(network.time(), Time(GENESIS + 1_000));
    network.tick();
    assert_eq!(network.time(), Time(GENESIS + 1_001));
}

#[test]
fn the_same_seed_and_operations_give_the_same_state_root() {
    let run = |seed| {
        let config = InstanceConfig {
            seed,
            subnets: vec![SubnetSpec::new(SubnetKind::Application)],
            ..InstanceConfig::default()
        };
        let mut network = Instance::new(config, environment()).unwrap();
        network.tick();
        network.set_time(Time(GENESIS + 5_000)).unwrap();
        network.tick();
        network.state_root()
    };
    assert_eq!(run(1), run(1));
    assert_ne!(run(1), run(2));
}

#[test]
fn named_subnets_and_the_last_one_stay() {
    let mut network = network(&[SubnetKind::Nns, SubnetKind::Application]);
    let topology = network.topology();
    let (nns, application) = (topology.subnets[0].id.0, topology.subnets[1].id.0);
    assert!(matches!(
        network.delete_subnet(nns),
        Err(InstanceError::SubnetCannotBeDeleted(_))
    ));
    network.delete_subnet(application).unwrap();
    assert_eq!(
        network.delete_subnet(application),
        Err(InstanceError::SubnetNotFound(application))
    );
    assert_eq!(network.topology().subnets.len(), 1);
}

#[test]
fn makers_of_blocks_must_be_nodes_of_the_subnet_and_not_have_failed() {
    let mut network = network(&[SubnetKind::Application]);
    let subnet = network.topology().subnets[0].id.0;
    let stranger = NodeId(Principal::anonymous());
    let makers = Blockmakers {
        subnet,
        blockmaker: stranger,
        failed: Vec::new(),
    };
    assert_eq!(
        network.tick_with(&[makers]),
        Err(InstanceError::BlockmakerNotFound(stranger))
    );
}

#[test]
fn a_call_to_a_canister_on_no_subnet_is_refused_with_the_official_text() {
    let mut network = network(&[SubnetKind::Application]);
    let receiver = CanisterId::from_number(0);
    let call = CanisterCall {
        caller_info: None,
        sender: Principal::anonymous(),
        receiver,
        effective: EffectivePrincipal::Canister(receiver),
        method: "m".into(),
        payload: Vec::new(),
    };
    let refused = network.submit(call.clone()).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "BadIngressMessage(\"Canister rwlgt-iiaaa-aaaaa-aaaaa-cai does not belong to any subnet.\")"
    );
    assert_eq!(network.query(call).unwrap_err(), refused);
}

fn with_entropy(entropy: Entropy) -> Instance {
    let config = InstanceConfig {
        seed: 7,
        entropy,
        subnets: vec![SubnetSpec::new(SubnetKind::Application)],
        nodes: NodeCounts::parse("application=4").unwrap(),
        ..InstanceConfig::default()
    };
    Instance::new(config, environment()).unwrap()
}

fn root_key(instance: &Instance) -> Vec<u8> {
    let root = instance.topology().subnets[0].id.0;
    instance.public_key(root).unwrap()
}

#[test]
fn nothing_that_clients_see_makes_the_nodes_keys() {
    let instance = with_entropy(Entropy::System);
    let shown = instance.topology().subnets.remove(0);
    let config = chainkey_subnet::SubnetConfig {
        id: shown.id.0.as_slice().to_vec(),
        nodes: 4,
        seed: shown.seed.into(),
        stock: chainkey_subnet::StockTarget::default(),
        keys: chainkey_instance::KeySource::Generated,
    };
    let rebuilt = chainkey_subnet::Subnet::new(&config).unwrap().public_key();
    let rebuilt = chainkey_subnet::public_key_der(&rebuilt.unwrap());
    assert_ne!(root_key(&instance), rebuilt.to_vec());
}

#[test]
fn keys_repeat_only_if_a_seed_is_named_for_them() {
    let key = |entropy| root_key(&with_entropy(entropy));
    assert_eq!(key(Entropy::Seed), key(Entropy::Seed));
    assert_ne!(key(Entropy::System), key(Entropy::System));
    assert_ne!(key(Entropy::System), key(Entropy::Seed));
}
