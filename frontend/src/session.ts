// The connection to one network: whom we speak as (nobody yet) and whose root key we believe.
import { HttpAgent } from "@icp-sdk/core/agent";

// A network on this machine has its own root key, which is fetched; any other host must prove
// itself with the key of the public network, which the agent carries.
function isLocal(host: string): boolean {
  const { hostname } = new URL(host);
  return hostname === "127.0.0.1" || hostname === "[::1]" || hostname === "localhost" || hostname.endsWith(".localhost");
}

export function connect(host: string): Promise<HttpAgent> {
  return HttpAgent.create({ host, shouldFetchRootKey: isLocal(host) });
}
