//! What owners sign for the contracts of the tests, as typed data (EIP-712), and the calls that bring it there.
//!
//! - In: what is wished. Out: JSON as `eth_signTypedData_v4` takes it; with the signature of 65 bytes, a call.

use super::Address;
use super::abi::{Token, call};
use serde_json::{Value, json};

/// An order for `Verifier`.
#[derive(Clone, Debug)]
pub struct Order {
    /// Who orders and signs.
    pub maker: Address,
    /// What.
    pub item: String,
    /// How much of it.
    pub amount: u128,
    /// Each order of a maker has another one.
    pub nonce: u128,
}

impl Order {
    /// What its maker signs.
    pub fn typed_data(&self, chain_id: u64, verifier: Address) -> Value {
        let fields = [
            ("maker", "address"),
            ("item", "string"),
            ("amount", "uint256"),
            ("nonce", "uint256"),
        ];
        let message = json!({
            "maker": self.maker.to_string(),
            "item": self.item,
            "amount": self.amount.to_string(),
            "nonce": self.nonce.to_string(),
        });
        let domain = domain("Verifier", chain_id, verifier);
        typed("Order", &fields, &domain, &message)
    }

    /// The call of `Verifier` that records it.
    pub fn call(&self, signature: &[u8]) -> Vec<u8> {
        let order = vec![
            self.maker.into(),
            self.item.as_str().into(),
            self.amount.into(),
            self.nonce.into(),
        ];
        call(
            "order((address,string,uint256,uint256),bytes)",
            &[Token::Tuple(order), Token::Bytes(signature.to_vec())],
        )
    }
}

/// An allowance of `Token` that its owner signs (ERC-2612).
#[derive(Clone, Debug)]
pub struct Permit {
    /// The token's contract.
    pub token: Address,
    /// Whose tokens.
    pub owner: Address,
    /// Who may take them.
    pub spender: Address,
    /// How many, in the token's smallest unit; a decimal number, so that it can have 256 bits.
    pub value: String,
    /// How many permits the owner has used before.
    pub nonce: u128,
    /// Until when, in Unix seconds.
    pub deadline: u128,
}

impl Permit {
    /// What the owner signs.
    pub fn typed_data(&self, chain_id: u64) -> Value {
        let fields = [
            ("owner", "address"),
            ("spender", "address"),
            ("value", "uint256"),
            ("nonce", "uint256"),
            ("deadline", "uint256"),
        ];
        let message = json!({
            "owner": self.owner.to_string(),
            "spender": self.spender.to_string(),
            "value": self.value,
            "nonce": self.nonce.to_string(),
            "deadline": self.deadline.to_string(),
        });
        let domain = domain("Test Dollar", chain_id, self.token);
        typed("Permit", &fields, &domain, &message)
    }

    /// The call of `Spender` that takes what is permitted.
    ///
    /// # Panics
    /// The signature has not 65 bytes, or the value more than 128 bits.
    pub fn take(&self, signature: &[u8]) -> Vec<u8> {
        let word = |at: usize| Token::Word(signature[at..at + 32].try_into().expect("32 bytes"));
        let value: u128 = self.value.parse().expect("a number of 128 bits");
        call(
            "takeWithPermit(address,address,uint256,uint256,uint8,bytes32,bytes32)",
            &[
                self.token.into(),
                self.owner.into(),
                value.into(),
                self.deadline.into(),
                u128::from(signature[64]).into(),
                word(0),
                word(32),
            ],
        )
    }
}

fn domain(name: &str, chain_id: u64, contract: Address) -> Value {
    json!({
        "name": name,
        "version": "1",
        "chainId": chain_id,
        "verifyingContract": contract.to_string(),
    })
}

fn typed(primary: &str, fields: &[(&str, &str)], domain: &Value, message: &Value) -> Value {
    let list = |fields: &[(&str, &str)]| -> Value {
        let fields = fields.iter();
        fields
            .map(|(name, kind)| json!({"name": name, "type": kind}))
            .collect()
    };
    let of_domain = [
        ("name", "string"),
        ("version", "string"),
        ("chainId", "uint256"),
        ("verifyingContract", "address"),
    ];
    json!({
        "types": {"EIP712Domain": list(&of_domain), primary: list(fields)},
        "primaryType": primary,
        "domain": domain,
        "message": message,
    })
}
