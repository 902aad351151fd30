//! Looking at canisters and changing them from outside of any call, as only a test may.
//!
//! In: canister ids. Out: cycles, controllers, stable memory. No round runs. Leaves out: what the management canister does.

use crate::error::InstanceError;
use crate::instance::Instance;
use candid::Principal;
use chainkey_execution::canister::Canister;
use chainkey_execution::cycles::Cycles;
use chainkey_execution::ids::{CanisterId, SubnetId};
use chainkey_execution::memory::StableMemory;

/// Bytes of a page of stable memory.
const WASM_PAGE: u64 = 64 * 1024;

impl Instance {
    fn canister(&self, id: CanisterId) -> Result<&Canister, InstanceError> {
        self.host_of(id)
            .and_then(|index| self.subnets[index].subnet.canister(id))
            .ok_or(InstanceError::CanisterNotFound(id))
    }

    fn canister_mut(&mut self, id: CanisterId) -> Result<&mut Canister, InstanceError> {
        let index = self
            .host_of(id)
            .ok_or(InstanceError::CanisterNotFound(id))?;
        self.subnets[index]
            .subnet
            .canister_mut(id)
            .ok_or(InstanceError::CanisterNotFound(id))
    }

    /// The subnet of an existing canister.
    pub fn subnet_of(&self, id: CanisterId) -> Option<SubnetId> {
        let hosted = &self.subnets[self.host_of(id)?];
        hosted.subnet.canister(id).map(|_| hosted.id)
    }

    /// The canisters of a subnet.
    pub fn canister_ids(&self, subnet: SubnetId) -> Vec<CanisterId> {
        let hosted = self.subnets.iter().find(|hosted| hosted.id == subnet);
        hosted
            .map(|hosted| hosted.subnet.state.canisters.keys().copied().collect())
            .unwrap_or_default()
    }

    /// The controllers.
    pub fn controllers(&self, id: CanisterId) -> Result<Vec<Principal>, InstanceError> {
        let canister = self.canister(id)?;
        Ok(canister.settings.controllers.iter().copied().collect())
    }

    /// The balance.
    pub fn cycles(&self, id: CanisterId) -> Result<Cycles, InstanceError> {
        Ok(self.canister(id)?.balance)
    }

    /// Adds cycles out of nothing; the new balance.
    pub fn add_cycles(&mut self, id: CanisterId, amount: Cycles) -> Result<Cycles, InstanceError> {
        let canister = self.canister_mut(id)?;
        canister.balance += amount;
        Ok(canister.balance)
    }

    /// The content of stable memory, whole pages.
    pub fn stable_memory(&self, id: CanisterId) -> Result<Vec<u8>, InstanceError> {
        let canister = self.canister(id)?;
        if canister.installed.is_none() {
            return Err(InstanceError::CanisterIsEmpty(id));
        }
        let stable = &canister.wasm_state.stable;
        let read = stable.read(0, stable.pages() * WASM_PAGE);
        read.map_err(|error| InstanceError::Configuration(error.to_string()))
    }

    /// Replaces the content of stable memory; it is filled up to whole pages with zeros.
    pub fn set_stable_memory(&mut self, id: CanisterId, data: &[u8]) -> Result<(), InstanceError> {
        let canister = self.canister_mut(id)?;
        if canister.installed.is_none() {
            return Err(InstanceError::CanisterIsEmpty(id));
        }
        let mut stable = StableMemory::default();
        let written = match stable.grow((data.len() as u64).div_ceil(WASM_PAGE)) {
            Some(_) => stable.write(0, data).is_ok(),
            None => false,
        };
        if !written {
            return Err(InstanceError::Configuration(format!(
                "{} bytes do not fit into stable memory",
                data.len()
            )));
        }
        canister.wasm_state.stable = stable;
        Ok(())
    }
}
