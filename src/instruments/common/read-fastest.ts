/** Ramps whose reads lie on the fastest axis: Liger's RampModel, DATA (y, x, ramp, read) with TIMES (ramp, read). */
import type { Readout } from "../../data/exposure.js";
import type { Layout } from "../../data/layout.js";
import { InputError } from "../../errors.js";
import type { RawFacts } from "../define.js";

const timesOf = ({ hdus }: RawFacts): number => hdus.findIndex(({ name }) => name.startsWith("TIMES"));

/** Told from the other ramps by the HDU of times (READOUT §2.3). */
export const isReadFastest = (facts: RawFacts): boolean => timesOf(facts) >= 0;

/** The samples of a pixel: ramp by ramp, read by read. */
export function readFastestLayout(facts: RawFacts): Layout {
  const [reads = 0, ramps = 0] = facts.hdus[facts.science]!.axes;
  const flags = facts.hdus.findIndex(
    ({ name, axes, bitpix }) =>
      name === "DQ" && bitpix > 0 && axes.join() === facts.hdus[facts.science]!.axes.join(),
  );
  return {
    order: "pixels",
    files: [facts.path],
    nints: ramps,
    ngroups: reads,
    places: Array.from({ length: ramps * reads }, (_, plane) => ({
      file: 0,
      hdu: facts.science,
      plane,
      ...(flags < 0 ? {} : { dq: flags }),
    })),
    numbers: Array.from({ length: reads }, (_, read) => read + 1),
  };
}

/** Time differences below this part of a read's time are jitter of the clock. */
const JITTER = 0.01;

/**
 * Read times [s] that the ramps share: their mean.
 *
 * @throws InputError when they aren't given for every read, or differ from ramp to ramp.
 */
export function readFastestReadout(facts: RawFacts): Readout {
  const [reads = 0, ramps = 0] = facts.hdus[facts.science]!.axes;
  const hdu = timesOf(facts);
  const values = facts.values!(hdu);
  const { name } = facts.hdus[hdu]!;
  if (values.length !== reads * ramps)
    throw new InputError(
      `times and reads don't match: on ${facts.path} — ${name} has ${values.length} times for ${ramps} × ${reads} reads`,
      { hint: `iris fits info ${facts.path}` },
    );
  const rows = Array.from({ length: ramps }, (_, i) =>
    Array.from({ length: reads }, (__, k) => values[i * reads + k]!),
  );
  return { nframes: 1, groupgap: 0, ...sharedTimes(rows, facts.path) };
}

/**
 * One time per read for all ramps, and the usual spacing. `rows` are times [s] by ramp; undefined where there is no
 * such read.
 *
 * @throws InputError naming the read whose times differ.
 */
export function sharedTimes(
  rows: readonly (readonly (number | undefined)[])[],
  path: string,
): { times: number[]; tframe: number; tgroup: number } {
  const reads = rows[0]?.length ?? 0;
  const times = Array.from({ length: reads }, (_, k) => {
    const known = rows.flatMap((row) => (row[k] === undefined ? [] : [row[k]]));
    return known.reduce((a, b) => a + b, 0) / known.length;
  });
  const steps = times.slice(1).map((time, k) => time - times[k]!);
  if (!times.every(Number.isFinite) || steps.some((step) => !(step > 0)))
    throw new InputError(`read times don't increase: on ${path} — ${times.slice(0, 6).join(", ")} … s`, {
      hint: "leave the reads out whose times are wrong: iris readout --reject 3,7",
    });
  const tframe = [...steps].sort((a, b) => a - b)[steps.length >> 1] ?? times[0] ?? 1;
  for (const row of rows)
    row.forEach((time, k) => {
      if (time !== undefined && Math.abs(time - times[k]!) > JITTER * Math.abs(tframe))
        throw new InputError(
          `ramps with different read times: on ${path} — read ${k + 1} is at ${time} s in one, at ${times[k]!} s on average`,
          { hint: "reduce the ramps one by one" },
        );
    });
  return { times, tframe, tgroup: tframe };
}
