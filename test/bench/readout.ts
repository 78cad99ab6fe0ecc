/** Raw ramp → rate, whole process from FITS to FITS, beside the C floors where they can be built. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { canRun, folder, hasAstropy, iris, made, peers, python, run } from "./data.js";
import { measure, printTable, type Row } from "./measure.js";

const floorSource = join(peers, "readout", "floor.c");

export function bench(): void {
  const rows: Row[] = [];
  const ramp = made("ramp_2048_40.fits", (path) => {
    run(iris("sim", "ramp", "--size", "2048", "--reads", "40", "--seed", "5", "--out", path));
  });
  const out = join(folder, "rates");
  rows.push({
    job: "2048²×40 uint16 → rate, utr",
    who: "iris",
    ...measure(iris("readout", ramp, "--mode", "utr", "-o", out, "--force")),
    note: "FITS to FITS: SCI ERR DQ VAR_POISSON VAR_RNOISE",
  });
  rows.push({
    job: "2048²×40 uint16 → rate, utr",
    who: "iris --jobs 1",
    ...measure(iris("readout", ramp, "--mode", "utr", "-o", out, "--force", "--jobs", "1")),
  });
  rows.push(...floors());
  printTable("readout, 2048² pixels, 40 reads", rows);
}

/** The C program of the shared benchmarks on its own data of the same size. */
function floors(): Row[] {
  if (!existsSync(floorSource) || !canRun("gcc", "--version") || !hasAstropy) {
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
