//! The rule on arrows: which package of the workspace may depend on which.

use crate::source::{File, Finding};

/// Each package folder with the packages of this workspace that it may use. A folder ending in `/`
/// stands for everything inside it.
const ARROWS: &[(&str, &[&str])] = &[
    ("crates/algebra", &[]),
    ("crates/key-path", &[]),
    ("crates/idkg", &["chainkey-algebra"]),
    ("crates/threshold-ecdsa", &["chainkey-algebra"]),
    ("crates/threshold-schnorr", &["chainkey-algebra"]),
    ("crates/threshold-bls", &["chainkey-algebra"]),
    ("crates/vetkd", &["chainkey-algebra", "key-path"]),
    (
        "crates/subnet",
        &[
            "chainkey-algebra",
            "chainkey-idkg",
            "chainkey-threshold-ecdsa",
            "chainkey-threshold-schnorr",
            "chainkey-threshold-bls",
            "chainkey-vetkd",
            "key-path",
            "subnet-view",
        ],
    ),
    ("crates/subnet-view", &[]),
    ("crates/control", &["subnet-view"]),
    ("crates/canister-kit", &["key-path"]),
    ("crates/draw-proof", &["key-path"]),
    ("crates/execution", &[]),
    (
        "crates/instance",
        &["chainkey-execution", "chainkey-subnet", "subnet-view"],
    ),
    (
        "crates/pocket",
        &["chainkey-execution", "chainkey-instance", "subnet-view"],
    ),
    (
        "crates/chainkey",
        &[
            "chainkey-control",
            "chainkey-execution",
            "chainkey-instance",
            "chainkey-pocket",
            "draw-proof",
        ],
    ),
    (
        "canisters/beacon",
        &["canister-kit", "draw-proof", "key-path"],
    ),
    (
        "canisters/draws",
        &["canister-kit", "draw-proof", "key-path"],
    ),
    ("canisters/wallet", &["canister-kit", "key-path"]),
    (
        "canisters/vault",
        &["canister-kit", "key-path", "vault-client"],
    ),
    ("canisters/timelock", &["canister-kit", "key-path"]),
    ("crates/vault-client", &[]),
    ("canisters/", &["canister-kit"]),
    (
        "tests",
        &[
            "canister-kit",
            "chainkey-chains",
            "chainkey-control",
            "draw-proof",
            "key-path",
            "ledger",
            "vault-client",
        ],
    ),
    ("tests/chains", &["chainkey-tests"]),
    ("tests/solana", &[]),
    ("tests/canisters/", &["canister-kit"]),
    (
        "benches/peers",
        &[
            "chainkey-algebra",
            "chainkey-idkg",
            "chainkey-threshold-ecdsa",
            "chainkey-threshold-schnorr",
            "chainkey-threshold-bls",
            "chainkey-vetkd",
        ],
    ),
];

/// Every package of this workspace that another could depend on.
const PACKAGES: &[&str] = &[
    "canister-kit",
    "chainkey-algebra",
    "chainkey-control",
    "chainkey-execution",
    "chainkey-idkg",
    "chainkey-instance",
    "chainkey-pocket",
    "chainkey-subnet",
    "chainkey-threshold-bls",
    "chainkey-threshold-ecdsa",
    "chainkey-threshold-schnorr",
    "chainkey-vetkd",
    "draw-proof",
    "key-path",
    "subnet-view",
    "chainkey-tests",
    "chainkey-chains",
    "chainkey-solana",
    "bitcoin-standin",
    "evm-rpc-standin",
    "sol-rpc-standin",
    "chainkey",
    "wallet",
    "beacon",
    "draws",
    "vault",
    "vault-client",
    "timelock",
    "ledger",
];

/// Dependencies that point up or across, and packages without a row in the table.
pub fn forbidden_dependencies(file: &File) -> Vec<Finding> {
    let Some(folder) = file.path.strip_suffix("/Cargo.toml") else {
        return Vec::new();
    };
    let row = ARROWS.iter().find(|(path, _)| match path.ends_with('/') {
        true => folder.starts_with(path),
        false => folder == *path,
    });
    let Some((_, allowed)) = row else {
        return vec![Finding::new(
            1,
            "the package has no row in the table of arrows",
        )];
    };
    dependencies(&file.text)
        .filter(|(_, name)| PACKAGES.contains(name) && !allowed.contains(name))
        .map(|(line, name)| Finding::new(line, format!("must not depend on `{name}`")))
        .collect()
}

/// Line and name of each entry in a section of dependencies.
fn dependencies(manifest: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut inside = false;
    manifest
        .lines()
        .enumerate()
        .filter_map(move |(index, line)| {
            if line.starts_with('[') {
                inside = line.trim_end().ends_with("dependencies]");
                return None;
            }
            let name = line.split(['.', '=', ' ']).next()?;
            (inside && !name.is_empty()).then_some((index + 1, name))
        })
}

#[test]
fn an_arrow_that_points_up_is_found() {
    let up = "[package]\nname = \"x\"\n[dependencies]\nchainkey-pocket.workspace = true\nserde = \"1\"\n";
    let find = |path: &str| forbidden_dependencies(&File::fixture(path, up)).len();
    assert_eq!(find("crates/execution/Cargo.toml"), 1);
    assert_eq!(find("canisters/wallet/Cargo.toml"), 1);
    assert_eq!(find("crates/chainkey/Cargo.toml"), 0);
}

#[test]
fn a_package_without_a_row_is_found() {
    let file = File::fixture("crates/unknown/Cargo.toml", "[package]\n");
    assert_eq!(forbidden_dependencies(&file).len(), 1);
}
