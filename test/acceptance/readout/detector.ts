/** Superbias, inter-pixel capacitance, reference pixels, charge migration and 1/f noise against the peers. */
import { DQ } from "../../../src/data/dq.js";
import { emptySky, lineLevels, sceneMask, subtractLines } from "../../../src/kernels/ramp/flicker.js";
import { chargeMigration } from "../../../src/steps/charge_migration.js";
import { cleanFlickerImage } from "../../../src/steps/clean_flicker_image.js";
import { ipc } from "../../../src/steps/ipc.js";
import { refpix } from "../../../src/steps/refpix.js";
import { superbias } from "../../../src/steps/superbias.js";
import type { Image, Ramp } from "../../../src/data/kinds.js";
import { exposureOf, rampOf, readoutOf } from "../../helpers/ramps.js";
import { compare, compareAll, type Case } from "./case.js";
import { alloc, planesOf, rampOfCase, reference, runStep, type Check } from "./spine.js";

export const checkSuperbias: Check = (c) => {
  const ramp = rampOfCase(c);
  runStep(superbias, ramp, { superbias: reference(c, "BIAS", "BIASDQ") });
  return compareAll(c, planesOf(ramp));
};

/** A frame as a ramp of one group, with a border of reference pixels. */
function frameRamp(sci: ArrayLike<number>, nx: number, ny: number, border: number): Ramp {
  const pixeldq = Array.from({ length: nx * ny }, (_, i) => {
    const [x, y] = [i % nx, Math.floor(i / nx)];
    return Math.min(x, y, nx - 1 - x, ny - 1 - y) < border ? DQ.REFERENCE_PIXEL : 0;
  });
  return rampOf({ nx, ny, ngroups: 1, nints: 1 }, sci, exposureOf(readoutOf(1)), alloc, { pixeldq });
}

export const checkIpc: Check = (c) => {
  const sci = c.inputs["SCI"]!;
  const [ny, nx] = sci.shape as [number, number];
  const borders: Record<string, number> = { SCI: c.params["border"] as number, SCI_NOREF: 0 };
  return Object.entries(c.expected).flatMap(([name, plane]) => {
    const border = borders[name];
    if (border === undefined) return [`${name}: nothing to compare it with`];
    const ramp = frameRamp(sci.data as Float32Array, nx, ny, border);
    runStep(ipc, ramp, { ipc: reference(c, "KERNEL") });
    return compare(name, ramp.sci!, plane, c.tolerance["SCI"]);
  });
};

export const checkChargemig: Check = (c) => {
  const ramp = rampOfCase(c);
  runStep(chargeMigration, ramp, {}, { signal_threshold: c.params["signal_threshold"] });
  return compareAll(c, { GROUPDQ: ramp.groupdq! });
};

function correct(c: Case, ramp: Ramp): void {
  const p = c.params;
  const params = {
    channels: p["nchan"],
    border: p["border"],
    odd_even_columns: p["odd_even_columns"],
    use_side_ref_pixels: p["use_side_ref_pixels"],
    side_smoothing_length: p["side_smoothing_length"],
    side_gain: p["side_gain"],
    siglimit: p["siglimit"],
  };
  runStep(refpix, ramp, {}, params, {
    FASTAXIS: Number(p["fastaxis"] ?? 1),
    SLOWAXIS: Number(p["slowaxis"] ?? 2),
  });
}

export const checkRefpix: Check = (c) => {
  if (!c.inputs["SCI"]) return checkFull(c);
  const ramp = rampOfCase(c);
  correct(c, ramp);
  return compareAll(c, planesOf(ramp));
};

/** The 2048×2048 frame of an integer recipe, compared where the case has samples of the result. */
function checkFull(c: Case): string[] {
  const n = 2048;
  const frame = new Float32Array(n * n);
  let state = c.params["seed"] as number;
  for (let y = 0, i = 0; y < n; y++)
    for (let x = 0; x < n; x++, i++) {
      state = (Math.imul(1664525, state) + 1013904223) >>> 0;
      const spike = (state >>> 8) % 5003 === 0 ? 3000 : 0;
      frame[i] =
        9000 + 7 * Math.floor(x / 512) + 3 * (x % 2) + ((37 * y) % 23) + ((state >>> 24) % 41) + spike;
    }
  const first = c.params["first_values"] as number[];
  if (first.some((value, i) => value !== frame[i])) return ["the recipe gives another frame"];
  const ramp = frameRamp(frame, n, n, 4);
  for (let i = 0; i < n * n; i++)
    if (ramp.pixeldq[i] !== 0 && (131 * Math.floor(i / n) + 71 * (i % n)) % 97 === 0) ramp.pixeldq[i]! |= 1;
  correct(c, ramp);
  const out = ramp.sci!;
  return Object.entries(c.expected).flatMap(([name, plane]) => {
    const line = /^(ROW|COL)(\d+)$/.exec(name);
    const k = Number(line?.[2]);
    const side = plane.shape[0]!;
    const step = n / side;
    const values = !line
      ? Float32Array.from(
          { length: side * side },
          (_, i) => out[Math.floor(i / side) * step * n + (i % side) * step]!,
        )
      : Float32Array.from({ length: n }, (_, i) => (line[1] === "ROW" ? out[k * n + i]! : out[i * n + k]!));
    return compare(name, values, plane, c.tolerance["SCI"]);
  });
}

export const checkFlicker: Check = (c) => {
  const slow = Math.abs(c.params["slowaxis"] as number) as 1 | 2;
  const channels = c.params["fit_by_channel"] === true ? Number(c.params["nchan"] ?? 4) : 1;
  const options = { nSigma: c.params["n_sigma"] as number, slow, channels };
  const { shape, data } = c.inputs["SCI"]!;
  const sci = Float32Array.from(data as Float32Array);
  const [ny, nx] = shape.slice(-2) as [number, number];
  const n = nx * ny;
  const frame = { nx, y0: 0, height: ny };
  if (c.params["input"] === "rate") {
    const subarray = { name: "FULL", x: 1, y: 1, nx, ny };
    const err = new Float32Array(n);
    const rate: Image = {
      ...{ nx, ny, y0: 0, nz: 1, sci, err, dq: new Uint32Array(n), varPoisson: null, varRnoise: null },
      ...{ unit: "DN/s", exposure: exposureOf(null, { subarray }) },
    };
    const params = { n_sigma: options.nSigma, fit_by_channel: channels > 1 };
    runStep(cleanFlickerImage, rate, {}, params, { SLOWAXIS: slow, NOUTPUTS: channels });
    return compareAll(c, { SCI: sci });
  }
  const [nints, ngroups] = shape as [number, number];
  const scene = sceneMask(c.inputs["DRAFTRATE"]!.data as Float32Array, options);
  const groupdq = c.inputs["GROUPDQ"]!.data as Uint8Array;
  const given = Float32Array.from(sci);
  for (let i = 0; i < nints; i++) {
    const sum = new Float64Array((slow === 2 ? ny : nx) * channels);
    for (let g = 1; g < ngroups; g++) {
      const at = (i * ngroups + g) * n;
      const sky = new Float32Array(n);
      emptySky(sky, given, groupdq, { at, before: at - n }, scene, DQ.DO_NOT_USE | DQ.JUMP_DET);
      lineLevels(sky, nx, ny, options).forEach((level, line) => (sum[line]! += level));
      subtractLines(sci.subarray(at, at + n), frame, sum, options);
    }
  }
  return compareAll(c, { SCI: sci });
};
