//! Why the nodes could not be seen or changed.
//!
//! In: what went wrong on the way or at the server. Out: one error with what to do about it.

/// Why an operation failed; then nothing has changed.
#[derive(Debug, thiserror::Error)]
pub enum ControlError {
    /// The server does not answer.
    #[error("no answer from {url}: {reason}; is `chainkey` serving there?")]
    Unreachable {
        /// What was asked.
        url: String,
        /// Why.
        reason: String,
    },
    /// The server refused.
    #[error("refused with status {status}: {message}")]
    Refused {
        /// The HTTP status; 404 if the server has no nodes, as a PocketIC server.
        status: u16,
        /// The server's message.
        message: String,
    },
    /// The answer is not what this version knows.
    #[error(
        "the answer of {url} can't be read: {reason}; are server and client of the same version?"
    )]
    Unreadable {
        /// What was asked.
        url: String,
        /// Why.
        reason: String,
    },
    /// No subnet fits.
    #[error("there is no subnet `{wanted}`; there are: {known}")]
    NoSuchSubnet {
        /// What was asked for.
        wanted: String,
        /// Kinds and ids of those that there are.
        known: String,
    },
}
