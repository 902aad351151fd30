//! The vault as its members use it: one canister on a network, a short method for each of its methods, and what clients do at their own
//! machine with `vault-client`.
//!
//! - In: the client's handle on a network, who calls. Out: the canister's own answers, in the types of [`interface`]; texts that were encrypted and
//!   decrypted here.

pub mod interface;

use crate::handle::Handle;
use crate::world::{World, WorldError};
use candid::Principal;
use canister_kit::InitArgs;
use interface::{Answer, Content, Item, Member, Plan, Role, Space, Switch, Version};
use pocket_ic::PocketIc;
use pocket_ic::common::rest::RawMessageId;
use rand_core::OsRng;
use serde_bytes::ByteBuf;
use vault_client::{EpochKey, Place, SpaceKeys, Transport, hash, root};

fn blob(bytes: &[u8]) -> ByteBuf {
    ByteBuf::from(bytes.to_vec())
}

/// Where something is written: the item, the version that is there, the epoch.
#[derive(Clone, Copy, Debug)]
pub struct Spot<'a> {
    /// The space.
    pub space: u64,
    /// The item's id.
    pub item: &'a str,
    /// The number of its last version, 0 for none.
    pub expected: u64,
}

impl Spot<'_> {
    /// What is written there.
    pub fn place(&self) -> Place<'_> {
        Place {
            item: self.item.as_bytes(),
            version: self.expected + 1,
        }
    }
}

/// The vault's canister.
#[derive(Clone, Copy)]
pub struct VaultCanister<'a>(Handle<'a>);

impl<'a> VaultCanister<'a> {
    /// Creates a canister with cycles and installs the vault in it.
    ///
    /// # Errors
    /// The module has not been built, or the canister refused the arguments.
    pub fn install(world: &'a World, args: &InitArgs) -> Result<Self, WorldError> {
        let canister = world.install("vault", args)?;
        world.network().add_cycles(canister, 100_000_000_000_000);
        Ok(Self::at(world.network(), canister))
    }

    /// One that is installed already.
    pub fn at(network: &'a PocketIc, canister: Principal) -> Self {
        Self(Handle { network, canister })
    }

    /// Its id.
    pub fn canister(&self) -> Principal {
        self.0.canister
    }

    /// The network's time, in nanoseconds since 1970.
    pub fn now(&self) -> u64 {
        self.0.now()
    }

    /// Makes a space.
    ///
    /// # Errors
    /// The canister's answer; so for every method below.
    pub fn create(&self, by: Principal, request: &[u8]) -> Answer<Space> {
        self.0.tell(by, "create_space", (blob(request),))
    }

    /// The caller's spaces.
    pub fn spaces(&self, by: Principal) -> Vec<Space> {
        self.0.ask(by, "spaces", (0_u64, 100_u32))
    }

    /// Who is in a space.
    ///
    /// # Errors
    /// The canister's.
    pub fn members(&self, by: Principal, space: u64) -> Answer<Vec<Member>> {
        self.0.ask(by, "members", (space,))
    }

    /// Makes somebody a member.
    ///
    /// # Errors
    /// The canister's.
    pub fn share(
        &self,
        by: Principal,
        space: u64,
        who: Principal,
        role: Role,
        expires_at: Option<u64>,
        with_history: bool,
    ) -> Answer<Space> {
        let arguments = (space, who, role, expires_at, with_history);
        self.0.tell(by, "share", arguments)
    }

    /// Takes a member's rights away.
    ///
    /// # Errors
    /// The canister's.
    pub fn revoke(&self, by: Principal, space: u64, who: Principal) -> Answer<u64> {
        self.0.tell(by, "revoke", (space, who))
    }

    /// Begins a new epoch.
    ///
    /// # Errors
    /// The canister's.
    pub fn rotate(&self, by: Principal, space: u64) -> Answer<u64> {
        self.0.tell(by, "rotate", (space,))
    }

    /// Has the key fetched.
    ///
    /// # Errors
    /// The canister's.
    pub fn prepare_key(&self, by: Principal) -> Answer<ByteBuf> {
        self.0.tell(by, "prepare_key", ())
    }

    /// The public key under which keys are verified.
    ///
    /// # Errors
    /// The canister's.
    pub fn verification_key(&self) -> Answer<ByteBuf> {
        let anyone = Principal::anonymous();
        self.0.ask(anyone, "verification_key", ())
    }

    /// Asks for a key under a transport key.
    ///
    /// # Errors
    /// The canister's.
    pub fn derive_key(
        &self,
        by: Principal,
        space: u64,
        epoch: u64,
        transport: &[u8],
    ) -> Answer<ByteBuf> {
        self.0
            .tell(by, "derive_key", (space, epoch, blob(transport)))
    }

    /// The same, without waiting.
    pub fn submit_derive_key(
        &self,
        by: Principal,
        space: u64,
        epoch: u64,
        transport: &[u8],
    ) -> RawMessageId {
        self.0
            .submit(by, "derive_key", (space, epoch, blob(transport)))
    }

    /// Waits for a key.
    ///
    /// # Errors
    /// The canister's.
    pub fn wait_key(&self, begun: RawMessageId) -> Answer<ByteBuf> {
        self.0.wait(begun)
    }

    /// What a client does for a key: a fresh transport key, the answer, decrypted and verified.
    ///
    /// # Errors
    /// The canister's.
    ///
    /// # Panics
    /// The answer is not the key that was asked for.
    pub fn key(&self, by: Principal, space: u64, epoch: u64) -> Answer<EpochKey> {
        let public_key = self.verification_key()?;
        let canister = self.canister();
        let keys = SpaceKeys::of(canister.as_slice(), space, &public_key);
        let transport = Transport::fresh(&mut OsRng);
        let answer = self.derive_key(by, space, epoch, &transport.public_key())?;
        let keys = keys.expect("a verification key");
        Ok(keys
            .open(transport, &answer, epoch)
            .expect("the key that was asked for"))
    }

    /// Writes ciphertext.
    ///
    /// # Errors
    /// The canister's.
    pub fn put(
        &self,
        by: Principal,
        request: &[u8],
        spot: Spot<'_>,
        epoch: u64,
        ciphertext: &[u8],
    ) -> Answer<u64> {
        let item = blob(spot.item.as_bytes());
        let arguments = (
            blob(request),
            spot.space,
            item,
            spot.expected,
            epoch,
            blob(ciphertext),
        );
        self.0.tell(by, "put", arguments)
    }

    /// Encrypts and writes a text; the request is named after it.
    ///
    /// # Errors
    /// The canister's.
    ///
    /// # Panics
    /// Never: texts of tests can be encrypted.
    pub fn write(&self, by: Principal, key: &EpochKey, spot: Spot<'_>, text: &str) -> Answer<u64> {
        let sealed = key.seal(spot.place(), text.as_bytes(), &mut OsRng);
        let sealed = sealed.expect("a text that can be encrypted");
        self.put(by, &hash(&sealed), spot, key.epoch(), &sealed)
    }

    /// A version of an item.
    ///
    /// # Errors
    /// The canister's.
    pub fn get(
        &self,
        by: Principal,
        space: u64,
        item: &str,
        version: Option<u64>,
    ) -> Answer<Content> {
        self.0
            .ask(by, "get", (space, blob(item.as_bytes()), version))
    }

    /// Items in order.
    ///
    /// # Errors
    /// The canister's.
    pub fn list(&self, by: Principal, space: u64) -> Answer<Vec<Item>> {
        self.0.ask(by, "list", (space, None::<ByteBuf>, 100_u32))
    }

    /// Items under earlier epochs.
    ///
    /// # Errors
    /// The canister's.
    pub fn stale_items(&self, by: Principal, space: u64) -> Answer<Vec<Item>> {
        self.0.ask(by, "stale_items", (space, 100_u32))
    }

    /// The versions of an item.
    ///
    /// # Errors
    /// The canister's.
    pub fn history(&self, by: Principal, space: u64, item: &str) -> Answer<Vec<Version>> {
        self.0.ask(by, "history", (space, blob(item.as_bytes())))
    }

    /// Deletes an item.
    ///
    /// # Errors
    /// The canister's.
    pub fn delete(&self, by: Principal, spot: Spot<'_>) -> Answer<u64> {
        let item = blob(spot.item.as_bytes());
        self.0.tell(by, "delete", (spot.space, item, spot.expected))
    }

    /// Begins a file.
    ///
    /// # Errors
    /// The canister's.
    pub fn begin_file(
        &self,
        by: Principal,
        request: &[u8],
        spot: Spot<'_>,
        epoch: u64,
        chunks: &[Vec<u8>],
    ) -> Answer<u64> {
        let bytes: usize = chunks.iter().map(Vec::len).sum();
        let arguments = (
            blob(request),
            spot.space,
            blob(spot.item.as_bytes()),
            spot.expected,
            epoch,
            chunks.len() as u32,
            bytes as u64,
        );
        self.0.tell(by, "begin_file", arguments)
    }

    /// Brings a chunk.
    ///
    /// # Errors
    /// The canister's.
    pub fn put_chunk(&self, by: Principal, upload: u64, index: u32, chunk: &[u8]) -> Answer<()> {
        self.0.tell(by, "put_chunk", (upload, index, blob(chunk)))
    }

    /// Makes a version of the chunks that were brought.
    ///
    /// # Errors
    /// The canister's.
    pub fn commit_file(&self, by: Principal, upload: u64, chunks: &[Vec<u8>]) -> Answer<u64> {
        let hashes: Vec<_> = chunks.iter().map(|chunk| hash(chunk)).collect();
        self.0
            .tell(by, "commit_file", (upload, blob(&root(&hashes))))
    }

    /// A whole file: encrypted, brought, committed.
    ///
    /// # Errors
    /// The canister's.
    ///
    /// # Panics
    /// The file is too long.
    pub fn upload(
        &self,
        by: Principal,
        key: &EpochKey,
        spot: Spot<'_>,
        text: &[u8],
    ) -> Answer<u64> {
        let chunks = key.seal_file(spot.place(), text, &mut OsRng);
        let chunks = chunks.expect("a file that is not too long");
        let request = hash(&chunks[0]);
        let upload = self.begin_file(by, &request, spot, key.epoch(), &chunks)?;
        for (index, chunk) in (0..).zip(&chunks) {
            self.put_chunk(by, upload, index, chunk)?;
        }
        self.commit_file(by, upload, &chunks)
    }

    /// A chunk of a version.
    ///
    /// # Errors
    /// The canister's.
    pub fn get_chunk(
        &self,
        by: Principal,
        space: u64,
        item: &str,
        version: u64,
        index: u32,
    ) -> Answer<ByteBuf> {
        let arguments = (space, blob(item.as_bytes()), version, index);
        self.0.ask(by, "get_chunk", arguments)
    }

    /// All chunks of the last version of a file, compared with the root that the canister tells.
    ///
    /// # Errors
    /// The canister's.
    ///
    /// # Panics
    /// The chunks have another root.
    pub fn download(&self, by: Principal, space: u64, item: &str) -> Answer<(u64, Vec<ByteBuf>)> {
        let version = self.get(by, space, item, None)?.version;
        let chunk = |index| self.get_chunk(by, space, item, version.version, index);
        let chunks: Vec<ByteBuf> = (0..version.chunks).map(chunk).collect::<Answer<_>>()?;
        let hashes: Vec<_> = chunks.iter().map(|chunk| hash(chunk)).collect();
        assert_eq!(version.root.as_slice(), root(&hashes));
        Ok((version.version, chunks))
    }

    /// Names heirs.
    ///
    /// # Errors
    /// The canister's.
    pub fn set_heirs(&self, by: Principal, space: u64, plan: Option<Plan>) -> Answer<()> {
        self.0.tell(by, "set_heirs", (space, plan))
    }

    /// An owner lives.
    ///
    /// # Errors
    /// The canister's.
    pub fn alive(&self, by: Principal, space: u64) -> Answer<Switch> {
        self.0.tell(by, "alive", (space,))
    }

    /// An heir claims.
    ///
    /// # Errors
    /// The canister's.
    pub fn claim(&self, by: Principal, space: u64) -> Answer<Switch> {
        self.0.tell(by, "claim", (space,))
    }

    /// The switch is opened.
    ///
    /// # Errors
    /// The canister's.
    pub fn inherit(&self, by: Principal, space: u64) -> Answer<()> {
        self.0.tell(by, "inherit", (space,))
    }

    /// The switch.
    ///
    /// # Errors
    /// The canister's.
    pub fn heirs(&self, by: Principal, space: u64) -> Answer<Switch> {
        self.0.ask(by, "heirs", (space,))
    }
}
