/** Calibration lookup: start-up of the command, loading of a large context, lookups when everything is warm. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { useCompiled } from "../../src/crds/cache.js";
import { loadContext, loadInstrument } from "../../src/crds/context.js";
import { bestrefs, openCache, type CrdsHeader } from "../../src/crds/index.js";
import { packageRoot } from "../../src/package.js";

const oracle = join(packageRoot, "..", "shared", "oracle", "crds");

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1]!;

function timed(run: () => void): number {
  const start = performance.now();
  run();
  return performance.now() - start;
}

function row(what: string, ours: string, peer: string): void {
  console.log(`  ${what.padEnd(52)}  ${ours.padStart(12)}  ${peer}`);
}

const ms = (value: number): string => `${value.toFixed(1)} ms`;

/** This program in a process of its own, wall clock. */
function coldCommand(): number {
  const words = ["crds", "bestrefs", join(packageRoot, "fixtures", "iris_utr.fits")];
  const run = (): void =>
    void execFileSync(process.execPath, [join(packageRoot, "bin", "iris.js"), ...words]);
  run();
  return median(Array.from({ length: 7 }, () => timed(run)));
}

/** Loads every instrument of a context in a fresh process; the times of its three runs: from text, then compiled. */
function coldLoads(): { text: number; compiled: number } {
  const home = mkdtempSync(join(tmpdir(), "iris-bench-"));
  const script = join(packageRoot, "build", "test", "bench", "crds-load.js");
  const run = (): number =>
    Number(execFileSync(process.execPath, [script, oracle, "jwst_0541.pmap", home], { encoding: "utf8" }));
  try {
    const text = Array.from({ length: 5 }, () => {
      rmSync(home, { recursive: true, force: true });
      return run();
    });
    const compiled = Array.from({ length: 7 }, run);
    return { text: median(text), compiled: median(compiled) };
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

function warmLookup(context: string): number | null {
  const file = join(oracle, "public", "bestrefs", `${context}.jsonl`);
  if (!existsSync(file)) return null;
  const headers = readFileSync(file, "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { header: CrdsHeader; results?: object })
    .filter(({ results }) => results)
    .map(({ header }) => header);
  const cache = openCache({ path: oracle });
  const all = (): void => headers.forEach((header) => void bestrefs(cache, context, header));
  all();
  return (median([timed(all), timed(all), timed(all)]) / headers.length) * 1000;
}

/** Mean per header with all types, as real CRDS was timed: three passes after one to warm up. */
const peers: Readonly<Record<string, number>> = {
  "tmt_0001.pmap": 216.8,
  "ligeriri_0001.pmap": 176.8,
  "jwst_0541.pmap": 1013.9,
  "hst_0729.pmap": 1150.6,
};

export function bench(): void {
  console.log("\ncrds: calibration lookup; peer: real CRDS, timed on 2 cores of an AMD EPYC (oracle README)");
  row("iris crds bestrefs FILE, whole process", ms(coldCommand()), "700–900 ms; goal 120 ms");
  if (!existsSync(join(oracle, "mappings", "jwst")))
    return console.log("  (left out: no oracle beside the project)");
  const { text, compiled } = coldLoads();
  row("jwst_0541.pmap, all 286 mappings, from text", ms(text), "goal 300 ms");
  row("jwst_0541.pmap, all 286 mappings, compiled before", ms(compiled), "goal 60 ms");
  for (const [context, peer] of Object.entries(peers)) {
    const ours = warmLookup(context);
    if (ours !== null)
      row(
        `${context}, warm, per header with all types`,
        `${ours.toFixed(1)} µs`,
        `${peer} µs: ${(peer / ours).toFixed(0)} ×`,
      );
  }
}

/** Loads all instruments of a context; what the child process of this benchmark times. */
export function loadAll(root: string, contextName: string, home: string): number {
  return timed(() => {
    const cache = openCache({ path: root, env: { XDG_CACHE_HOME: home } });
    const save = useCompiled(cache, contextName);
    const context = loadContext(cache, contextName);
    for (const instrument of context.instruments.keys()) loadInstrument(cache, context, instrument, "merge");
    // keeping them is not part of loading them
    setImmediate(save);
  });
}
