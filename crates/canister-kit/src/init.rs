//! The arguments of `init`, and the check that turns them into a [`Config`].
//!
//! - In: the raw record that the installer sent. Out: a checked [`Config`], or why not.
//! - The caller traps with the error's text, so that the installer reads it and nothing is installed.

use crate::admission::{Admission, AdmissionError};
use crate::config::Config;
use crate::encoding::Identity;
use crate::environment::{Environment, KeyName, KeyNameError, PRODUCTION_KEY};
use candid::{CandidType, Principal};
use serde::Deserialize;
use std::collections::BTreeSet;
use thiserror::Error;

/// What the installer chooses; it cannot be changed later.
#[derive(CandidType, Deserialize, Clone, Debug)]
pub struct InitArgs {
    /// Where the canister runs.
    pub environment: Environment,
    /// Name of the master key, unchecked.
    pub key_name: String,
    /// Who may pause the canister and change its allow-list. Without one every controller may; with one nobody
    /// else, the controllers included.
    pub guardian: Option<Principal>,
    /// Who may make calls that pay.
    pub admission: Admission,
}

impl InitArgs {
    /// Checks the arguments and joins them with the layout that the code writes: the configuration, and the first
    /// entries of the allow-list.
    ///
    /// # Errors
    /// A malformed key name, a test key in production, an anonymous guardian, or an admission of everyone or nobody by
    /// mistake.
    pub fn check(self, schema_version: u32) -> Result<(Config, BTreeSet<Identity>), InitError> {
        let key_name = KeyName::parse(&self.key_name)?;
        if self.environment == Environment::Production && key_name.as_str() != PRODUCTION_KEY {
            return Err(InitError::TestKeyInProduction { key_name });
        }
        if self.guardian == Some(Principal::anonymous()) {
            return Err(InitError::AnonymousGuardian);
        }
        let (admission, allowed) = self.admission.check()?;
        let config = Config {
            schema_version,
            environment: self.environment,
            key_name,
            paused: false,
            guardian: self.guardian.map(Identity),
            admission,
        };
        Ok((config, allowed))
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
    /// Everyone can be the anonymous principal.
    #[error("init refused: the guardian is the anonymous principal, which everyone can be")]
    AnonymousGuardian,
    /// The admission is refused.
    #[error("init refused: {0}")]
    Admission(#[from] AdmissionError),
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(environment: Environment, key_name: &str) -> Result<Config, InitError> {
        InitArgs {
            environment,
            key_name: key_name.to_owned(),
            guardian: None,
            admission: Admission::Prepaid,
        }
        .check(1)
        .map(|(config, _)| config)
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

    #[test]
    fn an_anonymous_guardian_is_refused() {
        let args = InitArgs {
            environment: Environment::Local,
            key_name: "test_key_1".to_owned(),
            guardian: Some(Principal::anonymous()),
            admission: Admission::Prepaid,
        };
        assert_eq!(args.check(1), Err(InitError::AnonymousGuardian));
    }

    #[test]
    fn an_admission_of_nobody_is_refused_with_its_reason() {
        let args = InitArgs {
            environment: Environment::Local,
            key_name: "test_key_1".to_owned(),
            guardian: None,
            admission: Admission::Open { cycles_per_day: 0 },
        };
        let refusal = args.check(1).unwrap_err();
        assert_eq!(
            refusal.to_string(),
            "init refused: a budget of 0 cycles per day admits nobody"
        );
    }
}
