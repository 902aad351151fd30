//! Where execution meets the nodes: `ChainKeys` served by the nodes of an instance's subnets.
//!
//! In: what execution asks for, round by round. Out: what the nodes jointly make. A key is held by the first subnet that the topology names for it; a
//! request of another holder goes to the same nodes, so that a key's name means one key. After requests are done, stocks of presignatures are filled on
//! a thread of their own; whoever needs the subnet before that waits, so that the order of everything, and with it every result, does not depend on
//! threads. Leaves out: the protocols (crate `chainkey-subnet`).

use crate::entropy::NodeSeed;
use crate::timings::Timings;
use chainkey_execution::chain_keys::{
    ChainKeyError, ChainKeys, DerivedPublicKey, KeyDerivation, KeyOperation, KeyRequest,
};
use chainkey_execution::ids::{SubnetId, Time};
use chainkey_execution::sandbox::{KeyName, KeyScheme};
use chainkey_execution::state_tree::{CertifiedTree, Delegation, delegation_tree};
use chainkey_execution::subnet::RoutingTable;
use chainkey_subnet as nodes;
use chainkey_subnet::{
    Derivation, KeySource, RequestError, RequestId, SubnetConfig, SubnetError, Work,
};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Instant;
use subnet_view::{KeyId, Timing};

/// One subnet's nodes, with what can be known of them without waiting for them.
struct Hosted {
    nodes: Mutex<Nodes>,
    stands_still: AtomicBool,
}

/// The nodes of one subnet: at hand, or filling their stocks.
enum Nodes {
    AtHand(Box<nodes::Subnet>),
    Filling(JoinHandle<Box<nodes::Subnet>>),
    /// A fault of this program ended the thread that had them.
    Lost,
}

/// A request on its way: who holds the key, and its number there.
struct Underway {
    holder: SubnetId,
    key: KeyId,
    id: RequestId,
}

/// What is known of the network of subnets.
#[derive(Default)]
struct Network {
    routing: Option<Arc<RoutingTable>>,
    time: Time,
    delegations: BTreeMap<SubnetId, Delegation>,
    underway: BTreeMap<(SubnetId, u64), Underway>,
    next: u64,
    timings: Timings,
}

/// The nodes of all subnets of an instance.
#[derive(Default)]
pub struct NodeKeys {
    source: KeySource,
    subnets: Mutex<BTreeMap<SubnetId, Arc<Hosted>>>,
    network: Mutex<Network>,
}

/// Locks, also after a panic elsewhere: every change here is made in one piece.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Nodes {
    /// The nodes, when they have filled their stocks.
    fn at_hand(&mut self) -> Result<&mut nodes::Subnet, ChainKeyError> {
        if let Nodes::Filling(_) = self
            && let Nodes::Filling(thread) = std::mem::replace(self, Nodes::Lost)
            && let Ok(subnet) = thread.join()
        {
            *self = Nodes::AtHand(subnet);
        }
        match self {
            Nodes::AtHand(subnet) => Ok(subnet),
            _ => Err(ChainKeyError::Stalled("the subnet's nodes are lost".into())),
        }
    }

    fn fill(&mut self) {
        if let Nodes::AtHand(_) = self
            && let Nodes::AtHand(mut subnet) = std::mem::replace(self, Nodes::Lost)
        {
            *self = Nodes::Filling(std::thread::spawn(move || {
                subnet.refill();
                subnet
            }));
        }
    }
}

fn stalled(error: SubnetError) -> ChainKeyError {
    ChainKeyError::Stalled(error.to_string())
}

/// Each subnet counts its rounds for itself, also where another one's nodes serve it.
fn asker(subnet: SubnetId) -> nodes::Asker {
    nodes::Asker(subnet.0.as_slice().to_vec())
}

fn refused(error: RequestError) -> ChainKeyError {
    ChainKeyError::InvalidArgument(error.to_string())
}

fn key_id(name: &KeyName) -> KeyId {
    let scheme = match (name.scheme, name.kind) {
        (KeyScheme::Ecdsa, 0) => subnet_view::KeyScheme::EcdsaSecp256k1,
        (KeyScheme::Ecdsa, _) => subnet_view::KeyScheme::EcdsaSecp256r1,
        (KeyScheme::Schnorr, 0) => subnet_view::KeyScheme::Bip340Secp256k1,
        (KeyScheme::Schnorr, _) => subnet_view::KeyScheme::Ed25519,
        (KeyScheme::VetKd, _) => subnet_view::KeyScheme::VetKd,
    };
    KeyId {
        scheme,
        name: name.name.clone(),
    }
}

fn derivation(derivation: &KeyDerivation) -> Derivation {
    Derivation {
        canister: derivation.canister.as_slice().to_vec(),
        path: derivation.path.clone(),
    }
}

fn work(operation: &KeyOperation) -> Work {
    match operation {
        KeyOperation::SignHash(hash) => Work::SignHash(*hash),
        KeyOperation::SignMessage {
            message,
            merkle_root,
        } => Work::SignMessage {
            message: message.clone(),
            merkle_root: merkle_root.clone(),
        },
        KeyOperation::DeriveKey {
            input,
            transport_key,
        } => Work::DeriveKey {
            input: input.clone(),
            transport_key: *transport_key,
        },
    }
}

impl NodeKeys {
    /// No nodes yet; master keys will come from there.
    pub fn new(source: KeySource) -> Self {
        NodeKeys {
            source,
            ..NodeKeys::default()
        }
    }

    /// Adds the nodes of a subnet: as many as form a committee of 3f + 1, the others only watch.
    pub fn add(&self, subnet: SubnetId, count: u32, seed: &NodeSeed) -> Result<(), SubnetError> {
        let count = u16::try_from(count).unwrap_or(u16::MAX).clamp(1, 100);
        let config = SubnetConfig {
            id: subnet.0.as_slice().to_vec(),
            nodes: (count - 1) / 3 * 3 + 1,
            seed: nodes::Seed::from(*seed.expose()),
            stock: nodes::StockTarget::default(),
            keys: self.source,
        };
        if config.nodes < 4 {
            tracing::warn!(%subnet, "a subnet of fewer than 4 nodes tolerates no fault: one node holds whole keys");
        }
        let made = Nodes::AtHand(Box::new(nodes::Subnet::new(&config)?));
        let hosted = Hosted {
            nodes: Mutex::new(made),
            stands_still: AtomicBool::new(false),
        };
        lock(&self.subnets).insert(subnet, Arc::new(hosted));
        Ok(())
    }

    /// Forgets the nodes of a subnet, and their keys with them.
    pub fn remove(&self, subnet: SubnetId) {
        lock(&self.subnets).remove(&subnet);
        let mut network = lock(&self.network);
        network.underway.retain(|(from, _), _| *from != subnet);
    }

    /// Makes the topology known.
    pub fn publish(&self, routing: Arc<RoutingTable>, time: Time) {
        let mut network = lock(&self.network);
        network.routing = Some(routing);
        network.time = time;
        network.delegations.clear();
    }

    /// Does something with a subnet's nodes.
    pub fn with<R>(
        &self,
        subnet: SubnetId,
        act: impl FnOnce(&mut nodes::Subnet) -> R,
    ) -> Result<R, ChainKeyError> {
        let hosted = self.hosted(subnet)?;
        let mut nodes = lock(&hosted.nodes);
        nodes.at_hand().map(act)
    }

    /// The same where it may change who takes part.
    pub fn rearrange<R>(
        &self,
        subnet: SubnetId,
        act: impl FnOnce(&mut nodes::Subnet) -> R,
    ) -> Result<R, ChainKeyError> {
        let hosted = self.hosted(subnet)?;
        self.with(subnet, |nodes| {
            let result = act(nodes);
            let stands_still = nodes.stands_still();
            hosted.stands_still.store(stands_still, Ordering::Relaxed);
            result
        })
    }

    /// Whether too few nodes of a subnet take part for it to run a round.
    pub fn stands_still(&self, subnet: SubnetId) -> bool {
        let hosted = self.hosted(subnet);
        hosted.is_ok_and(|hosted| hosted.stands_still.load(Ordering::Relaxed))
    }

    /// How long the latest requests to a subnet's keys took.
    pub fn timings(&self, holder: SubnetId) -> BTreeMap<u64, Timing> {
        lock(&self.network).timings.of(holder)
    }

    fn hosted(&self, subnet: SubnetId) -> Result<Arc<Hosted>, ChainKeyError> {
        let found = lock(&self.subnets).get(&subnet).cloned();
        found.ok_or(ChainKeyError::NoKeyYet {
            what: "a subnet without nodes",
        })
    }

    /// Whose nodes hold a key: those of the first subnet that the topology names.
    fn holder(&self, key: &KeyName) -> Result<SubnetId, ChainKeyError> {
        let network = lock(&self.network);
        let holders = network.routing.as_ref();
        let holders = holders.and_then(|routing| routing.keys.get(key));
        let first = holders.and_then(|ids| ids.first());
        first.copied().ok_or(ChainKeyError::NoKeyYet {
            what: "a key that no subnet holds",
        })
    }

    fn fill(&self, subnet: SubnetId) {
        if let Ok(hosted) = self.hosted(subnet) {
            lock(&hosted.nodes).fill();
        }
    }
}

impl ChainKeys for NodeKeys {
    fn subnet_public_key(&self, subnet: SubnetId) -> Result<Vec<u8>, ChainKeyError> {
        let key = self.with(subnet, nodes::Subnet::public_key)?;
        key.map(|key| nodes::public_key_der(&key).to_vec())
            .map_err(stalled)
    }

    fn known_public_key(&self, subnet: SubnetId) -> Option<Vec<u8>> {
        let key = self.with(subnet, |nodes| nodes.known_public_key()).ok()??;
        Some(nodes::public_key_der(&key).to_vec())
    }

    fn random_bytes(&self, subnet: SubnetId, round: u64) -> Result<[u8; 32], ChainKeyError> {
        let bytes = self.with(subnet, |nodes| nodes.random_bytes(round, b"raw_rand"))?;
        bytes.map_err(stalled)
    }

    fn certify(&self, subnet: SubnetId, root_hash: [u8; 32]) -> Result<[u8; 48], ChainKeyError> {
        let signature = self.with(subnet, |nodes| nodes.certify(&root_hash))?;
        signature
            .map(|signature| signature.to_bytes())
            .map_err(stalled)
    }

    fn delegation(&self, subnet: SubnetId) -> Result<Option<Delegation>, ChainKeyError> {
        let (routing, time) = {
            let network = lock(&self.network);
            if let Some(known) = network.delegations.get(&subnet) {
                return Ok(Some(known.clone()));
            }
            (network.routing.clone(), network.time)
        };
        let Some(routing) = routing.filter(|routing| routing.root != subnet) else {
            return Ok(None);
        };
        self.subnet_public_key(subnet)?;
        let Some(tree) = delegation_tree(self, &routing, subnet, time) else {
            return Ok(None);
        };
        let certified = CertifiedTree::new(self, routing.root, tree)?;
        let delegation = Delegation {
            subnet: subnet.0,
            certificate: certified.certificate(&[Vec::new()]),
        };
        let mut network = lock(&self.network);
        network.delegations.insert(subnet, delegation.clone());
        Ok(Some(delegation))
    }

    fn public_key(
        &self,
        _asked: SubnetId,
        wanted: &KeyDerivation,
    ) -> Result<DerivedPublicKey, ChainKeyError> {
        let holder = self.holder(&wanted.key)?;
        let key = key_id(&wanted.key);
        let derived = self.with(holder, |nodes| nodes.derived_key(&key, &derivation(wanted)))?;
        let (public_key, chain_code) = derived.map_err(stalled)?;
        Ok(DerivedPublicKey {
            public_key,
            chain_code,
        })
    }

    fn accept(&self, subnet: SubnetId, request: &KeyRequest) -> Result<(), ChainKeyError> {
        if let KeyOperation::DeriveKey { transport_key, .. } = &request.operation
            && !nodes::is_transport_key(transport_key)
        {
            return Err(ChainKeyError::InvalidTransportKey);
        }
        let holder = self.holder(&request.derivation.key)?;
        let key = key_id(&request.derivation.key);
        let id = {
            let mut network = lock(&self.network);
            network.next += 1;
            RequestId(network.next)
        };
        let asker = asker(subnet);
        let start = Instant::now();
        self.with(holder, |nodes| {
            nodes.advance_of(&asker, request.round);
            nodes.prepare(&key);
            let request = nodes::Request {
                id,
                key: key.clone(),
                derivation: derivation(&request.derivation),
                work: work(&request.operation),
            };
            nodes.submit_of(&asker, request);
        })?;
        let underway = Underway { holder, key, id };
        let mut network = lock(&self.network);
        network.underway.insert((subnet, request.id), underway);
        let took = start.elapsed();
        network.timings.bound(holder, id.0, request.round, took);
        Ok(())
    }

    fn result(
        &self,
        subnet: SubnetId,
        round: u64,
        request: &KeyRequest,
    ) -> Result<Option<Vec<u8>>, ChainKeyError> {
        let place = (subnet, request.id);
        let Some(Underway { holder, key, id }) = lock(&self.network).underway.remove(&place) else {
            return Err(ChainKeyError::NoKeyYet {
                what: "the result of a request that was not accepted",
            });
        };
        let start = Instant::now();
        let result = self.with(holder, |nodes| {
            nodes.advance_of(&asker(subnet), round);
            nodes.take_result(&key, id)
        })?;
        let answered = result.is_some().then_some(round);
        let mut network = lock(&self.network);
        network
            .timings
            .signed(holder, id.0, start.elapsed(), answered);
        drop(network);
        match result {
            Some(answer) => {
                self.fill(holder);
                let (bytes, _) = answer.map_err(refused)?;
                Ok(Some(bytes))
            }
            None => {
                let underway = Underway { holder, key, id };
                lock(&self.network).underway.insert(place, underway);
                Ok(None)
            }
        }
    }
}
