//! The contracts of the tests, compiled from Solidity when a test first needs one.
//!
//! - In: `tests/chains/ethereum/contracts`, and the compiler that npm installed. Out: byte code, for the EVM of the Cancun upgrade.
//! - Compiled once in a process, in some seconds.
//! - `Token`: ERC-20 with ERC-2612, name "Test Dollar", version "1", 6 decimals; its maker has the supply. `Spender`: takes what it was
//!   allowed to take; `increase(uint256)` and `fail(uint256)`. `Verifier`: records orders and messages that somebody signed.

use super::EvmError;
use super::process::installed;
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::sync::OnceLock;

/// The byte code that makes a contract.
///
/// # Errors
/// The compiler is not installed, refuses the contracts, or there is none of this name.
pub fn byte_code(name: &str) -> Result<Vec<u8>, EvmError> {
    static COMPILED: OnceLock<BTreeMap<String, String>> = OnceLock::new();
    let compiled = match COMPILED.get() {
        Some(compiled) => compiled,
        None => {
            let compiled = compile()?;
            COMPILED.get_or_init(|| compiled)
        }
    };
    let code = compiled.get(name).and_then(|code| hex::decode(code).ok());
    code.ok_or_else(|| EvmError::NoContract(name.to_owned()))
}

fn compile() -> Result<BTreeMap<String, String>, EvmError> {
    installed("solc")?;
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("ethereum/compile.mjs");
    let output = Command::new("node").arg(script).output();
    let output = output.map_err(|error| EvmError::Start("node".to_owned(), error))?;
    let said = || String::from_utf8_lossy(&output.stderr).into_owned();
    if !output.status.success() {
        return Err(EvmError::Contracts(said()));
    }
    serde_json::from_slice(&output.stdout).map_err(|error| EvmError::Contracts(error.to_string()))
}
