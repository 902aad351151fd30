// The life of a canister through @dfinity/pic, against the server in POCKET_IC_BIN.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { IDL } from '@icp-sdk/core/candid';
import { Principal } from '@icp-sdk/core/principal';
import { PocketIc, PocketIcServer, SubnetStateType } from '@dfinity/pic';

// (module
//   (import "ic0" "msg_reply" (func $r)) (import "ic0" "msg_reply_data_append" (func $a (param i32 i32)))
//   (memory (export "memory") 1) (data (i32.const 0) "DIDL\00\01\79")
//   (func $answer (call $a (i32.const 0) (i32.const 11)) (call $r))
//   (func (export "canister_update inc") (i32.store (i32.const 7) (i32.add (i32.load (i32.const 7)) (i32.const 1))) (call $answer))
//   (func (export "canister_query read") (call $answer)))
const COUNTER = Buffer.from('0061736d0100000001090260000060027f7f00022d0203696330096d73675f7265706c79000003696330156d73675f7265706c795f646174615f617070656e6400010304030000000503010001073603066d656d6f727902001363616e69737465725f75706461746520696e6300031363616e69737465725f7175657279207265616400040a23030a004100410b100110000b11004107410728020041016a36020010020b040010020b0b0d010041000b074449444c0001790016046e616d65010f030001720101610206616e73776572', 'hex');

const idlFactory = ({ IDL }) =>
  IDL.Service({
    inc: IDL.Func([], [IDL.Nat32], []),
    read: IDL.Func([], [IDL.Nat32], ['query']),
  });

let server;
let pic;

before(async () => {
  server = await PocketIcServer.start();
  pic = await PocketIc.create(server.getUrl());
});

after(async () => {
  await pic.tearDown();
  await server.stop();
});

test('a canister lives from set-up to upgrade', async () => {
  const { actor, canisterId } = await pic.setupCanister({ idlFactory, wasm: COUNTER });
  assert.equal(await actor.inc(), 1);
  assert.equal(await actor.inc(), 2);
  assert.equal(await actor.read(), 2);
  await pic.upgradeCanister({ canisterId, wasm: COUNTER });
  assert.equal(await actor.read(), 0);
  await pic.reinstallCode({ canisterId, wasm: COUNTER });
  assert.equal(await actor.inc(), 1);
  await pic.stopCanister({ canisterId });
  await assert.rejects(actor.inc(), /is stopped/);
  await pic.startCanister({ canisterId });
  assert.equal(await actor.inc(), 2);
});

test('raw calls answer bytes', async () => {
  const { canisterId } = await pic.setupCanister({ idlFactory, wasm: COUNTER });
  const arg = IDL.encode([], []);
  const reply = await pic.updateCall({ canisterId, method: 'inc', arg });
  assert.deepEqual(IDL.decode([IDL.Nat32], reply), [1]);
  const answer = await pic.queryCall({ canisterId, method: 'read', arg });
  assert.deepEqual(IDL.decode([IDL.Nat32], answer), [1]);
  await assert.rejects(pic.updateCall({ canisterId, method: 'nothing', arg }), /no update method/);
});

test('a submitted call is answered after ticks', async () => {
  const { canisterId } = await pic.setupCanister({ idlFactory, wasm: COUNTER });
  const actor = pic.createDeferredActor(idlFactory, canisterId);
  const first = await actor.inc();
  const second = await actor.inc();
  await pic.tick(2);
  assert.deepEqual([await first(), await second()].sort(), [1, 2]);
});

test('time moves by rounds and by hand', async () => {
  const before = await pic.getTime();
  await pic.advanceTime(60_000);
  await pic.tick(2);
  const after = await pic.getTime();
  assert.ok(after >= before + 60_000, `${before} ${after}`);
});

test('cycles, controllers and stable memory are read and changed', async () => {
  const owner = Principal.selfAuthenticating(new Uint8Array([1]));
  const { canisterId } = await pic.setupCanister({
    idlFactory,
    wasm: COUNTER,
    sender: owner,
    controllers: [owner],
  });
  const balance = await pic.getCyclesBalance(canisterId);
  assert.equal(await pic.addCycles(canisterId, 1_000n), balance + 1_000n);
  const controllers = await pic.getControllers(canisterId);
  assert.deepEqual(controllers.map(String), [owner.toText()]);
  const page = new Uint8Array(65_536).fill(7);
  await pic.setStableMemory(canisterId, page);
  assert.deepEqual(await pic.getStableMemory(canisterId), page);
  const status = await pic.canisterStatus({ canisterId, sender: owner });
  assert.ok('running' in status.status);
});

test('an instance with several subnets knows their canisters', async () => {
  const state = { type: SubnetStateType.New };
  const many = await PocketIc.create(server.getUrl(), {
    nns: { state },
    ii: { state },
    fiduciary: { state },
    system: [{ state }],
    application: [{ state }, { state }],
  });
  const topology = await many.getTopology();
  assert.equal(topology.length, 6);
  const nns = await many.getNnsSubnet();
  const canisterId = await many.createCanister({ targetSubnetId: nns.id });
  assert.equal((await many.getCanisterSubnetId(canisterId)).toText(), nns.id.toText());
  assert.equal((await many.getApplicationSubnets()).length, 2);
  await many.tearDown();
});
