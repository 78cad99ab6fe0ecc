/** Times whole processes from outside: wall clock, CPU and peak memory, median of several runs after a warm-up. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, rmSync } from "node:fs";
import { products } from "./data.js";

export interface Measured {
  wall: number;
  best: number;
  cpu: number;
  /** Largest resident set of any single process, MB; null without GNU time. */
  peakMB: number | null;
  output: string;
}

const gnuTime = "/usr/bin/time";
export const RUNS = Number(process.env["BENCH_RUNS"] ?? 5);

/** Where a site has certificates of its own, Node reads all of them at every start (some 35 ms): no job here needs them. */
const env = { ...process.env, NODE_EXTRA_CA_CERTS: "" };

const median = (values: number[]): number => values.sort((a, b) => a - b)[values.length >> 1]!;

/** Throws when the command fails: a time of a failed run says nothing. */
export function measure(
  command: readonly string[],
  { runs = RUNS, warm = true }: { runs?: number; warm?: boolean } = {},
): Measured {
  const wall: number[] = [];
  const cpu: number[] = [];
  const peak: number[] = [];
  let output = "";
  for (let run = warm ? -1 : 0; run < runs; run++) {
    rmSync(products, { recursive: true, force: true });
    mkdirSync(products, { recursive: true });
    const timed = existsSync(gnuTime) ? [gnuTime, "-f", "TIMED %U %S %M", ...command] : [...command];
    const start = performance.now();
    const { status, stdout, stderr } = spawnSync(timed[0]!, timed.slice(1), {
      encoding: "utf8",
      env,
      maxBuffer: 1e9,
    });
    const seconds = (performance.now() - start) / 1000;
    if (status !== 0) throw new Error(`${command.join(" ")} ended with ${status}\n${stderr}`);
    output = stdout;
    if (run < 0) continue;
    wall.push(seconds);
    const [, user, system, kilobytes] = /TIMED (\S+) (\S+) (\d+)/.exec(stderr) ?? [];
    if (user !== undefined) {
      cpu.push(Number(user) + Number(system));
      peak.push(Number(kilobytes) / 1024);
    }
  }
  return {
    wall: median(wall),
    best: Math.min(...wall),
    cpu: cpu.length > 0 ? median(cpu) : NaN,
    peakMB: peak.length > 0 ? median(peak) : null,
    output,
  };
}

export interface Row {
  job: string;
  who: string;
  wall: number;
  best?: number;
  cpu?: number;
  peakMB?: number | null;
  note?: string;
}

const seconds = (value: number | undefined): string =>
  value === undefined || Number.isNaN(value) ? "–" : `${value.toFixed(3)} s`;

/** A table in Markdown, so that it can be pasted into an issue. */
export function printTable(title: string, rows: readonly Row[]): void {
  const head = ["job", "who", "median wall", "best wall", "CPU", "peak memory", "note"];
  const cells = rows.map(({ job, who, wall, best, cpu, peakMB, note }) => [
    job,
    who,
    seconds(wall),
    seconds(best),
    seconds(cpu),
    peakMB === undefined || peakMB === null ? "–" : `${Math.round(peakMB)} MB`,
    note ?? "",
  ]);
  const widths = head.map((word, i) => Math.max(word.length, ...cells.map((row) => row[i]!.length)));
  const line = (row: readonly string[]) => `| ${row.map((cell, i) => cell.padEnd(widths[i]!)).join(" | ")} |`;
  console.log(`\n${title}\n`);
  console.log(line(head));
  console.log(`|${widths.map((width) => "-".repeat(width + 2)).join("|")}|`);
  for (const row of cells) console.log(line(row));
}
