//! `chainkey verify-draw FILE`: whether a draw's transcript is a proof, and what it rests on.
//!
//! In: a file with the joined parts of `result` of `canisters/draws`, and what is trusted. Out: the verdict as text, or why there is none. All of it is the work of
//! `draw-proof`; nothing is asked of a network.

use clap::Parser;
use draw_proof::verify::{TrustAnchor, verify};
use std::error::Error;
use std::path::PathBuf;

/// Verifies the transcript of a draw offline.
#[derive(Parser, Debug)]
#[command(
    name = "chainkey verify-draw",
    about = "Verifies the transcript of a draw, offline"
)]
pub struct VerifyDraw {
    /// The transcript: the parts of `result`, joined
    pub file: PathBuf,
    /// The network's master key of vetKD, 192 hexadecimal digits; without it, the public network's
    #[arg(long, conflicts_with = "public_key")]
    pub master_key: Option<String>,
    /// The signing canister's public key, 192 hexadecimal digits, as its network tells it
    #[arg(long)]
    pub public_key: Option<String>,
}

/// Verifies; what is to be printed.
pub fn run(arguments: &VerifyDraw) -> Result<String, Box<dyn Error>> {
    let (master_key, public_key) = (
        arguments.master_key.as_deref(),
        arguments.public_key.as_deref(),
    );
    let anchor = TrustAnchor::of_hex(master_key, public_key)?;
    let transcript = std::fs::read(&arguments.file)?;
    Ok(verify(&transcript, &anchor)?.to_string())
}
