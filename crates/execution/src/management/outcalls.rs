//! HTTP outcalls that wait for answers.

/// The outcalls of a subnet.
#[derive(Clone, Debug, Default)]
pub struct Outcalls {}
