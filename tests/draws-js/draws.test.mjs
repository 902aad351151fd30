// The published vectors, computed by the second implementation.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import * as draws from "./draws.mjs";

const file = new URL("../vectors/draws/draws.json", import.meta.url);
const vectors = JSON.parse(readFileSync(file, "utf8"));
const bytes = (hex) => Buffer.from(hex, "hex");
const same = (actual, hex) => assert.equal(actual.toString("hex"), hex);

test("specifications read and have their hashes", () => {
  assert.equal(vectors.specs.length, 16);
  for (const { encoding, hash } of vectors.specs) {
    draws.readSpec(bytes(encoding));
    same(draws.specHash(bytes(encoding)), hash);
  }
});

test("trees have their roots", () => {
  for (const { entries, root } of vectors.trees) {
    const leaves = entries.map(({ entry }, index) => draws.leaf(index, bytes(entry)));
    leaves.forEach((leaf, index) => same(leaf, entries[index].leaf));
    same(draws.root(leaves), root);
  }
});

test("streams have their words and numbers", () => {
  const { words, below } = vectors.streams;
  const stream = new draws.Stream(bytes(words.seed));
  for (const word of words.words) assert.equal(stream.word().toString(16).padStart(16, "0"), word);
  for (const { bound, numbers } of below.of) {
    const fresh = new draws.Stream(bytes(below.seed));
    for (const number of numbers) assert.equal(fresh.below(BigInt(bound)).toString(), number);
  }
});

test("seeds give their outcomes", () => {
  for (const { seed, spec, weights, outcome } of vectors.outcomes) {
    const { kind } = draws.readSpec(bytes(spec));
    assert.deepEqual(draws.outcome(kind, weights, bytes(seed)), outcome);
  }
});

test("keys are derived, and a round of the beacon has its randomness", () => {
  const made = vectors.functions;
  const master = bytes(vectors.master_key);
  const beacon = bytes(made.beacon);
  same(draws.derivedKey(master, bytes(made.canister), draws.DRAWS), made.draws_key);
  const key = draws.derivedKey(master, beacon, draws.BEACON);
  same(key, made.beacon_key);
  const input = draws.roundInput(beacon, made.round);
  same(input, made.input);
  const randomness = draws.vrfOutput(key, input, bytes(made.signature));
  same(randomness, made.randomness);
  same(draws.ofLabel(randomness, bytes(made.requester), bytes(made.label)), made.of_label);
  assert.throws(() => draws.vrfOutput(key, bytes("00"), bytes(made.signature)), /signature/);
});

test("transcripts verify, with the verdicts of the vectors", () => {
  const master = bytes(vectors.master_key);
  assert.equal(vectors.transcripts.length, 16);
  for (const vector of vectors.transcripts) {
    const verdict = draws.verify(bytes(vector.bytes), master);
    for (const name of ["seed", "root", "digest"]) same(verdict[name], vector[name]);
    for (const name of ["grade", "flags", "outcome"]) assert.deepEqual(verdict[name], vector[name]);
  }
});

test("changing a byte makes verification fail", () => {
  const master = bytes(vectors.master_key);
  for (const vector of vectors.transcripts.slice(4, 8)) {
    const original = bytes(vector.bytes);
    for (let place = 0; place < original.length; place += 1) {
      const changed = Buffer.from(original);
      changed[place] ^= 1 << (place % 8);
      assert.throws(() => draws.verify(changed, master), `byte ${place}`);
    }
  }
});
