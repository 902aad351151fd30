//! What can happen to the wallets: the only way in which they change.
//!
//! - Stored as CBOR: [number, [fields]], inside the record that the kit makes of it. Numbers are never used again for something else.
//! - The caller makes every check before it records an event.

use crate::members::Members;
use crate::name::Name;
use crate::policy::Policy;
use crate::root_key::RootKey;
use crate::wallet::WalletId;
use minicbor::{Decode, Encode};

/// Something that happened.
#[derive(Encode, Decode, Clone, Debug, PartialEq, Eq)]
pub enum WalletEvent {
    /// A wallet was made, by the stamp's caller.
    #[n(0)]
    WalletCreated {
        /// Its number: the next one.
        #[n(0)]
        id: WalletId,
        /// Its name.
        #[n(1)]
        name: Name,
        /// Its members.
        #[n(2)]
        members: Members,
        /// Its first policy.
        #[n(3)]
        policy: Policy,
    },
    /// The management canister told a key of the canister, which is kept from now on.
    #[n(1)]
    RootKeyCached {
        /// The key.
        #[n(0)]
        key: RootKey,
    },
}
