//! Threshold Schnorr signatures from presignatures: BIP-340 with BIP-341, and Ed25519.
