//! Messages of Ethereum's kind: what their signatures are worth to a policy, and that they are the account's.

use crate::account::ethereum::EvmAddress;
use crate::account::path::AccountIndex;
use crate::asset::RawAsset;
use crate::chain::ethereum::typed_data::TypedData;
use crate::error::WalletError;
use crate::fake::person;
use crate::intent::{IntentError, RawIntent};
use crate::policy::{Denial, RawAllowList, RawLimit, RawPolicy, RawRequirement, RawRules, RawTier};
use crate::proposal::{StageView, Standing};
use crate::scene::Scene;
use crate::wallet::WalletId;
use canister_kit::Environment;
use canister_kit::encoding::Timestamp;
use k256::ecdsa::{RecoveryId, Signature, VerifyingKey};
use serde_bytes::ByteBuf;

const TOKEN: &str = "0x6b175474e89094c44da98b954eedeac495271d0f";
const SPENDER: &str = "0x1111111111111111111111111111111111111111";

/// Half of 2^256 and more: what wallets call unlimited.
const UNLIMITED: &str =
    "115792089237316195423570985008687907853269984665640564039457584007913129639935";

fn needs(quorum: u32) -> RawRequirement {
    RawRequirement {
        quorum,
        delay_seconds: 0,
    }
}

/// One member for little of the token, two for more, not above 1000 a day; two for everything else.
fn scene(allow_list: Option<RawAllowList>) -> Scene {
    let scene = Scene::new(Environment::Local);
    let tier = |up_to, quorum| RawTier {
        up_to,
        needs: needs(quorum),
    };
    let policy = RawPolicy {
        assets: vec![RawRules {
            asset: RawAsset::Erc20 {
                chain_id: 1,
                contract: TOKEN.to_owned(),
            },
            tiers: vec![tier(Some(100), 1), tier(None, 2)],
            limit: Some(RawLimit {
                amount: 1_000,
                window_seconds: 86_400,
            }),
            allow_list,
        }],
        highest: needs(2),
        calls: None,
    };
    let members = vec![person(1), person(2)];
    scene.create_with(1, 1, "house", members, policy).unwrap();
    scene.prepare(1).unwrap();
    scene
}

/// A permit of EIP-2612 as a decentralized exchange asks for it.
fn permit(value: &str) -> RawIntent {
    let json = format!(
        r#"{{"types": {{
            "EIP712Domain": [{{"name": "name", "type": "string"}}, {{"name": "version", "type": "string"}},
                {{"name": "chainId", "type": "uint256"}}, {{"name": "verifyingContract", "type": "address"}}],
            "Permit": [{{"name": "owner", "type": "address"}}, {{"name": "spender", "type": "address"}},
                {{"name": "value", "type": "uint256"}}, {{"name": "nonce", "type": "uint256"}},
                {{"name": "deadline", "type": "uint256"}}]}},
        "primaryType": "Permit",
        "domain": {{"name": "Token", "version": "1", "chainId": 1, "verifyingContract": "{TOKEN}"}},
        "message": {{"owner": "{SPENDER}", "spender": "{SPENDER}", "value": "{value}", "nonce": 0,
            "deadline": "1900000000"}}}}"#
    );
    RawIntent::Eip712 {
        from_index: 0,
        typed_data: json,
    }
}

fn standing(scene: &Scene, intent: RawIntent) -> Standing {
    let id = (scene.kit.borrow().product().next_proposal().number() + 10) as u8;
    match scene.propose(1, id, 1, intent).unwrap().stage {
        StageView::Open(standing) => standing,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_permit_counts_as_a_payment_of_what_it_permits() {
    let scene = scene(None);
    assert_eq!(standing(&scene, permit("100")), Standing::Ready);
    let two = Standing::NeedsApprovals {
        given: 1,
        quorum: 2,
    };
    assert_eq!(standing(&scene, permit("101")), two);
    match standing(&scene, permit(UNLIMITED)) {
        Standing::Denied(denials) => assert!(
            matches!(
                denials[..],
                [Denial::OverLimit {
                    amount: u128::MAX,
                    fits_at: None,
                    ..
                }]
            ),
            "{denials:?}"
        ),
        other => panic!("{other:?}"),
    }
    // What is signed is spent: ten more would pass the limit.
    for id in 1..=10 {
        scene.world.world.pass(60 * Timestamp::SECOND);
        let proposal = scene.propose(1, 100 + id, 1, permit("100")).unwrap();
        let signed = scene.execute(1, 200 + id, proposal.id).unwrap().unwrap();
        assert!(matches!(signed.stage, StageView::Signed { .. }));
    }
    assert!(matches!(
        standing(&scene, permit("100")),
        Standing::Denied(_)
    ));
}

#[test]
fn a_permit_for_whom_the_allow_list_does_not_name_is_denied() {
    let listed = |who: &str| RawAllowList {
        activation_seconds: 0,
        destinations: vec![who.to_owned()],
    };
    assert_eq!(
        standing(&scene(Some(listed(SPENDER))), permit("5")),
        Standing::Ready
    );
    let other = scene(Some(listed("0x2222222222222222222222222222222222222222")));
    assert!(matches!(standing(&other, permit("5")), Standing::Denied(_)));
}

#[test]
fn what_nobody_can_read_needs_the_highest_requirement() {
    let scene = scene(None);
    let RawIntent::Eip712 { typed_data, .. } = permit("1") else {
        panic!("typed data")
    };
    let renamed = RawIntent::Eip712 {
        from_index: 0,
        typed_data: typed_data.replace("Permit", "Licence"),
    };
    let message = RawIntent::Eip191 {
        from_index: 0,
        message: ByteBuf::from("Log in"),
    };
    for intent in [renamed, message] {
        let two = Standing::NeedsApprovals {
            given: 1,
            quorum: 2,
        };
        assert_eq!(standing(&scene, intent), two);
    }
    let broken = RawIntent::Eip712 {
        from_index: 0,
        typed_data: "{}".to_owned(),
    };
    let refused = scene.propose(1, 99, 1, broken);
    assert!(matches!(
        refused,
        Err(WalletError::Intent(IntentError::TypedData(_)))
    ));
}

#[test]
fn the_signature_recovers_to_the_accounts_address() {
    let scene = scene(None);
    let intent = permit("1");
    let RawIntent::Eip712 { typed_data, .. } = intent.clone() else {
        panic!("typed data")
    };
    let proposal = scene.propose(1, 2, 1, intent).unwrap();
    let signed = scene.execute(1, 3, proposal.id).unwrap().unwrap();
    let StageView::Signed { signature } = signed.stage else {
        panic!("{:?}", signed.stage)
    };
    let (numbers, v) = signature.split_at(64);
    let hash = TypedData::parse(&typed_data).unwrap().signing_hash();
    let parity = RecoveryId::from_byte(v[0] - 27).unwrap();
    let key = VerifyingKey::recover_from_prehash(
        &hash.0,
        &Signature::from_slice(numbers).unwrap(),
        parity,
    );
    let address = EvmAddress::of(&key.unwrap().to_sec1_bytes()).unwrap();
    let kit = scene.kit.borrow();
    let own = crate::read::addresses(&kit, &scene.world, WalletId::FIRST, AccountIndex(0)).unwrap();
    assert_eq!(address.to_string(), own.evm);
}
