// Builds the page, and its bindings from the Candid files, so that neither can lag behind the other.
import { icpBindgen } from "@icp-sdk/bindgen/plugins/vite";
import { defineConfig } from "vite";
import { NAMES } from "./src/names.ts";

export default defineConfig({
  plugins: NAMES.map((name) => icpBindgen({ didFile: `../candid/${name}.did`, outDir: "./src/bindings" })),
  build: { target: "es2022" },
});
