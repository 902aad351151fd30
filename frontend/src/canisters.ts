// One typed client per canister, from the generated bindings.
import type { Agent } from "@icp-sdk/core/agent";
import { createActor as beacon } from "./bindings/beacon";
import { createActor as draws } from "./bindings/draws";
import { createActor as timelock } from "./bindings/timelock";
import { createActor as vault } from "./bindings/vault";
import { createActor as wallet, type Info } from "./bindings/wallet";
import type { Name } from "./names";

const CLIENTS = { wallet, beacon, draws, vault, timelock };

// The five canisters answer `info` with the same record.
export function askInfo(agent: Agent, name: Name, id: string): Promise<Info> {
  return CLIENTS[name](id, { agent }).info();
}
