//! The nodes beside the client's own methods.
//!
//! In: the client's handle. Out: the same network's nodes. Works in tests with and without an async runtime: each call waits on a thread of its own.

use crate::NetworkNodes;

/// What a network has that is served by `chainkey`.
pub trait ChainKeyNodes {
    /// Its nodes.
    fn nodes(&self) -> NetworkNodes;
}

impl ChainKeyNodes for pocket_ic::PocketIc {
    fn nodes(&self) -> NetworkNodes {
        NetworkNodes::new(self.get_server_url().as_str(), self.instance_id())
    }
}

impl ChainKeyNodes for pocket_ic::nonblocking::PocketIc {
    fn nodes(&self) -> NetworkNodes {
        NetworkNodes::new(self.get_server_url().as_str(), self.instance_id)
    }
}
