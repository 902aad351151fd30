// Compiles the contracts of the tests: writes {"<contract>": "<byte code in hexadecimal digits>"} to its output.
// Run by tests/chains/src/ethereum/contracts.rs; needs what `make ethereum` installs.

import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import solc from "solc";

const folder = join(import.meta.dirname, "contracts");
const names = readdirSync(folder).filter((name) => name.endsWith(".sol"));
const source = (name) => [name, { content: readFileSync(join(folder, name), "utf8") }];
const input = {
  language: "Solidity",
  sources: Object.fromEntries(names.map(source)),
  settings: {
    evmVersion: "cancun",
    optimizer: { enabled: true },
    outputSelection: { "*": { "*": ["evm.bytecode.object"] } },
  },
};

const output = JSON.parse(solc.compile(JSON.stringify(input)));
const problems = output.errors ?? [];
if (problems.length > 0) {
  console.error(problems.map((problem) => problem.formattedMessage).join("\n"));
  process.exit(1);
}
const compiled = Object.values(output.contracts)
  .flatMap((contracts) => Object.entries(contracts))
  .map(([name, contract]) => [name, contract.evm.bytecode.object])
  .filter(([, code]) => code.length > 0);
process.stdout.write(JSON.stringify(Object.fromEntries(compiled)));
