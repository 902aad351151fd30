//! Patience: what a node said and what has not arrived is said again after a while, always the same.
//!
//! In: the step, and when something was said last. Out: what is due. The caller must stop asking once it has arrived.

use crate::broadcast::Step;

/// Steps of the broadcast after which a node says again what has not arrived, and after which every node deals if those on
/// duty did not suffice.
pub const PATIENCE: u64 = 6;

/// Whether something is due that was said then, or never.
pub fn is_due(said: Option<&Step>, now: Step) -> bool {
    said.is_none_or(|said| now.0 >= said.0 + PATIENCE)
}

/// Something that a node made once and says until it has arrived.
pub struct Repeated {
    bytes: Vec<u8>,
    /// When it was said last, as far as the node remembers.
    said: Option<Step>,
}

impl Repeated {
    /// What is made now, and not said yet.
    pub fn new(bytes: Vec<u8>) -> Self {
        Repeated { bytes, said: None }
    }

    /// Forgets when it was said, as a node does that restarts.
    pub fn forget(&mut self) {
        self.said = None;
    }

    /// What to say now, if it is due; it is not due again before patience has run out.
    pub fn say(&mut self, now: Step) -> Option<Vec<u8>> {
        if !is_due(self.said.as_ref(), now) {
            return None;
        }
        self.said = Some(now);
        Some(self.bytes.clone())
    }
}
