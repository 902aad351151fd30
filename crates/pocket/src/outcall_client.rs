//! Real HTTP for the outcalls of live instances.

use crate::slots::Hosted;
use std::sync::Arc;

/// The outcalls of one instance that are under way.
#[derive(Default)]
pub struct Outcalls {}

impl Outcalls {
    /// Starts what is not under way yet.
    pub fn make(&mut self, _hosted: &Arc<Hosted>, _pending: Vec<()>) {}
}
