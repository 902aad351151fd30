//! The house rules of STYLE.md as an ordinary test.
//!
//! - What it does: reads every text file of the repository and lets each rule look at it. Each rule
//!   has a fixture on which it fires, so that a rule that went blind is noticed.
//! - In: the files as they lie in the working tree. Out: a list of findings, `path:line: what`.
//! - Ratchet: rules and limits are tightened, never loosened; exemptions are listed by name below.

#[path = "tidy/arrows.rs"]
mod arrows;
#[path = "tidy/docs.rs"]
mod docs;
#[path = "tidy/places.rs"]
mod places;
#[path = "tidy/secrets.rs"]
mod secrets;
#[path = "tidy/shape.rs"]
mod shape;
#[path = "tidy/source.rs"]
mod source;
#[path = "tidy/words.rs"]
mod words;

use source::{File, Finding, Tree};

/// Files that are one long table; they may be longer than the limit.
const TABLES: &[&str] = &[];

/// The only files with `unsafe`; each block has its proof beside it.
const UNSAFE_FILES: &[&str] = &[
    "crates/canister-kit/src/metadata.rs",
    "crates/execution/src/memory/image.rs",
    "crates/execution/src/sandbox/host_memory.rs",
    "crates/execution/src/wasm/cache.rs",
];

/// The only production code that interpolates. None of it opens a secret, so none can put one together.
const INTERPOLATING: &secrets::Allowed = &[
    (
        "crates/algebra/src/lagrange.rs",
        "the coefficients themselves",
    ),
    ("crates/algebra/src/lib.rs", "names the module"),
    (
        "crates/algebra/src/robust/combiner.rs",
        "shares of signatures: masked, sent to all, and checked after",
    ),
    (
        "crates/algebra/src/robust/linear.rs",
        "shares of BLS signatures and encrypted keys: points, sent to all",
    ),
    (
        "crates/idkg/src/complaint.rs",
        "at the complainer's own place, never at zero: it gets the share it should have had",
    ),
    (
        "crates/idkg/src/error.rs",
        "names the error of a set of nodes that has one twice",
    ),
    (
        "crates/idkg/src/extraction.rs",
        "public factors of dealings: a receiver sums what dealers sent to it, at its own place",
    ),
];

/// The only production code that opens secrets: for arithmetic in constant time whose result is secret, masked or a point.
const OPENING: &secrets::Allowed = &[
    (
        "crates/algebra/src/secret.rs",
        "the way to the value itself",
    ),
    (
        "crates/algebra/src/commitment.rs",
        "times the second generator",
    ),
    (
        "crates/algebra/src/polynomial.rs",
        "a value at a node, a secret again",
    ),
    (
        "crates/idkg/src/dealing.rs",
        "a dealer's own products, secret again",
    ),
    (
        "crates/idkg/src/encryption.rs",
        "masks shares; own logarithms times points",
    ),
    (
        "crates/idkg/src/faulty.rs",
        "a wrong share, made on purpose",
    ),
    (
        "crates/idkg/src/kind.rs",
        "sums at one node, secret again; what a dealer reveals",
    ),
    (
        "crates/idkg/src/opened.rs",
        "takes the mask off the receiver's own share",
    ),
    (
        "crates/idkg/src/proof.rs",
        "nonces times points; responses, masked by nonces",
    ),
    (
        "crates/idkg/src/same_logarithm.rs",
        "nonces times points; responses, masked by nonces",
    ),
    (
        "crates/instance/src/chain_keys.rs",
        "a node's seed for the generator of that node",
    ),
    (
        "crates/instance/src/entropy.rs",
        "a node's seed, drawn for it",
    ),
    (
        "crates/threshold-bls/src/share.rs",
        "times the message's point",
    ),
    (
        "crates/threshold-ecdsa/src/presignature.rs",
        "a share of a signature, masked",
    ),
    (
        "crates/threshold-schnorr/src/presignature.rs",
        "a share of a signature, masked by the nonce's",
    ),
    (
        "crates/vetkd/src/key_share.rs",
        "a share of a key, encrypted under fresh randomness",
    ),
];

/// The only production code that takes variable time, all of it on what everybody may know.
const VARIABLE_TIME: &secrets::Allowed = &[
    (
        "crates/algebra/src/commitment.rs",
        "commitments at public places",
    ),
    ("crates/algebra/src/curve.rs", "the function itself"),
    (
        "crates/algebra/src/curves/ed25519.rs",
        "the function itself, by curve25519-dalek",
    ),
    (
        "crates/algebra/src/lagrange.rs",
        "points that were sent to all",
    ),
    (
        "crates/idkg/src/batch_check.rs",
        "commitments and weights out of the oracle",
    ),
    (
        "crates/idkg/src/equations.rs",
        "equations of proofs that were sent to all",
    ),
    (
        "crates/idkg/src/proof.rs",
        "commitments and weights, before the nonce comes in",
    ),
    (
        "crates/idkg/src/same_logarithm.rs",
        "verifying a proof that was sent to all",
    ),
    (
        "crates/threshold-bls/src/combine.rs",
        "shares of signatures that were sent to all",
    ),
    (
        "crates/threshold-ecdsa/src/session.rs",
        "verifying a signature",
    ),
    (
        "crates/threshold-ecdsa/src/share.rs",
        "verifying a share that was sent to all",
    ),
    (
        "crates/vetkd/src/combine.rs",
        "encrypted shares that were sent to all",
    ),
];

/// Applies a rule to every file that it concerns and fails with all that it found.
fn demand(rule: impl Fn(&File) -> Vec<Finding>) {
    let findings: Vec<String> = Tree::of_the_repository()
        .files
        .iter()
        .flat_map(|file| rule(file).into_iter().map(|finding| finding.of(file)))
        .collect();
    assert!(findings.is_empty(), "\n{}\n", findings.join("\n"));
}

#[test]
fn the_tree_is_really_read() {
    let tree = Tree::of_the_repository();
    for path in ["Cargo.toml", "Makefile", "tests/tests/tidy.rs"] {
        assert!(tree.contains(path), "{path} was not read");
    }
    assert!(!tree.files.iter().any(|file| file.path.contains("target/")));
}

#[test]
fn no_module_has_a_name_that_says_nothing() {
    demand(shape::banned_module_names);
}

#[test]
fn no_file_is_longer_than_600_lines() {
    demand(|file| shape::long_file(file, TABLES));
}

#[test]
fn no_function_is_longer_than_70_lines() {
    demand(|file| shape::long_functions(file, TABLES));
}

#[test]
fn no_endpoint_body_is_longer_than_six_lines() {
    demand(shape::long_endpoints);
}

#[test]
fn every_module_says_what_it_does() {
    demand(docs::missing_module_doc);
}

#[test]
fn no_doctest_is_ignored() {
    demand(docs::ignored_doctests);
}

#[test]
fn every_path_in_the_documents_exists() {
    let tree = Tree::of_the_repository();
    demand(|file| docs::dead_paths(file, &tree));
}

#[test]
fn no_test_is_ignored_and_no_work_is_left_marked() {
    demand(words::left_over_work);
}

#[test]
fn unsafe_is_only_where_it_is_allowed_and_proved() {
    demand(|file| words::stray_unsafe(file, UNSAFE_FILES));
}

#[test]
fn anyhow_is_only_in_binaries() {
    demand(words::stray_anyhow);
}

#[test]
fn no_file_names_a_place_on_a_machine_or_a_private_registry() {
    demand(places::machine_paths);
    demand(places::foreign_registries);
}

#[test]
fn the_arrows_between_packages_point_down() {
    demand(arrows::forbidden_dependencies);
}

#[test]
fn nothing_interpolates_a_secret() {
    demand(|file| secrets::stray_interpolation(file, INTERPOLATING));
}

#[test]
fn secrets_are_opened_only_where_it_is_allowed() {
    demand(|file| secrets::stray_exposure(file, OPENING));
}

#[test]
fn variable_time_is_only_for_what_is_public() {
    demand(|file| secrets::stray_variable_time(file, VARIABLE_TIME));
}

#[test]
fn the_state_of_nodes_is_out_of_reach_of_execution() {
    demand(secrets::nodes_within_reach);
    demand(secrets::nodes_in_public);
}

#[test]
fn the_lists_on_secrets_are_as_short_as_they_can_be() {
    let tree = Tree::of_the_repository();
    let stale = [
        secrets::stale_entries(&tree, INTERPOLATING, &["lagrange", "coefficients_at"]),
        secrets::stale_entries(&tree, OPENING, &["expose"]),
        secrets::stale_entries(&tree, VARIABLE_TIME, &["vartime"]),
    ];
    let stale = stale.concat();
    assert!(stale.is_empty(), "\n{}\n", stale.join("\n"));
}
