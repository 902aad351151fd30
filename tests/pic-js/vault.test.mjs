// The vault and the timelock through @dfinity/pic and @dfinity/vetkeys: keys that the network's nodes derive open with the official JavaScript library,
// and what the Rust client seals opens in JavaScript (../vectors/vault/sealed.json).
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { IDL } from '@icp-sdk/core/candid';
import { Principal } from '@icp-sdk/core/principal';
import { PocketIc, PocketIcServer, SubnetStateType } from '@dfinity/pic';
import { DerivedPublicKey, IbeCiphertext, IbeIdentity, IbeSeed, VetKey } from '@dfinity/vetkeys';
import { EpochKey, freshTransport, hash, input, root } from './vault-client.mjs';

const text = (string) => new TextEncoder().encode(string);
const read = (bytes) => new TextDecoder().decode(bytes);
const module = (name) => readFile(new URL(`../../target/wasm32-unknown-unknown/wasm/${name}.wasm`, import.meta.url));

const blob = IDL.Vec(IDL.Nat8);
// Tests look at refusals by their names alone.
const answer = (type) => IDL.Variant({ Ok: type, Err: IDL.Reserved });
const record = IDL.Record;
const initArgs = record({
  environment: IDL.Variant({ Local: IDL.Null, Staging: IDL.Null, Production: IDL.Null }),
  key_name: IDL.Text,
  guardian: IDL.Opt(IDL.Principal),
  admission: IDL.Variant({
    AllowList: IDL.Vec(IDL.Principal),
    Prepaid: IDL.Null,
    Open: record({ cycles_per_day: IDL.Nat }),
  }),
});
const vaultInterface = ({ IDL }) =>
  IDL.Service({
    prepare_key: IDL.Func([], [answer(blob)], []),
    create_space: IDL.Func([blob], [answer(record({ id: IDL.Nat64 }))], []),
    derive_key: IDL.Func([IDL.Nat64, IDL.Nat64, blob], [answer(blob)], []),
    put: IDL.Func([blob, IDL.Nat64, blob, IDL.Nat64, IDL.Nat64, blob], [answer(IDL.Nat64)], []),
    get: IDL.Func(
      [IDL.Nat64, blob, IDL.Opt(IDL.Nat64)],
      [answer(record({ ciphertext: blob, version: record({ version: IDL.Nat64, root: blob }) }))],
      ['query'],
    ),
  });
const bucketView = record({ bucket: IDL.Nat64, opens_at: IDL.Nat64, identity: blob, public_key: blob });
const timelockInterface = ({ IDL }) =>
  IDL.Service({
    prepare_key: IDL.Func([], [answer(IDL.Null)], []),
    bucket_for: IDL.Func([IDL.Nat64], [answer(bucketView)], ['query']),
    seal: IDL.Func([blob, IDL.Nat64, blob], [answer(record({ id: IDL.Nat64, bucket: IDL.Nat64 }))], []),
    release: IDL.Func([IDL.Nat64], [answer(record({ vetkey: blob }))], []),
    open: IDL.Func([IDL.Nat64], [answer(record({ ciphertext: blob, vetkey: blob }))], ['query']),
  });

const ann = Principal.selfAuthenticating(text('ann'));
const ok = (answer) => {
  assert.ok('Ok' in answer, 'the canister refuses');
  return answer.Ok;
};

let server;
let pic;

before(async () => {
  server = await PocketIcServer.start();
  pic = await PocketIc.create(server.getUrl(), {
    application: [{ state: { type: SubnetStateType.New } }],
    ii: { state: { type: SubnetStateType.New } },
  });
});

after(async () => {
  await pic.tearDown();
  await server.stop();
});

const install = async (name, idlFactory) => {
  const args = {
    environment: { Local: null },
    key_name: process.env.CHAINKEY_TEST_KEY ?? 'key_1',
    guardian: [],
    admission: { Open: { cycles_per_day: 1_000_000_000_000_000n } },
  };
  const arg = IDL.encode([initArgs], [args]);
  const { actor, canisterId } = await pic.setupCanister({ idlFactory, wasm: await module(name), arg });
  await pic.addCycles(canisterId, 100_000_000_000_000n);
  actor.setPrincipal(ann);
  return { actor, canister: canisterId.toUint8Array() };
};

test('a key of the vault opens with @dfinity/vetkeys, and items go there and back', async () => {
  const { actor, canister } = await install('vault', vaultInterface);
  const verificationKey = Uint8Array.from(ok(await actor.prepare_key()));
  const space = ok(await actor.create_space(text('space'))).id;
  const epoch = 1n;
  const derive = async () => {
    const transport = freshTransport();
    const encrypted = ok(await actor.derive_key(space, epoch, transport.publicKeyBytes()));
    return EpochKey.open(transport, Uint8Array.from(encrypted), verificationKey, { canister, space, epoch });
  };
  const key = await derive();
  const place = { item: text('note'), version: 1n };
  const sealed = await key.seal(place, text('from JavaScript'));
  assert.equal(ok(await actor.put(text('1'), space, place.item, 0n, epoch, sealed)), 1n);
  const content = ok(await actor.get(space, place.item, []));
  assert.deepEqual(Uint8Array.from(content.version.root), await root([await hash(sealed)]));
  const again = await derive();
  assert.equal(read(await again.open(place, Uint8Array.from(content.ciphertext))), 'from JavaScript');
  await assert.rejects(again.open({ ...place, version: 2n }, sealed));
  // The identity as transport key, and one that was used, are refused.
  const identity = Uint8Array.from({ length: 48 }, (_, at) => (at === 0 ? 0xc0 : 0));
  assert.ok('Err' in (await actor.derive_key(space, epoch, identity)));
  const used = freshTransport().publicKeyBytes();
  ok(await actor.derive_key(space, epoch, used));
  assert.ok('Err' in (await actor.derive_key(space, epoch, used)));
});

test('a message of the timelock opens with @dfinity/vetkeys in its time', async () => {
  const { actor } = await install('timelock', timelockInterface);
  ok(await actor.prepare_key());
  const time = BigInt(await pic.getTime()) * 1_000_000n + 300_000_000_000n;
  const bucket = ok(await actor.bucket_for(time));
  const publicKey = DerivedPublicKey.deserialize(Uint8Array.from(bucket.public_key));
  const identity = IbeIdentity.fromBytes(Uint8Array.from(bucket.identity));
  const sealed = IbeCiphertext.encrypt(publicKey, identity, text('good morning'), IbeSeed.random());
  const message = ok(await actor.seal(text('1'), time, sealed.serialize()));
  assert.ok('Err' in (await actor.release(message.bucket)));
  await pic.advanceTime(360_000);
  await pic.tick();
  actor.setPrincipal(Principal.anonymous());
  ok(await actor.release(message.bucket));
  const opened = ok(await actor.open(message.id));
  const vetkey = VetKey.deserialize(Uint8Array.from(opened.vetkey));
  const plain = IbeCiphertext.deserialize(Uint8Array.from(opened.ciphertext)).decrypt(vetkey);
  assert.equal(read(plain), 'good morning');
});

test('what the Rust client seals opens in JavaScript', async () => {
  const file = await readFile(new URL('../vectors/vault/sealed.json', import.meta.url));
  const vector = JSON.parse(file);
  const bytes = (hex) => new Uint8Array(Buffer.from(hex, 'hex'));
  const names = { canister: bytes(vector.canister), space: BigInt(vector.space), epoch: BigInt(vector.epoch) };
  assert.deepEqual(input(names.space, names.epoch), bytes(vector.input));
  const { TransportSecretKey } = await import('@dfinity/vetkeys');
  const transport = TransportSecretKey.deserialize(bytes(vector.transport_secret));
  const key = EpochKey.open(transport, bytes(vector.encrypted_key), bytes(vector.verification_key), names);
  const place = { item: bytes(vector.item), version: BigInt(vector.version) };
  assert.deepEqual(await key.open(place, bytes(vector.sealed)), bytes(vector.text));
  const chunks = vector.chunks.map(bytes);
  for (const [index, chunk] of chunks.entries()) {
    const plain = await key.openChunk(place, index, chunks.length, chunk);
    assert.deepEqual(plain, bytes(vector.chunk_texts[index]));
    await assert.rejects(key.openChunk(place, index, chunks.length + 1, chunk));
  }
  const hashes = await Promise.all(chunks.map(hash));
  assert.deepEqual(await root(hashes), bytes(vector.root));
});
