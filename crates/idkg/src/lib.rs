//! Interactive distributed key generation and resharing with verifiable secret sharing (Groth and Shoup, eprint 2022/506).
