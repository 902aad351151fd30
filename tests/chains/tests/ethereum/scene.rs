//! A wallet of Ann and Bob on an EVM, with ether, tokens and rules.

use chainkey_chains::ethereum::abi::{call, selector};
use chainkey_chains::ethereum::interface::{
    EthMainnetService as Main, Fault, FaultOrder, RpcService,
};
use chainkey_chains::ethereum::{Address, ETHER};
use chainkey_tests::wallet::ethereum::EvmPayments;
use chainkey_tests::wallet::interface::{
    AllowList, Asset, Erc20Transfer, EvmCall, EvmTransaction, EvmTransfer, Intent, Limit,
    ListedCalls, Policy, Proposal, Rules, Setback, Stage, needs, tier,
};
use chainkey_tests::wallet::{WalletCanister, person};
use chainkey_tests::world::{World, local_args};

/// A billionth of an ether.
pub const GWEI: u128 = 1_000_000_000;
/// What intents approve for each gas: the highest fee, and the highest priority fee.
pub const FEES: (u128, u128) = (40 * GWEI, 4 * GWEI);
/// The gas of every intent. The highest fee is 0.004 ether.
pub const GAS: u64 = 100_000;
/// Ethereum itself, so that the named providers are asked.
pub const CHAIN: u64 = 1;
/// The tokens of the wallet.
pub const TOKENS: u128 = 1_000_000;

/// The providers that are asked.
pub const ASKED: [Main; 3] = [Main::BlockPi, Main::Ankr, Main::PublicNode];

/// The wallet and its chain.
pub struct Scene<'a> {
    pub pay: EvmPayments<'a>,
    pub own: Address,
}

impl<'a> Scene<'a> {
    /// The wallet has 10 ether and 1 000 000 tokens. One member for less than 1 ether or 100 tokens, two for more and for what cannot be
    /// read; at most 5 ether and 1 000 tokens a day.
    pub fn new(world: &'a World) -> Self {
        Self::with(world, |_| {})
    }

    /// The same with other rules.
    pub fn with(world: &'a World, change: impl FnOnce(&mut Policy)) -> Self {
        let wallet = WalletCanister::install(world, &local_args()).expect("installs");
        let pay = EvmPayments::install(world, &wallet, CHAIN).expect("an EVM");
        let rules = |asset, alone, most| Rules {
            asset,
            tiers: vec![tier(alone, needs(1, 0)), tier(None, needs(2, 0))],
            limit: Some(Limit {
                amount: most,
                window_seconds: 86_400,
            }),
            allow_list: None,
        };
        let ether = Asset::Eth { chain_id: CHAIN };
        let mut policy = Policy {
            assets: vec![
                rules(ether, ETHER, 5 * ETHER),
                rules(token(&pay), 100, 1_000),
            ],
            highest: needs(2, 0),
            calls: Some(vec![ListedCalls {
                chain_id: CHAIN,
                contract: pay.spender.to_string(),
                selectors: vec![selector("increase(uint256)").to_vec()],
            }]),
        };
        change(&mut policy);
        let (ann, bob) = (person("ann"), person("bob"));
        wallet.create(ann, b"create", &[ann, bob], policy).unwrap();
        wallet.prepare_keys(ann).unwrap();
        let own: Address = wallet.addresses(ann, 1, 0).unwrap().evm.parse().unwrap();
        pay.fund(own, TOKENS, 10 * ETHER).expect("funds");
        Self { pay, own }
    }

    /// Ann proposes.
    pub fn propose(&self, request: &[u8], intent: &Intent) -> Proposal {
        let proposed = self.pay.wallet.propose(person("ann"), request, 1, intent);
        proposed.unwrap()
    }

    /// Ann proposes and Bob approves.
    pub fn agree(&self, request: &[u8], intent: &Intent) -> u64 {
        let id = self.propose(request, intent).id;
        self.pay.wallet.approve(person("bob"), id).unwrap();
        id
    }

    /// Ann proposes, Bob approves, and Ann carries it out.
    pub fn carry_out(&mut self, request: &[u8], intent: &Intent) -> Proposal {
        let id = self.agree(request, intent);
        self.execute(request, id)
    }

    pub fn execute(&mut self, request: &[u8], id: u64) -> Proposal {
        let execution = [request, b" x"].concat();
        self.pay.execute(person("ann"), &execution, id).unwrap()
    }

    pub fn resume(&mut self, id: u64) -> Proposal {
        self.pay.resume(person("bob"), id).unwrap()
    }

    /// Mines what waits until it is final, and resumes.
    pub fn settle(&mut self, id: u64) -> Proposal {
        self.pay.finalize().expect("mines");
        self.pay.finalize().expect("mines");
        self.resume(id)
    }

    pub fn nonce(&self) -> u128 {
        self.pay.evm.nonce(self.own).expect("a nonce")
    }

    pub fn waiting(&self) -> Vec<String> {
        self.pay.evm.waiting().expect("answers")
    }

    pub fn ether(&self, of: Address) -> u128 {
        self.pay.evm.balance(of).expect("a balance")
    }

    /// Has some of the three providers fail in a method.
    pub fn break_providers(&self, providers: &[Main], method: &str, fault: &Fault) {
        let orders = providers.iter().map(|provider| FaultOrder {
            service: Some(RpcService::EthMainnet(*provider)),
            method: Some(method.to_owned()),
            fault: fault.clone(),
        });
        self.pay.order(&orders.collect::<Vec<_>>());
    }
}

/// The token of the contract.
pub fn token(pay: &EvmPayments<'_>) -> Asset {
    Asset::Erc20 {
        chain_id: CHAIN,
        contract: pay.token.to_string(),
    }
}

/// Only these are paid.
pub fn only(destinations: &[Address]) -> Option<AllowList> {
    Some(AllowList {
        activation_seconds: 0,
        destinations: destinations.iter().map(Address::to_string).collect(),
    })
}

/// Somebody who has nothing.
pub fn stranger(number: u8) -> Address {
    Address([number; 20])
}

/// Ether.
pub fn ether(to: Address, value: u128) -> Intent {
    Intent::EvmTransfer(EvmTransfer {
        chain_id: CHAIN,
        from_index: 0,
        to: to.to_string(),
        value,
        gas_limit: GAS,
        max_fee_per_gas: FEES.0,
        max_priority_fee_per_gas: FEES.1,
    })
}

/// Tokens.
pub fn tokens(contract: Address, to: Address, amount: u128) -> Intent {
    Intent::Erc20Transfer(Erc20Transfer {
        chain_id: CHAIN,
        from_index: 0,
        contract: contract.to_string(),
        to: to.to_string(),
        amount,
        gas_limit: GAS,
        max_fee_per_gas: FEES.0,
        max_priority_fee_per_gas: FEES.1,
    })
}

/// A call of a contract with one number.
pub fn calling(contract: Address, function: &str, number: u128, value: u128) -> Intent {
    calling_with(contract, call(function, &[number.into()]), value)
}

/// A call of a contract.
pub fn calling_with(contract: Address, data: Vec<u8>, value: u128) -> Intent {
    Intent::EvmCall(EvmCall {
        chain_id: CHAIN,
        from_index: 0,
        to: contract.to_string(),
        value,
        data,
        gas_limit: GAS,
        max_fee_per_gas: FEES.0,
        max_priority_fee_per_gas: FEES.1,
    })
}

/// The transaction of a proposal.
pub fn transaction(proposal: &Proposal) -> &EvmTransaction {
    let transaction = proposal.evm.as_ref();
    transaction.unwrap_or_else(|| panic!("{:?}, {:?}", proposal.stage, proposal.setback))
}

/// The hash of the last version.
pub fn hash(proposal: &Proposal) -> String {
    let version = &transaction(proposal).versions[0];
    version.hash.clone().expect("it is signed")
}

/// Checks how far a proposal is.
pub fn is_at(proposal: &Proposal, stage: &Stage, setback: Option<&Setback>) {
    let found = (&proposal.stage, proposal.setback.as_ref());
    assert_eq!(found, (stage, setback));
}

/// It waits for its block to be final.
pub fn is_sent(proposal: &Proposal) {
    is_at(proposal, &Stage::Sent, Some(&Setback::NotFinal));
}
