//! dfx.json and icp.yaml against the schemas that their tools publish.
//!
//! - In: the two files, and the schemas in the folder `CHAINKEY_SCHEMAS` or, without it, in
//!   `shared/schemas` beside the repository. The schemas belong to others and are not kept here;
//!   where they are missing the test says so and checks only what it can without them.
//! - The validator is the small one in `schemas/validate.rs`: the usual crate for it takes in some forty
//!   more packages and would change the features that the rest of the workspace is compiled with.
//! - Left out: running dfx or icp-cli, which no registry of this project carries.

#[path = "schemas/validate.rs"]
mod validate;

use serde_json::Value;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use validate::Schema;

const CANISTERS: [&str; 5] = ["wallet", "beacon", "draws", "vault", "timelock"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn dfx_json() -> Value {
    let text = fs::read_to_string(root().join("dfx.json")).expect("dfx.json is there");
    serde_json::from_str(&text).expect("dfx.json is JSON")
}

fn icp_yaml() -> Value {
    let text = fs::read_to_string(root().join("icp.yaml")).expect("icp.yaml is there");
    serde_yaml_ng::from_str(&text).expect("icp.yaml is YAML")
}

/// A schema file, or `None`, said aloud, where the file is not there.
fn schema(name: &str) -> Option<Schema> {
    let folder = std::env::var_os("CHAINKEY_SCHEMAS")
        .map_or_else(|| root().join("../shared/schemas"), PathBuf::from);
    let Ok(text) = fs::read_to_string(folder.join(name)) else {
        // Written past the capture of test output, so that it is seen although the test passes.
        let note = format!("SKIPPED: no {name}; CHAINKEY_SCHEMAS can name the folder with it\n");
        std::io::stderr()
            .write_all(note.as_bytes())
            .expect("stderr is open");
        return None;
    };
    let schema = serde_json::from_str(&text).expect("a schema is JSON");
    Some(Schema::new(schema))
}

#[test]
fn dfx_json_is_valid_against_its_schema() {
    let Some(schema) = schema("dfx.schema.json") else {
        return;
    };
    let mut document = dfx_json();
    assert_eq!(schema.errors(&document), Vec::<String>::new());
    document["canisters"]["wallet"]["wasm"] = Value::from(1);
    assert!(!schema.errors(&document).is_empty(), "the schema is blind");
}

#[test]
fn icp_yaml_is_valid_against_its_schema() {
    let Some(schema) = schema("icp-yaml.schema.json") else {
        return;
    };
    let mut document = icp_yaml();
    assert_eq!(schema.errors(&document), Vec::<String>::new());
    document["canisters"][0]["build"] = Value::from("nothing");
    assert!(!schema.errors(&document).is_empty(), "the schema is blind");
}

#[test]
fn both_files_name_every_canister_with_the_same_arguments_and_existing_interfaces() {
    let (dfx, icp) = (dfx_json(), icp_yaml());
    for (index, name) in CANISTERS.into_iter().enumerate() {
        let ours = &dfx["canisters"][name];
        let theirs = &icp["canisters"][index];
        assert_eq!(theirs["name"], name);
        assert_eq!(ours["init_arg"], theirs["init_args"]);
        let candid = ours["candid"].as_str().expect("a path");
        assert!(root().join(candid).is_file(), "{candid}");
        let copied = theirs["build"]["steps"][0]["commands"][1].as_str();
        let wasm = ours["wasm"].as_str().expect("a path");
        assert!(copied.expect("a command").contains(wasm), "{wasm}");
    }
}
