//! HTTP outcalls of canisters that wait for the world's answers.
//!
//! Source: interface specification, `http_request`.

/// Placeholder until the management canister lands.
pub struct MockedOutcall {}

impl crate::Instance {
    /// Placeholder.
    pub fn pending_outcalls(&self) -> Vec<()> {
        Vec::new()
    }
}
