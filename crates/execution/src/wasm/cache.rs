#![allow(unsafe_code)]
//! Compiled modules on disk, so that a module is compiled once per machine.
//!
//! A cache entry is machine code that will be executed, so an entry counts only if this installation wrote it: each carries an
//! HMAC-SHA256 under a random key that lies beside the entries and that only the owner can read. The code covers the file name,
//! and the name holds the module hash, the version of our instrumentation and a hash of the engine's version and settings, so an
//! entry cannot stand in for another one. Whatever does not verify is ignored and written again.
//!
//! In: module hashes and compiled code. Out: compiled code. Failures to write are logged and do no harm.
//! Left out: the size of the directory is not bounded; the owner may empty it at any time.

use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use hmac::{Hmac, Mac};
use sha2::Sha256;
use thiserror::Error;
use wasmtime::{Engine, Module};

use super::compiled::CompiledCode;
use super::instrumentation::INSTRUMENTATION_VERSION;

/// Where compiled modules are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ModuleCache {
    /// In this process only.
    Memory,
    /// In this process and in a directory, which is created with mode 0700 if needed.
    Directory(PathBuf),
}

/// Why the cache directory cannot be used.
#[derive(Debug, Error)]
#[error("the module cache {} cannot be used: {source}", directory.display())]
pub struct CacheError {
    directory: PathBuf,
    source: io::Error,
}

const MAC_DOMAIN: &[u8] = b"chainkey compiled module\0";
const MAC_BYTES: usize = 32;
const COST_BYTES: usize = 8;
const KEY_FILE: &str = "key";
const KEY_BYTES: usize = 32;

/// The directory of compiled modules, for one engine configuration.
pub(super) struct DiskCache {
    directory: PathBuf,
    key: [u8; KEY_BYTES],
    compatibility: u64,
    next_temporary: AtomicU64,
}

impl DiskCache {
    /// Opens or creates the directory and its key.
    ///
    /// # Errors
    /// When the directory cannot be made private to this user, or the key cannot be read or written.
    pub fn open(directory: &Path, engine: &Engine) -> Result<Self, CacheError> {
        let at = |source| CacheError {
            directory: directory.to_path_buf(),
            source,
        };
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(directory)
            .map_err(at)?;
        // Fails for a directory of somebody else.
        fs::set_permissions(directory, Permissions::from_mode(0o700)).map_err(at)?;
        let key = installation_key(directory).map_err(at)?;
        let mut hasher = DefaultHasher::new();
        engine.precompile_compatibility_hash().hash(&mut hasher);
        Ok(DiskCache {
            directory: directory.to_path_buf(),
            key,
            compatibility: hasher.finish(),
            next_temporary: AtomicU64::new(0),
        })
    }

    fn entry_name(&self, module_hash: &[u8; 32]) -> String {
        format!(
            "{:016x}-{INSTRUMENTATION_VERSION}-{}",
            self.compatibility,
            hex::encode(module_hash)
        )
    }

    fn mac(&self, entry_name: &str, content: &[u8]) -> Hmac<Sha256> {
        let mut mac = Hmac::new_from_slice(&self.key).expect("HMAC takes keys of any length");
        mac.update(MAC_DOMAIN);
        mac.update(entry_name.as_bytes());
        mac.update(&[0]);
        mac.update(content);
        mac
    }

    /// The compiled code of a module, if there is an authentic entry.
    pub fn load(&self, engine: &Engine, module_hash: &[u8; 32]) -> Option<CompiledCode> {
        let name = self.entry_name(module_hash);
        let entry = fs::read(self.directory.join(&name)).ok()?;
        let (tag, content) = entry.split_first_chunk::<MAC_BYTES>()?;
        if self.mac(&name, content).verify_slice(tag).is_err() {
            tracing::warn!(
                entry = name,
                "ignoring a compiled module that this installation did not write"
            );
            return None;
        }
        let (cost, artifact) = content.split_first_chunk::<COST_BYTES>()?;
        // SAFETY: `deserialize` demands bytes that `Module::serialize` made. The bytes verified are the bytes used (they were read
        // once), the MAC covers them under a key that only this user can read, and `store` is the only code that makes such a MAC,
        // over the output of `Module::serialize`. The name under the MAC ties them to this engine version and configuration;
        // `deserialize` checks those again.
        let module = unsafe { Module::deserialize(engine, artifact) };
        match module {
            Ok(module) => Some(CompiledCode {
                module,
                compilation_cost: u64::from_le_bytes(*cost),
            }),
            Err(error) => {
                tracing::warn!(entry = name, %error, "ignoring a compiled module that the engine refuses");
                None
            }
        }
    }

    /// Keeps the compiled code of a module. A failure is logged: the next start compiles again.
    pub fn store(&self, module_hash: &[u8; 32], code: &CompiledCode) {
        let name = self.entry_name(module_hash);
        if let Err(error) = self.write_entry(&name, code) {
            tracing::warn!(entry = name, %error, "cannot keep a compiled module");
        }
    }

    fn write_entry(&self, name: &str, code: &CompiledCode) -> io::Result<()> {
        let artifact = code.module.serialize().map_err(io::Error::other)?;
        let mut content = Vec::with_capacity(COST_BYTES + artifact.len());
        content.extend_from_slice(&code.compilation_cost.to_le_bytes());
        content.extend_from_slice(&artifact);
        let tag = self.mac(name, &content).finalize().into_bytes();
        let number = self.next_temporary.fetch_add(1, Ordering::Relaxed);
        let temporary = self
            .directory
            .join(format!(".{}-{number}-{name}", std::process::id()));
        let written = create_private(&temporary)
            .and_then(|mut file| file.write_all(&tag).and_then(|()| file.write_all(&content)))
            // Readers see the old entry or the whole new one.
            .and_then(|()| fs::rename(&temporary, self.directory.join(name)));
        if written.is_err() {
            let _ = fs::remove_file(&temporary);
        }
        written
    }
}

fn create_private(path: &Path) -> io::Result<File> {
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
}

/// The key of the directory, made on first use. A key of the wrong length or that others can read is replaced, which
/// makes all entries unauthentic.
fn installation_key(directory: &Path) -> io::Result<[u8; KEY_BYTES]> {
    let path = directory.join(KEY_FILE);
    if let Some(key) = read_key(&path)? {
        return Ok(key);
    }
    let mut key = [0; KEY_BYTES];
    File::open("/dev/urandom")?.read_exact(&mut key)?;
    let temporary = directory.join(format!(".{}-{KEY_FILE}", std::process::id()));
    let _ = fs::remove_file(&temporary);
    create_private(&temporary)?.write_all(&key)?;
    // A link fails if another process was faster; then its key is the one.
    let linked = fs::hard_link(&temporary, &path);
    fs::remove_file(&temporary)?;
    match linked {
        Ok(()) => Ok(key),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            read_key(&path)?.ok_or_else(|| io::Error::other("the key is replaced while being read"))
        }
        Err(error) => Err(error),
    }
}

/// Reads the key; removes one that cannot be trusted.
fn read_key(path: &Path) -> io::Result<Option<[u8; KEY_BYTES]>> {
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let mut bytes = Vec::new();
    let private = file.metadata()?.permissions().mode() & 0o077 == 0;
    (&mut file)
        .take(KEY_BYTES as u64 + 1)
        .read_to_end(&mut bytes)?;
    match bytes.try_into() {
        Ok(key) if private => Ok(Some(key)),
        _ => {
            fs::remove_file(path)?;
            Ok(None)
        }
    }
}
