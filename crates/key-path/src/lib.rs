//! Derivation of canisters' keys from master keys (interface specification; BIP-32, SLIP-10).
