/**
 * Joins the compiled modules and the libraries that they use into one script, build/bundle/program.cjs: finding and reading
 * some hundred files takes longer than most commands. bin/program.js runs it. Beside it lie the doors to it: the library's
 * module, and the workers, where `new URL("./worker.js", import.meta.url)` looks for them.
 */
import { createHash } from "node:crypto";
import { copyFileSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { build } from "esbuild";

const folder = "build/bundle";
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });

/** commander loads what starts other programs, a millisecond or two for nothing: here it waits for its first use. */
const lazyChildProcess = {
  name: "lazy child_process",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^node:child_process$/ }, ({ path, importer }) =>
      importer.includes("/commander/") ? { path, namespace: "lazy" } : undefined,
    );
    onLoad({ filter: /./, namespace: "lazy" }, ({ path }) => ({
      contents: `module.exports = new Proxy({}, { get: (_, key) => require("${path}")[key] });`,
    }));
  },
};

const { outputFiles } = await build({
  entryPoints: ["build/src/program.js"],
  outfile: `${folder}/program.cjs`,
  bundle: true,
  format: "cjs",
  platform: "node",
  target: "node20.19",
  // A script compiled by node:vm has no import(); Node's own modules are as well required.
  supported: { "dynamic-import": false },
  // cosmiconfig asks for typescript only where a configuration is written in it, and iris looks for none.
  external: ["typescript", "*/import-module.cjs"],
  define: { "import.meta.url": "programUrl" },
  minifyWhitespace: true,
  legalComments: "linked",
  plugins: [lazyChildProcess],
  logLevel: "warning",
  write: false,
});
for (const { path, text } of outputFiles) writeFileSync(path, path.endsWith(".cjs") ? wrapped(text) : text);
copyFileSync("build/src/step/import-module.cjs", `${folder}/import-module.cjs`);

// Node starts a worker of CommonJS sooner.
writeFileSync(`${folder}/package.json`, '{ "type": "commonjs" }\n');
const worker = (entry) => `require("../../bin/program.js").program().${entry}();\n`;
writeFileSync(`${folder}/worker.js`, worker("bandWorker"));
writeFileSync(`${folder}/crew-worker.js`, worker("tileWorker"));
const names = Object.keys(await import("../build/src/index.js"));
writeFileSync(
  `${folder}/index.mjs`,
  `import bin from "../../bin/program.js";\nexport const { ${names.join(", ")} } = await bin.program().library();\n`,
);

/**
 * One function of what CommonJS gives a module; the first line tells this build from another. All of it is ASCII, which is
 * read fastest: esbuild leaves other characters in regular expressions and tagged templates.
 */
function wrapped(joined) {
  const text = joined.replace(
    /[^\0-\x7f]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  const id = createHash("sha256").update(text).digest("hex").slice(0, 16);
  return `// ${id}\n(function (exports, require, module, __filename, __dirname, programUrl) {${text}\n})\n`;
}
