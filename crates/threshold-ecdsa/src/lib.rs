//! Threshold ECDSA from presignatures (Groth and Shoup, eprint 2022/506).
