//! The main job without a person: installs the suite in a fresh network and checks what it does.
//!
//! - In: the server and the modules that [`chainkey_tests::world`] finds. With `--stay` the network
//!   keeps running after the last step, until this program is interrupted.
//! - Out: one line per step, `target/demo.json` (step, what was verified, by which library), and
//!   exit code 0 only if every step held.
//! - Left out: what the canisters cannot do yet; each later part adds its steps here.

mod bitcoin;
mod draws;
mod ethereum;
mod joint_keys;
mod solana;
mod timelock;
mod vault;
mod wallet;

use candid::{Principal, encode_one};
use canister_kit::{Environment, InitArgs};
use chainkey_tests::world::{
    CANISTERS, World, WorldError, canister_wasm, local_args, target_dir, test_key,
};
use ethereum::OnEthereum;
use ic_management_canister_types::CanisterInstallMode;
use joint_keys::JointKeys;
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::error::Error;
use std::process::ExitCode;
use std::time::Duration;
use wallet::TwoMembers;

/// What a step established, and which library that is not ours established it.
struct Verified(String, &'static str);

type Outcome = Result<Verified, Box<dyn Error>>;

/// The canisters that the demo installed, by name.
type Installed = BTreeMap<&'static str, Principal>;

#[derive(Serialize)]
struct Step {
    step: &'static str,
    ok: bool,
    verified: String,
    by: &'static str,
}

#[derive(Serialize, Default)]
struct Report {
    ok: bool,
    steps: Vec<Step>,
}

impl Report {
    /// Runs a step, prints it and writes the report, so that an abort leaves the truth on disk.
    fn run(
        &mut self,
        step: &'static str,
        outcome: impl FnOnce() -> Outcome,
    ) -> Result<(), Box<dyn Error>> {
        let (ok, Verified(verified, by)) = match outcome() {
            Ok(verified) => (true, verified),
            Err(error) => (false, Verified(error.to_string(), "none")),
        };
        println!(
            "{} {step}: {verified}",
            if ok { "ok    " } else { "FAILED" }
        );
        self.steps.push(Step {
            step,
            ok,
            verified,
            by,
        });
        self.write()?;
        if ok {
            Ok(())
        } else {
            Err(format!("step failed: {step}").into())
        }
    }

    fn write(&self) -> Result<(), Box<dyn Error>> {
        std::fs::write(
            target_dir().join("demo.json"),
            serde_json::to_string_pretty(self)? + "\n",
        )?;
        Ok(())
    }
}

fn main() -> ExitCode {
    let stay = std::env::args().any(|argument| argument == "--stay");
    match demo(stay) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn demo(stay: bool) -> Result<(), Box<dyn Error>> {
    let mut report = Report::default();
    report.write()?;
    let world = World::new()?;
    let mut installed = Installed::new();
    report.run("create a network", || network_has_a_subnet(&world))?;
    report.run("install the five canisters", || {
        install_all(&world, &mut installed)
    })?;
    report.run("ask each for its info", || ask_all(&world, &installed))?;
    report.run("compare the installed modules", || {
        compare_modules(&world, &installed)
    })?;
    report.run("refuse a test key in production", || {
        refuse_test_key(&world)
    })?;
    report.run("upgrade each canister", || upgrade_all(&world, &installed))?;
    report.run("roll back a broken upgrade", || {
        roll_back(&world, &installed)
    })?;
    let keys = JointKeys::new(world.network())?;
    report.run("sign with ECDSA", || keys.ecdsa())?;
    report.run("sign with Schnorr", || keys.schnorr())?;
    report.run("derive an encrypted key", || keys.vetkd())?;
    report.run("draw random bytes", || keys.randomness())?;
    report.run("sign while f nodes lie", || keys.while_nodes_lie())?;
    report.run("stand still without f + 1", || {
        keys.while_too_many_are_gone()
    })?;
    report.run("hand the keys over", || keys.after_resharing())?;
    let wallet = TwoMembers::new(&world, installed["wallet"])?;
    report.run("pay with two approvals on a ledger", || {
        wallet.icrc_payment()
    })?;
    report.run("sign raw bytes with two approvals", || {
        wallet.raw_signature()
    })?;
    report.run("pay on bitcoin", || bitcoin::bitcoin_payment(&world))?;
    let mut evm = OnEthereum::new(&world)?;
    report.run("pay tokens on ethereum", || evm.token_payment())?;
    report.run("sign for a contract on ethereum", || evm.order())?;
    report.run("pay on solana", || solana::solana_payment(&world))?;
    report.run("share an item", || {
        vault::shared_item(&world, installed["vault"])
    })?;
    report.run("seal a message until its time", || {
        timelock::sealed_message(&world, installed["timelock"])
    })?;
    report.run("draw a round of the beacon", || {
        draws::beacon_round(&world, installed["beacon"])
    })?;
    report.run("draw a raffle and verify it offline", || {
        draws::raffle(&world, installed["draws"])
    })?;
    report.ok = true;
    report.write()?;
    println!(
        "all {} steps hold; written to target/demo.json",
        report.steps.len()
    );
    if stay {
        serve(&world, &installed)
    }
    Ok(())
}

fn network_has_a_subnet(world: &World) -> Outcome {
    let topology = world.network().topology();
    let subnets = topology.get_app_subnets().len();
    hold(subnets == 1, || format!("{subnets} application subnets"))?;
    Ok(Verified(
        "the topology has one application subnet".into(),
        "pocket-ic",
    ))
}

fn install_all(world: &World, installed: &mut Installed) -> Outcome {
    for name in CANISTERS {
        installed.insert(name, world.install(name, &local_args())?);
    }
    let ids: Vec<String> = installed
        .iter()
        .map(|(name, id)| format!("{name} {id}"))
        .collect();
    Ok(Verified(ids.join(", "), "pocket-ic"))
}

fn ask_all(world: &World, installed: &Installed) -> Outcome {
    for (name, id) in installed {
        let info = world.info(*id)?;
        let expected = info.name == *name
            && info.environment == Environment::Local
            && info.key_name == test_key();
        hold(expected && !info.paused, || format!("{name} says {info:?}"))?;
    }
    Ok(Verified(
        "name, environment and key are what was installed".into(),
        "candid",
    ))
}

fn compare_modules(world: &World, installed: &Installed) -> Outcome {
    for (name, id) in installed {
        let status = world
            .network()
            .canister_status(*id, None)
            .map_err(WorldError::from)?;
        let expected = Sha256::digest(canister_wasm(name)?).to_vec();
        hold(status.module_hash == Some(expected), || {
            format!("{name} has another module hash")
        })?;
    }
    Ok(Verified(
        "each module hash is the SHA-256 of the built module".into(),
        "sha2",
    ))
}

fn refuse_test_key(world: &World) -> Outcome {
    let args = InitArgs {
        environment: Environment::Production,
        key_name: "test_key_1".into(),
        ..local_args()
    };
    let refusal = match world.install("wallet", &args) {
        Ok(id) => return Err(format!("{id} was installed").into()),
        Err(refusal) => refusal.to_string(),
    };
    let reason = "environment Production accepts only the key \"key_1\"";
    hold(refusal.contains(reason), || refusal.clone())?;
    Ok(Verified(format!("init trapped: {reason}"), "pocket-ic"))
}

fn upgrade_all(world: &World, installed: &Installed) -> Outcome {
    for (name, id) in installed {
        let before = (world.info(*id)?, stable_hash(world, *id));
        world.upgrade(*id, name)?;
        let after = (world.info(*id)?, stable_hash(world, *id));
        hold(before == after, || {
            format!("{name} was {before:?}, is {after:?}")
        })?;
    }
    Ok(Verified(
        "info and the SHA-256 of stable memory are unchanged".into(),
        "sha2",
    ))
}

fn roll_back(world: &World, installed: &Installed) -> Outcome {
    let id = installed["wallet"];
    let before = (world.info(id)?, stable_hash(world, id));
    let broken = wat::parse_str(
        r#"(module (import "ic0" "trap" (func $trap (param i32 i32)))
        (func (export "canister_post_upgrade") (call $trap (i32.const 0) (i32.const 0))) (memory 1))"#,
    )?;
    let mode = CanisterInstallMode::Upgrade(None);
    let refused = world
        .install_code(id, mode, broken, encode_one(())?)
        .is_err();
    hold(refused, || "the broken upgrade went through".into())?;
    hold(before == (world.info(id)?, stable_hash(world, id)), || {
        "something changed".into()
    })?;
    Ok(Verified(
        "the upgrade trapped; code and stable memory are the old ones".into(),
        "sha2",
    ))
}

fn stable_hash(world: &World, canister: Principal) -> String {
    hex::encode(Sha256::digest(world.network().get_stable_memory(canister)))
}

fn hold(holds: bool, otherwise: impl FnOnce() -> String) -> Result<(), Box<dyn Error>> {
    if holds {
        Ok(())
    } else {
        Err(otherwise().into())
    }
}

/// Keeps the network alive; the server ends by itself a minute after the last request.
fn serve(world: &World, installed: &Installed) {
    let network = world.network();
    network.auto_progress();
    println!(
        "serving instance {} at {}",
        network.instance_id(),
        network.get_server_url()
    );
    for (name, id) in installed {
        println!("  {name:9} {id}");
    }
    println!(
        "see the nodes: CHAINKEY_SERVER={} target/release/chainkey nodes",
        network.get_server_url()
    );
    println!("press Ctrl-C to stop");
    loop {
        network.get_time();
        std::thread::sleep(Duration::from_secs(15));
    }
}
