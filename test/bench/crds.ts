/** Calibration lookup: start-up of the command, loading of a large context, lookups when everything is warm. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { useCompiled } from "../../src/crds/cache.js";
import { loadContext, loadInstrument } from "../../src/crds/context.js";
import { bestrefs, openCache, type CrdsHeader } from "../../src/crds/index.js";
import { packageRoot } from "../../src/package.js";
import { iris } from "./data.js";
import { measure } from "./measure.js";

const oracle = join(packageRoot, "..", "shared", "oracle", "crds");

/** Milliseconds by the clock, and of processor time: on a busy machine only the latter says something. */
export interface Cost {
  wall: number;
  cpu: number;
}

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1]!;

const medianCost = (costs: readonly Cost[]): Cost => ({
  wall: median(costs.map(({ wall }) => wall)),
  cpu: median(costs.map(({ cpu }) => cpu)),
});

function timed(run: () => void): Cost {
  const before = process.cpuUsage();
  const start = performance.now();
  run();
  const wall = performance.now() - start;
  const { user, system } = process.cpuUsage(before);
  return { wall, cpu: (user + system) / 1000 };
}

function row(what: string, { wall, cpu }: Cost, unit: string, goal: string): void {
  const cell = (value: number): string => `${value.toFixed(1)} ${unit}`.padStart(10);
  console.log(`  ${what.padEnd(50)} ${cell(wall)} ${cell(cpu)}   ${goal}`);
}

/** Whole processes: this program, and an empty one for comparison. */
function coldCommands(): { ours: Cost; empty: Cost } {
  const cost = ({ wall, cpu }: { wall: number; cpu: number }): Cost => ({
    wall: wall * 1000,
    cpu: cpu * 1000,
  });
  const ours = iris("crds", "bestrefs", join(packageRoot, "fixtures", "iris_utr.fits"));
  return {
    ours: cost(measure(ours, { runs: 15 })),
    empty: cost(measure([process.execPath, "-e", "0"], { runs: 15 })),
  };
}

/** Loads every instrument of a context in fresh processes: from text, then compiled. */
function coldLoads(): { text: Cost; compiled: Cost } {
  const home = mkdtempSync(join(tmpdir(), "iris-bench-"));
  const script = join(packageRoot, "build", "test", "bench", "crds-load.js");
  const run = (): Cost =>
    JSON.parse(
      execFileSync(process.execPath, [script, oracle, "jwst_0541.pmap", home], { encoding: "utf8" }),
    ) as Cost;
  try {
    const text = Array.from({ length: 5 }, () => {
      rmSync(home, { recursive: true, force: true });
      return run();
    });
    const compiled = Array.from({ length: 9 }, run);
    return { text: medianCost(text), compiled: medianCost(compiled) };
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

/** Microseconds per header with all types, after two passes to warm up. */
function warmLookup(context: string): Cost | null {
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
  all();
  const { wall, cpu } = medianCost(Array.from({ length: 7 }, () => timed(all)));
  return { wall: (wall / headers.length) * 1000, cpu: (cpu / headers.length) * 1000 };
}

/** Mean per header with all types, as real CRDS was timed: three passes after one to warm up. */
const peers: Readonly<Record<string, number>> = {
  "tmt_0001.pmap": 216.8,
  "ligeriri_0001.pmap": 176.8,
  "jwst_0541.pmap": 1013.9,
  "hst_0729.pmap": 1150.6,
};

export function bench(): void {
  console.log(
    "\ncrds: calibration lookup; peer: real CRDS, timed on 2 cores of an AMD EPYC (oracle README)\n",
  );
  console.log(`  ${"".padEnd(50)} ${"wall".padStart(10)} ${"CPU".padStart(10)}   goal; peer`);
  const { ours, empty } = coldCommands();
  row("an empty Node program", empty, "ms", "");
  row("iris crds bestrefs FILE, whole process", ours, "ms", "120 ms; 700–900 ms");
  if (!existsSync(join(oracle, "mappings", "jwst")))
    return console.log("  (left out: no oracle beside the project)");
  const { text, compiled } = coldLoads();
  row("jwst_0541.pmap, all 286 mappings, from text", text, "ms", "300 ms");
  row("jwst_0541.pmap, all 286 mappings, compiled before", compiled, "ms", "60 ms");
  for (const [context, peer] of Object.entries(peers)) {
    const cost = warmLookup(context);
    const goal = context === "jwst_0541.pmap" ? `${(peer / 20).toFixed(0)} µs; ` : "";
    if (cost)
      row(
        `${context}, warm, per header with all types`,
        cost,
        "µs",
        `${goal}${peer} µs: ${(peer / cost.wall).toFixed(0)} × (CPU ${(peer / cost.cpu).toFixed(0)} ×)`,
      );
  }
}

/** Loads all instruments of a context; what the child process of this benchmark times. */
export function loadAll(root: string, contextName: string, home: string): Cost {
  return timed(() => {
    const cache = openCache({ path: root, env: { XDG_CACHE_HOME: home } });
    const save = useCompiled(cache, contextName);
    const context = loadContext(cache, contextName);
    for (const instrument of context.instruments.keys()) loadInstrument(cache, context, instrument, "merge");
    // keeping them is not part of loading them
    setImmediate(save);
  });
}
