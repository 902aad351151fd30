//! Calls of contracts as bytes, as far as tests need them.
//!
//! - In: a function's signature and its arguments. Out: what goes into a transaction. Specification: docs.soliditylang.org, "Contract ABI
//!   Specification".
//! - Left out: arrays, and decoding of more than words.

use super::Address;
use sha3::{Digest, Keccak256};

/// An argument of a call.
#[derive(Clone, Debug)]
pub enum Token {
    /// A word of 32 bytes: numbers, addresses, hashes.
    Word([u8; 32]),
    /// Bytes or text of any length.
    Bytes(Vec<u8>),
    /// A tuple with something in it whose length varies.
    Tuple(Vec<Token>),
}

impl From<u128> for Token {
    fn from(number: u128) -> Self {
        let mut word = [0; 32];
        word[16..].copy_from_slice(&number.to_be_bytes());
        Self::Word(word)
    }
}

impl From<Address> for Token {
    fn from(address: Address) -> Self {
        let mut word = [0; 32];
        word[12..].copy_from_slice(&address.0);
        Self::Word(word)
    }
}

impl From<&str> for Token {
    fn from(text: &str) -> Self {
        Self::Bytes(text.as_bytes().to_vec())
    }
}

/// The first four bytes of a call: of the hash of the function's signature.
pub fn selector(signature: &str) -> [u8; 4] {
    let hash = Keccak256::digest(signature);
    [hash[0], hash[1], hash[2], hash[3]]
}

/// A call of the function with this signature.
pub fn call(signature: &str, arguments: &[Token]) -> Vec<u8> {
    [selector(signature).to_vec(), encode(arguments)].concat()
}

/// Arguments in a row: words where they stand, what has another length behind all of them.
pub fn encode(tokens: &[Token]) -> Vec<u8> {
    let (mut head, mut tail) = (Vec::new(), Vec::new());
    for token in tokens {
        let content = match token {
            Token::Word(word) => {
                head.extend(word);
                continue;
            }
            Token::Bytes(bytes) => {
                let padding = bytes.len().next_multiple_of(32) - bytes.len();
                [word(bytes.len()), bytes.clone(), vec![0; padding]].concat()
            }
            Token::Tuple(tokens) => encode(tokens),
        };
        head.extend(word(32 * tokens.len() + tail.len()));
        tail.extend(content);
    }
    [head, tail].concat()
}

fn word(number: usize) -> Vec<u8> {
    let mut word = vec![0; 24];
    word.extend((number as u64).to_be_bytes());
    word
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_transfer_is_encoded_as_everybody_does_it() {
        let to = Address([0x11; 20]);
        let call = call("transfer(address,uint256)", &[to.into(), 5.into()]);
        let expected = format!("a9059cbb{:0>64}{:0>64}", "11".repeat(20), "5");
        assert_eq!(hex::encode(call), expected);
    }

    #[test]
    fn texts_stand_behind_the_words() {
        let bytes = encode(&[
            7.into(),
            "ab".into(),
            Token::Tuple(vec![1.into(), "c".into()]),
        ]);
        let words: Vec<String> = bytes.chunks(32).map(hex::encode).collect();
        let number = |number: &str| format!("{number:0>64}");
        let text = |digits: &str| format!("{digits:0<64}");
        let expected = [
            number("7"),
            number("60"),
            number("a0"),
            number("2"),
            text("6162"),
            number("1"),
            number("40"),
            number("1"),
            text("63"),
        ];
        assert_eq!(words, expected);
    }
}
