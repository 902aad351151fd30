//! Who may send what, and where calls go.

use super::*;
use crate::message::Ingress;

fn ingress(sender: Principal, method: &str, payload: Vec<u8>) -> Ingress {
    Ingress {
        id: MessageId([0; 32]),
        sender,
        caller_info: None,
        receiver: CanisterId::MANAGEMENT,
        method: method.into(),
        payload,
        envelope_bytes: 100,
        expiry: Time(0),
    }
}

#[test]
fn every_method_has_one_row() {
    let mut names: Vec<&str> = management::METHODS
        .iter()
        .map(|method| method.name)
        .collect();
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), count);
}

// Texts recorded: oracle `mgmt/payload/garbage`.
#[test]
fn the_filter_refuses_with_the_recorded_texts() {
    let refusal = |method: &str, payload: &[u8]| {
        management::ingress_effective_canister(method, payload)
            .expect_err("refused")
            .message
    };
    assert_eq!(
        refusal("no_such_method", &[]),
        "ic00 interface does not expose method no_such_method"
    );
    assert_eq!(
        refusal("raw_rand", b"DIDL\0\0"),
        "ic00 method raw_rand can not be called via ingress messages"
    );
    assert_eq!(
        refusal("canister_status", &[]),
        "Failed to parse payload for ic00 method canister_status: IC0408: Error decoding candid: Cannot parse header : binary parser error: io error"
    );
    assert_eq!(
        refusal("canister_status", b"DIDL\0\0"),
        "Failed to parse payload for ic00 method canister_status: IC0408: Error decoding candid: No more values on the wire, the expected type record { canister_id : principal } is not opt, null, or reserved"
    );
    assert_eq!(
        refusal("install_code", b"DIDL\0\0"),
        "Failed to parse payload for ic00 method install_code: IC0408: Error decoding candid: No more values on the wire, the expected type record {\n  arg : blob;\n  wasm_module : blob;\n  mode : variant {\n    reinstall;\n    upgrade : opt record {\n      wasm_memory_persistence : opt variant { keep; replace };\n      skip_pre_upgrade : opt bool;\n    };\n    install;\n  };\n  canister_id : principal;\n  sender_canister_version : opt nat64;\n} is not opt, null, or reserved"
    );
    let id = CanisterId::from_number(FIRST).principal();
    let info = types::CanisterInfoArgs {
        canister_id: id,
        num_requested_changes: None,
    };
    let info = candid::encode_one(info).expect("encodes");
    assert_eq!(
        refusal("canister_info", &info),
        "Only canisters can call ic00 method canister_info"
    );
}

#[test]
fn only_controllers_send_and_the_target_pays() {
    let mut world = World::new();
    let id = world.canister(TRILLION);
    let payload = candid::encode_one(record(id)).expect("encodes");
    let admitted = |sender, method: &str| {
        management::admit_ingress(&world.state, &ingress(sender, method, payload.clone()))
    };
    admitted(USER, "canister_status").expect("a controller may");
    let error = admitted(other_user(), "canister_status").expect_err("others may not");
    assert_eq!(
        error.message,
        format!("Only controllers of canister {id} can call ic00 method canister_status")
    );
    assert_eq!(
        management::ingress_payer("canister_status", &payload),
        Ok(Some(id))
    );
    let top_up = types::ProvisionalTopUpCanisterArgs {
        canister_id: id.principal(),
        amount: 1_u32.into(),
    };
    let top_up = candid::encode_one(top_up).expect("encodes");
    assert_eq!(
        management::ingress_payer("provisional_top_up_canister", &top_up),
        Ok(None)
    );
    let small = types::UpdateSettingsArgs {
        canister_id: id.principal(),
        settings: Default::default(),
        sender_canister_version: None,
    };
    let small = candid::encode_one(small).expect("encodes");
    assert_eq!(
        management::ingress_payer("update_settings", &small),
        Ok(None)
    );
}

fn destination(
    world: &World,
    caller: CanisterId,
    method: &str,
    payload: &[u8],
) -> Result<SubnetId, String> {
    management::destination(&world.state, world.get(caller), method, payload).map_err(|payload| {
        match payload {
            Payload::Reject(reject) => format!("{} {}", reject.code as u8, reject.message),
            Payload::Reply(_) => "a reply".into(),
        }
    })
}

#[test]
fn calls_of_canisters_go_where_their_target_is() {
    let mut world = World::new();
    let caller = world.canister(TRILLION);
    let to = |method: &str, payload: Vec<u8>| destination(&world, caller, method, &payload);
    let by_id =
        |number| candid::encode_one(record(CanisterId::from_number(number))).expect("encodes");
    assert_eq!(to("raw_rand", vec![]), Ok(subnet(1)));
    assert_eq!(to("canister_status", by_id(FIRST)), Ok(subnet(1)));
    assert_eq!(to("canister_status", by_id(7)), Ok(subnet(2)));
    assert_eq!(
        to("nope", vec![]),
        Err("5 IC0536: Management canister has no method 'nope'".into())
    );
    let far = CanisterId::from_number(1 << 40);
    assert_eq!(
        to("start_canister", by_id(1 << 40)),
        Err(format!(
            "3 Unable to route management canister request start_canister: SubnetNotFound(CanisterId({far}), DepositCycles)"
        ))
    );
    assert_eq!(to("canister_status", b"DIDL\0\0".to_vec()), Err("3 Unable to route management canister request canister_status: UserError(UserError { code: InvalidManagementPayload, description: \"Error decoding candid: No more values on the wire, the expected type record { canister_id : principal } is not opt, null, or reserved\" })".into()));
}

#[test]
fn a_call_that_names_another_version_of_its_caller_is_refused() {
    let mut world = World::new();
    let caller = world.canister(TRILLION);
    let arguments = types::CreateCanisterArgs {
        settings: None,
        sender_canister_version: Some(3),
    };
    let payload = candid::encode_one(arguments).expect("encodes");
    assert_eq!(
        destination(&world, caller, "create_canister", &payload),
        Err("5 IC0504: Management canister call payload includes sender canister version 3 that does not match the actual sender canister version 0.".into())
    );
}

#[test]
fn queries_are_served_for_some_methods_only() {
    let mut world = World::new();
    let id = world.canister(TRILLION);
    let payload = candid::encode_one(record(id)).expect("encodes");
    for method in [
        "canister_status",
        "canister_metrics",
        "list_canister_snapshots",
        "list_canisters",
    ] {
        management::query(&world.state, USER, method, &payload).expect(method);
    }
    management::query(&world.state, USER, "stop_canister", &payload).expect_err("not a query");
    let error = management::query(&world.state, other_user(), "canister_status", &payload)
        .expect_err("not a controller");
    assert!(error.message.starts_with(&format!("Only the controllers of the canister {id} can control it.\nCanister's controllers: 2vxsx-fae\nSender's ID: {}\nExecute", other_user())));
}

#[test]
fn the_subnet_tells_about_itself() {
    let mut world = World::new();
    let asker = world.canister(TRILLION);
    let own = types::SubnetInfoArgs {
        subnet_id: subnet(1).0,
    };
    world.canister_call(asker, "subnet_info", &own, 0);
    let metrics = types::SubnetMetricsArgs {
        subnet_id: subnet(1).0,
    };
    world.canister_call(asker, "subnet_metrics", &metrics, 0);
    let answers = world.responses();
    assert!(
        answers
            .iter()
            .all(|(payload, _)| matches!(payload, Payload::Reply(_))),
        "{answers:?}"
    );
    let reply = management::query(&world.state, USER, "list_canisters", &[]).expect("lists");
    let list: types::ListCanistersResult = candid::decode_one(&reply).expect("decodes");
    assert_eq!(list.canisters.len(), 1);
}
