import { build } from "esbuild";
const r = await build({
  entryPoints: [
    { in: "build/src/cli/main.js", out: "main" },
    { in: "build/src/engine/worker.js", out: "worker" },
  ],
  outdir: "build/one",
  outExtension: { ".js": ".cjs" },
  bundle: true,
  format: "cjs",
  platform: "node",
  target: "node20.19",
  minifyWhitespace: true,
  minifySyntax: true,
  logLevel: "warning",
  metafile: true,
  external: ["typescript"],
  define: { "import.meta.url": "__url" },
  banner: { js: '"use strict";const __url=require("node:url").pathToFileURL(__filename).href;' },
});
const by = {};
for (const [f, i] of Object.entries(r.metafile.outputs["build/one/main.cjs"].inputs)) {
  const k = f.includes("node_modules") ? f.match(/node_modules\/((?:@[^/]+\/)?[^/]+)/)[1] : "src";
  by[k] = (by[k] ?? 0) + i.bytesInOutput;
}
console.log(
  Object.entries(by)
    .sort((a, b) => b[1] - a[1])
    .slice(0, 25),
);
