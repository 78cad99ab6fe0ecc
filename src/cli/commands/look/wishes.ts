/** What the options of `iris look` ask for, checked against the frame. */
import { suggestion } from "../../../config/suggestion.js";
import { DQ, type DqName } from "../../../data/dq.js";
import { UsageError } from "../../../errors.js";
import type { FitsFile, Hdu } from "../../../fits/index.js";
import type { ColorMap } from "../../../report/colormap.js";
import { planesOf, type Collapse, type Shown } from "../../../report/draw.js";
import type { Cut, Region } from "../../../report/measures.js";
import type { Smoothing } from "../../../report/smooth.js";
import type { Range, Stretch } from "../../../report/stretch.js";

export interface LookOptions {
  output?: string;
  stretch: Stretch;
  map: ColorMap;
  size: number;
  low?: number;
  high?: number;
  invert?: boolean;
  plane?: number;
  collapse?: Collapse;
  channels?: string;
  smooth?: string;
  catalog?: string;
  radius?: number;
  cut: string[];
  histogram?: boolean;
  region: string[];
  stats?: boolean;
  section?: string;
  flags?: string;
  centroid: string[];
  contours?: string;
  spectrum: string[];
  smoothSpectrum?: string;
  surface?: boolean;
  layout?: boolean;
  open?: string;
  force?: boolean;
}

export function rangeOf({ low, high }: LookOptions): Range | undefined {
  if (low === undefined && high === undefined) return undefined;
  const hint = "iris look FILE --low 0 --high 100";
  if (low === undefined || high === undefined) throw new UsageError("--low and --high go together", { hint });
  if (!(high > low)) throw new UsageError(`--high ${high} isn't more than --low ${low}`, { hint });
  return { low, high };
}

export function shownOf(file: FitsFile, hdu: Hdu, options: LookOptions): Shown {
  const { plane, collapse, channels } = options;
  const planes = planesOf(hdu);
  const refuse = (what: string): UsageError =>
    new UsageError(`no ${what}: ${file.path} [${hdu.name}] — it has ${String(planes)}`, {
      hint: `iris fits info ${file.path}`,
    });
  if (collapse !== undefined) {
    const match = channels === undefined ? [] : /^(\d+):(\d+)$/.exec(channels);
    if (match === null)
      throw new UsageError(`cannot read the channels "${channels!}"`, {
        hint: "first and last, from 1: --collapse median --channels 10:40",
      });
    const [from, to] = [Number(match[1] ?? 1) - 1, Number(match[2] ?? planes)];
    if (from < 0 || to > planes || from >= to) throw refuse(`channels ${channels!}`);
    return { collapse, from, to };
  }
  if (channels !== undefined)
    throw new UsageError("--channels says which planes to collapse", {
      hint: "iris look FILE --collapse mean --channels 10:40",
    });
  if (plane === undefined) return planes > 1 ? "last - first" : { plane: 0 };
  if (plane > planes) throw refuse(`plane ${String(plane)}`);
  return { plane: plane - 1 };
}

/** "boxcar:3", "gaussian:1.5" of an option. */
export function smoothingOf(smooth: string | undefined, option = "--smooth"): Smoothing | null {
  if (smooth === undefined) return null;
  const match = /^(boxcar|gaussian):(\d+(?:\.\d+)?)$/.exec(smooth);
  const width = Number(match?.[2]);
  if (match && width > 0) return { kind: match[1] as Smoothing["kind"], width };
  throw new UsageError(`cannot read the smoothing "${smooth}"`, {
    hint: `a box of 3 pixels, or a Gaussian of sigma 1.5: ${option} boxcar:3, ${option} gaussian:1.5`,
  });
}

/** "8" lines, or their values "10,20,50"; none without. */
export function contoursOf({ contours }: LookOptions): number | number[] {
  if (contours === undefined) return [];
  const values = contours.split(",").map((word) => (word.trim() === "" ? NaN : Number(word)));
  if (values.length > 1 && values.every(Number.isFinite)) return values.sort((a, b) => a - b);
  const [count] = values as [number];
  if (values.length === 1 && Number.isInteger(count) && count >= 1 && count <= 100) return count;
  throw new UsageError(`cannot read the contours "${contours}"`, {
    hint: "so many, up to 100, or the values: --contours 8, --contours 10,20,50,100",
  });
}

/** "OUTLIER,SATURATED" or "any". */
export function flagsOf({ flags }: LookOptions): { name: string; bits: number }[] {
  if (flags === undefined) return [];
  return flags.split(/[,+]/).map((word) => {
    const name = word.trim().toUpperCase();
    if (name === "ANY") return { name: "any flag", bits: 0xffffffff };
    const bits = DQ[name as DqName] as number | undefined;
    if (bits) return { name, bits };
    throw new UsageError(`no flag "${word}"${suggestion(name, Object.keys(DQ))}`, {
      hint: "--flags OUTLIER,SATURATED, or --flags any",
    });
  });
}

/** "x,y", pixels from 1, fractions too. */
export function pointOf(text: string, { nx, ny }: Size): { x: number; y: number } {
  const match = /^(\d+(?:\.\d+)?),(\d+(?:\.\d+)?)$/.exec(text);
  const [x, y] = [Number(match?.[1]), Number(match?.[2])];
  if (match && x >= 0.5 && y >= 0.5 && x <= nx + 0.5 && y <= ny + 0.5) return { x, y };
  throw new UsageError(
    match
      ? `the place "${text}" isn't in the image of ${String(nx)} × ${String(ny)} pixels`
      : `cannot read the place "${text}"`,
    { hint: "column and row from 1: --centroid 120,85" },
  );
}

interface Size {
  nx: number;
  ny: number;
}

/** "row=12", "column=3", "diagonal", "1,1,100,50"; pixels from 1. */
export function cutOf(text: string, { nx, ny }: Size): Cut {
  const line = /^(row|column)=(\d+)$/.exec(text);
  const at = Number(line?.[2]);
  const cut: Cut | null =
    line?.[1] === "row"
      ? { name: `row${String(at)}`, from: [1, at], to: [nx, at] }
      : line?.[1] === "column"
        ? { name: `column${String(at)}`, from: [at, 1], to: [at, ny] }
        : text === "diagonal"
          ? { name: "diagonal", from: [1, 1], to: [nx, ny] }
          : betweenPoints(text);
  if (cut && [cut.from, cut.to].every(([x, y]) => x >= 1 && y >= 1 && x <= nx && y <= ny)) return cut;
  throw new UsageError(
    cut
      ? `the cut "${text}" leaves the image of ${String(nx)} × ${String(ny)} pixels`
      : `cannot read the cut "${text}"`,
    { hint: "--cut row=512, --cut column=40, --cut diagonal, --cut 10,20,300,40 (from x,y to x,y)" },
  );
}

function betweenPoints(text: string): Cut | null {
  const match = /^(\d+),(\d+),(\d+),(\d+)$/.exec(text);
  if (!match) return null;
  const [x1, y1, x2, y2] = match.slice(1).map(Number) as [number, number, number, number];
  return { name: `line${text.replaceAll(",", "_")}`, from: [x1, y1], to: [x2, y2] };
}

/** "x1:x2,y1:y2", both ends included, from 1, as in a section of FITS. */
export function regionOf(text: string, { nx, ny }: Size): Region {
  const match = /^\[?(\d+):(\d+),(\d+):(\d+)\]?$/.exec(text);
  const [x1, x2, y1, y2] = (match?.slice(1).map(Number) ?? []) as [number, number, number, number];
  if (match && x1 >= 1 && y1 >= 1 && x1 <= x2 && y1 <= y2 && x2 <= nx && y2 <= ny) return { x1, x2, y1, y2 };
  throw new UsageError(
    match
      ? `the region "${text}" leaves the image of ${String(nx)} × ${String(ny)} pixels`
      : `cannot read the region "${text}"`,
    { hint: "columns and rows from 1: --region 100:200,50:80" },
  );
}
