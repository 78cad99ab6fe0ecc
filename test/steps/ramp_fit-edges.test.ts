import test from "ava";
import type { Image } from "../../src/data/kinds.js";
import { heap } from "../../src/kernels/alloc.js";
import { jump } from "../../src/steps/jump.js";
import { rampFit } from "../../src/steps/ramp_fit.js";
import { exposureOf, rampOf, readoutOf, referenceOf } from "../helpers/ramps.js";
import { runOn } from "../helpers/run-step.js";

const straight = [1, 6, 11, 16, 21, 26];
const modes = ["utr", "mcds", "cds", "ols", "likelihood"];

interface Given {
  nints?: number;
  nframes?: number;
  params?: Record<string, unknown>;
  gain?: number;
  readNoise?: number;
}

/** One pixel, reads one second apart, gain 1 and a noise of 1 e⁻ per read unless told otherwise; DN/s. */
function fit(mode: string, sci: number[], groupdq: number[] | null, given: Given = {}): Image {
  const { nints = 1, nframes = 1, params = {}, gain = 1, readNoise = 1 } = given;
  const ngroups = sci.length / nints;
  const exposure = exposureOf(readoutOf(ngroups, { nframes }), { gain, readNoise });
  const ramp = rampOf({ nx: 1, ny: 1, ngroups, nints }, sci, exposure, heap, { groupdq });
  return runOn<Image>(rampFit, ramp, {}, { mode, unit: "DN/s", ...params }).product;
}

const near = (a: number, b: number): boolean => Math.abs(a - b) <= 1e-6 * Math.max(1, Math.abs(b));

// A segment of n reads has v_R = 12 σ²/(n³ − n): 1/v_R is 0.5, 2, 5, 10, 17.5 for n = 2, 3, 4, 5, 6.
const cut: Record<string, { flags: number[]; weight: number }> = {
  "no flag": { flags: [0, 0, 0, 0, 0, 0], weight: 17.5 },
  "a hit begins a segment": { flags: [0, 0, 0, 4, 0, 0], weight: 2 + 2 },
  "a hit in the last group is no segment": { flags: [0, 0, 0, 0, 0, 4], weight: 10 },
  "of two hits in a row the first is lost": { flags: [0, 0, 4, 4, 0, 0], weight: 0.5 + 2 },
  "JUMP_DET|DO_NOT_USE isn't prepended": { flags: [0, 0, 0, 5, 0, 0], weight: 2 + 0.5 },
  "JUMP_DET|PERSISTENCE is": { flags: [0, 0, 0, 36, 0, 0], weight: 2 + 2 },
  "PERSISTENCE alone doesn't break": { flags: [0, 0, 32, 32, 0, 0], weight: 17.5 },
  "DO_NOT_USE in the middle": { flags: [0, 0, 1, 0, 0, 0], weight: 0.5 + 2 },
  "saturated from group 3 on": { flags: [0, 0, 0, 2, 2, 2], weight: 2 },
  "single reads don't count beside a longer segment": { flags: [0, 1, 0, 0, 1, 0], weight: 0.5 },
};
for (const [says, { flags, weight }] of Object.entries(cut))
  test(`ols, segments of ${JSON.stringify(flags)}: ${says}`, (t) => {
    const { sci, varRnoise } = fit("ols", straight, flags);
    t.true(near(sci[0]!, 5), String(sci[0]));
    t.true(near(varRnoise![0]!, 1 / weight), `${1 / varRnoise![0]!}, not ${weight}`);
  });

test("ols, CHARGELOSS: the samples come back into VAR_RNOISE, a read that the ramp lacks doesn't", (t) => {
  const flags = [0, 0, 129, 129, 129, 129];
  // segments of three and two reads: 1/v_R = 2 + 0.5
  const { varRnoise } = fit("ols", [1, 6, 11, NaN, 21, 26], flags);
  t.true(near(varRnoise![0]!, 1 / 2.5), String(varRnoise![0]));
  t.true(near(fit("ols", straight, flags).varRnoise![0]!, 1 / 17.5));
});

test("ols: one, two and three groups; a single group counts from the reset", (t) => {
  // t₁ = (nframes + 1)·tframe/2 = 1 s
  for (const mode of ["ols", "likelihood"]) {
    t.is(fit(mode, [7], null).sci[0], 7);
    // four reads of 1 s: 7 DN in 2.5 s, and in counts the 7 DN that they are
    t.true(near(fit(mode, [7], null, { nframes: 4 }).sci[0]!, Math.fround(2.8)));
    t.true(near(fit(mode, [7], null, { nframes: 4, params: { unit: "DN" } }).sci[0]!, 7));
  }
  t.is(fit("ols", [7, 12], null).sci[0], 5);
  t.true(near(fit("ols", [7, 12, 17], null).sci[0]!, 5));
});

test("saturated from group 1 on: suppressed, or the first group over its time", (t) => {
  const flags = [0, 2, 2, 2, 2, 2];
  const gone = fit("ols", straight, flags);
  t.true(Number.isNaN(gone.sci[0]));
  t.is(gone.dq[0], 3);
  const kept = fit("ols", straight, flags, { params: { suppress_one_group: false } });
  t.is(kept.sci[0], 1);
  t.is(kept.dq[0], 2);
});

test("all groups saturated: NaN, DO_NOT_USE|SATURATED in every mode", (t) => {
  for (const mode of modes) {
    const { sci, dq } = fit(mode, straight, [2, 2, 2, 2, 2, 2]);
    t.true(Number.isNaN(sci[0]), mode);
    t.is(dq[0], 3, mode);
  }
});

test("hits in every group: the weighted fit has no segment, slope 0 and no variances", (t) => {
  const { sci, err, varPoisson, varRnoise, dq } = fit("ols", straight, [4, 4, 4, 4, 4, 4]);
  t.deepEqual([sci[0], err[0], varPoisson![0], varRnoise![0], dq[0]], [0, 0, 0, 0, 4]);
  for (const mode of ["utr", "mcds", "cds", "likelihood"])
    t.true(Number.isNaN(fit(mode, straight, [4, 4, 4, 4, 4, 4]).sci[0]), mode);
});

test("a ramp that falls has the photon noise of no light", (t) => {
  for (const mode of modes) {
    const { sci, varPoisson, varRnoise } = fit(mode, straight.toReversed(), null);
    t.true(near(sci[0]!, -5), mode);
    t.is(varPoisson![0], 0, mode);
    t.true(varRnoise![0]! > 0, mode);
  }
});

test("one dead ramp of two: the other's rate, not flagged as a whole", (t) => {
  for (const mode of modes) {
    const flags = [...straight.map(() => 0), ...straight.map(() => 1)];
    const { sci, dq } = fit(mode, [...straight, ...straight.map(() => 9)], flags, { nints: 2 });
    t.true(near(sci[0]!, 5), `${mode}: ${sci[0]}`);
    t.is(dq[0]! & 1, 0, mode);
  }
});

test("a gain of 0, below 0 or NaN: no value, DO_NOT_USE|NO_GAIN_VALUE in every mode", (t) => {
  for (const mode of modes)
    for (const gain of [0, -1, NaN]) {
      const exposure = exposureOf(readoutOf(6), { readNoise: 1 });
      const ramp = rampOf({ nx: 1, ny: 1, ngroups: 6, nints: 1 }, straight, exposure, heap);
      const refs = { gain: referenceOf(1, 1, [gain]) };
      const { sci, dq } = runOn<Image>(rampFit, ramp, refs, { mode, unit: "DN/s" }).product;
      t.true(Number.isNaN(sci[0]), `${mode}, gain ${gain}`);
      t.is(dq[0], 1 | 524288, `${mode}, gain ${gain}`);
    }
});

test("without read noise nothing of a dark, flat ramp is a hit; the rate has photon noise alone", (t) => {
  const exposure = exposureOf(readoutOf(6), { gain: 1, readNoise: 0 });
  const flat = rampOf({ nx: 1, ny: 1, ngroups: 6, nints: 1 }, [0, 0, 0, 9, 9, 9], exposure, heap);
  runOn(jump, flat);
  t.true(flat.groupdq === null || flat.groupdq.every((flag) => flag === 0));
  for (const mode of modes) {
    const { sci, varRnoise, varPoisson } = fit(mode, straight, null, { readNoise: 0 });
    t.true(near(sci[0]!, 5), `${mode}: ${sci[0]}`);
    t.is(varRnoise![0], 0, mode);
    t.true(varPoisson![0]! > 0, mode);
  }
});

test("likelihood, two differences that contradict each other: a hit adds charge, the larger goes", (t) => {
  const before = fit("likelihood", [0, 5, 505, 0, 0, 0], [0, 0, 0, 2, 2, 2]);
  t.deepEqual([before.sci[0], before.dq[0]], [5, 2 | 4]);
  const after = fit("likelihood", [0, 500, 505, 0, 0, 0], [0, 0, 0, 2, 2, 2]);
  t.deepEqual([after.sci[0], after.dq[0]], [5, 2 | 4]);
});

test("likelihood, averaged groups: the last before saturation is clipped in part, and goes", (t) => {
  // groups of 4 reads, 4 s apart: 500/4 = 125 DN/s
  const { sci } = fit("likelihood", [0, 500, 510, 0, 0, 0], [0, 0, 0, 2, 2, 2], { nframes: 4 });
  t.is(sci[0], 125);
});

test("likelihood, two differences that agree stay", (t) => {
  const { sci, dq } = fit("likelihood", [0, 5, 11, 0, 0, 0], [0, 0, 0, 2, 2, 2]);
  t.true(sci[0]! > 5 && sci[0]! < 6);
  t.is(dq[0], 2);
});

test("a header whose GAIN isn't above 0, or READNOIS below, has none: typical values, and it is said", (t) => {
  const about = (gain: number, readNoise: number, mode: string) => {
    const exposure = exposureOf(readoutOf(6), { gain, readNoise });
    const ramp = rampOf({ nx: 1, ny: 1, ngroups: 6, nints: 1 }, straight, exposure, heap);
    const outcome = runOn<Image>(rampFit, ramp, {}, { mode, unit: "DN/s" });
    const caveats = outcome.status === "partial" ? outcome.caveats.map(({ code }) => code) : [];
    return { caveats, image: outcome.product };
  };
  for (const mode of modes) {
    const typical = about(3.04, 5, mode);
    t.deepEqual(typical.caveats, [], mode);
    for (const gain of [0, -2]) {
      const { caveats, image } = about(gain, 5, mode);
      t.deepEqual(caveats, ["default_gain"], mode);
      t.deepEqual([image.sci, image.err], [typical.image.sci, typical.image.err], mode);
    }
    const { caveats, image } = about(3.04, -1, mode);
    t.deepEqual(caveats, ["default_read_noise"], mode);
    t.deepEqual(image.err, typical.image.err, mode);
    t.deepEqual(about(3.04, 0, mode).caveats, [], mode);
  }
});
