//! Where master keys come from: the nodes, or a publication.
//!
//! Source: protocols.md of the design, section 8. The official PocketIC server uses fixed secrets that everybody knows, so that libraries can derive
//! its public keys offline. A subnet may be told to share just these among its nodes; everything after that is the real protocol. Off unless asked for:
//! such keys protect nothing.

use crate::request::path_scheme;
use chainkey_algebra::{BlsG2, Curve};
use key_path::published_test_keys::{secret_key, vetkd_secret_key};
use subnet_view::KeyId;

/// Where master keys come from.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum KeySource {
    /// The nodes make them; nobody ever knows them.
    #[default]
    Generated,
    /// PocketIC's published test keys: worthless, and the same on every network.
    PublishedTestKeys,
}

impl KeySource {
    /// The published secret of a key that signs, if keys are published.
    pub fn signing_key<C: Curve>(self, key: &KeyId) -> Option<C::Scalar> {
        let scheme = path_scheme(key.scheme)?;
        self.published::<C>(|| secret_key(scheme, &key.name))
    }

    /// The published secret of a vetKD key, if keys are published.
    pub fn vetkd_key(self, key: &KeyId) -> Option<<BlsG2 as Curve>::Scalar> {
        self.published::<BlsG2>(|| vetkd_secret_key(&key.name))
    }

    fn published<C: Curve>(self, bytes: impl FnOnce() -> [u8; 32]) -> Option<C::Scalar> {
        match self {
            KeySource::Generated => None,
            KeySource::PublishedTestKeys => C::scalar_from_bytes(&bytes()).ok(),
        }
    }
}
