//! Master public keys that the world knows, as data.
//!
//! Source: the published packages `ic-secp256k1` 0.3, `ic-secp256r1` 0.3, `ic-ed25519` 0.6 and `ic-vetkeys` 0.9 carry the same values, and
//! the tests compare them all. In: the network and the key's name, as a canister asks for it. Out: encodings.

use crate::derive::Scheme;

/// Whose master keys.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Network {
    /// The Internet Computer: `key_1` and `test_key_1`.
    Mainnet,
    /// PocketIC and every network in its published-keys mode: `key_1`, `test_key_1` and `dfx_test_key`, worthless outside tests.
    PocketIc,
}

/// The master public key of a signature scheme: 33 bytes, or 32 for Ed25519. `None` where no such key is known.
pub fn public_key(network: Network, scheme: Scheme, name: &str) -> Option<&'static [u8]> {
    use Network::{Mainnet, PocketIc};
    use Scheme::{Bip340Secp256k1, EcdsaSecp256k1, EcdsaSecp256r1, Ed25519};
    Some(match (network, scheme, name) {
        (Mainnet, EcdsaSecp256k1, "key_1") => &MAINNET_ECDSA_K1_KEY_1,
        (Mainnet, EcdsaSecp256k1, "test_key_1") => &MAINNET_ECDSA_K1_TEST_KEY_1,
        (Mainnet, EcdsaSecp256r1, "key_1") => &MAINNET_ECDSA_R1_KEY_1,
        (Mainnet, EcdsaSecp256r1, "test_key_1") => &MAINNET_ECDSA_R1_TEST_KEY_1,
        (Mainnet, Bip340Secp256k1, "key_1") => &MAINNET_BIP340_KEY_1,
        (Mainnet, Bip340Secp256k1, "test_key_1") => &MAINNET_BIP340_TEST_KEY_1,
        (Mainnet, Ed25519, "key_1") => &MAINNET_ED25519_KEY_1,
        (Mainnet, Ed25519, "test_key_1") => &MAINNET_ED25519_TEST_KEY_1,
        // PocketIC has one key on secp256k1 for both schemes.
        (PocketIc, EcdsaSecp256k1 | Bip340Secp256k1, "key_1") => &POCKET_K1_KEY_1,
        (PocketIc, EcdsaSecp256k1 | Bip340Secp256k1, "test_key_1") => &POCKET_K1_TEST_KEY_1,
        (PocketIc, EcdsaSecp256k1 | Bip340Secp256k1, "dfx_test_key") => &POCKET_K1_DFX_TEST_KEY,
        (PocketIc, EcdsaSecp256r1, "key_1") => &POCKET_R1_KEY_1,
        (PocketIc, EcdsaSecp256r1, "test_key_1") => &POCKET_R1_TEST_KEY_1,
        (PocketIc, EcdsaSecp256r1, "dfx_test_key") => &POCKET_R1_DFX_TEST_KEY,
        (PocketIc, Ed25519, "key_1") => &POCKET_ED25519_KEY_1,
        (PocketIc, Ed25519, "test_key_1") => &POCKET_ED25519_TEST_KEY_1,
        (PocketIc, Ed25519, "dfx_test_key") => &POCKET_ED25519_DFX_TEST_KEY,
        _ => return None,
    })
}

/// The master public key of vetKD. `None` where no such key is known.
pub fn vetkd_public_key(network: Network, name: &str) -> Option<&'static [u8; 96]> {
    Some(match (network, name) {
        (Network::Mainnet, "key_1") => &MAINNET_VETKD_KEY_1,
        (Network::Mainnet, "test_key_1") => &MAINNET_VETKD_TEST_KEY_1,
        (Network::PocketIc, "key_1") => &POCKET_VETKD_KEY_1,
        (Network::PocketIc, "test_key_1") => &POCKET_VETKD_TEST_KEY_1,
        (Network::PocketIc, "dfx_test_key") => &POCKET_VETKD_DFX_TEST_KEY,
        _ => return None,
    })
}

const MAINNET_ECDSA_K1_KEY_1: [u8; 33] =
    hex("02121bc3a5c38f38ca76487c72007ebbfd34bc6c4cb80a671655aa94585bbd0a02");
const MAINNET_ECDSA_K1_TEST_KEY_1: [u8; 33] =
    hex("02f9ac345f6be6db51e1c5612cddb59e72c3d0d493c994d12035cf13257e3b1fa7");
const MAINNET_ECDSA_R1_KEY_1: [u8; 33] =
    hex("03225c6e2c86eeb576f99a456692e11dd41e37382d117d4dbdad6dcc29703a2fe6");
const MAINNET_ECDSA_R1_TEST_KEY_1: [u8; 33] =
    hex("021a3eee9d02e8d9cc32f19ca572615a1fa4712742b3a623228db9289c87e859c5");
const MAINNET_BIP340_KEY_1: [u8; 33] =
    hex("02246e29785f06d37a8a50c49f6152a34df74738f8c13a44f59fef4cbe90eb13ac");
const MAINNET_BIP340_TEST_KEY_1: [u8; 33] =
    hex("037a651a2e5ef3d1ef63e84c4c4caa029fa4a43a347a91e4d84a8e846853d51be1");
const MAINNET_ED25519_KEY_1: [u8; 32] =
    hex("476374d9df3a8af28d3164dc2422cff894482eadd1295290b6d9ad92b2eeaa5c");
const MAINNET_ED25519_TEST_KEY_1: [u8; 32] =
    hex("6c0824beb37621bcca6eecc237ed1bc4e64c9c59dcb85344aa7f9cc8278ee31f");
const POCKET_K1_KEY_1: [u8; 33] =
    hex("036ad6e838b46811ad79c37b2f4b854b7a05f406715b2935edc5d3251e7666977b");
const POCKET_K1_TEST_KEY_1: [u8; 33] =
    hex("03cc365e15cb552589c7175717b2ac63d1050b9bb2e5aed35432b1b1be55d3abcf");
const POCKET_K1_DFX_TEST_KEY: [u8; 33] =
    hex("03e6f78b1a90e361c5cc9903f73bb8acbe3bc17ad01e82554d25cf0ecd70c67484");
const POCKET_R1_KEY_1: [u8; 33] =
    hex("0384e7ba2fc1e46ed22e8d7d2b885b16c36270b3403be76e877ae961aec99abc28");
const POCKET_R1_TEST_KEY_1: [u8; 33] =
    hex("036c7bdaf10cc2bb6709ea76162db3e5f31f77014fc79741b044618f51ba61ee2b");
const POCKET_R1_DFX_TEST_KEY: [u8; 33] =
    hex("0287dd82d1da499aec7d1707e6e23a3522a5c2e544c64b573b1221545803ae1c39");
const POCKET_ED25519_KEY_1: [u8; 32] =
    hex("db415b8eb85bd5127b0984723e0448054042cf40e7a9c262ed0cc87ecea98349");
const POCKET_ED25519_TEST_KEY_1: [u8; 32] =
    hex("6ed9121ecf701b9e301fce17d8a65214888984e8211225691b089d6b219ec144");
const POCKET_ED25519_DFX_TEST_KEY: [u8; 32] =
    hex("7124afcb1be5927cac0397a7447b9c3cda2a4099af62d9bc0a2c2fe42d33efe1");
const MAINNET_VETKD_KEY_1: [u8; 96] = hex(
    "a9caf9ae8af0c7c7272f8a122133e2e0c7c0899b75e502bda9e109ca8193ded3ef042ed96db1125e1bdaad77d8cc60d917e122fe2501c45b96274f43705edf0cfd455bc66c3c060faa2fcd15486e76351edf91fecb993797273bbc8beaa47404",
);
const MAINNET_VETKD_TEST_KEY_1: [u8; 96] = hex(
    "ad86e8ff845912f022a0838a502d763fdea547c9948f8cb20ea7738dd52c1c38dcb4c6ca9ac29f9ac690fc5ad7681cb41922b8dffbd65d94bff141f5fb5b6624eccc03bf850f222052df888cf9b1e47203556d7522271cbb879b2ef4b8c2bfb1",
);
const POCKET_VETKD_KEY_1: [u8; 96] = hex(
    "8c800b5cff00463d26e8167369168827f1e48f4d8d60f71dd6a295580f65275b5f5f8e6a792c876b2c72492136530d0710a27522ee63977a76216c3cef9e70bfcb45b88736fc62142e7e0737848ce06cbb1f45a4a6a349b142ae5cf7853561e0",
);
const POCKET_VETKD_TEST_KEY_1: [u8; 96] = hex(
    "9069b82c7aae418cef27678291e7f2cb1a008a500eceba7199bffca12421b07c158987c6a22618af3d1958738b2835691028801f7663d311799733286c557c8979184bb62cb559a4d582fca7d2e48b860f08ed6641aef66a059ec891889a6218",
);
const POCKET_VETKD_DFX_TEST_KEY: [u8; 96] = hex(
    "b181c14cf9d04ba45d782c0067a44b0aaa9fc2acf94f1a875f0dae801af4f80339a7e6bf8b09fcf993824c8df3080b3f1409b688ca08cbd44d2cb28db9899f4aa3b5f06b9174240448e10be2f01f9f80079ea5431ce2d11d1c8d1c775333315f",
);

/// Reads hexadecimal digits when compiling; what is not exactly `N` bytes of them does not compile.
const fn hex<const N: usize>(digits: &str) -> [u8; N] {
    let digits = digits.as_bytes();
    assert!(digits.len() == 2 * N);
    let mut bytes = [0; N];
    let mut index = 0;
    while index < N {
        bytes[index] = nibble(digits[2 * index]) << 4 | nibble(digits[2 * index + 1]);
        index += 1;
    }
    bytes
}

const fn nibble(digit: u8) -> u8 {
    match digit {
        b'0'..=b'9' => digit - b'0',
        b'a'..=b'f' => digit - b'a' + 10,
        _ => panic!("not a hexadecimal digit"),
    }
}
