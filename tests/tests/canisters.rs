//! The five canisters as modules, and as a network runs them.
//!
//! - In: the modules built by `make wasm`, and the server that [`chainkey_tests::world`] finds.
//! - Only the client's public interface is used, so these tests hold on any server that speaks it.
//! - Certificates, witnesses and pages are checked by the official libraries against the root key.

#[path = "canisters/audit.rs"]
mod audit;

use audit::FRESH;
use candid::{Decode, Principal, encode_args, encode_one};
use canister_kit::audit::AuditPage;
use canister_kit::{Admission, Environment, InitArgs, Refusal, Usage, UsageStanding};
use chainkey_tests::modules::{FORWARDER, forward, wasm};
use chainkey_tests::world::{CANISTERS, World, canister_wasm, guardian, local_args, test_key};
use ic_http_certification::{HttpRequest, HttpResponse};
use ic_management_canister_types::CanisterInstallMode;
use ic_response_verification::verify_request_response_pair;
use pocket_ic::{query_candid, query_candid_as, update_candid_as};
use wasmparser::{Parser, Payload};

fn stranger() -> Principal {
    Principal::self_authenticating(b"a stranger")
}

/// Asks a canister to pause or to go on.
fn set_paused(world: &World, canister: Principal, by: Principal, to: bool) -> Result<(), Refusal> {
    let answer: Result<(Result<(), Refusal>,), _> =
        update_candid_as(world.network(), canister, by, "set_paused", (to,));
    answer.unwrap().0
}

#[test]
fn every_module_imports_nothing_but_the_system_api() {
    for name in CANISTERS {
        let module = canister_wasm(name).unwrap();
        let mut imports = 0;
        for payload in Parser::new(0).parse_all(&module) {
            let Payload::ImportSection(section) = payload.unwrap() else {
                continue;
            };
            for import in section.into_imports() {
                let import = import.unwrap();
                assert_eq!(import.module, "ic0", "{name} imports {}", import.name);
                imports += 1;
            }
        }
        assert!(imports > 0, "{name} imports nothing at all");
    }
}

#[test]
fn no_module_has_a_hook_before_upgrades() {
    // What a hook would have to save could grow until it traps, and then no upgrade would ever work again.
    for name in CANISTERS {
        let module = canister_wasm(name).unwrap();
        let mut exports = Vec::new();
        for payload in Parser::new(0).parse_all(&module) {
            if let Payload::ExportSection(section) = payload.unwrap() {
                exports.extend(section.into_iter().map(|export| export.unwrap().name));
            }
        }
        assert!(exports.contains(&"canister_post_upgrade"), "{name}");
        assert!(!exports.contains(&"canister_pre_upgrade"), "{name}");
    }
}

/// The largest that modules may be, in bytes. The wallet speaks to four kinds of chains; the network takes 10 MiB of code at most.
const LARGEST: [(&str, usize); 5] = [
    ("wallet", 4_000_000),
    ("beacon", 1_300_000),
    ("draws", 1_600_000),
    ("vault", 1_600_000),
    ("timelock", 1_600_000),
];

#[test]
fn every_module_stays_within_its_size() {
    for (name, largest) in LARGEST {
        let bytes = canister_wasm(name).unwrap().len();
        println!("{name}: {bytes} bytes of {largest}");
        assert!(bytes <= largest, "{name}: {bytes} bytes, at most {largest}");
    }
}

#[test]
fn every_module_carries_its_candid_file_as_public_metadata() {
    for name in CANISTERS {
        let module = canister_wasm(name).unwrap();
        let path = format!("{}/../candid/{name}.did", env!("CARGO_MANIFEST_DIR"));
        let expected = std::fs::read(path).unwrap();
        let sections: Vec<Vec<u8>> = Parser::new(0)
            .parse_all(&module)
            .filter_map(|payload| match payload.unwrap() {
                Payload::CustomSection(section)
                    if section.name() == "icp:public candid:service" =>
                {
                    Some(section.data().to_vec())
                }
                _ => None,
            })
            .collect();
        assert_eq!(sections, [expected], "{name}");
    }
}

#[test]
fn every_canister_tells_what_it_was_installed_with() {
    let world = World::new().unwrap();
    for name in CANISTERS {
        let canister = world.install(name, &local_args()).unwrap();
        let info = world.info(canister).unwrap();
        assert_eq!(info.name, name);
        assert_eq!(info.environment, Environment::Local);
        assert_eq!(info.key_name, test_key());
        assert!(!info.paused);
    }
}

#[test]
fn an_upgrade_keeps_the_configuration() {
    let world = World::new().unwrap();
    for name in CANISTERS {
        let canister = world.install(name, &local_args()).unwrap();
        let before = world.info(canister).unwrap();
        let stable = world.network().get_stable_memory(canister);
        world.upgrade(canister, name).unwrap();
        assert_eq!(world.info(canister).unwrap(), before, "{name}");
        assert_eq!(
            world.network().get_stable_memory(canister),
            stable,
            "{name}"
        );
    }
}

#[test]
fn production_refuses_a_test_key_and_leaves_the_canister_empty() {
    let world = World::new().unwrap();
    let args = InitArgs {
        environment: Environment::Production,
        key_name: "test_key_1".to_owned(),
        ..local_args()
    };
    for name in CANISTERS {
        let canister = world.network().create_canister();
        let refusal = world
            .install_code(
                canister,
                CanisterInstallMode::Install,
                canister_wasm(name).unwrap(),
                encode_one(&args).unwrap(),
            )
            .unwrap_err()
            .to_string();
        let reason = "environment Production accepts only the key \"key_1\", not \"test_key_1\"";
        assert!(refusal.contains(reason), "{name}: {refusal}");
        let status = world.network().canister_status(canister, None).unwrap();
        assert_eq!(status.module_hash, None, "{name}");
    }
}

#[test]
fn an_upgrade_into_a_canister_without_a_configuration_is_refused() {
    let world = World::new().unwrap();
    let empty = wat::parse_str("(module)").unwrap();
    for name in CANISTERS {
        let canister = world.network().create_canister();
        let install = CanisterInstallMode::Install;
        world
            .install_code(canister, install, empty.clone(), Vec::new())
            .unwrap();
        let refusal = world.upgrade(canister, name).unwrap_err().to_string();
        assert!(
            refusal.contains("no configuration in stable memory"),
            "{name}: {refusal}"
        );
    }
}

#[test]
fn only_the_guardian_pauses_a_canister_not_even_its_controller() {
    let world = World::new().unwrap();
    for name in CANISTERS {
        let canister = world.install(name, &local_args()).unwrap();
        // The client creates canisters as the anonymous principal, which therefore controls this one.
        let controller = set_paused(&world, canister, Principal::anonymous(), true);
        assert_eq!(controller, Err(Refusal::Anonymous), "{name}");
        let other = set_paused(&world, canister, stranger(), true);
        assert_eq!(other, Err(Refusal::NotGuardian), "{name}");
        assert!(!world.info(canister).unwrap().paused);
        set_paused(&world, canister, guardian(), true).unwrap();
        assert!(world.info(canister).unwrap().paused);
        world.upgrade(canister, name).unwrap();
        assert!(world.info(canister).unwrap().paused, "{name}");
        set_paused(&world, canister, guardian(), false).unwrap();
        assert!(!world.info(canister).unwrap().paused);
    }
}

#[test]
fn every_update_refuses_the_anonymous_principal() {
    let world = World::new().unwrap();
    let anonymous = Principal::anonymous();
    for name in CANISTERS {
        let canister = world.install(name, &local_args()).unwrap();
        let updates = [
            ("set_paused", encode_one(true).unwrap()),
            ("set_allowed", encode_args((stranger(), true)).unwrap()),
            ("deposit", encode_one(stranger()).unwrap()),
        ];
        for (method, argument) in updates {
            let reply = world
                .network()
                .update_call(canister, anonymous, method, argument);
            let outcome = match method {
                "deposit" => Decode!(&reply.unwrap(), Result<u128, Refusal>)
                    .unwrap()
                    .err(),
                _ => Decode!(&reply.unwrap(), Result<(), Refusal>).unwrap().err(),
            };
            assert_eq!(outcome, Some(Refusal::Anonymous), "{name}.{method}");
        }
    }
}

/// Verifies the log from its first event to the root key, and tells its length.
fn verified_length(world: &World, canister: Principal, limit: u32) -> u64 {
    audit::verified_events(world, canister, limit).len() as u64
}

#[test]
fn the_audit_log_verifies_against_the_root_key_after_events_and_after_an_upgrade() {
    let world = World::with_root_key().unwrap();
    for name in CANISTERS {
        let canister = world.install(name, &local_args()).unwrap();
        assert_eq!(verified_length(&world, canister, 10), 1, "{name}");
        for paused in [true, false, true] {
            set_paused(&world, canister, guardian(), paused).unwrap();
        }
        // What is refused, or set already, is no event.
        set_paused(&world, canister, stranger(), false).unwrap_err();
        set_paused(&world, canister, guardian(), true).unwrap();
        assert_eq!(verified_length(&world, canister, 3), 4, "{name}");
        world.upgrade(canister, name).unwrap();
        assert_eq!(verified_length(&world, canister, 1), 4, "{name}");
        set_paused(&world, canister, guardian(), false).unwrap();
        assert_eq!(verified_length(&world, canister, 100), 5, "{name}");
    }
}

#[test]
fn the_audit_log_has_a_certificate_in_queries_only() {
    let world = World::new().unwrap();
    let canister = world.install("beacon", &local_args()).unwrap();
    let network = world.network();
    let argument = encode_args((0_u64, 10_u32)).unwrap();
    let asked = network.update_call(canister, stranger(), "audit_log", argument);
    let page = Decode!(&asked.unwrap(), AuditPage).unwrap();
    assert_eq!(page.certificate, None);
    assert_eq!((page.events.len(), page.length), (1, 1));
}

fn get(world: &World, canister: Principal, url: &str) -> HttpResponse<'static> {
    let request = HttpRequest::get(url).with_certificate_version(2).build();
    let (response,) = query_candid(world.network(), canister, "http_request", (request,)).unwrap();
    response
}

/// Whether a gateway that knows the root key believes an answer, as the official library decides it.
fn believed(world: &World, canister: Principal, url: &str, response: HttpResponse<'_>) -> bool {
    let network = world.network();
    verify_request_response_pair(
        HttpRequest::get(url).build(),
        response,
        canister.as_slice(),
        u128::from(network.get_time().as_nanos_since_unix_epoch()),
        FRESH,
        &network.root_key().unwrap(),
        2,
    )
    .is_ok_and(|verified| verified.response.is_some())
}

#[test]
fn a_gateway_believes_the_pages_of_every_canister_also_after_a_change_and_an_upgrade() {
    let world = World::with_root_key().unwrap();
    for name in CANISTERS {
        let canister = world.install(name, &local_args()).unwrap();
        let check = |paused: &str| {
            for (url, status) in [("/", 200), ("/metrics", 200), ("/nothing", 404)] {
                let response = get(&world, canister, url);
                assert_eq!(response.status_code().as_u16(), status, "{name}{url}");
                assert!(believed(&world, canister, url, response), "{name}{url}");
            }
            let metrics = get(&world, canister, "/metrics");
            let text = String::from_utf8(metrics.body().to_vec()).unwrap();
            let info = format!("canister_info{{name=\"{name}\"");
            assert!(text.contains(&info), "{text}");
            assert!(
                text.contains(&format!("canister_paused {paused} ")),
                "{text}"
            );
        };
        check("0");
        set_paused(&world, canister, guardian(), true).unwrap();
        check("1");
        world.upgrade(canister, name).unwrap();
        check("1");
        let honest = get(&world, canister, "/metrics");
        let forged = HttpResponse::builder()
            .with_status_code(honest.status_code())
            .with_headers(honest.headers().to_vec())
            .with_body(b"canister_paused 0\n".as_slice())
            .build();
        assert!(!believed(&world, canister, "/metrics", forged), "{name}");
    }
}

#[test]
fn usage_tells_each_caller_about_itself() {
    let world = World::new().unwrap();
    let canister = world.install("vault", &local_args()).unwrap();
    let (usage,): (Usage,) =
        query_candid_as(world.network(), canister, stranger(), "usage", ()).unwrap();
    assert_eq!(usage.caller, stranger());
    assert_eq!(usage.calls_left, usage.calls_at_most);
    let budget = UsageStanding::LeftToday(1_000_000_000_000_000);
    assert_eq!(usage.standing, budget);
}

/// Calls `deposit` from another canister with cycles attached.
fn deposit(world: &World, by: Principal, to: Principal, cycles: u64) -> Result<u128, Refusal> {
    let payload = encode_one(stranger()).unwrap();
    let call = forward(to.as_slice(), cycles, "deposit", &payload);
    let network = world.network();
    let reply = network.update_call(by, Principal::anonymous(), "forward", call);
    Decode!(&reply.unwrap(), Result<u128, Refusal>).unwrap()
}

#[test]
fn a_canister_pays_in_for_an_account_and_a_refused_deposit_takes_nothing() {
    let world = World::new().unwrap();
    let args = InitArgs {
        admission: Admission::Prepaid,
        ..local_args()
    };
    let network = world.network();
    let payer = network.create_canister();
    network.install_canister(payer, wasm(FORWARDER), Vec::new(), None);
    let balance = |canister| network.cycle_balance(canister);
    for name in CANISTERS {
        let canister = world.install(name, &args).unwrap();
        let before = balance(canister);
        let refusal = Refusal::DepositTooSmall {
            attached: 9_999_999_999,
            minimum: 10_000_000_000,
        };
        let small = deposit(&world, payer, canister, 9_999_999_999);
        assert_eq!(small, Err(refusal), "{name}");
        assert!(balance(canister) <= before, "{name}");
        let large = deposit(&world, payer, canister, 50_000_000_000);
        assert_eq!(large, Ok(50_000_000_000), "{name}");
        assert!(balance(canister) > before + 49_000_000_000, "{name}");
        world.upgrade(canister, name).unwrap();
        let (usage,): (Usage,) =
            query_candid_as(network, canister, stranger(), "usage", ()).unwrap();
        assert_eq!(usage.standing, UsageStanding::Balance(50_000_000_000));
        set_paused(&world, canister, guardian(), true).unwrap();
        let paused = deposit(&world, payer, canister, 50_000_000_000);
        assert_eq!(paused, Err(Refusal::Paused), "{name}");
    }
}

#[test]
fn the_guardian_changes_the_allow_list_and_only_where_there_is_one() {
    let world = World::new().unwrap();
    let args = InitArgs {
        admission: Admission::AllowList(Vec::new()),
        ..local_args()
    };
    let network = world.network();
    let set_allowed = |canister, by| -> Result<(), Refusal> {
        let answer = update_candid_as(network, canister, by, "set_allowed", (stranger(), true));
        let (result,) = answer.unwrap();
        result
    };
    for name in CANISTERS {
        let canister = world.install(name, &args).unwrap();
        let refused = set_allowed(canister, stranger());
        assert_eq!(refused, Err(Refusal::NotGuardian), "{name}");
        set_allowed(canister, guardian()).unwrap();
        let (usage,): (Usage,) =
            query_candid_as(network, canister, stranger(), "usage", ()).unwrap();
        assert_eq!(usage.standing, UsageStanding::Listed(true), "{name}");
        let other = world.install(name, &local_args()).unwrap();
        let refused = set_allowed(other, guardian());
        assert_eq!(refused, Err(Refusal::OtherAdmission), "{name}");
    }
}
