//! What the wallet signs as messages of Ethereum's kind, judged by contracts on an EVM.

use chainkey_chains::ethereum::abi::{Token, call};
use chainkey_chains::ethereum::typed::{Order, Permit};
use chainkey_chains::ethereum::{Address, Anvil};
use chainkey_tests::wallet::interface::{
    Asset, Denial, Intent, Limit, Policy, Rules, Spend, Stage, Standing, needs, tier,
};
use chainkey_tests::wallet::{WalletCanister, person};
use chainkey_tests::world::{World, local_args};

struct Scene<'a> {
    wallet: WalletCanister<'a>,
    evm: Anvil,
    /// An account of the EVM's, which pays for transactions.
    payer: Address,
    /// The wallet's.
    own: Address,
    token: Address,
    spender: Address,
    verifier: Address,
}

impl<'a> Scene<'a> {
    /// The wallet has 1 000 tokens. One member for up to 100 of them, two for more and for everything else; at most 400 a day.
    fn new(world: &'a World) -> Self {
        let evm = Anvil::new().expect("an EVM");
        let payer = evm.accounts().expect("accounts")[0];
        let token = evm
            .deploy(payer, "Token", &[1_000.into()])
            .expect("a token");
        let wallet = WalletCanister::install(world, &local_args()).expect("installs");
        let policy = Policy {
            assets: vec![Rules {
                asset: Asset::Erc20 {
                    chain_id: evm.chain_id(),
                    contract: token.to_string(),
                },
                tiers: vec![tier(100, needs(1, 0)), tier(None, needs(2, 0))],
                limit: Some(Limit {
                    amount: 400,
                    window_seconds: 86_400,
                }),
                allow_list: None,
            }],
            highest: needs(2, 0),
            calls: None,
        };
        let (ann, bob) = (person("ann"), person("bob"));
        wallet.create(ann, b"create", &[ann, bob], policy).unwrap();
        wallet.prepare_keys(ann).unwrap();
        let own: Address = wallet.addresses(ann, 1, 0).unwrap().evm.parse().unwrap();
        let fund = call("transfer(address,uint256)", &[own.into(), 1_000.into()]);
        evm.carry_out(payer, Some(token), 0, &fund).expect("funds");
        let spender = evm.deploy(payer, "Spender", &[]).expect("a spender");
        let verifier = evm.deploy(payer, "Verifier", &[]).expect("a verifier");
        Self {
            wallet,
            evm,
            payer,
            own,
            token,
            spender,
            verifier,
        }
    }

    fn permit(&self, value: &str, nonce: u128) -> Permit {
        Permit {
            token: self.token,
            owner: self.own,
            spender: self.spender,
            value: value.to_owned(),
            nonce,
            deadline: self.evm.time().expect("a time") + 3_600,
        }
    }

    fn typed(&self, typed_data: &serde_json::Value) -> Intent {
        Intent::Eip712 {
            from_index: 0,
            typed_data: typed_data.to_string(),
        }
    }

    /// Ann wishes, so many agree, and it is signed.
    fn signed(&self, request: &[u8], intent: &Intent, quorum: u32) -> Vec<u8> {
        let (ann, bob) = (person("ann"), person("bob"));
        let proposed = self.wallet.propose(ann, request, 1, intent).unwrap();
        let standing = match quorum {
            1 => Standing::Ready,
            quorum => Standing::NeedsApprovals { given: 1, quorum },
        };
        assert_eq!(proposed.stage, Stage::Open(standing));
        if quorum > 1 {
            self.wallet.approve(bob, proposed.id).unwrap();
        }
        let execution = [request, b" x"].concat();
        let done = self.wallet.execute(ann, &execution, proposed.id).unwrap();
        match done.stage {
            Stage::Signed { signature } => signature,
            other => panic!("{other:?}, {:?}", done.setback),
        }
    }

    fn carry_out(&self, to: Address, call: &[u8]) -> bool {
        let mined = self.evm.carry_out(self.payer, Some(to), 0, call);
        mined.is_ok()
    }

    fn tokens(&self, of: Address) -> u128 {
        let call = call("balanceOf(address)", &[of.into()]);
        self.evm.ask_number(self.token, &call).expect("a balance")
    }
}

#[test]
fn a_contract_accepts_an_order_that_two_members_signed_and_no_other() {
    let world = World::new().unwrap();
    let scene = Scene::new(&world);
    let order = Order {
        maker: scene.own,
        item: "bread".to_owned(),
        amount: 3,
        nonce: 7,
    };
    let intent = scene.typed(&order.typed_data(scene.evm.chain_id(), scene.verifier));
    let signature = scene.signed(b"order", &intent, 2);
    assert_eq!(signature.len(), 65);
    let more = Order {
        amount: 30,
        ..order.clone()
    };
    assert!(!scene.carry_out(scene.verifier, &more.call(&signature)));
    assert!(scene.carry_out(scene.verifier, &order.call(&signature)));
    let ordered = [scene.own.into(), "bread".into()];
    let ordered = call("ordered(address,string)", &ordered);
    assert_eq!(scene.evm.ask_number(scene.verifier, &ordered).unwrap(), 3);
}

#[test]
fn a_contract_accepts_a_message_that_two_members_signed() {
    let world = World::new().unwrap();
    let scene = Scene::new(&world);
    let message = [0x5a; 32];
    let intent = Intent::Eip191 {
        from_index: 0,
        message: message.to_vec(),
    };
    let signature = scene.signed(b"message", &intent, 2);
    let said = [
        scene.own.into(),
        Token::Word(message),
        Token::Bytes(signature),
    ];
    let say = call("say(address,bytes32,bytes)", &said);
    assert!(scene.carry_out(scene.verifier, &say));
    let said = call("said(address)", &[scene.own.into()]);
    assert_eq!(scene.evm.ask(scene.verifier, &said).unwrap(), message);
}

#[test]
fn permits_are_payments_and_the_token_honours_those_that_were_allowed() {
    let world = World::new().unwrap();
    let scene = Scene::new(&world);
    let chain_id = scene.evm.chain_id();
    let asset = Asset::Erc20 {
        chain_id,
        contract: scene.token.to_string(),
    };
    let small = scene.permit("100", 0);
    let intent = scene.typed(&small.typed_data(chain_id));
    let quote = scene.wallet.quote(person("ann"), 1, &intent).unwrap();
    let [
        Spend {
            amount,
            destinations,
            ..
        },
    ] = quote.spends.as_slice()
    else {
        panic!("{quote:?}");
    };
    assert_eq!((*amount, destinations.len()), (100, 1));
    let who: Address = destinations[0].parse().unwrap();
    assert_eq!(who, scene.spender);

    // One member is enough for little, two for more.
    let signature = scene.signed(b"small", &intent, 1);
    assert!(scene.carry_out(scene.spender, &small.take(&signature)));
    assert_eq!(scene.tokens(scene.spender), 100);
    let large = scene.permit("250", 1);
    let intent = scene.typed(&large.typed_data(chain_id));
    let signature = scene.signed(b"large", &intent, 2);
    assert!(scene.carry_out(scene.spender, &large.take(&signature)));
    assert_eq!(
        (scene.tokens(scene.spender), scene.tokens(scene.own)),
        (350, 650)
    );

    // 350 of 400 are spent; and what is unlimited is denied whoever approves.
    let most = "115792089237316195423570985008687907853269984665640564039457584007913129639935";
    for (request, value) in [(b"above", "51"), (b"every", most)] {
        let permit = scene.permit(value, 2);
        let intent = scene.typed(&permit.typed_data(chain_id));
        let proposed = scene.wallet.propose(person("ann"), request, 1, &intent);
        let Stage::Open(Standing::Denied(denials)) = proposed.unwrap().stage else {
            panic!("{value} are allowed");
        };
        let [
            Denial::OverLimit {
                spent,
                limit,
                asset: of,
                ..
            },
        ] = denials.as_slice()
        else {
            panic!("{denials:?}");
        };
        assert_eq!((*spent, *limit), (350, 400));
        assert!(matches!(
            (of, &asset),
            (Asset::Erc20 { .. }, Asset::Erc20 { .. })
        ));
    }
}
