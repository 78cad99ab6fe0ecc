import test from "ava";
import { DQ } from "../../src/data/dq.js";
import type { Exposure } from "../../src/data/exposure.js";
import type { Image } from "../../src/data/kinds.js";
import { ConfigError, InputError } from "../../src/errors.js";
import { heap } from "../../src/kernels/alloc.js";
import { rampFit } from "../../src/steps/ramp_fit.js";
import { exposureOf, rampOf, readoutOf, referenceOf } from "../helpers/ramps.js";
import { runOn } from "../helpers/run-step.js";

const unitNoise: Partial<Exposure> = { gain: 1, readNoise: 1 };

interface Options {
  ngroups: number;
  nints?: number;
  groupdq?: number[];
  pixeldq?: number[];
  times?: number[];
  noise?: Partial<Exposure>;
}

/** One pixel. */
function fit(samples: number[], options: Options, params: Record<string, unknown> = {}, refs = {}) {
  const { ngroups, nints = 1, groupdq, pixeldq, times, noise = unitNoise } = options;
  const exposure = exposureOf(readoutOf(ngroups, times ? { times } : {}), noise);
  const ramp = rampOf({ nx: 1, ny: 1, ngroups, nints }, samples, exposure, heap, {
    groupdq: groupdq ?? null,
    pixeldq: pixeldq ?? null,
  });
  const outcome = runOn<Image>(rampFit, ramp, refs, params);
  const { sci, err, dq, varPoisson, varRnoise, unit } = outcome.product;
  return { outcome, sci: sci[0]!, err: err[0]!, dq: dq[0]!, vP: varPoisson![0]!, vR: varRnoise![0]!, unit };
}

test("0 4000 8000 12000 is 12000 DN by utr and by mcds of 1, 8000 by mcds of 2", (t) => {
  const samples = [0, 4000, 8000, 12000];
  t.is(fit(samples, { ngroups: 4 }, { unit: "DN" }).sci, 12000);
  t.is(fit(samples, { ngroups: 4 }, { unit: "DN", mode: "mcds", nreads: 1 }).sci, 12000);
  t.is(fit(samples, { ngroups: 4 }, { unit: "DN", mode: "mcds", nreads: 2 }).sci, 8000);
  t.is(fit(samples, { ngroups: 4 }, { unit: "DN", mode: "cds" }).sci, 12000);
});

test("slope 2.5 DN/s with gain 2 is 5 electron/s; the photon variance of e⁻ is the flux", (t) => {
  const { sci, vP, vR, unit } = fit([10, 15], {
    ngroups: 2,
    times: [0, 2],
    noise: { gain: 2, readNoise: 3 },
  });
  t.is(sci, 5);
  t.is(unit, "electron/s");
  t.is(vP, Math.fround(5 / 2)); // 10 e⁻ in 2 s: √10²/2²
  t.is(vR, Math.fround(18 / 4)); // two reads of 3 e⁻
});

test("ERR² = VAR_POISSON + VAR_RNOISE, in DN/s: 100 DN/s over 4 reads", (t) => {
  const { sci, err, vP, vR } = fit([100, 200, 300, 400], { ngroups: 4 }, { unit: "DN/s" });
  t.is(sci, 100);
  t.is(vR, Math.fround(12 / 60)); // 12/(N³ − N)
  t.is(vP, Math.fround((100 * 6 * 17) / (5 * 4 * 15)));
  t.is(err, Math.fround(Math.sqrt(0.2 + 34)));
});

test("flagged reads are left out, the others keep their times: reads 0 and 3 give (31 − 1)/3", (t) => {
  const { sci, dq } = fit([1, 99, -7, 31], { ngroups: 4, groupdq: [0, 1, 2, 0] }, { unit: "DN/s" });
  t.is(sci, 10);
  t.is(dq, DQ.SATURATED);
});

test("NaN reads are left out too", (t) => {
  t.is(fit([1, NaN, 21, 31], { ngroups: 4 }, { unit: "DN/s" }).sci, 10);
});

test("a saturated ramp keeps the slope of its good reads and SATURATED", (t) => {
  const { sci, dq } = fit([10, 20, 30, 30, 30], { ngroups: 5, groupdq: [0, 0, 0, 2, 2] }, { unit: "DN/s" });
  t.is(sci, 10);
  t.is(dq, DQ.SATURATED);
});

test("fewer than two usable reads: NaN, DO_NOT_USE", (t) => {
  const { sci, err, dq } = fit([10, 20, 30], { ngroups: 3, groupdq: [0, 2, 2] });
  t.is(sci, NaN);
  t.is(err, NaN);
  t.is(dq, DQ.SATURATED | DQ.DO_NOT_USE);
});

test("a pixel that mustn't be used has no rate, whatever its reads say", (t) => {
  const { sci, dq } = fit([10, 20], { ngroups: 2, pixeldq: [DQ.DEAD | DQ.DO_NOT_USE] });
  t.is(sci, NaN);
  t.is(dq, DQ.DEAD | DQ.DO_NOT_USE);
});

test("a hit of 1000 at read 3 doesn't change the slope, and stays flagged", (t) => {
  const hit = fit([10, 20, 30, 1040, 1050], { ngroups: 5, groupdq: [0, 0, 0, 4, 0] }, { unit: "DN/s" });
  t.is(hit.sci, 10);
  t.is(hit.dq, DQ.JUMP_DET);
});

test("uneven reads: 5 DN/s through t = 1, 2, 7", (t) => {
  t.is(fit([5, 10, 35], { ngroups: 3, times: [1, 2, 7] }, { unit: "DN/s" }).sci, 5);
});

test("ramps are averaged, or added up; one that is bad is left out and doesn't dim the sum", (t) => {
  const samples = [0, 10, 0, 30];
  const shape = { ngroups: 2, nints: 2 };
  const mean = fit(samples, shape, { unit: "DN/s" });
  const sum = fit(samples, shape, { unit: "DN/s", coadd: "sum" });
  t.is(mean.sci, 20);
  t.is(sum.sci, 40);
  t.is(mean.vP, Math.fround((2 * 20) / 4));
  t.is(sum.vP, 40);
  t.is(sum.vR, 4);
  const bad = fit(samples, { ...shape, groupdq: [0, 0, 1, 1] }, { unit: "DN/s", coadd: "sum" });
  t.is(bad.sci, 20);
  t.is(bad.vP, 40); // (2·10): twice the one ramp, four times its variance
  t.is(bad.dq, 0);
});

test("weighted fits are added up, averaged and weighed when asked to: slopes 10 and 30 of two ramps", (t) => {
  const samples = [0, 10, 20, 30, 40, 0, 30, 60, 90, 120];
  const shape = { ngroups: 5, nints: 2, noise: { gain: 2, readNoise: 4 } };
  for (const mode of ["ols", "likelihood"]) {
    const of = (coadd: string, more = {}) =>
      fit(samples, { ...shape, ...more }, { unit: "DN/s", mode, coadd });
    const [mean, sum] = [of("mean"), of("sum")];
    t.is(mean.sci, 20, mode);
    t.is(sum.sci, 40, mode);
    t.true(Math.abs(sum.vP / (4 * mean.vP) - 1) < 1e-6 && Math.abs(sum.vR / (4 * mean.vR) - 1) < 1e-6);
    t.true(Math.abs(sum.err ** 2 / (sum.vP + sum.vR) - 1) < 1e-6);
    const single = fit(samples.slice(0, 5), { ...shape, nints: 1 }, { unit: "DN/s", mode });
    // a ramp that can't be used leaves the other, counted twice
    const lost = of("sum", { groupdq: [0, 0, 0, 0, 0, 1, 1, 1, 1, 1] });
    t.is(lost.sci, 2 * single.sci, mode);
    t.true(Math.abs(lost.vR / (4 * single.vR) - 1) < 1e-6);
    const ivar = of("ivar");
    t.true(
      // the likelihood takes the photon noise of each ramp at the common rate
      ivar.err < mean.err * (mode === "ols" ? 1 + 1e-6 : 1.05) && ivar.sci > 10 && ivar.sci < 20.01,
      `${mode}: ${ivar.sci}`,
    );
  }
});

test("ivar weighs ramps by how well they are measured: 3 good reads against 2", (t) => {
  const samples = [0, 10, 20, 0, 30, 99];
  const flags = [0, 0, 0, 0, 0, 1];
  const options = { ngroups: 3, nints: 2, groupdq: flags, noise: { gain: 1e9, readNoise: 1e9 } };
  // read noise alone: variances 1/2 and 2 → weights 0.8 and 0.2: 0.8·10 + 0.2·30
  t.true(Math.abs(fit(samples, options, { unit: "DN/s", coadd: "ivar" }).sci - 14) < 1e-5);
});

test("gain and read noise by pixel: READNOISE is that of a difference of two reads, in DN", (t) => {
  const refs = { gain: referenceOf(1, 1, [2]), readnoise: referenceOf(1, 1, [3]) };
  const { sci, vR } = fit([10, 15], { ngroups: 2 }, {}, refs);
  t.is(sci, 10);
  t.is(vR, 36); // (3 DN · 2 e⁻/DN)²
});

test("a pixel without gain is flagged and empty", (t) => {
  const { sci, dq } = fit([10, 15], { ngroups: 2 }, {}, { gain: referenceOf(1, 1, [0]) });
  t.is(sci, NaN);
  t.is(dq, DQ.NO_GAIN_VALUE | DQ.DO_NOT_USE);
});

test("says which noise was assumed", (t) => {
  const { outcome } = fit([10, 15], { ngroups: 2, noise: {} });
  t.deepEqual(outcome.status === "partial" ? outcome.caveats.map(({ code }) => code) : [], [
    "default_gain",
    "default_read_noise",
  ]);
});

test("too few reads are refused before the run", (t) => {
  const expected = { instanceOf: InputError, message: /on a ramp of 3 reads — it needs 4/ };
  t.throws(() => fit([1, 2, 3], { ngroups: 3 }, { mode: "mcds", nreads: 2 }), expected);
  t.throws(() => fit([1], { ngroups: 1 }), { instanceOf: InputError });
});

test("records how the ramp was sampled", (t) => {
  const { outcome } = fit([0, 1, 2, 3], { ngroups: 4 }, { mode: "mcds", unit: "DN" });
  t.deepEqual(outcome.keywords, { SAMPMODE: "MDS", NUMREADS: 4, NUMRAMPS: 1, EXPTIME: 4, SAMPTIME: 2 });
});

test("firstgroup and lastgroup: 100 0 4 8 12 90 from group 1 to 4 is a slope of 4", (t) => {
  const samples = [100, 0, 4, 8, 12, 90];
  for (const mode of ["utr", "ols", "likelihood", "cds"]) {
    const params = { mode, unit: "DN/s", firstgroup: 1, lastgroup: 4 };
    t.true(Math.abs(fit(samples, { ngroups: 6 }, params).sci - 4) < 1e-6, mode);
  }
});

test("limits that leave no group, or too few, are refused before the run", (t) => {
  const given = (params: Record<string, unknown>) => () => fit([1, 2, 3, 4], { ngroups: 4 }, params);
  for (const [params, message] of [
    [{ firstgroup: 3, lastgroup: 1 }, /with firstgroup=3 and lastgroup=1: on a ramp of 4 groups, 0 to 3/],
    [{ firstgroup: 4 }, /with firstgroup=4: on a ramp of 4 groups, 0 to 3 — none is left/],
  ] as const)
    t.throws(given(params), { instanceOf: ConfigError, message });
  t.throws(given({ firstgroup: 3 }), { instanceOf: InputError, message: /on a ramp of 1 read — it needs 2/ });
  t.notThrows(given({ firstgroup: 2, lastgroup: 9 }));
});

test("ramps that are kept apart aren't joined: coadd with integrations is a mistake", (t) => {
  const params = { integrations: true, coadd: "sum" };
  t.throws(() => fit([1, 2, 3, 4], { ngroups: 4 }, params), {
    instanceOf: ConfigError,
    message: /coadd=sum joins the ramps that ramp_fit.integrations=true keeps apart/,
  });
});

/** One pixel as int32 with BZERO has it in a file. */
function fitInt32(
  values: number[],
  bzero: number,
  params: Record<string, unknown>,
  groupdq: number[] | null,
) {
  const bytes = heap.u8(4 * values.length);
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  values.forEach((value, k) => {
    view.setInt32(4 * k, value - bzero);
  });
  const exposure = exposureOf(readoutOf(values.length), unitNoise);
  const shape = { nx: 1, ny: 1, ngroups: values.length, nints: 1 };
  const ramp = rampOf(shape, values, exposure, heap, { groupdq });
  ramp.raw = { bytes, bitpix: 32, bscale: 1, bzero, blank: null };
  ramp.sci = null;
  return runOn<Image>(rampFit, ramp, {}, { unit: "DN/s", ...params }).product.sci[0]!;
}

test("int32 is summed in float64: 3 DN/s on a level of 3·10⁹ + 1, of which float32 keeps multiples of 256", (t) => {
  const values = Array.from({ length: 6 }, (_, k) => 3e9 + 1 + 3 * k);
  for (const mode of ["utr", "mcds", "cds"]) {
    t.is(fitInt32(values, 2147483648, { mode }, null), 3, mode);
    // a read is missing, or begins a new piece: weights that are no integers round, at 10⁻¹⁶ of the level
    for (const groupdq of [
      [0, 1, 0, 0, 0, 0],
      [0, 0, 0, 4, 0, 0],
    ])
      t.true(Math.abs(fitInt32(values, 2147483648, { mode }, groupdq) - 3) < 1e-5, mode);
  }
  const low = values.map((value) => value - 3e9);
  t.is(fitInt32(low, 0, { mode: "utr" }, null), 3);
});
