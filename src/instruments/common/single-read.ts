/** Files that hold one read of a ramp each: which read it is, and which reads make an exposure (READOUT §2.2). */
import type { Readout } from "../../data/exposure.js";
import type { Layout } from "../../data/layout.js";
import { InputError } from "../../errors.js";
import type { RawFacts, ReadFacts } from "../define.js";
import { numberOf, positiveOf, textOf } from "./keywords.js";
import { sharedTimes } from "./read-fastest.js";

/** READTIME and RST_TIME count microseconds of MJD; anything this large is such a time stamp. */
const STAMP = 1e12;

/** Which read a file holds, by READ_NO on a two-dimensional array; null for any other file. */
export function readOf({ header, hdus, science }: RawFacts): ReadFacts | null {
  const read = numberOf(header, "READ_NO");
  if (read === undefined || hdus[science]?.axes.length !== 2) return null;
  const micro = positiveOf(header, "FRM_TIME");
  const tframe = micro === undefined ? (positiveOf(header, "TFRAME") ?? null) : micro * 1e-6;
  const [begin, reset] = [numberOf(header, "READTIME"), numberOf(header, "RST_TIME")];
  const stamped = begin !== undefined && reset !== undefined && begin > STAMP;
  const ordinal = (read + 1) * (tframe ?? 1);
  const key = ["OBS_ID", "DET_ID", "EXP_NO"].map((keyword) => textOf(header, keyword) ?? "");
  return {
    exposure: key.join(" "),
    ramp: numberOf(header, "RAMP_NO") ?? 0,
    read,
    time: stamped ? (begin - reset) * 1e-6 : ordinal,
    tframe,
    complete: header["COMPLETE"] !== false && textOf(header, "COMPLETE")?.toUpperCase() !== "F",
    reads: positiveOf(header, "NUMREADS") ?? null,
  };
}

export interface JoinedReads {
  layout: Layout;
  readout: Readout;
  /** What is missing, doubled or was left out. */
  assumed: string[];
}

export interface ReadFile {
  path: string;
  /** HDU of the samples. */
  hdu: number;
  read: ReadFacts;
}

const listed = (numbers: readonly number[]): string =>
  `${numbers.slice(0, 12).join(", ")}${numbers.length > 12 ? ` … (${numbers.length} in all)` : ""}`;
const reads = (numbers: readonly number[]): string =>
  `read${numbers.length > 1 ? "s" : ""} ${listed(numbers)}`;

/**
 * The files of one exposure as ramps of reads, by READ_NO whatever their order. Reads that were broken off are left
 * out; of a read that is there twice the later file counts.
 *
 * @throws InputError when no read is complete, or ramps were read at different times.
 */
export function joinReads(given: readonly ReadFile[]): JoinedReads {
  const assumed: string[] = [];
  const whole = given.filter(({ read }) => read.complete);
  const broken = given.filter(({ read }) => !read.complete).map(({ read }) => read.read);
  if (whole.length === 0)
    throw new InputError(
      `no complete read: on ${given[0]!.path} — COMPLETE is F in all ${given.length} files`,
      {
        hint: `iris fits header ${given[0]!.path}`,
      },
    );
  if (broken.length > 0) assumed.push(`COMPLETE is F in ${reads(broken)}: left out`);
  const ramps = [...new Set(whole.map(({ read }) => read.ramp))].sort((a, b) => a - b);
  const numbers = [...new Set(whole.map(({ read }) => read.read))].sort((a, b) => a - b);
  const at = new Map<string, ReadFile>();
  const twice: number[] = [];
  for (const file of whole) {
    const key = `${file.read.ramp} ${file.read.read}`;
    if (at.has(key)) twice.push(file.read.read);
    at.set(key, file);
  }
  if (twice.length > 0) assumed.push(`${reads(twice)} twice: the later file taken`);
  const placed = ramps.map((ramp) => numbers.map((number) => at.get(`${ramp} ${number}`)));
  const files = placed.flat().filter((file) => file !== undefined);
  const index = new Map(files.map((file, i) => [file, i]));
  const { origin, missing } = countReads(given);
  if (missing.length > 0) assumed.push(`${reads(missing)} missing`);
  ramps.forEach((ramp, i) => {
    const lacking = numbers.filter((_, k) => !placed[i]![k]);
    if (lacking.length > 0) assumed.push(`${reads(lacking)} missing in ramp ${ramp}`);
  });
  const times = sharedTimes(
    placed.map((row) => row.map((file) => file?.read.time)),
    files[0]!.path,
  );
  const tframe = files.find(({ read }) => read.tframe !== null)?.read.tframe ?? times.tframe;
  const pattern = numbers.map((number) => [number - origin + 1]);
  return {
    layout: {
      order: "planes",
      files: files.map(({ path }) => path),
      nints: ramps.length,
      ngroups: numbers.length,
      places: placed
        .flat()
        .map((file) => (file ? { file: index.get(file)!, hdu: file.hdu, plane: 0 } : null)),
      numbers,
    },
    readout: {
      nframes: 1,
      groupgap: 0,
      tframe,
      tgroup: tframe,
      times: times.times,
      ...(pattern.every(([read], k) => read === k + 1) ? {} : { pattern }),
    },
    assumed,
  };
}

/**
 * The number of a ramp's first read, and the numbers of which there is no file, broken off or not. Reads are counted from 0;
 * from 1 where the last one's number is that of all reads.
 */
function countReads(given: readonly ReadFile[]): { origin: number; missing: number[] } {
  const there = new Set(given.map(({ read }) => read.read));
  const highest = given.reduce((most, { read }) => Math.max(most, read.read), 0);
  const count = given.find(({ read }) => read.reads !== null)?.read.reads ?? 0;
  const origin = highest === count && !there.has(0) ? 1 : 0;
  const missing: number[] = [];
  for (let n = origin; n <= Math.max(highest, origin + count - 1) && missing.length < 100_000; n++)
    if (!there.has(n)) missing.push(n);
  return { origin, missing };
}
