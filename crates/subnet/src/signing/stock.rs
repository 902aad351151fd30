//! How many presignatures a lane keeps ready.

/// The size of a lane's stock.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct StockTarget {
    /// Below this many presignatures, ready or being made, a batch is begun.
    pub low: usize,
    /// Slots of a batch, in each of which the extraction yields f + 1 presignatures.
    pub slots: usize,
}

impl Default for StockTarget {
    fn default() -> Self {
        StockTarget { low: 5, slots: 1 }
    }
}
