//! Personal messages.
//!
//! - Specification: EIP-191, version 0x45: Keccak-256 of `0x19`, `Ethereum Signed Message:`, a line feed, the length in decimal digits, and the message.
//! - In: any bytes, at most [`MAX_MESSAGE_BYTES`]. Out: what is signed; nothing signed so is ever a transaction, which begins otherwise.
//! - Left out: what a message means. A contract may take one for anything, so a policy treats it as what cannot be decoded.

use super::error::MessageTooLong;
use super::hash::{SigningHash, keccak};

/// The longest message.
pub const MAX_MESSAGE_BYTES: usize = 32 * 1024;

/// The hash of a personal message.
///
/// # Errors
/// It is too long.
pub fn personal(message: &[u8]) -> Result<SigningHash, MessageTooLong> {
    if message.len() > MAX_MESSAGE_BYTES {
        return Err(MessageTooLong {
            bytes: message.len() as u64,
            at_most: MAX_MESSAGE_BYTES as u64,
        });
    }
    let head = format!("\x19Ethereum Signed Message:\n{}", message.len());
    Ok(SigningHash(keccak([head.as_bytes(), message])))
}
