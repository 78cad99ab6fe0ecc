/** What the reference pixels of the whole frame say, group by group, before any band is corrected. */
import { DQ } from "../../data/dq.js";
import type { Ramp } from "../../data/kinds.js";
import { planeSize, samples } from "../../data/ramp.js";
import { heap, type Alloc } from "../../kernels/alloc.js";
import { channelLevels, clippedMean, spreadLevels } from "../../kernels/ramp/refpix.js";
import { makeDriftFilter, rowDrifts } from "../../kernels/ramp/row-drifts.js";
import type { PrepareFacts } from "../../step/define.js";
import { rowMeans } from "../../kernels/ramp/sirs.js";
import type { Geometry, RefpixParams } from "./geometry.js";
import type { Kernels } from "./sirs.js";

/** Reference pixels of some rows: values [groups and zero frames][pixels.length], and where in the frame they are. */
export interface Taken {
  pixels: Uint32Array;
  bad: Uint8Array;
  values: Float32Array;
  kernels?: Kernels | null;
}

/** Plain data for every band. */
export interface Levels {
  /** [groups][channels][2]. */
  channels: Float64Array;
  /** [groups][nx], when the channels run along y: the drifts then run along x and are known as a whole. */
  drifts: Float32Array | null;
  /** [groups][2][length of the slow axis], for SIRS: means of the columns at both sides, as the detector is read. */
  sides: Float32Array | null;
  kernels: Kernels | null;
  /** Of all ramps, and their zero frames. */
  groups: number;
  /** Rows of the frame. */
  height: number;
  /** Some reference pixel can be used. */
  found: boolean;
}

/** The pixels of `wanted` (x, y of the frame) in these rows. */
export function takePixels(
  ramp: Ramp,
  wanted: (x: number, y: number, flag: number) => boolean,
  alloc: Alloc,
): Taken {
  const { nx, ny, y0, pixeldq } = ramp;
  const places: number[] = [];
  for (let i = 0; i < nx * ny; i++) if (wanted(i % nx, y0 + Math.floor(i / nx), pixeldq[i]!)) places.push(i);
  const plane = planeSize(ramp);
  const sci = samples(ramp, alloc);
  const frames = [sci, ramp.zeroframe ?? sci.subarray(0, 0)];
  const depth = frames.reduce((sum, { length }) => sum + length, 0) / plane;
  const values = new Float32Array(depth * places.length);
  let k = 0;
  for (const frame of frames)
    for (let at = 0; at < frame.length; at += plane)
      for (const place of places) values[k++] = frame[at + place]!;
  return {
    pixels: Uint32Array.from(places, (place) => place + y0 * nx),
    bad: Uint8Array.from(places, (place) => ((pixeldq[place]! & DQ.DO_NOT_USE) === 0 ? 0 : 1)),
    values,
  };
}

type Size = PrepareFacts<never>["size"];

/** Levels of a frame with a border on all sides; `reject` as for `rowMeans`. */
export function closedLevels(
  taken: readonly Taken[],
  size: Size,
  geometry: Geometry,
  following: RefpixParams["refpix_algorithm"] | null,
  reject: number,
): Levels {
  const { options, turned, flipped } = geometry;
  const { border, channels } = options;
  const [length, depth] = turned ? [size.ny, size.nx] : [size.nx, size.ny];
  const groups = groupsOf(taken);
  const filter = makeDriftFilter(options, { y0: 0, ny: depth, frame: depth }, heap);
  const caps = new Float32Array(2 * border * length);
  const capBad = new Uint8Array(caps.length);
  const sides = new Float32Array(2 * border * depth);
  const sideBad = new Uint8Array(sides.length);
  const columns = new Float32Array(length);
  const levels: Levels = {
    channels: new Float64Array(groups * channels * 2),
    drifts: turned && following === "median" ? new Float32Array(groups * size.nx) : null,
    sides: following === "sirs" ? new Float32Array(groups * 2 * depth) : null,
    kernels: taken.find(({ kernels }) => kernels)?.kernels ?? null,
    groups,
    height: size.ny,
    found: true,
  };
  for (let g = 0; g < groups; g++) {
    forEach(taken, g, (pixel, bad, value) => {
      const [x, y] = [pixel % size.nx, Math.floor(pixel / size.nx)];
      const [u, v] = turned ? [y, x] : [x, y];
      if (v < border || v >= depth - border) {
        const at = (v < border ? v : v - depth + 2 * border) * length + (flipped ? length - 1 - u : u);
        caps[at] = value;
        capBad[at] = bad;
      }
      if (u < border || u >= length - border) {
        const at = v * 2 * border + (u < border ? u : u - length + 2 * border);
        sides[at] = value;
        sideBad[at] = bad;
      }
    });
    const own = channelLevels(caps, capBad, length, options);
    levels.channels.set(own, g * own.length);
    if (!levels.drifts && !levels.sides) continue;
    levelsAlong(own, columns, flipped);
    levelSides(sides, columns, border);
    if (levels.sides)
      sideMeans(sides, sideBad, geometry, reject, levels.sides.subarray(2 * g * depth, 2 * (g + 1) * depth));
    if (!levels.drifts) continue;
    const drifts = levels.drifts.subarray(g * depth, (g + 1) * depth);
    rowDrifts(filter, sides, sideBad, drifts);
  }
  return levels;
}

/** Levels of a window with reference pixels at some sides, read through one output: one per parity. */
export function openLevels(taken: readonly Taken[], size: Size, { options, turned }: Geometry): Levels {
  const groups = groupsOf(taken);
  const channels = new Float64Array(2 * groups);
  const scratch = new Float64Array(taken.reduce((sum, { pixels }) => sum + pixels.length, 0));
  let found = false;
  for (let g = 0; g < groups; g++)
    for (let parity = 0; parity < 2; parity++) {
      let n = 0;
      forEach(taken, g, (pixel, bad, value) => {
        const u = turned ? Math.floor(pixel / size.nx) : pixel % size.nx;
        if (bad === 0 && (!options.oddEven || (u & 1) === parity)) scratch[n++] = value;
      });
      if (n === 0) continue;
      channels[2 * g + parity] = clippedMean(scratch, n, options.clip);
      found = true;
    }
  return { channels, drifts: null, sides: null, kernels: null, groups, height: size.ny, found };
}

/** Means of the columns at both sides [depth][2·border], left of the detector first: into[2][depth]. */
function sideMeans(
  sides: Float32Array,
  bad: Uint8Array,
  { options: { border }, flipped, backwards }: Geometry,
  reject: number,
  into: Float32Array,
): void {
  const depth = into.length / 2;
  const pixels = new Float32Array(depth * border);
  const unusable = new Uint8Array(pixels.length);
  for (let side = 0; side < 2; side++) {
    const first = (side === 0) === flipped ? border : 0;
    for (let v = 0; v < depth; v++) {
      const at = (backwards ? depth - 1 - v : v) * 2 * border + first;
      pixels.set(sides.subarray(at, at + border), v * border);
      unusable.set(bad.subarray(at, at + border), v * border);
    }
    rowMeans(pixels, unusable, border, reject, into.subarray(side * depth, (side + 1) * depth));
  }
}

const groupsOf = (taken: readonly Taken[]): number => {
  const some = taken.find(({ pixels }) => pixels.length > 0);
  return some ? some.values.length / some.pixels.length : 0;
};

function forEach(
  taken: readonly Taken[],
  group: number,
  use: (pixel: number, bad: number, value: number) => void,
): void {
  for (const { pixels, bad, values } of taken)
    for (let i = 0; i < pixels.length; i++) use(pixels[i]!, bad[i]!, values[group * pixels.length + i]!);
}

/** Levels of the pixels along the fast axis, in the image's own direction. */
export function levelsAlong(channels: Float64Array, into: Float32Array, flipped: boolean): void {
  spreadLevels(channels, into);
  if (flipped) into.reverse();
}

/** Side pixels [rows][2·border] with the levels of their columns subtracted. */
export function levelSides(sides: Float32Array, columns: Float32Array, border: number): void {
  const right = columns.length - 2 * border;
  for (let i = 0; i < sides.length; i += 2 * border)
    for (let x = 0; x < 2 * border; x++) sides[i + x]! -= columns[x < border ? x : right + x]!;
}
