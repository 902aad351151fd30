//! The files of a downloaded canister snapshot.
//!
//! The directory is that of the official tools: `metadata.json`, `wasm_module.bin`, `wasm_memory.bin`, `stable_memory.bin` and
//! `wasm_chunk_store/<hash>.bin`; a file of no bytes may be absent. In: a path. Out: file contents. Leaves out: calls.

use crate::error::InstanceError;
use ic_management_canister_types::ReadCanisterSnapshotMetadataResult;
use std::fs;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// The large parts of a snapshot.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Part {
    /// The module.
    Module,
    /// Linear memory.
    Heap,
    /// Stable memory.
    Stable,
}

impl Part {
    /// All parts.
    pub const ALL: [Part; 3] = [Part::Module, Part::Heap, Part::Stable];

    fn file_name(self) -> &'static str {
        match self {
            Part::Module => "wasm_module.bin",
            Part::Heap => "wasm_memory.bin",
            Part::Stable => "stable_memory.bin",
        }
    }

    /// Its bytes according to the metadata.
    pub fn size(self, metadata: &ReadCanisterSnapshotMetadataResult) -> u64 {
        match self {
            Part::Module => metadata.wasm_module_size,
            Part::Heap => metadata.wasm_memory_size,
            Part::Stable => metadata.stable_memory_size,
        }
    }
}

/// The directory of one snapshot.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SnapshotDirectory {
    path: PathBuf,
}

impl SnapshotDirectory {
    /// A directory to write to: made if absent, otherwise empty.
    pub fn create(path: &Path) -> Result<Self, InstanceError> {
        let directory = SnapshotDirectory { path: path.into() };
        directory.step(fs::create_dir_all(path))?;
        if directory.step(fs::read_dir(path))?.next().is_some() {
            return Err(InstanceError::InvalidSnapshotDirectory(format!(
                "Snapshot directory {} is not empty",
                path.display()
            )));
        }
        Ok(directory)
    }

    /// A directory to read from.
    pub fn open(path: &Path) -> Result<Self, InstanceError> {
        let directory = SnapshotDirectory { path: path.into() };
        if path.is_dir() {
            return Ok(directory);
        }
        Err(InstanceError::InvalidSnapshotDirectory(format!(
            "Snapshot directory {} does not exist",
            path.display()
        )))
    }

    /// Writes the metadata.
    pub fn write_metadata(
        &self,
        metadata: &ReadCanisterSnapshotMetadataResult,
    ) -> Result<(), InstanceError> {
        let text = serde_json::to_vec_pretty(metadata).map_err(|error| self.failed(&error))?;
        self.step(fs::write(self.metadata_path(), text))
    }

    /// Reads the metadata.
    pub fn metadata(&self) -> Result<ReadCanisterSnapshotMetadataResult, InstanceError> {
        let text = self.step(fs::read(self.metadata_path()))?;
        serde_json::from_slice(&text).map_err(|error| self.failed(&error))
    }

    /// Appends to a part.
    pub fn append(&self, part: Part, chunk: &[u8]) -> Result<(), InstanceError> {
        let path = self.path.join(part.file_name());
        let file = fs::File::options().create(true).append(true).open(path);
        let mut file = self.step(file)?;
        self.step(file.write_all(chunk))
    }

    /// Reads so many bytes of a part.
    pub fn read(&self, part: Part, offset: u64, bytes: u64) -> Result<Vec<u8>, InstanceError> {
        let mut file = self.step(fs::File::open(self.path.join(part.file_name())))?;
        self.step(file.seek(SeekFrom::Start(offset)))?;
        let mut chunk = vec![0; bytes as usize];
        self.step(file.read_exact(&mut chunk))?;
        Ok(chunk)
    }

    /// Writes a chunk of the chunk store.
    pub fn write_chunk(&self, hash: &[u8], chunk: &[u8]) -> Result<(), InstanceError> {
        self.step(fs::create_dir_all(self.path.join("wasm_chunk_store")))?;
        self.step(fs::write(self.chunk_path(hash), chunk))
    }

    /// Reads a chunk of the chunk store.
    pub fn chunk(&self, hash: &[u8]) -> Result<Vec<u8>, InstanceError> {
        self.step(fs::read(self.chunk_path(hash)))
    }

    fn metadata_path(&self) -> PathBuf {
        self.path.join("metadata.json")
    }

    fn chunk_path(&self, hash: &[u8]) -> PathBuf {
        self.path
            .join("wasm_chunk_store")
            .join(format!("{}.bin", hex::encode(hash)))
    }

    fn step<T>(&self, result: std::io::Result<T>) -> Result<T, InstanceError> {
        result.map_err(|error| self.failed(&error))
    }

    fn failed(&self, error: &dyn std::error::Error) -> InstanceError {
        InstanceError::InvalidSnapshotDirectory(format!("{}: {error}", self.path.display()))
    }
}
