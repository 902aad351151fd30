//! Verifiably encrypted threshold key derivation (eprint 2023/616).
