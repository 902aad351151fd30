//! The arguments of `init`, and the check that turns them into a [`Config`].
//!
//! - In: the raw record that the installer sent. Out: a checked [`Config`], or why not.
//! - The caller traps with the error's text, so that the installer reads it and nothing is installed.

use crate::config::Config;
use crate::environment::{Environment, KeyName, KeyNameError, PRODUCTION_KEY};
use candid::CandidType;
use serde::Deserialize;
use thiserror::Error;

/// What the installer chooses; it cannot be changed later.
#[derive(CandidType, Deserialize, Clone, Debug)]
pub struct InitArgs {
    /// Where the canister runs.
    pub environment: Environment,
    /// Name of the master key, unchecked.
    pub key_name: String,
}

impl InitArgs {
    /// Checks the arguments and records them together with the layout that the code writes.
    ///
    /// # Errors
    /// A malformed key name, or a test key in production.
    pub fn check(self, schema_version: u32) -> Result<Config, InitError> {
        let key_name = KeyName::parse(&self.key_name)?;
        if self.environment == Environment::Production && key_name.as_str() != PRODUCTION_KEY {
            return Err(InitError::TestKeyInProduction { key_name });
        }
        Ok(Config {
            schema_version,
            environment: self.environment,
            key_name,
            paused: false,
        })
    }
}

/// Why an installation is refused.
#[derive(Error, Clone, Debug, PartialEq, Eq)]
pub enum InitError {
    /// The key name is malformed.
    #[error("init refused: {0}")]
    KeyName(#[from] KeyNameError),
    /// Production takes [`PRODUCTION_KEY`] and nothing else.
    #[error(
        "init refused: environment Production accepts only the key \"{PRODUCTION_KEY}\", not \"{key_name}\""
    )]
    TestKeyInProduction {
        /// The refused key.
        key_name: KeyName,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(environment: Environment, key_name: &str) -> Result<Config, InitError> {
        InitArgs {
            environment,
            key_name: key_name.to_owned(),
        }
        .check(1)
    }

    #[test]
    fn production_accepts_only_the_production_key() {
        assert!(check(Environment::Production, "key_1").is_ok());
        let refusal = check(Environment::Production, "test_key_1").unwrap_err();
        assert_eq!(
            refusal.to_string(),
            "init refused: environment Production accepts only the key \"key_1\", not \"test_key_1\""
        );
    }

    #[test]
    fn local_and_staging_accept_any_well_formed_key() {
        for environment in [Environment::Local, Environment::Staging] {
            for key_name in ["key_1", "test_key_1"] {
                let config = check(environment, key_name).unwrap();
                assert_eq!(config.key_name.as_str(), key_name);
                assert!(!config.paused);
            }
        }
    }

    #[test]
    fn a_malformed_key_name_is_refused_with_its_reason() {
        let refusal = check(Environment::Local, "").unwrap_err();
        assert_eq!(refusal.to_string(), "init refused: the key name is empty");
    }
}
