/** Families of the image steps of the spine: dark, flat, background, normalisation, subarrays, combination. */
import { blendKeywords } from "../../../src/data/blend.js";
import { CalibrationError } from "../../../src/errors.js";
import { createDark } from "../../../src/pipelines/create_dark.js";
import { createFlatfield } from "../../../src/pipelines/create_flatfield.js";
import { background } from "../../../src/steps/background.js";
import { combineFrames } from "../../../src/steps/combine_frames.js";
import { darkSub } from "../../../src/steps/dark_sub.js";
import { flatField } from "../../../src/steps/flat_field.js";
import { normalize } from "../../../src/steps/normalize.js";
import { compare, compareHeader, firstOf, readPlanes, toleranceOf, type Case, type Planes } from "./case.js";
import { cutPlanes, exposureOf, imageOf, runPipeline, runStep, type Done } from "./steps.js";

/** The peer's answer to a case from ours: undefined when they agree. */
export type Check = (c: Case) => string | undefined;

function compareImage(c: Case, done: Done, expected: Planes, input?: Planes): string | undefined {
  const err = typeof c.tolerance === "object" ? c.tolerance["err"] : undefined;
  const wantedErr = err === "equal to input" && input ? input.err : expected.err;
  return firstOf(
    compare("SCI", done.image.sci, expected.sci, toleranceOf(c, "data")),
    compare("ERR", done.image.err, wantedErr, toleranceOf(c, "err")),
    compare("DQ", done.image.dq, expected.dq, toleranceOf(c, "dq")),
    compareHeader(c, done.keywords),
  );
}

const dark: Check = (c) => {
  const science = readPlanes(c, c.inputs["science"]);
  const done = runStep(darkSub, imageOf(science), {
    params: { propagate_err: c.variant === "liger_iris" },
    refs: { dark: readPlanes(c, c.inputs["dark"]) },
  });
  return compareImage(c, done, readPlanes(c, c.expected["result"]), science);
};

const flat: Check = (c) => {
  const science = readPlanes(c, c.inputs["science"]);
  const done = runStep(flatField, imageOf(science), {
    params: { ...c.params, variant: c.variant === "liger_iris" ? "liger" : "iris" },
    refs: { flat: readPlanes(c, c.inputs["flat"]) },
  });
  const status = c.expected["S_FLAT"];
  return firstOf(
    status === undefined || status === done.status ? undefined : `S_FLAT = ${done.status}`,
    compareImage(c, done, readPlanes(c, c.expected["result"]), science),
  );
};

const backgroundAverage: Check = (c) => {
  const science = readPlanes(c, c.inputs["science"]);
  const members = (c.inputs["background"] as string[]).map((name) => readPlanes(c, name));
  // The peer leaves the science's own error as it is.
  const done = runStep(background, imageOf(science), {
    params: { ...c.params, propagate_err: false },
    members: { background: members },
  });
  // The average itself: what is taken from an image of zeros, with its error.
  const empty: Planes = {
    ...members[0]!,
    sci: new Float32Array(members[0]!.sci.length),
    err: new Float32Array(members[0]!.sci.length),
    dq: new Uint32Array(members[0]!.sci.length),
  };
  const average = runStep(background, imageOf(empty), {
    params: { ...c.params, propagate_err: true },
    members: { background: members },
  });
  average.image.sci.forEach((value, i, sci) => (sci[i] = -value));
  return firstOf(
    compareImage(c, average, readPlanes(c, c.expected["average"])),
    compareImage(c, done, readPlanes(c, c.expected["result"]), science),
  );
};

const normalized: Check = (c) => {
  const input = readPlanes(c, c.inputs["image"]);
  const variant = c.variant === "liger_iris" ? "liger" : "iris";
  const done = runStep(normalize, imageOf(input), { params: { ...c.params, variant } });
  const factor = c.expected["factor"];
  return firstOf(
    compareImage(c, done, readPlanes(c, c.expected["result"]), input),
    typeof factor === "number"
      ? compare("factor", [Number(done.keywords["NORMFACT"])], [factor], toleranceOf(c, "data"))
      : undefined,
  );
};

const subarraySlice: Check = (c) => {
  const place = (of: unknown): Record<string, number> => {
    const { xstart, ystart, xsize, ysize } = of as Record<string, number>;
    return { SUBSTRT1: xstart!, SUBSTRT2: ystart!, SUBSIZE1: xsize!, SUBSIZE2: ysize! };
  };
  const science = place(c.params["science"]);
  const reference = readPlanes(c, c.inputs["reference"]);
  const header = { ...reference.header, ...place(c.params["reference"]) };
  const exposure = exposureOf({
    header: { ...science, SUBARRAY: "CUSTOM" },
    nx: science["SUBSIZE1"]!,
    ny: science["SUBSIZE2"]!,
  });
  const wantedError = c.expected["error"];
  try {
    const cut = cutPlanes({ ...reference, header }, exposure, "ref.fits");
    if (typeof wantedError === "string") return `no error, expected "${wantedError}"`;
    const expected = readPlanes(c, c.expected["result"]);
    const exact = { rtol: 0, atol: 0 };
    return firstOf(
      compare("SCI", cut.sci, expected.sci, exact),
      compare("ERR", cut.err, expected.err, exact),
      compare("DQ", cut.dq, expected.dq, exact),
    );
  } catch (error) {
    if (!(error instanceof CalibrationError) || typeof wantedError !== "string") throw error;
    return error.message.startsWith(wantedError) ? undefined : `error "${error.message}"`;
  }
};

/** What liger does otherwise than we do by default (STEPS §7.1, §28). */
const LIGER_COMBINE = { dq_reduce: "or", variant: "liger" };

const readFrames = (c: Case): Planes[] => (c.inputs["frames"] as string[]).map((name) => readPlanes(c, name));

const combined: Check = (c) => {
  const frames = readFrames(c);
  const done = runStep(
    combineFrames,
    frames.map((frame) => imageOf(frame)),
    { params: { ...LIGER_COMBINE, ...c.params } },
  );
  const header = { ...frames[0]!.header, ...blendKeywords(frames.map((frame) => frame.header)) };
  return compareImage(
    c,
    { ...done, keywords: { ...header, ...done.keywords } },
    readPlanes(c, c.expected["result"]),
  );
};

/** "step.param": value → step → params. */
function byStep(params: Record<string, unknown>): Record<string, Record<string, unknown>> {
  const found: Record<string, Record<string, unknown>> = {};
  for (const [key, value] of Object.entries(params)) {
    const [step, param] = key.split(".") as [string, string];
    found[step] = { ...found[step], [param]: value };
  }
  return found;
}

const created =
  (pipeline: typeof createDark): Check =>
  (c) => {
    const frames = readFrames(c);
    const params = byStep(c.params);
    const done = runPipeline(pipeline, frames, {
      params: {
        ...params,
        combine_frames: { ...LIGER_COMBINE, ...params["combine_frames"] },
        normalize: { variant: "liger", ...params["normalize"] },
      },
      refs: c.inputs["dark"] === undefined ? {} : { dark: readPlanes(c, c.inputs["dark"]) },
      // Flags for dead and insensitive pixels are ours: the peer writes none.
      leaveOut: ["flag_flat"],
    });
    const header = { ...frames[0]!.header, ...blendKeywords(frames.map((frame) => frame.header)) };
    return compareImage(
      c,
      { ...done, keywords: { ...header, ...done.keywords } },
      readPlanes(c, c.expected["result"]),
    );
  };

export const spine: Readonly<Record<string, Check>> = {
  dark,
  flat_field: flat,
  background_average: backgroundAverage,
  normalize: normalized,
  subarray_slice: subarraySlice,
  combine_frames: combined,
  create_dark: created(createDark),
  create_flatfield: created(createFlatfield),
};
