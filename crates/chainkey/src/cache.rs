//! Where compiled modules are kept.
//!
//! In: the environment. Out: a directory, or memory where there is none. Leaves out: the directory's protection (see
//! `chainkey_execution::wasm`).

use chainkey_execution::wasm::ModuleCache;
use std::path::PathBuf;

/// `CHAINKEY_CACHE_DIR`, else the user's cache directory; in memory if neither is known or the variable is empty.
pub fn module_cache() -> ModuleCache {
    match directory() {
        Some(directory) => ModuleCache::Directory(directory),
        None => ModuleCache::Memory,
    }
}

fn directory() -> Option<PathBuf> {
    if let Some(own) = std::env::var_os("CHAINKEY_CACHE_DIR") {
        return Some(PathBuf::from(own)).filter(|path| !path.as_os_str().is_empty());
    }
    let user = match std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from) {
        Some(cache) if cache.is_absolute() => cache,
        _ => PathBuf::from(std::env::var_os("HOME")?).join(".cache"),
    };
    Some(user.join("chainkey").join("modules"))
}
