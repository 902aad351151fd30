//! The five canisters as modules, and as a network runs them.
//!
//! - In: the modules built by `make wasm`, and the server that [`chainkey_tests::world`] finds.
//! - Only the client's public interface is used, so these tests hold on any server that speaks it.

use candid::encode_one;
use canister_kit::{Environment, InitArgs};
use chainkey_tests::world::{CANISTERS, World, canister_wasm, local_args, test_key};
use ic_management_canister_types::CanisterInstallMode;
use wasmparser::{Parser, Payload};

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
