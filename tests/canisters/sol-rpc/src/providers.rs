//! Which providers a request is put to, and where each of them answers.
//!
//! - In: sources and strategy. Out: the sources in their order, or the SOL RPC canister's error.
//! - A cluster's default providers are those of the canister in the order of its table; which of them answered lately does not count here.

use crate::config;
use crate::interface::error::ProviderError;
use crate::interface::source::SupportedProvider::{
    AlchemyDevnet, AlchemyMainnet, AnkrDevnet, AnkrMainnet, ChainstackDevnet, ChainstackMainnet,
    DrpcDevnet, DrpcMainnet, HeliusDevnet, HeliusMainnet, PublicNodeMainnet,
};
use crate::interface::source::{
    ConsensusStrategy, RpcEndpoint, RpcSource, RpcSources, SolanaCluster, SupportedProvider,
};
use std::collections::BTreeSet;

const MAINNET: &[SupportedProvider] = &[
    AlchemyMainnet,
    HeliusMainnet,
    DrpcMainnet,
    AnkrMainnet,
    PublicNodeMainnet,
    ChainstackMainnet,
];
const DEVNET: &[SupportedProvider] = &[
    AlchemyDevnet,
    HeliusDevnet,
    DrpcDevnet,
    AnkrDevnet,
    ChainstackDevnet,
];
/// Default providers of a request that wants equality.
const DEFAULT: usize = 3;

/// The sources of a request; never none.
pub(crate) fn choose(
    sources: RpcSources,
    strategy: ConsensusStrategy,
) -> Result<BTreeSet<RpcSource>, ProviderError> {
    let chosen: BTreeSet<RpcSource> = match sources {
        RpcSources::Custom(given) => {
            check_given(given.len(), strategy)?;
            given.into_iter().collect()
        }
        RpcSources::Default(cluster) => {
            let known = known(cluster)?;
            let wanted = wanted(known.len(), strategy)?;
            let chosen = known.iter().take(wanted).copied();
            chosen.map(RpcSource::Supported).collect()
        }
    };
    match chosen.is_empty() {
        true => Err(invalid("No matching providers found".to_owned())),
        false => Ok(chosen),
    }
}

fn invalid(text: String) -> ProviderError {
    ProviderError::InvalidRpcConfig(text)
}

fn known(cluster: SolanaCluster) -> Result<&'static [SupportedProvider], ProviderError> {
    match cluster {
        SolanaCluster::Mainnet => Ok(MAINNET),
        SolanaCluster::Devnet => Ok(DEVNET),
        SolanaCluster::Testnet => Err(ProviderError::UnsupportedCluster("Testnet".to_owned())),
    }
}

fn check_given(given: usize, strategy: ConsensusStrategy) -> Result<(), ProviderError> {
    let ConsensusStrategy::Threshold { total, min } = strategy else {
        return Ok(());
    };
    check_least(min)?;
    if usize::from(min) > given {
        return Err(invalid(format!(
            "min {min} is greater than the number of specified providers {given}"
        )));
    }
    match total {
        Some(total) if usize::from(total) != given => Err(invalid(format!(
            "total {total} is different than the number of specified providers {given}"
        ))),
        _ => Ok(()),
    }
}

/// How many of the default providers are asked.
fn wanted(known: usize, strategy: ConsensusStrategy) -> Result<usize, ProviderError> {
    let ConsensusStrategy::Threshold { total, min } = strategy else {
        return Ok(DEFAULT);
    };
    check_least(min)?;
    let total = total.ok_or_else(|| {
        invalid("total must be specified when using default providers".to_owned())
    })?;
    if min > total {
        return Err(invalid(format!("min {min} is greater than total {total}")));
    }
    match usize::from(total) {
        wanted if wanted > known => Err(invalid(format!(
            "total {total} is greater than the number of all supported providers {known}"
        ))),
        wanted => Ok(wanted),
    }
}

fn check_least(min: u8) -> Result<(), ProviderError> {
    match min {
        0 => Err(invalid("min must be greater than 0".to_owned())),
        _ => Ok(()),
    }
}

/// Where a source answers.
///
/// # Panics
/// A supported provider is asked, and no URL was given that stands for it: this canister has no keys of providers.
pub(crate) fn endpoint(source: &RpcSource) -> RpcEndpoint {
    match (config::override_url(), source) {
        // As in the canister, the URL stands for every other, and headers go.
        (Some(url), _) => RpcEndpoint { url, headers: None },
        (None, RpcSource::Custom(endpoint)) => endpoint.clone(),
        (None, RpcSource::Supported(provider)) => {
            panic!("API key not yet initialized for provider: {provider:?}")
        }
    }
}
