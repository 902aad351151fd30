//! Which chains of Ethereum's kind a wallet pays on.
//!
//! - Out: a [`Network`] for every chain that the EVM RPC canister has providers for; on a developer's machine every other chain too, through the node
//!   that the environment names. In production and staging there is no other chain, because a single provider is never trusted there.

use super::quantity::ChainId;
use canister_kit::Environment;

/// A chain that can be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Network {
    /// Ethereum.
    Mainnet,
    /// Its test network.
    Sepolia,
    /// Arbitrum One.
    Arbitrum,
    /// Base.
    Base,
    /// OP Mainnet.
    Optimism,
    /// A developer's own.
    Own(ChainId),
}

impl Network {
    /// The network with this number; nothing where it cannot be asked in this environment.
    pub fn of(chain: ChainId, environment: Environment) -> Option<Self> {
        match (chain.0, environment) {
            (1, _) => Some(Self::Mainnet),
            (11_155_111, _) => Some(Self::Sepolia),
            (42_161, _) => Some(Self::Arbitrum),
            (8_453, _) => Some(Self::Base),
            (10, _) => Some(Self::Optimism),
            (0, _) | (_, Environment::Production | Environment::Staging) => None,
            (_, Environment::Local) => Some(Self::Own(chain)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_developers_machine_has_chains_of_its_own() {
        for environment in [Environment::Production, Environment::Staging] {
            assert_eq!(Network::of(ChainId(31_337), environment), None);
            assert_eq!(Network::of(ChainId(1), environment), Some(Network::Mainnet));
        }
        let own = Network::of(ChainId(31_337), Environment::Local);
        assert_eq!(own, Some(Network::Own(ChainId(31_337))));
        assert_eq!(Network::of(ChainId(0), Environment::Local), None);
    }
}
