//! The records of [`super::candid_api`] beside the interface of the EVM RPC canister, as the stand-in of the tests declares it.

use super::candid_api::{
    CallArgs, FeeHistory, FeeHistoryArgs, GetTransactionCountArgs, Multi, RpcConfig, RpcServices,
    SendStatus, TransactionReceipt,
};
use candid::CandidType;
use candid::types::subtype::{Gamma, subtype};
use candid::types::{Function, Type, TypeInner};
use candid_parser::utils::CandidSource;

const INTERFACE: &str = include_str!("../../../../../tests/canisters/evm-rpc/evm-rpc.did");

/// A method as the wallet takes it to be.
fn method<A: CandidType, R: CandidType>() -> Type {
    let args = [RpcServices::ty(), Option::<RpcConfig>::ty(), A::ty()];
    let function = Function {
        modes: Vec::new(),
        args: args.to_vec(),
        rets: vec![Multi::<R>::ty()],
    };
    TypeInner::Func(function).into()
}

#[test]
fn the_canister_takes_what_the_wallet_asks_and_the_wallet_reads_what_it_answers() {
    let (env, actor) = CandidSource::Text(INTERFACE).load().unwrap();
    let methods = [
        (
            "eth_getTransactionCount",
            method::<GetTransactionCountArgs, u128>(),
        ),
        ("eth_feeHistory", method::<FeeHistoryArgs, FeeHistory>()),
        ("eth_sendRawTransaction", method::<String, SendStatus>()),
        (
            "eth_getTransactionReceipt",
            method::<String, Option<TransactionReceipt>>(),
        ),
        ("eth_call", method::<CallArgs, String>()),
        ("multi_request", method::<String, String>()),
    ];
    for (name, ours) in methods {
        let theirs = env.get_method(actor.as_ref().unwrap(), name).unwrap();
        let theirs = TypeInner::Func(theirs.clone()).into();
        let fits = subtype(&mut Gamma::default(), &env, &theirs, &ours);
        fits.unwrap_or_else(|error| panic!("{name}: {error}"));
    }
}
