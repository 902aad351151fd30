//! A canister that answers in Candid, and the short ways to ask it.
//!
//! - In: the client's handle on a network, who calls, a method and its arguments. Out: the one value that the canister answers.
//! - Every method panics where the network rejects a call: the suite's canisters never reject one, they answer with an error.

use candid::utils::{ArgumentEncoder, encode_args};
use candid::{CandidType, Decode, Principal};
use pocket_ic::common::rest::RawMessageId;
use pocket_ic::{PocketIc, RejectResponse, query_candid_as, update_candid_as};
use serde::de::DeserializeOwned;

/// A canister on a network.
#[derive(Clone, Copy)]
pub struct Handle<'a> {
    /// The network.
    pub network: &'a PocketIc,
    /// The canister's id.
    pub canister: Principal,
}

impl Handle<'_> {
    /// A query.
    ///
    /// # Panics
    /// The network rejects it.
    pub fn ask<T: CandidType + DeserializeOwned>(
        &self,
        by: Principal,
        method: &str,
        arguments: impl ArgumentEncoder,
    ) -> T {
        let (network, canister) = (self.network, self.canister);
        one(query_candid_as(network, canister, by, method, arguments))
    }

    /// An update.
    ///
    /// # Panics
    /// The network rejects it.
    pub fn tell<T: CandidType + DeserializeOwned>(
        &self,
        by: Principal,
        method: &str,
        arguments: impl ArgumentEncoder,
    ) -> T {
        let (network, canister) = (self.network, self.canister);
        one(update_candid_as(network, canister, by, method, arguments))
    }

    /// Begins an update, and does not wait.
    ///
    /// # Panics
    /// The network does not take it.
    pub fn submit(
        &self,
        by: Principal,
        method: &str,
        arguments: impl ArgumentEncoder,
    ) -> RawMessageId {
        let arguments = encode_args(arguments).expect("the arguments encode");
        let submitted = self
            .network
            .submit_call(self.canister, by, method, arguments);
        submitted.expect("the message is taken")
    }

    /// Waits for what was begun.
    ///
    /// # Panics
    /// The network rejects it.
    pub fn wait<T: CandidType + DeserializeOwned>(&self, begun: RawMessageId) -> T {
        let reply = self.network.await_call(begun).expect("a reply");
        Decode!(&reply, T).expect("the answer decodes")
    }

    /// The network's time, in nanoseconds since 1970.
    pub fn now(&self) -> u64 {
        self.network.get_time().as_nanos_since_unix_epoch()
    }
}

fn one<T>(answer: Result<(T,), RejectResponse>) -> T {
    let (answer,) = answer.expect("an answer and no rejection");
    answer
}
