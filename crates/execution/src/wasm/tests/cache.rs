//! The cache on disk: what is taken from it, and what never is.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{runner, wasm};
use crate::wasm::{CompiledModule, ModuleCache, WasmEngine};

const MODULE: &str = r#"(module
    (import "ic0" "performance_counter" (func $counter (param i32) (result i64)))
    (memory 1) (data (i32.const 3) "abc") (global (mut i64) (i64.const 5))
    (func (export "canister_update m") (drop (call $counter (i32.const 0)))))"#;

fn compile(directory: &Path, module: &[u8]) -> Arc<CompiledModule> {
    let cache = ModuleCache::Directory(directory.to_path_buf());
    let engine = WasmEngine::new(cache, None).expect("the engine starts");
    let compiled = engine.compile(module).expect("a good module");
    assert_eq!(runner::counter_at_end(&engine, &compiled, "m"), Some(208));
    compiled
}

fn entries(directory: &Path) -> Vec<PathBuf> {
    let files = fs::read_dir(directory).expect("the directory is there");
    files
        .map(|file| file.expect("a file").path())
        .filter(|path| !path.ends_with("key"))
        .collect()
}

#[test]
fn a_module_from_the_cache_is_the_same() {
    let directory = tempfile::tempdir().expect("a directory");
    let module = wasm(MODULE);
    let first = compile(directory.path(), &module);
    let written = fs::metadata(&entries(directory.path())[0])
        .expect("an entry")
        .modified()
        .expect("a time");
    let second = compile(directory.path(), &module);
    assert_eq!(first.hash, second.hash);
    assert_eq!(first.exports, second.exports);
    assert_eq!(first.memory, second.memory);
    assert_eq!(first.data_segments, second.data_segments);
    assert_eq!(first.compilation_cost, second.compilation_cost);
    assert_eq!(first.mutable_globals.len(), second.mutable_globals.len());
    let entry = &entries(directory.path())[0];
    assert_eq!(
        fs::metadata(entry)
            .expect("an entry")
            .modified()
            .expect("a time"),
        written,
        "compiled again"
    );
}

#[test]
fn directory_and_files_are_private() {
    let directory = tempfile::tempdir().expect("a directory");
    let cache = directory.path().join("deep/cache");
    compile(&cache, &wasm(MODULE));
    let mode = |path: &Path| {
        fs::metadata(path)
            .expect("it is there")
            .permissions()
            .mode()
            & 0o777
    };
    assert_eq!(mode(&cache), 0o700);
    assert_eq!(mode(&cache.join("key")), 0o600);
    for entry in entries(&cache) {
        assert_eq!(mode(&entry), 0o600);
    }
}

#[test]
fn a_damaged_entry_is_compiled_and_written_again() {
    let directory = tempfile::tempdir().expect("a directory");
    let module = wasm(MODULE);
    compile(directory.path(), &module);
    let entry = entries(directory.path()).remove(0);
    let good = fs::read(&entry).expect("an entry");
    for damage in [0, 31, 32, 40, good.len() / 2, good.len() - 1] {
        let mut bad = good.clone();
        bad[damage] ^= 1;
        fs::write(&entry, &bad).expect("the entry is ours");
        compile(directory.path(), &module);
        assert_ne!(
            fs::read(&entry).expect("an entry"),
            bad,
            "byte {damage} was not noticed"
        );
    }
    for length in [0, 10, 32, 39, good.len() - 1] {
        fs::write(&entry, &good[..length]).expect("the entry is ours");
        compile(directory.path(), &module);
        assert!(fs::read(&entry).expect("an entry").len() >= good.len());
    }
}

#[test]
fn an_entry_does_not_stand_in_for_another_module() {
    let directory = tempfile::tempdir().expect("a directory");
    compile(directory.path(), &wasm(MODULE));
    let first = entries(directory.path()).remove(0);
    let other = wasm(&MODULE.replace("abc", "xyz"));
    compile(directory.path(), &other);
    let second = entries(directory.path())
        .into_iter()
        .find(|entry| *entry != first)
        .expect("two entries");
    let foreign = fs::read(&first).expect("an entry");
    fs::write(&second, &foreign).expect("the entry is ours");
    compile(directory.path(), &other);
    assert_ne!(fs::read(&second).expect("an entry"), foreign);
}

#[test]
fn entries_under_another_key_are_not_taken() {
    let directory = tempfile::tempdir().expect("a directory");
    compile(directory.path(), &wasm(MODULE));
    let entry = entries(directory.path()).remove(0);
    let before = fs::read(&entry).expect("an entry");
    let key = directory.path().join("key");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).expect("the key is ours");
    compile(directory.path(), &wasm(MODULE));
    assert_ne!(
        fs::read(&entry).expect("an entry"),
        before,
        "a key that others could read was trusted"
    );
    assert_eq!(
        fs::metadata(&key).expect("a key").permissions().mode() & 0o777,
        0o600
    );
}

#[test]
fn a_module_is_compiled_once_and_shared() {
    let engine = super::engine();
    let module = wasm(MODULE);
    let first = engine.compile(&module).expect("a good module");
    let second = engine.compile(&module).expect("a good module");
    assert!(Arc::ptr_eq(&first, &second));
}
