//! The world of a test: one network on a server, and the canisters of the suite in it.
//!
//! - In: `POCKET_IC_BIN`, the server to drive (default: our own `chainkey`, built by
//!   `make build`); `CHAINKEY_TEST_KEY`, the master key the canisters are told to use (default:
//!   `test_key_1`); the modules built by `make wasm`.
//! - Out: the unmodified client's handle, and short ways to install, upgrade and ask a canister.
//! - Everything goes through the client's public interface, so that a test passes on any server
//!   that speaks it.
//! - Left out: other subnets; tests that need them build their own.

use candid::{CandidType, Principal, encode_one};
use canister_kit::{Admission, Environment, Info, InitArgs};
use ic_management_canister_types::{
    CanisterInstallMode, ChunkHash, ClearChunkStoreArgs, InstallChunkedCodeArgs, InstallCodeArgs,
    UploadChunkArgs,
};
use pocket_ic::common::rest::RawEffectivePrincipal;
use pocket_ic::{PocketIc, PocketIcBuilder, RejectResponse, query_candid};
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};
use thiserror::Error;

/// The canisters of the suite, in the order in which the documents name them.
pub const CANISTERS: [&str; 5] = ["wallet", "beacon", "draws", "vault", "timelock"];

/// The largest module of one message, which has at most 2 MiB in all.
const ONE_MESSAGE: usize = 1_900_000;

/// The largest chunk of a module.
const CHUNK: usize = 1_048_576;

/// The key that canisters are told to use in tests.
pub fn test_key() -> String {
    std::env::var("CHAINKEY_TEST_KEY").unwrap_or_else(|_| "test_key_1".to_owned())
}

/// Who may pause the canisters that tests install.
pub fn guardian() -> Principal {
    Principal::self_authenticating(b"the guardian of the tests")
}

/// Arguments of `init` for a network on this machine: open to everyone, below 1000 T cycles a day.
pub fn local_args() -> InitArgs {
    InitArgs {
        environment: Environment::Local,
        key_name: test_key(),
        guardian: Some(guardian()),
        admission: Admission::Open {
            cycles_per_day: 1_000_000_000_000_000,
        },
    }
}

/// The folder that holds the build's products.
pub fn target_dir() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../target")
}

/// The server that the client starts.
///
/// # Errors
/// No file is where the server should be; without one the client would try to download it.
pub fn server_binary() -> Result<PathBuf, WorldError> {
    let path = std::env::var_os("POCKET_IC_BIN")
        .map_or_else(|| target_dir().join("release/chainkey"), PathBuf::from);
    match path.is_file() {
        true => Ok(path),
        false => Err(WorldError::NoServer { path }),
    }
}

/// The module of a canister.
///
/// # Errors
/// The module has not been built.
pub fn canister_wasm(name: &str) -> Result<Vec<u8>, WorldError> {
    let path = target_dir().join(format!("wasm32-unknown-unknown/wasm/{name}.wasm"));
    std::fs::read(&path).map_err(|_| WorldError::NoModule { path })
}

/// One network with one application subnet, and one that holds keys of the name [`test_key`].
pub struct World {
    network: PocketIc,
}

impl World {
    /// Starts the server, if this process has none yet, and makes a network on it.
    ///
    /// # Errors
    /// The server is not there.
    ///
    /// # Panics
    /// The client panics when the server does not answer as it should.
    pub fn new() -> Result<Self, WorldError> {
        Self::build(PocketIcBuilder::new())
    }

    /// The same with an NNS subnet, whose key is the network's root key.
    ///
    /// # Errors
    /// The server is not there.
    ///
    /// # Panics
    /// As [`World::new`].
    pub fn with_root_key() -> Result<Self, WorldError> {
        Self::build(PocketIcBuilder::new().with_nns_subnet())
    }

    fn build(builder: PocketIcBuilder) -> Result<Self, WorldError> {
        let builder = builder
            .with_server_binary(server_binary()?)
            .with_application_subnet();
        let builder = match test_key().as_str() {
            "key_1" => builder.with_ii_subnet(),
            _ => builder.with_test_threshold_keys_subnet(),
        };
        Ok(Self {
            network: builder.build(),
        })
    }

    /// The client's handle on the network.
    pub fn network(&self) -> &PocketIc {
        &self.network
    }

    /// Creates a canister and installs one of the suite's modules in it.
    ///
    /// # Errors
    /// The module is missing, or the canister refused the arguments.
    pub fn install(&self, name: &str, args: &InitArgs) -> Result<Principal, WorldError> {
        let canister = self.network.create_canister();
        let install = CanisterInstallMode::Install;
        let arg = encode_one(args).expect("the arguments encode");
        self.install_code(canister, install, canister_wasm(name)?, arg)?;
        Ok(canister)
    }

    /// Installs a module and hands back the rejection instead of panicking on it. A module that is too large for one message goes in
    /// chunks.
    ///
    /// # Errors
    /// The network rejected a call.
    pub fn install_code(
        &self,
        canister: Principal,
        mode: CanisterInstallMode,
        wasm_module: Vec<u8>,
        arg: Vec<u8>,
    ) -> Result<(), WorldError> {
        if wasm_module.len() > ONE_MESSAGE {
            return self.install_chunks(canister, mode, &wasm_module, arg);
        }
        let call = InstallCodeArgs {
            mode,
            canister_id: canister,
            wasm_module,
            arg,
            sender_canister_version: None,
        };
        self.manage(canister, "install_code", &call)
    }

    fn install_chunks(
        &self,
        canister: Principal,
        mode: CanisterInstallMode,
        wasm_module: &[u8],
        arg: Vec<u8>,
    ) -> Result<(), WorldError> {
        let mut chunk_hashes_list = Vec::new();
        for chunk in wasm_module.chunks(CHUNK) {
            let call = UploadChunkArgs {
                canister_id: canister,
                chunk: chunk.to_vec(),
            };
            self.manage(canister, "upload_chunk", &call)?;
            let hash = Sha256::digest(chunk).to_vec();
            chunk_hashes_list.push(ChunkHash { hash });
        }
        let call = InstallChunkedCodeArgs {
            mode,
            target_canister: canister,
            store_canister: None,
            chunk_hashes_list,
            wasm_module_hash: Sha256::digest(wasm_module).to_vec(),
            arg,
            sender_canister_version: None,
        };
        let installed = self.manage(canister, "install_chunked_code", &call);
        let call = ClearChunkStoreArgs {
            canister_id: canister,
        };
        self.manage(canister, "clear_chunk_store", &call)?;
        installed
    }

    fn manage(
        &self,
        canister: Principal,
        method: &str,
        call: &impl CandidType,
    ) -> Result<(), WorldError> {
        self.network.update_call_with_effective_principal(
            Principal::management_canister(),
            RawEffectivePrincipal::CanisterId(canister.as_slice().to_vec()),
            Principal::anonymous(),
            method,
            encode_one(call).expect("the call encodes"),
        )?;
        Ok(())
    }

    /// Upgrades a canister to one of the suite's modules.
    ///
    /// # Errors
    /// The module is missing, or the upgrade trapped.
    pub fn upgrade(&self, canister: Principal, name: &str) -> Result<(), WorldError> {
        let mode = CanisterInstallMode::Upgrade(None);
        self.install_code(canister, mode, canister_wasm(name)?, Vec::new())
    }

    /// What a canister says about itself.
    ///
    /// # Errors
    /// The query was rejected.
    pub fn info(&self, canister: Principal) -> Result<Info, WorldError> {
        let (info,) = query_candid(&self.network, canister, "info", ())?;
        Ok(info)
    }
}

/// Why a world cannot be made or a step in it failed.
#[derive(Error, Debug)]
pub enum WorldError {
    /// There is no server to drive.
    #[error("no server at {}; run `make build` or set POCKET_IC_BIN", path.display())]
    NoServer {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// A canister has not been built.
    #[error("no module at {}; run `make wasm`", path.display())]
    NoModule {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// The network rejected a call.
    #[error("rejected: {0}")]
    Rejected(RejectResponse),
}

impl From<RejectResponse> for WorldError {
    fn from(response: RejectResponse) -> Self {
        Self::Rejected(response)
    }
}
