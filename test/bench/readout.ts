/** Raw ramp → rate, whole process from FITS to FITS, beside C programs for the same and the peers' published figures. */
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { openFits } from "../../src/fits/index.js";
import { packageRoot } from "../../src/package.js";
import { canRun, folder, hasAstropy, iris, made, peers, products, python, run } from "./data.js";
import { measure, printTable, type Row } from "./measure.js";
import { detector, makeRamp, makeReference } from "./ramps.js";

const floorSource = join(peers, "readout", "floor.c");
const hasGcc = canRun("gcc", "--version");

const ramp = (side: number, reads: number, seed = 5): string =>
  made(`ramp_${side}_${reads}_${seed}.fits`, (path) => {
    makeRamp(path, { side, reads, seed });
  });

const readout = (mode: string, ...files: string[]): string[] =>
  iris("readout", ...files, "--mode", mode, "-o", products, "--force", "--quiet");

export function bench(): void {
  printTable("readout, 2048² pixels, 40 reads, uint16", [...jobs(), ...floors()]);
  printTable("readout, 4096² pixels, 100 reads (3.4 GB), up the ramp", large());
  printTable("readout, cost by number of reads, up the ramp, 512² pixels", growth());
}

/** The jobs of the readout, each with what the peer takes (stated by its benchmark, arithmetic alone). */
function jobs(): Row[] {
  const file = ramp(2048, 40);
  const chain = references(2048, 40);
  const several = [5, 6, 7, 8, 9, 10].map((seed) => ramp(2048, 40, seed));
  const megabytes = several.reduce((sum, path) => sum + statSync(path).size, 0) / 1e6;
  const night = measure(readout("utr", ...several), { runs: 3 });
  return [
    {
      job: "utr",
      who: "iris",
      ...measure(readout("utr", file)),
      note: "goal 0.25 s, 200 MB; iris_readout 1.5 s, 961 MB",
    },
    { job: "utr", who: "iris --jobs 1", ...measure([...readout("utr", file), "--jobs", "1"]) },
    {
      job: "ols, optimally weighted",
      who: "iris",
      ...measure(readout("ols", file)),
      note: "goal 0.5 s, 300 MB; stcal OLS_C 8.7 s, 1.5 GB",
    },
    {
      job: "two-point jump, utr",
      who: "iris",
      ...measure(iris("reduce", file, ...alone("jump"), ...common)),
      note: "goal 0.7 s; stcal 7.7 s, 4.7 GB",
    },
    {
      job: "likelihood with search",
      who: "iris",
      ...measure(readout("likelihood", file), { runs: 3 }),
      note: "goal 4 s; stcal 55–75 s, 3.4 GB",
    },
    {
      job: "full chain to ols",
      who: "iris",
      ...measure(iris("reduce", file, ...chain, ...common)),
      note: "goal 1.5 s, 400 MB; peers 23 s, 4.7 GB",
    },
    {
      job: "six files in a row, utr",
      who: "iris",
      ...night,
      note: `${Math.round(megabytes / night.wall)} MB/s; goal 368 MB/s`,
    },
  ];
}

const common = ["-o", products, "--force", "--quiet", "--no-quicklook"];

/** One step of the chain and the fit. */
const alone = (step: string): string[] => ["--pipeline", "stage1", "--from", step];

/** Options for saturation, superbias, refpix, linearity, dark ramp, jump and weighted fit. */
function references(side: number, reads: number): string[] {
  const reference = (type: string, planes: number, value: (z: number) => number): string[] => [
    "--ref",
    `${type}=${made(`${type}_${side}_${planes}.fits`, (path) => {
      makeReference(path, side, planes, value);
    })}`,
  ];
  return [
    ...["--pipeline", "stage1", "--skip", "dq_init"],
    ...reference("saturation", 1, () => 50_000),
    ...reference("superbias", 1, () => 1000),
    ...reference("nonlincoeff", 4, (z) => [0, 1, 2e-7, 3e-12][z]!),
    ...reference("dark", reads, (z) => 0.02 * z),
    ...reference("gain", 1, () => detector.gain),
    ...reference("readnoise", 1, () => detector.noise * Math.SQRT2),
    ...["-s", "refpix.border=4", "-s", "refpix.channels=32", "-s", "dark.skip=false"],
    ...["-s", "ramp_fit.mode=ols"],
  ];
}

/** A file that start-up doesn't count in, beside a C program that streams it and computes the same slopes. */
function large(): Row[] {
  const file = ramp(4096, 100);
  const rows: Row[] = [{ job: "utr", who: "iris", ...measure(readout("utr", file), { runs: 3 }) }];
  if (!hasGcc) {
    console.log("left out: the C program that streams the same file (gcc isn't installed)");
    return rows;
  }
  const source = join(packageRoot, "test", "bench", "slope.c");
  const builds = [
    {
      name: "slope-O3",
      who: "C, 1 thread",
      flags: [],
      note: "-O3, for any x86-64, as a distribution builds",
    },
    { name: "slope-native", who: "C, 1 thread", flags: ["-march=native"], note: "-O3 -march=native" },
  ];
  const fits = openFits(file);
  const { dataStart } = fits.hdu("SCI")!;
  fits.close();
  const words = [file, dataStart, 4096 * 4096, 100].map(String);
  for (const { name, who, flags, note } of builds) {
    const program = made(name, (path) => run(["gcc", "-O3", ...flags, source, "-o", path]));
    const measured = measure([program, ...words], { runs: 3 });
    rows.push({ job: "utr", who, ...measured, note: `streams the file, writes nothing; ${note}` });
  }
  return rows;
}

function growth(): Row[] {
  return [10, 30, 100, 300, 1000].map((reads) => {
    const measured = measure(readout("utr", ramp(512, reads)), { runs: 3 });
    const samples = 512 * 512 * reads;
    return {
      job: `${reads} reads`,
      who: "iris",
      ...measured,
      note: `${((measured.cpu * 1e9) / samples).toFixed(2)} ns of CPU per sample, start-up included`,
    };
  });
}

/** The C program of the shared benchmarks on its own data of the same size. */
function floors(): Row[] {
  if (!existsSync(floorSource) || !hasGcc || !hasAstropy) {
    console.log("left out: the C floors (they need ../shared/bench, gcc and python3-astropy)");
    return [];
  }
  const u16 = made("ramp_40_u16.fits", () => {
    run([python, join(peers, "readout", "gen_ramps.py"), "40"], { DATA: folder });
  });
  const floor = made("floor", (path) => {
    run(["gcc", "-O3", "-pthread", floorSource, "-o", path, "-lm"]);
  });
  return run([floor, u16, join(folder, "ramp_40_f32.fits"), "40", "7"])
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { floor: string; threads?: number; s: number })
    .map(({ floor: job, threads, s }) => ({
      job,
      who: `C, ${threads ?? 1} thread${threads === 2 ? "s" : ""}`,
      wall: s,
      note: "arithmetic or I/O alone",
    }));
}
