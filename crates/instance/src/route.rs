//! To which subnet a call or query goes.
//!
//! Source: the effective principal of the PocketIC API. In: receiver, effective principal, method, argument. Out: a subnet;
//! creating a canister with a mainnet id that no subnet hosts makes the subnet. Leaves out: whether the call is accepted.

use crate::clock::GENESIS;
use crate::config::SubnetSpec;
use crate::error::InstanceError;
use crate::instance::Instance;
use crate::ranges;
use crate::topology;
use candid::{CandidType, Decode, Deserialize, Principal};
use chainkey_execution::ids::{CanisterId, SubnetId};
use chainkey_execution::subnet::SubnetKind;

/// The one method that creates canisters for users.
const PROVISIONAL_CREATE: &str = "provisional_create_canister_with_cycles";

/// Bytes of the ids that subnets allocate.
const CANISTER_ID_BYTES: usize = 10;

/// Where the caller wants a call to go.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum EffectivePrincipal {
    /// Not said.
    None,
    /// To this subnet.
    Subnet(SubnetId),
    /// To the subnet of this canister.
    Canister(CanisterId),
}

/// A call, as far as its way depends on it.
#[derive(Clone, Copy, Debug)]
pub struct Routed<'a> {
    /// Whom.
    pub receiver: CanisterId,
    /// Where.
    pub effective: EffectivePrincipal,
    /// The method.
    pub method: &'a str,
    /// The argument.
    pub payload: &'a [u8],
}

#[derive(CandidType, Deserialize)]
struct WithCanister {
    canister_id: Principal,
}

#[derive(CandidType, Deserialize)]
struct WithSpecified {
    specified_id: Option<Principal>,
}

fn bad(message: impl Into<String>) -> InstanceError {
    InstanceError::BadIngressMessage(message.into())
}

fn decoding(error: candid::Error) -> InstanceError {
    bad(format!("Error decoding candid: {error:?}"))
}

impl Routed<'_> {
    fn creates_canister(&self) -> bool {
        self.receiver == CanisterId::MANAGEMENT && self.method == PROVISIONAL_CREATE
    }
}

impl Instance {
    /// The place of the subnet that a call goes to.
    pub(crate) fn route(&mut self, call: &Routed<'_>) -> Result<usize, InstanceError> {
        match call.effective {
            EffectivePrincipal::Subnet(id) => topology::position(&self.subnets, id.0)
                .ok_or_else(|| bad(format!("Subnet with ID {id} not found"))),
            EffectivePrincipal::Canister(canister) => self.route_by_canister(call, canister),
            EffectivePrincipal::None => match self.implied_canister(call)? {
                Some(canister) => self.route_by_canister(call, canister),
                None => self.default_subnet(),
            },
        }
    }

    /// The canister that decides if the caller did not say; `None` for the default subnet.
    fn implied_canister(&self, call: &Routed<'_>) -> Result<Option<CanisterId>, InstanceError> {
        if call.receiver != CanisterId::MANAGEMENT {
            return Ok(Some(call.receiver));
        }
        if call.creates_canister() {
            let argument = Decode!(call.payload, WithSpecified).map_err(decoding)?;
            return Ok(argument.specified_id.map(CanisterId::new));
        }
        let argument = Decode!(call.payload, WithCanister).map_err(decoding)?;
        Ok(Some(CanisterId::new(argument.canister_id)))
    }

    fn route_by_canister(
        &mut self,
        call: &Routed<'_>,
        canister: CanisterId,
    ) -> Result<usize, InstanceError> {
        if let Some(index) = topology::position(&self.subnets, canister.principal()) {
            return Ok(index);
        }
        if let Some(index) = self.host_of(canister) {
            return Ok(index);
        }
        if !call.creates_canister() {
            return Err(bad(format!(
                "Canister {canister} does not belong to any subnet."
            )));
        }
        if canister == CanisterId::MANAGEMENT {
            return self.default_subnet();
        }
        self.create_subnet_for(canister)
    }

    fn create_subnet_for(&mut self, canister: CanisterId) -> Result<usize, InstanceError> {
        let bytes = canister.as_slice();
        if bytes.len() != CANISTER_ID_BYTES {
            return Err(bad(format!(
                "The binary representation {} of effective canister ID {canister} should consist of {CANISTER_ID_BYTES} bytes.",
                hex::encode(bytes)
            )));
        }
        let host = ranges::mainnet_host(canister).ok_or_else(|| {
            bad(format!(
                "The effective canister ID {canister} does not belong to an existing subnet and it is not a mainnet canister ID."
            ))
        })?;
        if matches!(host.kind, SubnetKind::Nns | SubnetKind::Ii) {
            return Err(bad(format!(
                "The effective canister ID {canister} belongs to the NNS or II subnet on the IC mainnet for which PocketIC provides a `SubnetKind`: please set up your PocketIC instance with a subnet of that `SubnetKind`."
            )));
        }
        self.create_subnet(SubnetSpec::new(host.kind), host.ranges, GENESIS)
    }

    fn default_subnet(&self) -> Result<usize, InstanceError> {
        topology::default_subnet(&self.subnets)
            .and_then(|hosted| topology::position(&self.subnets, hosted.id.0))
            .ok_or_else(|| bad("there is no subnet"))
    }
}
