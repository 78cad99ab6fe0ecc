/** Removes the stripes of 1/f noise, by the medians of lines of empty sky. */
import { DQ } from "../data/dq.js";
import type { Ramp } from "../data/kinds.js";
import { planeSize, samples, stripsOf } from "../data/ramp.js";
import { allCarry } from "../kernels/ramp/jump.js";
import { emptySky, lineLevels, sceneMask, subtractLines } from "../kernels/ramp/flicker.js";
import { defineStep } from "../step/define.js";
import { complete } from "../step/outcome.js";
import { chunkOf, joined, linesOf, params, type Piece } from "./flicker/lines.js";

/** Pixels of a group with any of these don't count. */
const drop = DQ.DO_NOT_USE | DQ.JUMP_DET;

/** What the looks at the frame have found so far. */
interface Stripes {
  nints: number;
  ngroups: number;
  /** 1 where the sky is empty; given up when the last line is known. */
  scene: Uint8Array;
  /** [nints × ngroups]: 1 where no pixel of a group can be used. */
  unusable: Uint8Array;
  /** Rows of the frame. */
  height: number;
  /** Differences whose lines are known, of nints × (ngroups − 1). */
  done: number;
  /** Levels of each line, [nints × (ngroups − 1)], summed over the groups of a ramp. */
  levels: Float64Array[];
}

/** The draft rate of some rows and their groups without a usable pixel, or some of their differences. */
interface Look extends Piece {
  nints: number;
  ngroups: number;
  unusable: Uint8Array;
}

const name = "clean_flicker_noise";

export const cleanFlickerNoise = defineStep({
  name,
  summary: "Subtract the median of empty sky along each line of the slow axis, read by read.",
  equation:
    "S'_g = S_g − Σ_{k≤g} m_k(line), m_k = median of S_k − S_j along the line where no source is, j the last usable group before k",
  input: "ramp",
  output: "ramp",
  locality: "row",
  version: 3,
  status: "S_CLNFNS",
  params,
  skip({ axes, header, params, exposure }) {
    if ((axes[2] ?? 1) < 2) return "a single group has no differences";
    linesOf(name, params, header, exposure, { nx: axes[0]!, ny: axes[1]! });
    return undefined;
  },
  prepare: {
    rows: ({ size, exposure }) => stripsOf(size, exposure.readout?.times.length ?? 1),
    again: (made) => (made as Stripes).done < countOf(made as Stripes),
    take(piece, { size, before, alloc }): Look {
      const { y0, nints, ngroups } = piece;
      samples(piece, alloc);
      const known = before as Stripes | null;
      const planes = known
        ? differences(piece, known, chunkOf(known.done, countOf(known), size))
        : [draftRate(piece)];
      return { y0, nints, ngroups, planes, unusable: unusableGroups(piece) };
    },
    make(taken, { size, params, header, exposure, before }): Stripes {
      const options = linesOf(name, params, header, exposure, size);
      const { nints, ngroups } = taken[0]!;
      const known = before as Stripes | null;
      if (!known) {
        const scene = sceneMask(joined(taken, 0, size), options);
        const unusable = taken[0]!.unusable.map((_, k) =>
          taken.every((one) => one.unusable[k] === 1) ? 1 : 0,
        );
        return { nints, ngroups, scene, unusable, height: size.ny, done: 0, levels: [] };
      }
      const levels = [...known.levels];
      for (let k = 0; k < taken[0]!.planes.length; k++) {
        const own = lineLevels(joined(taken, k, size), size.nx, size.ny, options);
        const sum = levels.length % (ngroups - 1) === 0 ? null : levels.at(-1)!;
        levels.push(sum ? own.map((level, line) => level + sum[line]!) : own);
      }
      const done = levels.length;
      const isLast = done === countOf(known);
      return { ...known, scene: isLast ? new Uint8Array(0) : known.scene, done, levels };
    },
  },
  run(ramp, { prepared, params, header, exposure, alloc }) {
    const sci = samples(ramp, alloc);
    const n = planeSize(ramp);
    const { nx, y0 } = ramp;
    const { height } = prepared;
    const options = linesOf(name, params, header, exposure, { nx, ny: height });
    prepared.levels.forEach((levels, k) => {
      const at = (k + 1 + Math.floor(k / (ramp.ngroups - 1))) * n;
      subtractLines(sci.subarray(at, at + n), { nx, y0, height }, levels, options);
    });
    return complete(ramp);
  },
});

const countOf = ({ nints, ngroups }: Stripes): number => nints * (ngroups - 1);

/** [nints × ngroups]: 1 where no pixel of these rows can be used. */
function unusableGroups({ nx, ny, nints, ngroups, groupdq }: Ramp): Uint8Array {
  return groupdq ? allCarry({ nx, ny, groupdq }, DQ.DO_NOT_USE) : new Uint8Array(nints * ngroups);
}

/** Differences `from` to `to` of these rows, NaN where they say nothing of the noise. */
function differences(ramp: Ramp, { scene, unusable }: Stripes, [from, to]: [number, number]): Float32Array[] {
  const n = planeSize(ramp);
  const own = scene.subarray(ramp.y0 * ramp.nx, ramp.y0 * ramp.nx + n);
  return Array.from({ length: to - from }, (_, k) => {
    const integration = Math.floor((from + k) / (ramp.ngroups - 1));
    const group = from + k + 1 + integration;
    let before = group - 1;
    while (unusable[before] === 1 && before > integration * ramp.ngroups) before--;
    const out = new Float32Array(n);
    emptySky(out, ramp.sci!, ramp.groupdq, { at: group * n, before: before * n }, own, drop);
    return out;
  });
}

/** The mean difference of the usable neighbouring reads: enough to see where sources are. NaN where there is none. */
function draftRate(ramp: Ramp): Float32Array {
  const { nints, ngroups, groupdq } = ramp;
  const sci = ramp.sci!;
  const n = planeSize(ramp);
  const rate = new Float32Array(n);
  const bad = DQ.DO_NOT_USE | DQ.SATURATED;
  for (let p = 0; p < n; p++) {
    let sum = 0;
    let count = 0;
    for (let i = 0; i < nints; i++)
      for (let g = 1, at = i * ngroups * n + n + p; g < ngroups; g++, at += n) {
        if (
          groupdq &&
          (((groupdq[at]! | groupdq[at - n]!) & bad) !== 0 || (groupdq[at]! & DQ.JUMP_DET) !== 0)
        )
          continue;
        sum += sci[at]! - sci[at - n]!;
        count++;
      }
    rate[p] = (ramp.pixeldq[p]! & DQ.DO_NOT_USE) !== 0 ? NaN : sum / count;
  }
  return rate;
}
