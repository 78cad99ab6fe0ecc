/** `iris fits diff`: exit 0 the same, 1 different, 2 trouble. */
import { resolve } from "node:path";
import {
  diffFits,
  globTest,
  openFits,
  parseLocation,
  type Hdu,
  type HduDifference,
  type Tolerance,
} from "../../../fits/index.js";
import { isIrisError, UsageError } from "../../../errors.js";
import type { Cli } from "../../cli.js";
import { errorLines, reportOf } from "../../error-lines.js";
import { short } from "./files.js";

export interface DiffArguments {
  tol?: string[];
  ignore?: string[];
}

interface NamedTolerance extends Tolerance {
  /** EXTNAME, or empty for every HDU. */
  name: string;
}

/** "SCI=1e-6r", "0.5": r at the end makes it relative. */
export function parseTolerance(text: string): NamedTolerance {
  const match = /^(?:([^=]+)=)?(\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)(r?)$/.exec(text);
  if (!match) {
    throw new UsageError(`cannot understand the tolerance: ${text} — [HDU=]NUMBER[r] is wanted`, {
      hint: "iris fits diff a.fits b.fits --tol SCI=1e-6r",
    });
  }
  const value = Number(match[2]);
  return {
    name: (match[1] ?? "").toUpperCase(),
    absolute: match[3] ? 0 : value,
    relative: match[3] ? value : 0,
  };
}

function toleranceOf(all: readonly NamedTolerance[]): (hdu: Hdu) => Tolerance {
  return (hdu) => {
    const own = all.filter(
      ({ name }) => name !== "" && (name === hdu.name.toUpperCase() || name === String(hdu.index)),
    );
    const used = own.length > 0 ? own : all.filter(({ name }) => name === "");
    return {
      absolute: Math.max(0, ...used.map(({ absolute }) => absolute)),
      relative: Math.max(0, ...used.map(({ relative }) => relative)),
    };
  };
}

const plain = (_: string, value: unknown): unknown => (typeof value === "bigint" ? value.toString() : value);
const text = (value: unknown): string => (value === undefined ? "–" : JSON.stringify(value, plain));

function lines(difference: HduDifference): string[] {
  const { i, name, keywords, pixels, columns, messages } = difference;
  const out = [`HDU ${i}${name === "" ? "" : ` ${name}`}`, ...messages.map((message) => `  ${message}`)];
  for (const { keyword, a, b } of keywords) out.push(`  ${keyword.padEnd(8)} ${text(a)} → ${text(b)}`);
  if (pixels) {
    const { different, pixels: all, nan, max, mean, rms, at } = pixels;
    out.push(
      `  ${different} of ${all} pixels differ (${short((100 * different) / all)} %), ${nan} NaN on one side only`,
      `  |a − b|: max ${short(max)}${at ? ` at (${at.join(", ")})` : ""}, mean ${short(mean)}, rms ${short(rms)}`,
    );
  }
  for (const column of columns) out.push(`  column ${column.name}: ${column.rows} rows differ`);
  return out;
}

export function runDiff(cli: Cli, first: string, second: string, options: DiffArguments): void {
  const tolerances = (options.tol ?? []).map(parseTolerance);
  const tests = ["CHECKSUM", "DATASUM", ...(options.ignore ?? []).flatMap((list) => list.split(","))].map(
    globTest,
  );
  try {
    const files = [first, second].map((given) => openFits(parseLocation(resolve(cli.host.cwd, given)).path));
    try {
      const differences = diffFits(files[0]!, files[1]!, {
        ignore: (keyword) => tests.some((test) => test.test(keyword)),
        tolerance: toleranceOf(tolerances),
      });
      if (differences.length > 0) cli.setExit(1);
      if (cli.json)
        cli.out(JSON.stringify({ v: 1, same: differences.length === 0, hdus: differences }, plain, 1));
      else for (const difference of differences) cli.out(lines(difference).join("\n"));
    } finally {
      for (const file of files) file.close();
    }
  } catch (error) {
    if (!isIrisError(error)) throw error;
    cli.err(errorLines(reportOf(error)));
    cli.setExit(2);
  }
}
