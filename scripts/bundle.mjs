/**
 * Joins the compiled modules into few files under build/bundle: reading two hundred small ones takes longer than most
 * commands. Workers are entries of their own beside the shared pieces, where `new URL("./worker.js", …)` looks for them.
 */
import { rmSync } from "node:fs";
import { build } from "esbuild";

rmSync("build/bundle", { recursive: true, force: true });
await build({
  entryPoints: [
    { in: "build/src/cli/main.js", out: "main" },
    { in: "build/src/index.js", out: "index" },
    { in: "build/src/engine/worker.js", out: "worker" },
    { in: "build/src/fits/tiles/crew-worker.js", out: "crew-worker" },
  ],
  outdir: "build/bundle",
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node20.19",
  packages: "external",
  minifyWhitespace: true,
  logLevel: "warning",
});
