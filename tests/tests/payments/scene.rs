//! A network with a ledger, and a wallet on it that has tokens.

use candid::Principal;
use chainkey_tests::token::{Token, token_args};
use chainkey_tests::wallet::interface::{
    Answer, Asset, Intent, Limit, Policy, Proposal, Rules, Stage, needs, tier,
};
use chainkey_tests::wallet::{WalletCanister, person};
use chainkey_tests::world::{World, local_args};
use ledger::fault::Fault;
use ledger::value::Value;
use std::time::Duration;

/// The members' names.
pub const ANN: &str = "ann";
pub const BOB: &str = "bob";

/// What the ledger takes for a transfer.
pub const FEE: u128 = 10_000;

/// What the wallet's first account has at the beginning.
const FUNDS: u64 = 1_000_000_000;

pub struct Scene<'a> {
    world: &'a World,
    pub wallet: WalletCanister<'a>,
    pub token: Token<'a>,
}

/// One member up to 1,000,000, fee included; two above, and above 10,000,000 after an hour. At most 20,000,000 in a day. Two members and two
/// hours for everything else.
pub fn tiered(ledger: Principal) -> Policy {
    let limit = Limit {
        amount: 20_000_000,
        window_seconds: 86_400,
    };
    let tiers = vec![
        tier(1_000_000, needs(1, 0)),
        tier(10_000_000, needs(2, 0)),
        tier(None, needs(2, 3_600)),
    ];
    Policy {
        assets: vec![Rules {
            asset: Asset::Icrc(ledger),
            tiers,
            limit: Some(limit),
            allow_list: None,
        }],
        highest: needs(2, 7_200),
        calls: None,
    }
}

impl<'a> Scene<'a> {
    /// A wallet of Ann and Bob with the policy [`tiered`].
    pub fn new(world: &'a World) -> Self {
        Self::of(world, &[ANN, BOB], tiered)
    }

    /// A wallet of others with another policy for the ledger.
    pub fn of(
        world: &'a World,
        members: &[&str],
        policy: impl FnOnce(Principal) -> Policy,
    ) -> Self {
        let wallet = WalletCanister::install(world, &local_args()).unwrap();
        let funds = [(wallet.account(1, 0), FUNDS), (person("eve").into(), FUNDS)];
        let token = Token::install(world, &token_args(&funds)).unwrap();
        let scene = Self {
            world,
            wallet,
            token,
        };
        scene.create(members, policy(token.canister()));
        scene
    }

    fn create(&self, members: &[&str], policy: Policy) {
        let members: Vec<Principal> = members.iter().map(|name| person(name)).collect();
        let made = self.wallet.create(members[0], b"0", &members, policy);
        assert_eq!(made.unwrap().id, 1);
    }

    /// What the wallet's first account has at the beginning.
    pub fn funds(&self) -> u128 {
        FUNDS.into()
    }

    /// A payment to Carol.
    pub fn pay(&self, amount: u128) -> Intent {
        self.pay_to("carol", amount)
    }

    /// A payment to somebody, with the ledger's fee as the highest one.
    pub fn pay_to(&self, to: &str, amount: u128) -> Intent {
        Intent::IcrcTransfer {
            ledger: self.token.canister(),
            from_index: 0,
            to: text(person(to)),
            amount,
            max_fee: FEE,
        }
    }

    /// Ann proposes, Bob approves.
    pub fn agree(&self, request_id: &[u8], intent: &Intent) -> Proposal {
        let proposed = self.wallet.propose(person(ANN), request_id, 1, intent);
        self.wallet
            .approve(person(BOB), proposed.unwrap().id)
            .unwrap()
    }

    /// Ann proposes a payment that needs nobody else, and carries it out.
    pub fn pay_alone(&self, request_id: &[u8], amount: u128) -> Proposal {
        let ann = person(ANN);
        let proposed = self.wallet.propose(ann, request_id, 1, &self.pay(amount));
        self.execute(ANN, proposed.unwrap().id).unwrap()
    }

    /// Somebody carries a proposal out, with one request id for each proposal.
    pub fn execute(&self, by: &str, proposal: u64) -> Answer<Proposal> {
        let request_id = format!("execute {proposal}");
        self.wallet
            .execute(person(by), request_id.as_bytes(), proposal)
    }

    /// How many blocks the ledger has.
    pub fn blocks(&self) -> u64 {
        let page = self.token.blocks(0, 0).unwrap();
        u64::try_from(&page.log_length.0).unwrap()
    }

    /// A block of the ledger.
    pub fn block(&self, index: u64) -> Value {
        self.token.blocks(index, 1).unwrap().blocks.remove(0).block
    }

    /// What somebody has received.
    pub fn received(&self, by: &str) -> u64 {
        let balance = self.token.balance(person(by)).unwrap();
        u64::try_from(&balance.0).unwrap()
    }

    /// The ledger's next transfers fail.
    pub fn fail(&self, count: u32, fault: Fault) {
        let controller = Principal::anonymous();
        let ordered = self.token.fail_next_transfers(controller, count, fault);
        ordered.unwrap().unwrap();
    }

    /// Lets time pass.
    pub fn pass(&self, seconds: u64) {
        let network = self.world.network();
        network.advance_time(Duration::from_secs(seconds));
        network.tick();
    }

    /// Somebody makes transfers of his own.
    pub fn noise(&self, count: u64) {
        for amount in 1..=count {
            let args = chainkey_tests::token::transfer_to(person("mallory"), amount);
            self.token.transfer(person("eve"), args).unwrap().unwrap();
        }
    }

    /// The world.
    pub fn world(&self) -> &World {
        self.world
    }
}

/// An account without a subaccount in the textual encoding of ICRC-1.
pub fn text(owner: Principal) -> String {
    owner.to_text()
}

/// The block of a transfer.
pub fn block_of(proposal: &Proposal) -> u64 {
    match &proposal.stage {
        Stage::Transferred { block } => *block,
        other => panic!("{other:?}, {:?}", proposal.setback),
    }
}
