//! The configuration of a canister, kept in one stable cell.
//!
//! - What it does: written once by `init`, read again after each upgrade, never guessed. A missing
//!   or unreadable configuration is an error, because falling back to a default would silently move
//!   a canister from its production key to a test key. Only the pause switch changes later; both by events.
//! - Stored as CBOR with numbered fields, so that later versions add fields without moving old ones.
//!   An empty cell means that `init` has not run.
//! - The caller gives a memory of its own and turns errors into traps, which roll the change back.
//! - Left out: migrations between schema versions; there is only the first one.

use crate::admission::Mode;
use crate::encoding::{Identity, from_cbor, to_cbor};
use crate::environment::{Environment, KeyName};
use crate::event::KitEvent;
use crate::info::{Info, Service};
use crate::init::{InitArgs, InitError};
use ic_stable_structures::storable::Bound;
use ic_stable_structures::{Memory, StableCell, Storable};
use minicbor::{Decode, Encode};
use std::borrow::Cow;
use thiserror::Error;

/// What `init` fixed, and the state of the pause switch.
#[derive(Encode, Decode, Clone, Debug, PartialEq, Eq)]
#[cbor(map)]
pub struct Config {
    /// Layout of stable memory that the installed code writes.
    #[n(0)]
    pub schema_version: u32,
    /// Where the canister runs.
    #[n(1)]
    pub environment: Environment,
    /// The master key that the canister asks for.
    #[n(2)]
    pub key_name: KeyName,
    /// Whether paying methods are stopped.
    #[n(3)]
    pub paused: bool,
    /// Who may pause the canister and change its allow-list; without one every controller may.
    #[n(4)]
    pub guardian: Option<Identity>,
    /// How callers are admitted.
    #[n(5)]
    pub admission: Mode,
}

/// The cell's content: nothing before `init`, a configuration after.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Slot(Option<Config>);

impl Storable for Slot {
    const BOUND: Bound = Bound::Unbounded;

    fn to_bytes(&self) -> Cow<'_, [u8]> {
        Cow::Owned(self.0.as_ref().map(to_cbor).unwrap_or_default())
    }

    fn into_bytes(self) -> Vec<u8> {
        self.to_bytes().into_owned()
    }

    fn from_bytes(bytes: Cow<'_, [u8]>) -> Self {
        Self((!bytes.is_empty()).then(|| from_cbor(&bytes, "the configuration")))
    }
}

/// The configuration in its stable memory.
pub struct ConfigStore<M: Memory> {
    cell: StableCell<Slot, M>,
}

impl<M: Memory> ConfigStore<M> {
    /// Opens the configuration that `memory` holds, or an empty place for one.
    ///
    /// # Panics
    /// Traps if the memory holds a configuration that this code cannot read.
    pub fn open(memory: M) -> Self {
        Self {
            cell: StableCell::init(memory, Slot(None)),
        }
    }

    /// Checks the arguments of `init`: the event that installs them.
    ///
    /// # Errors
    /// Refused arguments, or a configuration that is already there.
    pub fn prepare(&self, args: InitArgs, service: &Service) -> Result<KitEvent, ConfigError> {
        if self.cell.get().0.is_some() {
            return Err(ConfigError::AlreadyInstalled);
        }
        let (config, allowed) = args.check(service.schema_version)?;
        let allowed = allowed.into_iter().collect();
        Ok(KitEvent::Installed { config, allowed })
    }

    /// Makes the change that an event stands for. Events of other parts of the kit change nothing here.
    pub fn apply(&mut self, event: &KitEvent) {
        match event {
            KitEvent::Installed { config, .. } => {
                self.cell.set(Slot(Some(config.clone())));
            }
            KitEvent::PauseSet { paused } => {
                let changed = self.cell.get().0.clone().map(|config| Config {
                    paused: *paused,
                    ..config
                });
                self.cell.set(Slot(changed));
            }
            KitEvent::AllowedSet { .. }
            | KitEvent::Deposited { .. }
            | KitEvent::Reserved { .. }
            | KitEvent::Settled { .. } => {}
        }
    }

    /// Checks after an upgrade that the stored configuration is there and fits the new code.
    ///
    /// # Errors
    /// No configuration, or one with a layout that is not the layout of this code.
    pub fn resume(&self, service: &Service) -> Result<(), ConfigError> {
        let config = self.get()?;
        if config.schema_version != service.schema_version {
            return Err(ConfigError::SchemaMismatch {
                stored: config.schema_version,
                code: service.schema_version,
            });
        }
        Ok(())
    }

    /// The stored configuration.
    ///
    /// # Errors
    /// `init` has not stored one.
    pub fn get(&self) -> Result<&Config, ConfigError> {
        self.cell.get().0.as_ref().ok_or(ConfigError::NotInstalled)
    }

    /// The answer of the query `info`.
    ///
    /// # Errors
    /// `init` has not stored a configuration.
    pub fn info(&self, service: &Service) -> Result<Info, ConfigError> {
        Ok(Info::new(service, self.get()?))
    }
}

/// Why the configuration cannot be stored or used.
#[derive(Error, Clone, Debug, PartialEq, Eq)]
pub enum ConfigError {
    /// The arguments of `init` are refused.
    #[error(transparent)]
    Init(#[from] InitError),
    /// The environment and the key are fixed at installation.
    #[error("init refused: stable memory already holds a configuration")]
    AlreadyInstalled,
    /// Stable memory holds no configuration.
    #[error("no configuration in stable memory: install this canister, do not upgrade into it")]
    NotInstalled,
    /// Stable memory was written by code with another layout.
    #[error("stable memory has schema version {stored}, this code needs version {code}")]
    SchemaMismatch {
        /// Version found in stable memory.
        stored: u32,
        /// Version that the running code writes.
        code: u32,
    },
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::admission::Admission;
    use ic_stable_structures::VectorMemory;

    const SERVICE: Service = Service {
        name: "example",
        version: "0.0.0",
        schema_version: 1,
    };

    fn args() -> InitArgs {
        InitArgs {
            environment: Environment::Staging,
            key_name: "test_key_1".to_owned(),
            guardian: None,
            admission: Admission::Prepaid,
        }
    }

    fn install(store: &mut ConfigStore<VectorMemory>) -> Result<(), ConfigError> {
        let event = store.prepare(args(), &SERVICE)?;
        store.apply(&event);
        Ok(())
    }

    #[test]
    fn the_configuration_survives_an_upgrade() {
        let memory = VectorMemory::default();
        install(&mut ConfigStore::open(memory.clone())).unwrap();
        let reopened = ConfigStore::open(memory);
        reopened.resume(&SERVICE).unwrap();
        let config = reopened.get().unwrap();
        assert_eq!(config.environment, Environment::Staging);
        assert_eq!(config.key_name.as_str(), "test_key_1");
    }

    #[test]
    fn an_upgrade_without_a_configuration_is_refused() {
        let store = ConfigStore::open(VectorMemory::default());
        assert_eq!(store.resume(&SERVICE), Err(ConfigError::NotInstalled));
    }

    #[test]
    fn a_second_installation_over_the_same_memory_is_refused() {
        let mut store = ConfigStore::open(VectorMemory::default());
        install(&mut store).unwrap();
        let again = install(&mut store);
        assert_eq!(again, Err(ConfigError::AlreadyInstalled));
    }

    #[test]
    fn code_with_another_layout_is_refused() {
        let mut store = ConfigStore::open(VectorMemory::default());
        install(&mut store).unwrap();
        let newer = Service {
            schema_version: 2,
            ..SERVICE
        };
        assert_eq!(
            store.resume(&newer),
            Err(ConfigError::SchemaMismatch { stored: 1, code: 2 })
        );
    }

    #[test]
    fn the_stored_bytes_have_numbered_fields() {
        let (config, _) = args().check(1).unwrap();
        let bytes = Slot(Some(config)).into_bytes();
        // {0: 1, 1: 1 (Staging), 2: "test_key_1", 3: false, 5: [1, []] (Prepaid)}
        let mut expected = vec![0xa5, 0x00, 0x01, 0x01, 0x01, 0x02, 0x6a];
        expected.extend_from_slice(b"test_key_1");
        expected.extend_from_slice(&[0x03, 0xf4, 0x05, 0x82, 0x01, 0x80]);
        assert_eq!(bytes, expected);
    }

    #[test]
    fn the_pause_switch_is_all_that_an_event_changes_later() {
        let mut store = ConfigStore::open(VectorMemory::default());
        install(&mut store).unwrap();
        let before = store.get().unwrap().clone();
        store.apply(&KitEvent::PauseSet { paused: true });
        let expected = Config {
            paused: true,
            ..before
        };
        assert_eq!(store.get(), Ok(&expected));
    }
}
