//! The world outside, as far as draws need more of it than the kit.
//!
//! - What it does: facts about the canister itself, the nodes' randomness, and rounds of a beacon.
//! - Specification: IC interface specification, `canister_info`, `raw_rand`; candid/beacon.did.
//! - Out: answers as they came; whoever asks checks them.

#[cfg(test)]
pub mod fake;

use candid::{CandidType, Principal};
use canister_kit::KeyName;
use canister_kit::calls::{CallError, ask};
use canister_kit::runtime::{Replica, Runtime};
use canister_kit::vetkd::{self, VetKeys};
use draw_proof::Hash;
use draw_proof::history::Facts;
use draw_proof::vrf::BEACON_CONTEXT;
use ic_management_canister_types::{CanisterInfoArgs, CanisterInfoResult, ChangeDetails};
use serde::Deserialize;
use serde_bytes::ByteBuf;

/// How many changes are asked for: as many as the network always keeps.
const CHANGES: u64 = 20;

/// What draws need beyond the kit.
pub trait Outside: VetKeys {
    /// Facts about this canister's code and controllers.
    async fn facts(&self) -> Result<Facts, CallError>;

    /// 32 bytes of the nodes' randomness.
    async fn raw_rand(&self) -> Result<Hash, CallError>;

    /// The public key of a beacon for its rounds: 96 bytes if it is one.
    async fn beacon_key(&self, beacon: Principal, name: &KeyName) -> Result<Vec<u8>, CallError>;

    /// The signature of a round of a beacon: 48 bytes if it is one; an error if it is not drawn.
    async fn beacon_round(&self, beacon: Principal, round: u64) -> Result<Vec<u8>, CallError>;
}

impl Outside for Replica {
    async fn facts(&self) -> Result<Facts, CallError> {
        let arguments = CanisterInfoArgs {
            canister_id: self.canister(),
            num_requested_changes: Some(CHANGES),
        };
        let management = Principal::management_canister();
        let info = ask(management, "canister_info", &arguments).await?;
        Ok(facts_of(info))
    }

    async fn raw_rand(&self) -> Result<Hash, CallError> {
        let management = Principal::management_canister();
        let bytes: ByteBuf = ask(management, "raw_rand", &()).await?;
        let bytes = bytes.into_vec().try_into();
        bytes.map_err(|_| CallError::new(0, "raw_rand has 32 bytes"))
    }

    async fn beacon_key(&self, beacon: Principal, name: &KeyName) -> Result<Vec<u8>, CallError> {
        // Asked of the network, not of the beacon.
        vetkd::public_key(beacon, BEACON_CONTEXT, name).await
    }

    async fn beacon_round(&self, beacon: Principal, round: u64) -> Result<Vec<u8>, CallError> {
        let answer: Result<CertifiedRound, Anything> = ask(beacon, "round", &round).await?;
        let told = answer.map_err(|_| CallError::new(0, "the beacon has no such round"))?;
        let drawn = told.round.drawn;
        let drawn = drawn.ok_or_else(|| CallError::new(0, "the beacon's round is not drawn"))?;
        Ok(drawn.signature.into_vec())
    }
}

/// What of the canister's history goes into a draw.
fn facts_of(info: CanisterInfoResult) -> Facts {
    let of_code = |change: &ChangeDetails| {
        matches!(
            change,
            ChangeDetails::CodeDeployment(_)
                | ChangeDetails::CodeUninstall
                | ChangeDetails::LoadSnapshot(_)
        )
    };
    let installs = info.recent_changes.iter().filter(|change| {
        let details = change.details.as_ref();
        details.is_some_and(of_code)
    });
    Facts {
        total_changes: info.total_num_changes,
        last_install: installs.map(|change| change.timestamp_nanos).max(),
        module_hash: info.module_hash.and_then(|hash| hash.try_into().ok()),
    }
}

/// What is read of a beacon's answer.
#[derive(CandidType, Deserialize)]
struct CertifiedRound {
    round: RoundView,
}

#[derive(CandidType, Deserialize)]
struct RoundView {
    drawn: Option<DrawnView>,
}

#[derive(CandidType, Deserialize)]
struct DrawnView {
    signature: ByteBuf,
}

/// Whatever a beacon says beside a round.
#[derive(CandidType, Deserialize)]
struct Anything {}

#[cfg(test)]
mod tests {
    use super::*;
    use ic_management_canister_types::{
        Change, ChangeOrigin, CodeDeploymentMode, CodeDeploymentRecord, ControllersChangeRecord,
        FromUserRecord,
    };

    fn change(timestamp_nanos: u64, details: ChangeDetails) -> Change {
        Change {
            timestamp_nanos,
            canister_version: 1,
            origin: ChangeOrigin::FromUser(FromUserRecord {
                user_id: Principal::anonymous(),
            }),
            details: Some(details),
        }
    }

    #[test]
    fn the_last_change_of_code_is_told_from_changes_of_controllers() {
        let deployed = ChangeDetails::CodeDeployment(CodeDeploymentRecord {
            mode: CodeDeploymentMode::Upgrade,
            module_hash: vec![7; 32],
        });
        let controllers = ChangeDetails::ControllersChange(ControllersChangeRecord {
            controllers: Vec::new(),
        });
        let mut info = CanisterInfoResult {
            total_num_changes: 3,
            recent_changes: vec![
                change(5, deployed),
                change(6, ChangeDetails::CodeUninstall),
                change(9, controllers),
            ],
            module_hash: Some(vec![7; 32]),
            controllers: Vec::new(),
        };
        let facts = facts_of(info.clone());
        assert_eq!((facts.total_changes, facts.last_install), (3, Some(6)));
        assert_eq!(facts.module_hash, Some([7; 32]));
        info.recent_changes.drain(..2);
        assert_eq!(facts_of(info).last_install, None);
    }
}
