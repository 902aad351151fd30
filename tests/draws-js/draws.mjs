// Draws and the beacon, from docs/protocols/draws.md. The numbers are those of its steps.
//
// Only Node's own hashes and the curve of @noble/curves are used; nothing comes from the Rust crate.

import { createHash, hkdfSync } from "node:crypto";
import { bls12_381 } from "@noble/curves/bls12-381";
import { hash_to_field } from "@noble/curves/abstract/hash-to-curve";
import { sha256 } from "@noble/hashes/sha2";

const text = (value) => Buffer.from(value, "utf8");

const u32 = (value) => {
  const out = Buffer.alloc(4);
  out.writeUInt32BE(value);
  return out;
};

const u64 = (value) => {
  const out = Buffer.alloc(8);
  out.writeBigUInt64BE(BigInt(value));
  return out;
};

const string = (bytes) => Buffer.concat([u32(bytes.length), bytes]);

// Step 1.
export function H(tag, ...parts) {
  const hash = createHash("sha256");
  hash.update(Buffer.from([tag.length]));
  hash.update(text(tag));
  for (const part of parts) {
    hash.update(u64(part.length));
    hash.update(part);
  }
  return hash.digest();
}

// Step 2.
class Cursor {
  constructor(bytes) {
    this.bytes = bytes;
    this.at = 0;
  }
  take(count) {
    if (this.at + count > this.bytes.length) throw new Error("short");
    this.at += count;
    return this.bytes.subarray(this.at - count, this.at);
  }
  u8() {
    return this.take(1)[0];
  }
  u32() {
    return this.take(4).readUInt32BE();
  }
  u64() {
    return this.take(8).readBigUInt64BE();
  }
  string(atMost) {
    const length = this.u32();
    if (length > atMost) throw new Error("too long");
    return this.take(length);
  }
  optional(read) {
    const tag = this.u8();
    if (tag > 1) throw new Error("tag");
    return tag === 1 ? read() : undefined;
  }
  end() {
    if (this.at !== this.bytes.length) throw new Error("left over");
  }
}

const PERIOD = 30_000_000_000n;

function between(value, least, most) {
  if (BigInt(value) < BigInt(least) || BigInt(value) > BigInt(most)) throw new Error("bounds");
  return value;
}

// Step 3.
export function readSpec(bytes) {
  const from = new Cursor(bytes);
  between(from.u8(), 1, 1);
  const title = from.string(100);
  new TextDecoder("utf-8", { fatal: true }).decode(title);
  between(title.length, 1, 100);
  const spec = { encoding: bytes, creator: from.string(29) };
  between(spec.creator.length, 1, 29);
  const kind = from.u8();
  if (kind === 0) spec.kind = { name: "raffle", winners: between(from.u32(), 1, 200_000) };
  else if (kind === 1) spec.kind = { name: "shuffle" };
  else if (kind === 2) {
    spec.kind = { name: "dice", count: between(from.u32(), 1, 10_000), sides: between(from.u32(), 2, 2 ** 32 - 1) };
  } else if (kind === 3) {
    spec.kind = { name: "lottery", count: from.u32(), highest: between(from.u32(), 1, 10_000) };
    between(spec.kind.count, 1, spec.kind.highest);
  } else throw new Error("kind");
  const entrants = from.u8();
  if (entrants === 0) spec.each = between(from.u32(), 1, 1000);
  else if (entrants === 1) spec.mostWeight = between(from.u64(), 1, 2n ** 40n);
  else throw new Error("entrants");
  spec.mostEntries = between(from.u32(), 0, 200_000);
  spec.closesAt = from.u64();
  spec.source = between(from.u8(), 0, 3);
  if (spec.source === 3) {
    spec.beacon = from.string(29);
    between(spec.beacon.length, 1, 29);
    spec.round = from.u64();
    if (spec.round * PERIOD <= spec.closesAt) throw new Error("early round");
  }
  from.end();
  return spec;
}

// Step 4.
export const specHash = (encoding) => H("draws/spec/1", encoding);

// Step 5.
function readEntry(from) {
  const begin = from.at;
  const who = from.string(29);
  from.string(64);
  const weight = from.u64();
  return { who, weight, encoding: from.bytes.subarray(begin, from.at) };
}

export const leaf = (index, encoding) => H("draws/leaf/1", u64(index), encoding);

// Step 6.
function top(leaves) {
  if (leaves.length === 0) return H("draws/empty/1");
  if (leaves.length === 1) return leaves[0];
  let left = 1;
  while (2 * left < leaves.length) left *= 2;
  return H("draws/node/1", top(leaves.slice(0, left)), top(leaves.slice(left)));
}

export const root = (leaves) => H("draws/root/1", u64(leaves.length), top(leaves));

// Steps 8 and 9.
function readMoment(from) {
  const begin = from.at;
  const at = from.u64();
  const changes = from.u64();
  const install = from.optional(() => from.u64());
  const module = from.optional(() => from.take(32).toString("hex"));
  const encoding = from.bytes.subarray(begin, from.at);
  return { at, facts: [changes, install, module].join(), install, encoding };
}

// Step 12: the derived public key (docs/protocols/key-derivation.md, steps 8 and 9).
export function derivedKey(master, canister, context) {
  const G2 = bls12_381.G2.ProjectivePoint;
  const scalar = (key, input, tag) => {
    const message = Buffer.concat([u64(key.length), key, u64(input.length), input]);
    const order = bls12_381.fields.Fr.ORDER;
    const options = { p: order, m: 1, k: 128, expand: "xmd", hash: sha256, DST: tag };
    return hash_to_field(message, 1, options)[0][0];
  };
  const add = (point, number) => point.add(G2.BASE.multiply(number));
  const own = add(G2.fromHex(master), scalar(master, canister, "ic-vetkd-bls12-381-g2-canister-id"));
  const ownBytes = Buffer.from(own.toRawBytes(true));
  const derived = add(own, scalar(ownBytes, context, "ic-vetkd-bls12-381-g2-context"));
  return Buffer.from(derived.toRawBytes(true));
}

// Steps 12 and 13.
export function vrfOutput(key, input, signature) {
  const G1 = bls12_381.G1.ProjectivePoint;
  const DST = "BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_AUG_";
  const hashed = bls12_381.G1.hashToCurve(Buffer.concat([key, input]), { DST });
  const signed = G1.fromHex(signature);
  signed.assertValidity();
  const publicKey = bls12_381.G2.ProjectivePoint.fromHex(key);
  publicKey.assertValidity();
  const Fp12 = bls12_381.fields.Fp12;
  const one = bls12_381.pairing(signed, bls12_381.G2.ProjectivePoint.BASE);
  const other = bls12_381.pairing(G1.fromAffine(hashed.toAffine()), publicKey);
  if (!Fp12.eql(one, other)) throw new Error("signature");
  const parts = [signature, key, input].flatMap((part) => [u64(part.length), part]);
  const info = "ic-vetkd-bls12-381-g2-vrf";
  return Buffer.from(hkdfSync("sha256", Buffer.concat(parts), "", info, 32));
}

// Step 14.
export const roundInput = (beacon, round) => H("beacon/round/1", beacon, u64(round));
export const ofLabel = (randomness, requester, label) => H("beacon/label/1", randomness, requester, label);
export const DRAWS = text("chain-key-suite/draws/vrf/1");
export const BEACON = text("chain-key-suite/beacon/vrf/1");

// Steps 16 and 17.
export class Stream {
  constructor(seed) {
    this.seed = seed;
    this.words = [];
    this.blocks = 0;
  }
  word() {
    if (this.words.length === 0) {
      const block = H("draws/stream/1", this.seed, u64(this.blocks));
      this.blocks += 1;
      this.words = [0, 8, 16, 24].map((at) => block.readBigUInt64BE(at));
    }
    return this.words.shift();
  }
  below(bound) {
    const bits = BigInt((BigInt(bound) - 1n).toString(2).length);
    const mask = BigInt(bound) === 1n ? 0n : (1n << bits) - 1n;
    for (;;) {
      const value = this.word() & mask;
      if (value < BigInt(bound)) return value;
    }
  }
}

// Steps 18 to 21.
export function outcome(kind, weights, seed) {
  const stream = new Stream(seed);
  if (kind.name === "dice") {
    return Array.from({ length: kind.count }, () => 1 + Number(stream.below(kind.sides)));
  }
  if (kind.name === "raffle") {
    const left = weights.map(BigInt);
    const winners = [];
    while (winners.length < kind.winners && winners.length < left.length) {
      let number = stream.below(left.reduce((sum, weight) => sum + weight, 0n));
      const winner = left.findIndex((weight) => {
        if (number < weight) return true;
        number -= weight;
        return false;
      });
      winners.push(winner);
      left[winner] = 0n;
    }
    return winners;
  }
  const lottery = kind.name === "lottery";
  const count = lottery ? kind.highest : weights.length;
  const places = Array.from({ length: count }, (_, place) => (lottery ? place + 1 : place));
  for (let place = 0; place < count; place += 1) {
    const other = place + Number(stream.below(count - place));
    [places[place], places[other]] = [places[other], places[place]];
  }
  return lottery ? places.slice(0, kind.count) : places;
}

const GRADES = ["Verifiable", "Unproven", "VerifiableAndFresh", "VerifiableBeacon"];

// Steps 22 to 27.
export function verify(bytes, master) {
  const from = new Cursor(bytes);
  if (from.take(8).toString("latin1") !== "ckdraws\x01") throw new Error("magic");
  const keyName = from.string(64);
  if (!/^[A-Za-z0-9_]+$/.test(keyName.toString("latin1"))) throw new Error("key name");
  const canister = from.string(29);
  between(canister.length, 1, 29);
  const draw = from.u64();
  const spec = readSpec(from.string(300));
  const created = readMoment(from);
  const closed = readMoment(from);
  const count = between(from.u32(), 0, spec.mostEntries);
  const header = bytes.subarray(0, from.at);

  const entries = Array.from({ length: count }, () => readEntry(from));
  const people = new Map();
  for (const { who, weight } of entries) {
    between(weight, 1, spec.mostWeight ?? 1);
    if (spec.each === undefined) continue;
    const name = who.toString("hex");
    between(who.length, 1, 29);
    people.set(name, between((people.get(name) ?? 0) + 1, 1, spec.each));
  }

  const claimed = from.take(32);
  const body = from.at;
  const drawn = readMoment(from);
  const attempts = between(from.u32(), 1, 2 ** 32 - 1);
  const fresh = from.string(32);
  const signature = from.string(48);
  const values = Array.from({ length: from.u32() }, () => from.u32());
  const bodyBytes = bytes.subarray(body, from.at);
  const digest = from.take(32);
  from.end();

  if (closed.at < spec.closesAt || closed.at < created.at || drawn.at < closed.at) throw new Error("order");
  const calculated = root(entries.map(({ encoding }, index) => leaf(index, encoding)));
  if (!calculated.equals(claimed)) throw new Error("root");
  if (fresh.length !== (spec.source === 1 || spec.source === 2 ? 32 : 0)) throw new Error("fresh");
  if (signature.length !== (spec.source === 1 ? 0 : 48)) throw new Error("signature length");
  const history = H("draws/history/1", keyName, created.encoding, closed.encoding, drawn.encoding);
  const shared = [canister, u64(draw), specHash(spec.encoding), calculated, history, fresh];
  let output = Buffer.alloc(0);
  if (spec.source === 3) {
    const key = derivedKey(master, spec.beacon, BEACON);
    output = vrfOutput(key, roundInput(spec.beacon, spec.round), signature);
  } else if (spec.source !== 1) {
    output = vrfOutput(derivedKey(master, canister, DRAWS), H("draws/vrf-input/1", ...shared), signature);
  }
  const seed = H("draws/seed/1", Buffer.from([spec.source]), ...shared, output);
  const expected = outcome(spec.kind, entries.map(({ weight }) => weight), seed);
  if (expected.join() !== values.join()) throw new Error("outcome");
  if (!H("draws/transcript/1", header, calculated, bodyBytes).equals(digest)) throw new Error("digest");

  const moments = [created, closed, drawn];
  const flags =
    Number(created.facts !== closed.facts) +
    Number(closed.facts !== drawn.facts) +
    moments.filter(({ install }) => install === undefined).length +
    Number(attempts > 1);
  return { grade: GRADES[spec.source], flags, seed, root: calculated, outcome: values, digest };
}
