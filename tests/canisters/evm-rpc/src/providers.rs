//! Which providers a call asks, and where they are.
//!
//! - In: the caller's choice and its strategy. Out: at least one service, none twice, in the order of the interface's variants.
//! - The numbers and the order of the named providers are the EVM RPC canister's. It prefers those that answered well of late; here the
//!   first ones are always taken.
//! - Every named provider of a chain is at the one URL that the installation gave for that chain.

use crate::config;
use crate::interface::{
    ConsensusStrategy, EthMainnetService as Main, EthSepoliaService as Sepolia,
    L2MainnetService as L2, Provider, ProviderError, RpcAccess, RpcApi, RpcService, RpcServices,
};
use std::collections::BTreeSet;

/// How many providers are asked if the caller names neither them nor their number.
const DEFAULT_PROVIDERS: usize = 3;

/// The number of a provider is its place in this table.
const PROVIDERS: [RpcService; 26] = [
    RpcService::EthMainnet(Main::Cloudflare),
    RpcService::EthMainnet(Main::Ankr),
    RpcService::EthMainnet(Main::PublicNode),
    RpcService::EthMainnet(Main::BlockPi),
    RpcService::EthSepolia(Sepolia::Sepolia),
    RpcService::EthSepolia(Sepolia::Ankr),
    RpcService::EthSepolia(Sepolia::BlockPi),
    RpcService::EthSepolia(Sepolia::PublicNode),
    RpcService::EthMainnet(Main::Alchemy),
    RpcService::EthSepolia(Sepolia::Alchemy),
    RpcService::ArbitrumOne(L2::Ankr),
    RpcService::ArbitrumOne(L2::Alchemy),
    RpcService::ArbitrumOne(L2::BlockPi),
    RpcService::ArbitrumOne(L2::PublicNode),
    RpcService::BaseMainnet(L2::Ankr),
    RpcService::BaseMainnet(L2::Alchemy),
    RpcService::BaseMainnet(L2::BlockPi),
    RpcService::BaseMainnet(L2::PublicNode),
    RpcService::OptimismMainnet(L2::Ankr),
    RpcService::OptimismMainnet(L2::Alchemy),
    RpcService::OptimismMainnet(L2::BlockPi),
    RpcService::OptimismMainnet(L2::PublicNode),
    RpcService::EthMainnet(Main::Llama),
    RpcService::ArbitrumOne(L2::Llama),
    RpcService::BaseMainnet(L2::Llama),
    RpcService::OptimismMainnet(L2::Llama),
];

const MAIN: [Main; 6] = [
    Main::BlockPi,
    Main::Ankr,
    Main::PublicNode,
    Main::Llama,
    Main::Alchemy,
    Main::Cloudflare,
];

const SEPOLIA: [Sepolia; 5] = [
    Sepolia::PublicNode,
    Sepolia::Ankr,
    Sepolia::BlockPi,
    Sepolia::Alchemy,
    Sepolia::Sepolia,
];

const LAYER_2: [L2; 5] = [
    L2::Llama,
    L2::BlockPi,
    L2::PublicNode,
    L2::Alchemy,
    L2::Ankr,
];

/// The chain of a choice.
pub(crate) fn chain_id(source: &RpcServices) -> u64 {
    match source {
        RpcServices::Custom { chain_id, .. } => *chain_id,
        RpcServices::EthMainnet(_) => 1,
        RpcServices::EthSepolia(_) => 11_155_111,
        RpcServices::ArbitrumOne(_) => 42_161,
        RpcServices::BaseMainnet(_) => 8_453,
        RpcServices::OptimismMainnet(_) => 10,
    }
}

fn chain_of(service: &RpcService) -> Option<u64> {
    match service {
        RpcService::Provider(_) | RpcService::Custom(_) => None,
        RpcService::EthMainnet(_) => Some(1),
        RpcService::EthSepolia(_) => Some(11_155_111),
        RpcService::ArbitrumOne(_) => Some(42_161),
        RpcService::BaseMainnet(_) => Some(8_453),
        RpcService::OptimismMainnet(_) => Some(10),
    }
}

/// Where a service is.
///
/// # Errors
/// No provider has the number, or the installation named no URL for its chain.
pub(crate) fn endpoint(service: &RpcService) -> Result<RpcApi, ProviderError> {
    match service {
        RpcService::Custom(api) => Ok(api.clone()),
        RpcService::Provider(number) => {
            let number = usize::try_from(*number).unwrap_or(usize::MAX);
            let named = PROVIDERS.get(number);
            endpoint(named.ok_or(ProviderError::ProviderNotFound)?)
        }
        named => {
            let url = chain_of(named).and_then(config::url_of);
            let url = url.ok_or(ProviderError::ProviderNotFound)?;
            Ok(RpcApi { url, headers: None })
        }
    }
}

/// The services that the caller names, or those that could be asked if it names none.
fn named(source: RpcServices) -> Result<Vec<RpcService>, Vec<RpcService>> {
    fn of<T: Copy>(
        chosen: Option<Vec<T>>,
        all: &[T],
        service: fn(T) -> RpcService,
    ) -> Result<Vec<RpcService>, Vec<RpcService>> {
        let every = || all.iter().copied().map(service).collect::<Vec<_>>();
        let chosen = chosen.ok_or_else(every)?;
        Ok(chosen.into_iter().map(service).collect())
    }
    match source {
        RpcServices::Custom { services, .. } => {
            Ok(services.into_iter().map(RpcService::Custom).collect())
        }
        RpcServices::EthMainnet(chosen) => of(chosen, &MAIN, RpcService::EthMainnet),
        RpcServices::EthSepolia(chosen) => of(chosen, &SEPOLIA, RpcService::EthSepolia),
        RpcServices::ArbitrumOne(chosen) => of(chosen, &LAYER_2, RpcService::ArbitrumOne),
        RpcServices::BaseMainnet(chosen) => of(chosen, &LAYER_2, RpcService::BaseMainnet),
        RpcServices::OptimismMainnet(chosen) => of(chosen, &LAYER_2, RpcService::OptimismMainnet),
    }
}

/// The providers that a call asks.
///
/// # Errors
/// The strategy does not fit the choice, or nobody is left to ask.
pub(crate) fn choose(
    source: RpcServices,
    strategy: &ConsensusStrategy,
) -> Result<BTreeSet<RpcService>, ProviderError> {
    let named = named(source);
    if let ConsensusStrategy::Threshold { total, min } = *strategy {
        check(named.as_ref().map_err(Vec::len), total, min)?;
    }
    let chosen: BTreeSet<RpcService> = match (named, strategy) {
        (Ok(named), _) => named.into_iter().collect(),
        (Err(all), ConsensusStrategy::Threshold { total, .. }) => {
            let total = usize::from(total.unwrap_or_default());
            all.into_iter().take(total).collect()
        }
        (Err(all), ConsensusStrategy::Equality) => {
            all.into_iter().take(DEFAULT_PROVIDERS).collect()
        }
    };
    match chosen.is_empty() {
        true => Err(ProviderError::ProviderNotFound),
        false => Ok(chosen),
    }
}

/// Whether a threshold fits the providers, with the EVM RPC canister's texts.
fn check(
    named: Result<&Vec<RpcService>, usize>,
    total: Option<u8>,
    min: u8,
) -> Result<(), ProviderError> {
    let wrong = |text: String| Err(ProviderError::InvalidRpcConfig(text));
    if min == 0 {
        return wrong("min must be greater than 0".to_owned());
    }
    match (named.map(Vec::len), total) {
        (Ok(count), _) if usize::from(min) > count => wrong(format!(
            "min {min} is greater than the number of specified providers {count}"
        )),
        (Ok(count), Some(total)) if usize::from(total) != count => wrong(format!(
            "total {total} is different than the number of specified providers {count}"
        )),
        (Ok(_), _) => Ok(()),
        (Err(_), None) => wrong("total must be specified when using default providers".to_owned()),
        (Err(_), Some(total)) if min > total => {
            wrong(format!("min {min} is greater than total {total}"))
        }
        (Err(all), Some(total)) if usize::from(total) > all => wrong(format!(
            "total {total} is greater than the number of all supported providers {all}"
        )),
        (Err(_), Some(_)) => Ok(()),
    }
}

/// The providers of the chains that the installation has an URL for.
pub(crate) fn all() -> Vec<Provider> {
    let numbered = (0..).zip(&PROVIDERS);
    numbered
        .filter_map(|(provider_id, service)| {
            let chain_id = chain_of(service)?;
            let public_url = config::url_of(chain_id)?;
            Some(Provider {
                provider_id,
                chain_id,
                access: RpcAccess::Unauthenticated { public_url },
                alias: Some(service.clone()),
            })
        })
        .collect()
}

/// The number of each named provider.
pub(crate) fn numbers() -> Vec<(RpcService, u64)> {
    PROVIDERS.iter().cloned().zip(0..).collect()
}
