// The canisters of the suite, in the order in which the page shows them.
export const NAMES = ["wallet", "beacon", "draws", "vault", "timelock"] as const;

export type Name = (typeof NAMES)[number];
