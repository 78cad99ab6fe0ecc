/** The whole chain of the peer, every intermediate product of it. */
import { DQ } from "../../../src/data/dq.js";
import type { Image, Ramp } from "../../../src/data/kinds.js";
import { dark } from "../../../src/steps/dark.js";
import { dqInit } from "../../../src/steps/dq_init.js";
import { jump } from "../../../src/steps/jump.js";
import { linearity } from "../../../src/steps/linearity.js";
import { rampFit } from "../../../src/steps/ramp_fit.js";
import { refpix } from "../../../src/steps/refpix.js";
import { saturation } from "../../../src/steps/saturation.js";
import { superbias } from "../../../src/steps/superbias.js";
import { compare, type Case } from "./case.js";
import { checkPulls } from "./pulls.js";
import { rampOfCase, reference, runStep, type Check } from "./spine.js";

type Arrays = Record<string, ArrayLike<number>>;

/** Pixels with an integration of two usable differences, of which the peer's tests drop either, or none (READOUT §15.7). */
function shortRamps({ nints, ngroups, nx, ny }: Ramp, flags: Uint8Array): Uint8Array {
  const n = nx * ny;
  const short = new Uint8Array(n);
  for (let i = 0; i < nints; i++)
    for (let p = 0; p < n; p++) {
      let used = 0;
      for (let g = 1, at = (i * ngroups + 1) * n + p; g < ngroups; g++, at += n)
        if (flags[at] === 0 && flags[at - n] === 0) used++;
      if (used === 2) short[p] = 1;
    }
  return short;
}

function chain(c: Case): { got: Arrays; short: Uint8Array } {
  const ramp = rampOfCase({ ...c, inputs: { ...c.inputs, SCI: c.inputs["RAW"]! } });
  const got: Arrays = {};
  const sci = (): Float32Array => Float32Array.from(ramp.sci!);
  runStep(dqInit, ramp, { mask: maskOf(c) });
  runStep(saturation, ramp, {
    saturation: reference(c, "SATTHRESH", "SATDQ"),
    superbias: reference(c, "BIAS"),
  });
  got["GDQ_SAT"] = Uint8Array.from(ramp.groupdq!);
  got["PDQ_SAT"] = Uint32Array.from(ramp.pixeldq);
  runStep(superbias, ramp, { superbias: reference(c, "BIAS") });
  runStep(refpix, ramp, {}, { channels: c.params["nchan"], border: 4 });
  got["SCI_REFPIX"] = sci();
  runStep(linearity, ramp, { linearity: reference(c, "COEFFS", "LINDQ"), inverse: null, saturation: null });
  got["SCI_LIN"] = sci();
  runStep(dark, ramp, { dark: reference(c, "DARK", "DARKDQ") });
  got["SCI_DARK"] = sci();
  const noise = { gain: reference(c, "GAIN"), readnoise: reference(c, "READNOISE") };
  const clean = Uint8Array.from(ramp.groupdq!);
  runStep(jump, ramp, noise);
  got["GDQ_JUMP"] = Uint8Array.from(ramp.groupdq!);
  got["PIXELDQ"] = Uint32Array.from(ramp.pixeldq);
  const fit = (mode: string, input: Ramp, integrations = false): Image =>
    runStep(rampFit, input, { ...noise, dark_current: null }, { mode, unit: "DN/s", integrations })
      .product as Image;
  const whole = fit("ols", ramp);
  Object.assign(got, {
    SLOPE: whole.sci,
    ERR: whole.err,
    VAR_P: whole.varPoisson,
    VAR_R: whole.varRnoise,
    DQ: whole.dq,
  });
  const each = fit("ols", ramp, true);
  Object.assign(got, { ISLOPE: each.sci, IERR: each.err, IDQ: each.dq });
  const short = shortRamps(ramp, clean);
  const likely = fit("likelihood", { ...ramp, groupdq: clean });
  Object.assign(got, { L_SLOPE: likely.sci, L_ERR: likely.err, L_DQ: likely.dq });
  return { got, short };
}

const maskOf = (c: Case) => {
  const { data, shape } = c.inputs["MASK"]!;
  const [ny, nx] = shape as [number, number];
  const dq = Uint32Array.from(data as Uint32Array);
  return { name: "MASK", nx, ny, y0: 0, nz: 1, sci: new Float32Array(0), err: null, dq, header: {} };
};

/** Slopes, errors and samples have tolerances; flags may differ in one pixel of a thousand. */
export const checkE2e: Check = (c) => {
  const { got, short } = chain(c);
  const tolerance = (name: string): { rtol: number; atol: number } | undefined => {
    // variances follow the median difference, which the samples' 0.05 DN let move by a thousandth
    if (name.startsWith("VAR")) return { rtol: 1e-3, atol: 1e-8 };
    const key = name.startsWith("SCI_") ? "SCI" : name.endsWith("SLOPE") ? "SLOPE" : "ERR";
    const found = c.tolerance[key];
    return typeof found === "object" ? found : undefined;
  };
  // a pixel whose hits are found otherwise has another slope, too
  const n = c.inputs["GAIN"]!.data.length;
  const doubtful = new Uint8Array(n);
  const messages = [...checkPulls(c, "OLS_C", got["SLOPE"]!, got["ERR"]!)];
  for (const [name, plane] of Object.entries(c.expected)) {
    const isLikely = name.startsWith("L_");
    if (!/(DQ|GDQ_.*)$/.test(name) && !name.startsWith("PDQ") && !name.startsWith("GDQ")) continue;
    const values = got[name];
    if (!values) {
      messages.push(`${name}: nothing to compare it with`);
      continue;
    }
    let wrong = 0;
    for (let i = 0; i < values.length; i++) {
      // a pixel without a rate must not be used: ours says so
      const ours = values[i]! & ~(name.endsWith("DQ") ? DQ.DO_NOT_USE : 0);
      const theirs = Number(plane.data[i]!) & ~(name.endsWith("DQ") ? DQ.DO_NOT_USE : 0);
      if (ours === theirs || (isLikely && short[i] === 1)) continue;
      wrong++;
      doubtful[i % n] = 1;
    }
    // the peer's likelihood misses hits where one of its tests is 0/0 (READOUT §15.7)
    if (wrong > (name === "L_DQ" ? 0.005 : 0.001) * values.length)
      messages.push(`${name}: ${wrong} of ${values.length} flags differ`);
  }
  messages.push(
    ...checkPulls(
      c,
      "LIKELY",
      got["L_SLOPE"]!,
      got["L_ERR"]!,
      () => true,
      (p) => short[p] === 0 && doubtful[p] === 0,
    ),
  );
  for (const [name, plane] of Object.entries(c.expected)) {
    if (name === "TRUTH" || name === "L_CHISQ" || /DQ/.test(name)) continue;
    const values = got[name];
    messages.push(
      ...(values
        ? compare(
            name,
            values,
            plane,
            tolerance(name),
            (i) => doubtful[i % n] === 1 || (name.startsWith("L_") && short[i % n] === 1),
          )
        : [`${name}: nothing to compare it with`]),
    );
  }
  return messages;
};
