//! The bridge: serves the stand-in of the Bitcoin canister (`tests/canisters/bitcoin`) what this chain says.
//!
//! - Protocol: `POST <base>/<method>` with the Candid-encoded request of the Bitcoin canister's method as body; the answer is status
//!   200 and the Candid-encoded `variant { Ok; Err }` of its result and its error, with the types of `ic-btc-interface`. A request that
//!   can't be read is 400, an unknown method 404, both with a text.
//! - Asking again changes nothing: a node's 13 equal outcalls get 13 equal answers, and a transaction that is known stays accepted.
//! - As on mainnet, sending a transaction that the network refuses succeeds: the Bitcoin canister only hands it on. The refusal is in
//!   the answer's `x-refused` header, for people.
//! - `POST <base>/mine` with the text `<blocks> <address>` mines; it is for the development network, no canister asks for it.

use crate::bitcoin::{Coin, Regtest};
use bitcoin::hashes::Hash;
use bitcoin::{Address, BlockHash, Network, ScriptBuf, Transaction, address};
use candid::{CandidType, Deserialize, decode_one, encode_one};
use ic_btc_interface::{
    GetBalanceError, GetBalanceRequest, GetBlockHeadersError, GetBlockHeadersRequest,
    GetBlockHeadersResponse, GetUtxosError, GetUtxosRequest, GetUtxosResponse, OutPoint,
    SendTransactionError, SendTransactionRequest, Txid, Utxo, UtxosFilter,
};
use std::str::FromStr;

/// Coins in an answer, as many as the Bitcoin canister gives.
pub const PAGE: usize = 1_000;
/// Headers in an answer.
pub const HEADERS: u32 = 100;
/// How many blocks the Bitcoin canister keeps as unstable; more confirmations than that can't be asked for.
pub const STABILITY: u32 = 144;
/// The header with the reason why the network refused a transaction.
pub const REFUSED: &str = "x-refused";
/// Blocks that one request may have mined.
const MAX_MINED: u32 = 1_000;

/// An answer over HTTP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// 200; 400 or 404 for the asker's errors; 500 if mining failed.
    pub status: u16,
    /// Why the network refused the transaction of a request that succeeded.
    pub refused: Option<String>,
    /// Candid, or a text if the status is not 200.
    pub body: Vec<u8>,
}

impl Answer {
    fn candid(value: &impl CandidType) -> Self {
        Self {
            status: 200,
            refused: None,
            body: encode_one(value).expect("the types of the interface encode"),
        }
    }

    fn text(status: u16, text: &str) -> Self {
        Self {
            status,
            refused: None,
            body: text.as_bytes().to_vec(),
        }
    }
}

/// Answers one request; `url` is a whole one or a path, of which only the last part counts.
pub fn answer(chain: &mut Regtest, url: &str, body: &[u8]) -> Answer {
    match url.rsplit('/').next().unwrap_or_default() {
        "bitcoin_get_utxos" => read(body, |request| utxos(chain, request)),
        "bitcoin_get_balance" => read(body, |request| balance(chain, &request)),
        "bitcoin_get_current_fee_percentiles" => {
            Answer::candid(&Ok::<_, ()>(chain.fee_percentiles()))
        }
        "bitcoin_get_block_headers" => read(body, |request| headers(chain, &request)),
        "bitcoin_send_transaction" => send(chain, body),
        "mine" => mine(chain, body),
        _ => Answer::text(404, "no such method"),
    }
}

fn read<Request, Reply, Error>(
    body: &[u8],
    answer: impl FnOnce(Request) -> Result<Reply, Error>,
) -> Answer
where
    Request: CandidType + for<'a> Deserialize<'a>,
    Reply: CandidType,
    Error: CandidType,
{
    match decode_one(body) {
        Ok(request) => Answer::candid(&answer(request)),
        Err(error) => Answer::text(400, &format!("no request: {error}")),
    }
}

/// What is wrong with an address.
enum BadAddress {
    Malformed,
    WrongNetwork,
}

fn script(address: &str) -> Result<ScriptBuf, BadAddress> {
    let address = Address::<address::NetworkUnchecked>::from_str(address);
    let address = address.map_err(|_| BadAddress::Malformed)?;
    let address = address.require_network(Network::Regtest);
    let address = address.map_err(|_| BadAddress::WrongNetwork)?;
    Ok(address.script_pubkey())
}

/// How many confirmations may be asked for.
fn most_confirmations(chain: &Regtest) -> u32 {
    STABILITY.min(chain.tip().height + 1)
}

fn utxos(chain: &Regtest, request: GetUtxosRequest) -> Result<GetUtxosResponse, GetUtxosError> {
    let script = script(&request.address).map_err(|error| match error {
        BadAddress::Malformed => GetUtxosError::MalformedAddress,
        BadAddress::WrongNetwork => GetUtxosError::AddressForWrongNetwork {
            expected: ic_btc_interface::Network::Regtest,
        },
    })?;
    let (confirmations, from) = match request.filter.map(UtxosFilter::from) {
        None => (1, None),
        Some(UtxosFilter::MinConfirmations(given)) => {
            let max = most_confirmations(chain);
            if given > max {
                return Err(GetUtxosError::MinConfirmationsTooLarge { given, max });
            }
            (given.max(1), None)
        }
        Some(UtxosFilter::Page(page)) => {
            let page = Page::parse(&page)?;
            (page.confirmations(chain)?, Some(page))
        }
    };
    let tip_height = chain.tip().height + 1 - confirmations;
    let hash = chain.headers(tip_height, tip_height)[0].block_hash();
    let mut coins = chain.utxos(&script, confirmations);
    if let Some(page) = from {
        coins.retain(|coin| order(coin) >= page.first);
    }
    let next_page = coins
        .get(PAGE)
        .map(|coin| Page::of(hash, coin).bytes().into());
    coins.truncate(PAGE);
    Ok(GetUtxosResponse {
        utxos: coins.iter().map(utxo).collect(),
        tip_block_hash: hash.to_byte_array().to_vec(),
        tip_height,
        next_page,
    })
}

fn utxo(coin: &Coin) -> Utxo {
    Utxo {
        outpoint: OutPoint {
            txid: Txid::from(coin.outpoint.txid.to_byte_array()),
            vout: coin.outpoint.vout,
        },
        value: coin.value.to_sat(),
        height: coin.height,
    }
}

/// Where a coin stands in an answer: the highest block first, then by the bytes of the outpoint.
fn order(coin: &Coin) -> (u32, [u8; 32], u32) {
    let outpoint = coin.outpoint;
    (
        u32::MAX - coin.height,
        outpoint.txid.to_byte_array(),
        outpoint.vout,
    )
}

/// Where the next answer goes on: the block of the view (32 bytes), and the first coin: its height (4, big-endian, from the top of
/// the range down), transaction (32) and output (4, big-endian).
struct Page {
    view: BlockHash,
    first: (u32, [u8; 32], u32),
}

impl Page {
    fn of(view: BlockHash, coin: &Coin) -> Self {
        Self {
            view,
            first: order(coin),
        }
    }

    fn bytes(&self) -> Vec<u8> {
        let (height, txid, vout) = self.first;
        [
            self.view.as_byte_array().as_slice(),
            &height.to_be_bytes(),
            &txid,
            &vout.to_be_bytes(),
        ]
        .concat()
    }

    fn parse(bytes: &[u8]) -> Result<Self, GetUtxosError> {
        let bytes: [u8; 72] = bytes.try_into().map_err(|_| GetUtxosError::MalformedPage {
            err: format!("expected 72 bytes, got {}", bytes.len()),
        })?;
        let number = |at: usize| u32::from_be_bytes(std::array::from_fn(|byte| bytes[at + byte]));
        let hash = |at: usize| std::array::from_fn(|byte| bytes[at + byte]);
        Ok(Self {
            view: BlockHash::from_byte_array(hash(0)),
            first: (number(32), hash(36), number(68)),
        })
    }

    /// How deep the block of the view is by now.
    fn confirmations(&self, chain: &Regtest) -> Result<u32, GetUtxosError> {
        let tip = chain.tip().height;
        let recent = chain.headers((tip + 1).saturating_sub(STABILITY), tip);
        let depth = recent
            .iter()
            .rev()
            .position(|header| header.block_hash() == self.view);
        match depth.map(u32::try_from) {
            Some(Ok(depth)) => Ok(depth + 1),
            _ => Err(GetUtxosError::UnknownTipBlockHash {
                tip_block_hash: self.view.to_byte_array().to_vec(),
            }),
        }
    }
}

fn balance(chain: &Regtest, request: &GetBalanceRequest) -> Result<u64, GetBalanceError> {
    let script = script(&request.address).map_err(|error| match error {
        BadAddress::Malformed => GetBalanceError::MalformedAddress,
        BadAddress::WrongNetwork => GetBalanceError::AddressForWrongNetwork {
            expected: ic_btc_interface::Network::Regtest,
        },
    })?;
    let given = request.min_confirmations.unwrap_or(0);
    let max = most_confirmations(chain);
    match given > max {
        true => Err(GetBalanceError::MinConfirmationsTooLarge { given, max }),
        false => Ok(chain.balance(&script, given).to_sat()),
    }
}

fn headers(
    chain: &Regtest,
    request: &GetBlockHeadersRequest,
) -> Result<GetBlockHeadersResponse, GetBlockHeadersError> {
    let chain_height = chain.tip().height;
    let start_height = request.start_height;
    if start_height > chain_height {
        return Err(GetBlockHeadersError::StartHeightDoesNotExist {
            requested: start_height,
            chain_height,
        });
    }
    let end_height = request.end_height.unwrap_or(chain_height);
    if end_height < start_height {
        return Err(GetBlockHeadersError::StartHeightLargerThanEndHeight {
            start_height,
            end_height,
        });
    }
    if end_height > chain_height {
        return Err(GetBlockHeadersError::EndHeightDoesNotExist {
            requested: end_height,
            chain_height,
        });
    }
    let last = end_height.min(start_height + HEADERS - 1);
    let headers = chain.headers(start_height, last);
    Ok(GetBlockHeadersResponse {
        tip_height: last,
        block_headers: headers.iter().map(bitcoin::consensus::serialize).collect(),
    })
}

fn send(chain: &mut Regtest, body: &[u8]) -> Answer {
    let mut refused = None;
    let answer = read(body, |request: SendTransactionRequest| {
        // The Bitcoin canister reads a transaction and does not mind what follows it; the network does.
        let read = bitcoin::consensus::deserialize_partial::<Transaction>(&request.transaction);
        read.map_err(|_| SendTransactionError::MalformedTransaction)?;
        refused = chain.submit(&request.transaction).err();
        Ok::<(), SendTransactionError>(())
    });
    Answer {
        refused: refused.map(|refused| refused.to_string()),
        ..answer
    }
}

fn mine(chain: &mut Regtest, body: &[u8]) -> Answer {
    let text = String::from_utf8_lossy(body);
    let wanted = text.split_once(' ').and_then(|(blocks, address)| {
        let blocks = blocks.parse().ok().filter(|blocks| *blocks <= MAX_MINED)?;
        Some((blocks, script(address.trim()).ok()?))
    });
    match wanted.map(|(blocks, script)| chain.mine(blocks, &script)) {
        Some(Ok(_)) => Answer::text(200, &chain.tip().hash.to_string()),
        Some(Err(error)) => Answer::text(500, &error.to_string()),
        None => Answer::text(
            400,
            "expected `<blocks> <regtest address>`, at most 1000 blocks",
        ),
    }
}
