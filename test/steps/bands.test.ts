import test from "ava";
import type { Image } from "../../src/data/kinds.js";
import type { AnyStep } from "../../src/step/define.js";
import { background } from "../../src/steps/background.js";
import { combine } from "../../src/steps/combine.js";
import { combineFrames } from "../../src/steps/combine_frames.js";
import { darkSub } from "../../src/steps/dark_sub.js";
import { flagFlat } from "../../src/steps/flag_flat.js";
import { flatField } from "../../src/steps/flat_field.js";
import type { Planes } from "../acceptance/imager/case.js";
import { imageOf, runStep, type Given } from "../acceptance/imager/steps.js";
import { bandOf, normal, planes, uniform } from "../helpers/images.js";

const NX = 97;
const NY = 53;

/** A noisy plane with NaN and flagged pixels. */
function noisy(seed: number, level: number): Planes {
  const [gauss, chance] = [normal(seed), uniform(seed + 1)];
  const make = <T>(of: () => T): T[] => Array.from({ length: NX * NY }, of);
  return planes(
    make(() => (chance() < 0.01 ? NaN : level + gauss())),
    {
      nx: NX,
      err: make(() => 0.5 + chance()),
      dq: make(() => (chance() < 0.02 ? 1 << Math.floor(chance() * 31) : 0)),
    },
  );
}

const cut = (all: Record<string, Planes> | undefined, y0: number, ny: number): Record<string, Planes> =>
  Object.fromEntries(Object.entries(all ?? {}).map(([key, value]) => [key, bandOf(value, y0, ny)]));

/** The same step on the whole frame and on bands of uneven height, glued together. */
function bothWays(step: AnyStep, frames: readonly Planes[], given: Given): [Image, Image] {
  const group = step.locality === "group";
  const inputOf = (list: readonly Planes[]) => {
    const images = list.map((frame) => imageOf(frame));
    return group ? images : images[0]!;
  };
  const whole = runStep(step, inputOf(frames), given).image;
  const glued = imageOf(frames[0]!);
  for (let y0 = 0, ny = 1; y0 < NY; y0 += ny, ny = Math.min(ny + 3, NY - y0)) {
    const part = runStep(step, inputOf(frames.map((frame) => bandOf(frame, y0, ny))), {
      ...given,
      refs: cut(given.refs, y0, ny),
      members: Object.fromEntries(
        Object.entries(given.members ?? {}).map(([role, list]) => [role, list.map((m) => bandOf(m, y0, ny))]),
      ),
    }).image;
    glued.sci.set(part.sci, y0 * NX);
    glued.err.set(part.err, y0 * NX);
    glued.dq.set(part.dq, y0 * NX);
  }
  return [whole, glued];
}

const science = noisy(11, 100);
const sky = [21, 22, 23, 24, 25].map((seed) => noisy(seed, 50));
const cases: [string, AnyStep, readonly Planes[], Given][] = [
  ["dark_sub", darkSub, [science], { refs: { dark: noisy(12, 3) } }],
  ["flat_field", flatField, [science], { refs: { flat: noisy(13, 1) } }],
  ["flat_field jwst", flatField, [science], { refs: { flat: noisy(13, 1) }, params: { variant: "jwst" } }],
  [
    "background",
    background,
    [science],
    { members: { background: sky }, params: { sigma: 1.5, propagate_err: true } },
  ],
  ["flag_flat", flagFlat, [noisy(14, 1)], {}],
  ["combine_frames", combineFrames, sky, { params: { sigma_thresh_low: 2, sigma_thresh_high: 2 } }],
  ["combine", combine, sky, { params: { sigma_low: 1.5, sigma_high: 1.5, iterations: 0 } }],
];

for (const [name, step, frames, given] of cases)
  test(`${name}: band ≡ frame, bit for bit`, (t) => {
    const [whole, glued] = bothWays(step, frames, given);
    t.deepEqual(new Uint32Array(glued.sci.buffer), new Uint32Array(whole.sci.buffer));
    t.deepEqual(new Uint32Array(glued.err.buffer), new Uint32Array(whole.err.buffer));
    t.deepEqual(glued.dq, whole.dq);
  });
