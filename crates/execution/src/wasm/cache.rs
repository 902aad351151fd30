#![allow(unsafe_code)]
//! Compiled modules on disk, so that a module is compiled once per machine.
//!
//! A cache entry is machine code that will be executed, so an entry counts only if this installation wrote it: each carries an
//! HMAC-SHA256 under a random key that lies beside the entries and that only the owner can read. The code covers the file name,
//! and the name holds the module hash, the version of our instrumentation and a hash of the engine's version and settings, so an
//! entry cannot stand in for another one. Whatever does not verify is ignored and written again. An entry is the artifact, which
//! is mapped and not copied, then the compilation cost and the code.
//!
//! In: module hashes and compiled code. Out: compiled code. Entries are written by threads of their own, which the end of the cache
//! waits for. Failures to write are logged and do no harm.
//! Left out: the size of the directory is not bounded; the owner may empty it at any time.

use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{Builder, JoinHandle};

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
/// Goes up whenever the layout of entries changes, so that two versions of this program do not replace each other's.
const LAYOUT: u32 = 2;
const MAC_BYTES: usize = 32;
const COST_BYTES: usize = 8;
/// What is read at once while an entry is verified.
const READ_BYTES: usize = 64 * 1024;
const KEY_FILE: &str = "key";
const KEY_BYTES: usize = 32;

/// The directory of compiled modules, for one engine configuration.
pub(super) struct DiskCache {
    entries: Arc<Entries>,
    writers: Mutex<Vec<JoinHandle<()>>>,
}

/// What writers share.
struct Entries {
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
            entries: Arc::new(Entries {
                directory: directory.to_path_buf(),
                key,
                compatibility: hasher.finish(),
                next_temporary: AtomicU64::new(0),
            }),
            writers: Mutex::default(),
        })
    }

    /// The compiled code of a module, if there is an authentic entry.
    pub fn load(&self, engine: &Engine, module_hash: &[u8; 32]) -> Option<CompiledCode> {
        self.entries.load(engine, module_hash)
    }

    /// Keeps the compiled code of a module, beside what goes on. A failure is logged: the next start compiles again.
    pub fn store(&self, module_hash: &[u8; 32], code: &CompiledCode) {
        let entries = Arc::clone(&self.entries);
        let name = entries.entry_name(module_hash);
        let code = code.clone();
        let write = move || {
            if let Err(error) = entries.write_entry(&name, &code) {
                tracing::warn!(entry = name, %error, "cannot keep a compiled module");
            }
        };
        let mut writers = self.writers.lock().unwrap_or_else(PoisonError::into_inner);
        writers.retain(|writer| !writer.is_finished());
        match Builder::new().name("module cache".into()).spawn(write) {
            Ok(writer) => writers.push(writer),
            Err(error) => tracing::warn!(%error, "cannot keep a compiled module"),
        }
    }
}

impl Drop for DiskCache {
    fn drop(&mut self) {
        let writers = self.writers.get_mut();
        for writer in writers.unwrap_or_else(PoisonError::into_inner).drain(..) {
            // A writer that panicked has said so.
            let _ = writer.join();
        }
    }
}

impl Entries {
    fn entry_name(&self, module_hash: &[u8; 32]) -> String {
        format!(
            "{:016x}-{LAYOUT}.{INSTRUMENTATION_VERSION}-{}",
            self.compatibility,
            hex::encode(module_hash)
        )
    }

    fn mac(&self, entry_name: &str) -> Hmac<Sha256> {
        let mut mac = Hmac::new_from_slice(&self.key).expect("HMAC takes keys of any length");
        mac.update(MAC_DOMAIN);
        mac.update(entry_name.as_bytes());
        mac.update(&[0]);
        mac
    }

    fn load(&self, engine: &Engine, module_hash: &[u8; 32]) -> Option<CompiledCode> {
        let name = self.entry_name(module_hash);
        let file = File::open(self.directory.join(&name)).ok()?;
        let Ok(compilation_cost) = self.authentic_cost(&name, &file) else {
            tracing::warn!(
                entry = name,
                "ignoring a compiled module that this installation did not write"
            );
            return None;
        };
        // SAFETY: `deserialize_open_file` demands a file that begins with bytes that `Module::serialize` made and that nobody changes
        // while it is mapped. The MAC was verified on this open file; it covers the bytes under a key that only this user can
        // read, and `write_entry` is the only code that makes such a MAC, over the output of `Module::serialize`. Entries are
        // replaced by renaming, never changed in place, and nobody else can open them: file and directory are private.
        // The name under the MAC ties them to this engine version and configuration; wasmtime checks those again.
        let module = unsafe { Module::deserialize_open_file(engine, file) };
        match module {
            Ok(module) => Some(CompiledCode {
                module,
                compilation_cost,
            }),
            Err(error) => {
                tracing::warn!(entry = name, %error, "ignoring a compiled module that the engine refuses");
                None
            }
        }
    }

    /// The compilation cost in an entry, if it is authentic. The file is read to its end.
    fn authentic_cost(&self, name: &str, mut file: &File) -> io::Result<u64> {
        let length = file.metadata()?.len();
        let mut artifact = length
            .checked_sub((COST_BYTES + MAC_BYTES) as u64)
            .ok_or_else(|| io::Error::other("too short"))?;
        let mut mac = self.mac(name);
        let mut buffer = vec![0; READ_BYTES];
        while artifact > 0 {
            let size = artifact.min(READ_BYTES as u64) as usize;
            file.read_exact(&mut buffer[..size])?;
            mac.update(&buffer[..size]);
            artifact -= size as u64;
        }
        let mut cost = [0; COST_BYTES];
        file.read_exact(&mut cost)?;
        mac.update(&cost);
        let mut tag = [0; MAC_BYTES];
        file.read_exact(&mut tag)?;
        mac.verify_slice(&tag).map_err(io::Error::other)?;
        Ok(u64::from_le_bytes(cost))
    }

    fn write_entry(&self, name: &str, code: &CompiledCode) -> io::Result<()> {
        let mut entry = code.module.serialize().map_err(io::Error::other)?;
        entry.extend_from_slice(&code.compilation_cost.to_le_bytes());
        let tag = self.mac(name).chain_update(&entry).finalize().into_bytes();
        entry.extend_from_slice(&tag);
        let number = self.next_temporary.fetch_add(1, Ordering::Relaxed);
        let temporary = self
            .directory
            .join(format!(".{}-{number}-{name}", std::process::id()));
        let written = create_private(&temporary)
            .and_then(|mut file| file.write_all(&entry))
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
