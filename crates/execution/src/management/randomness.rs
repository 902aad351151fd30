//! raw_rand.
//!
//! Source: interface specification. The request was fixed in an earlier round than the one whose randomness it gets, since
//! calls of canisters reach the management canister through a stream; so nobody knew the bytes when asking.

use super::{Invocation, Reply, keys, wire};
use crate::canister::ManagementOrigin;
use crate::error::UserError;
use crate::subnet::SubnetState;
use serde_bytes::ByteBuf;
use sha2::{Digest, Sha256};

/// raw_rand; any argument is accepted.
pub(super) fn raw_rand(state: &mut SubnetState, call: &mut Invocation) -> Result<Reply, UserError> {
    let round = state.round.0;
    let beacon = state
        .keys
        .random_bytes(state.id(), round)
        .map_err(|error| keys::unavailable(&error))?;
    // Several calls of one round get different bytes.
    let mut hash = Sha256::new();
    hash.update(b"\x08raw_rand");
    hash.update(beacon);
    hash.update(round.to_be_bytes());
    if let ManagementOrigin::Canister {
        sender, callback, ..
    } = &call.origin
    {
        hash.update(callback.0.to_be_bytes());
        hash.update(sender.as_slice());
    }
    let bytes: [u8; 32] = hash.finalize().into();
    Ok(Reply::Now(wire::encode(&ByteBuf::from(bytes))))
}
