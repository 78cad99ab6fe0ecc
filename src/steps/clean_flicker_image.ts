/** Removes the stripes of 1/f noise from a rate, by the medians of lines of empty sky. */
import { DQ } from "../data/dq.js";
import type { Image } from "../data/kinds.js";
import { stripsOf } from "../data/ramp.js";
import { lineLevels, sceneMask, subtractLines } from "../kernels/ramp/flicker.js";
import { defineStep } from "../step/define.js";
import { complete } from "../step/outcome.js";
import { chunkOf, joined, linesOf, params, type Piece } from "./flicker/lines.js";

/** What the looks at the frame have found so far. */
interface Stripes {
  /** Planes of a stack. */
  nz: number;
  /** Rows of the frame. */
  height: number;
  /** Levels of each line, by plane. */
  levels: Float64Array[];
}

interface Look extends Piece {
  nz: number;
}

const name = "clean_flicker_image";

export const cleanFlickerImage = defineStep({
  name,
  summary: "Subtract the median of empty sky along each line of the slow axis from a rate.",
  equation: "r' = r − m(line), m = median of r along the line where no source is, less the background",
  input: "image",
  output: "image",
  locality: "row",
  status: "S_CLNFNS",
  params,
  skip({ axes, header, params, exposure }) {
    linesOf(name, params, header, exposure, { nx: axes[0]!, ny: axes[1]! });
    return undefined;
  },
  prepare: {
    rows: ({ size }) => stripsOf(size, 1),
    again: (made) => (made as Stripes).levels.length < (made as Stripes).nz,
    take(piece, { size, before }): Look {
      const { y0, nz } = piece;
      const known = before as Stripes | null;
      const [from, to] = chunkOf(known?.levels.length ?? 0, nz, size);
      const planes = Array.from({ length: to - from }, (_, k) => usable(piece, from + k));
      return { y0, nz, planes };
    },
    make(taken, { size, params, header, exposure, before }): Stripes {
      const options = linesOf(name, params, header, exposure, size);
      const known = before as Stripes | null;
      const levels = taken[0]!.planes.map((_, k) => {
        const frame = joined(taken, k, size);
        const scene = sceneMask(frame, options);
        for (let p = 0; p < frame.length; p++) if (scene[p] === 0) frame[p] = NaN;
        return lineLevels(frame, size.nx, size.ny, options);
      });
      return { nz: taken[0]!.nz, height: size.ny, levels: [...(known?.levels ?? []), ...levels] };
    },
  },
  run(image, { prepared, params, header, exposure }) {
    const { nx, ny, y0, sci } = image;
    const { height, levels } = prepared;
    const options = linesOf(name, params, header, exposure, { nx, ny: height });
    levels.forEach((own, z) => {
      subtractLines(sci.subarray(z * nx * ny, (z + 1) * nx * ny), { nx, y0, height }, own, options);
    });
    return complete(image);
  },
});

/** A copy of a plane, NaN where a pixel can't be used. */
function usable({ nx, ny, sci, dq }: Image, z: number): Float32Array {
  const n = nx * ny;
  const plane = sci.slice(z * n, (z + 1) * n);
  for (let p = 0; p < n; p++) if ((dq[z * n + p]! & DQ.DO_NOT_USE) !== 0) plane[p] = NaN;
  return plane;
}
