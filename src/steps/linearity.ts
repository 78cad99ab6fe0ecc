/** Corrects the detector's departure from linearity by a polynomial of each pixel. */
import * as v from "valibot";
import { DQ } from "../data/dq.js";
import type { Correction, Ramp, Reference } from "../data/kinds.js";
import { changeZeroframes, correct, planeSize, samples } from "../data/ramp.js";
import { readPattern } from "../data/reads.js";
import { CalibrationError, InputError } from "../errors.js";
import type { Alloc } from "../kernels/alloc.js";
import { orFlags } from "../kernels/image/planes.js";
import { flagCoefficients, polynomial } from "../kernels/ramp/correct.js";
import { flagIrisCoefficients, irisPolynomial, truncate } from "../kernels/ramp/iris-readout.js";
import { rawF32 } from "../kernels/raw.js";
import { linearizeReads, type ReadLevel } from "../kernels/ramp/read-level.js";
import { defineStep } from "../step/define.js";
import { complete } from "../step/outcome.js";

/** iris_readout finds the coefficient of pixel (y, x) at y + 2048·x, whatever the size of the frame. */
const peerStride = 2048;

const conventions = ["polynomial", "iris_readout"] as const;
type Convention = (typeof conventions)[number];

export const linearity = defineStep({
  name: "linearity",
  summary: "Correct the samples for the detector's non-linearity.",
  equation: "S' = Σ_k c_k S^k  (iris_readout: S' = (1 + Σ_k c_k S^k)·S); saturated groups keep their value",
  input: "ramp",
  output: "ramp",
  locality: "pixel",
  version: 3,
  status: "S_NLCORR",
  flags: ["NO_LIN_CORR"],
  refs: {
    linearity: { type: "NONLINCOEFF", doc: "one plane of coefficients per power of the sample", stack: true },
    inverse: {
      type: "INVNONLINCOEFF",
      doc: "coefficients from linear to measured, to correct the reads inside averaged groups",
      stack: true,
      optional: true,
    },
    saturation: { type: "SATURATION", doc: "caps the reads inside averaged groups at 1.2·T", optional: true },
  },
  params: v.object({
    convention: v.pipe(
      v.optional(v.picklist(["auto", ...conventions]), "auto"),
      v.description(
        "meaning of the coefficients; auto: the reference's NLCONV keyword, else the polynomial itself",
      ),
    ),
    compat_index: v.pipe(
      v.optional(v.boolean(), false),
      v.description("square frames: take coefficients where iris_readout takes them, transposed, 2048 apart"),
    ),
    compat_int32: v.pipe(
      v.optional(v.boolean(), false),
      v.description("cut samples to whole DN before and after, as iris_pipeline does"),
    ),
  }),
  // transposed coefficients lie anywhere in the frame
  halo: ({ compat_index }) => (compat_index ? 65536 : 0),
  skip: ({ refs }) => (refs.linearity ? undefined : "no NONLINCOEFF reference applies"),
  run(ramp, { refs, params, exposure, alloc }) {
    const convention = conventionOf(refs.linearity, params.convention);
    const { groupdq } = ramp;
    // the very first read
    const one = { from: 0, plane: planeSize(ramp), flags: null, keep: 0 };
    if (params.compat_int32) correct(ramp, truncate);
    if (convention === "iris_readout") {
      const c = params.compat_index
        ? transposed(ramp, refs.linearity, alloc)
        : usable(ramp, refs.linearity, convention, flagUnusable(ramp, refs.linearity, convention), alloc);
      correct(ramp, byPolynomial(ramp, c, irisPolynomial));
      changeZeroframes(ramp, (frame) => irisPolynomial(frame, c, one));
    } else {
      const flagged = flagUnusable(ramp, refs.linearity, convention);
      const c = usable(ramp, refs.linearity, convention, flagged, alloc);
      const readout = exposure.readout;
      if (refs.inverse && readout && readout.nframes > 1) {
        const { nints, ngroups } = ramp;
        const inverse = usable(ramp, refs.inverse, convention, flagged, alloc);
        const pattern = readPattern(readout, ngroups);
        const level: ReadLevel = { c, inverse, cap: refs.saturation?.sci ?? null, pattern };
        linearizeReads(samples(ramp, alloc), groupdq, nints, ngroups, planeSize(ramp), level, DQ.SATURATED);
      } else {
        correct(ramp, byPolynomial(ramp, c, polynomial));
      }
      // one read, whatever the groups are
      changeZeroframes(ramp, (frame) => polynomial(frame, c, one));
    }
    if (params.compat_int32) correct(ramp, truncate);
    return complete(ramp);
  },
});

/** Saturated samples keep their value. */
function byPolynomial(ramp: Ramp, c: Float32Array, apply: typeof polynomial): Correction {
  const { groupdq } = ramp;
  const plane = planeSize(ramp);
  return (samples, { from, at }) => {
    const flags = groupdq && groupdq.subarray(at, at + samples.length);
    apply(samples, c, { from, plane, flags, keep: DQ.SATURATED });
  };
}

/** @throws CalibrationError when the reference says what nobody knows, or has too few planes */
function conventionOf({ name, nz, header }: Reference, wanted: "auto" | Convention): Convention {
  const said = String(header["NLCONV"] ?? "polynomial");
  const convention = conventions.find(
    (each) => each === (wanted === "auto" ? said.trim().toLowerCase() : wanted),
  );
  if (!convention)
    throw new CalibrationError(
      `linearity cannot use ${name}: its NLCONV is "${said}" — ${conventions.join(" or ")} are known`,
      { hint: "say what is meant: -s linearity.convention=polynomial" },
    );
  if (nz < 2 && convention === "polynomial")
    throw new CalibrationError(
      `linearity cannot use ${name}: it has ${nz} plane of coefficients — two are needed at least`,
    );
  return convention;
}

/** Adds the reference's flags, and NO_LIN_CORR where its coefficients are no use; tells whether any pixel carries that. */
function flagUnusable({ pixeldq }: Ramp, { sci, dq }: Reference, convention: Convention): boolean {
  if (dq) orFlags(pixeldq, 0, dq.subarray(0, pixeldq.length));
  const flag = convention === "polynomial" ? flagCoefficients : flagIrisCoefficients;
  return flag(pixeldq, sci, DQ.NO_LIN_CORR);
}

/** The coefficients, or a copy in which pixels that are flagged NO_LIN_CORR are left as they are. */
function usable(
  { pixeldq }: Ramp,
  { sci, nz }: Reference,
  convention: Convention,
  flagged: boolean,
  alloc: Alloc,
): Float32Array {
  if (!flagged) return sci;
  const plane = pixeldq.length;
  const c = rawF32(alloc, nz * plane);
  c.set(sci);
  // iris_readout has the 1 of the linear term built in
  const linear = convention === "polynomial" ? 1 : 0;
  for (let i = 0; i < plane; i++)
    if ((pixeldq[i]! & DQ.NO_LIN_CORR) !== 0)
      for (let k = 0; k < nz; k++) c[k * plane + i] = k === 1 ? linear : 0;
  return c;
}

function transposed(ramp: Ramp, { sci, nz, name }: Reference, alloc: Alloc): Float32Array {
  const { nx, ny, y0 } = ramp;
  const stored = sci.length / nz;
  if (peerStride * (nx - 1) + y0 + ny > stored)
    throw new CalibrationError(
      `linearity cannot read ${name} as iris_readout does — pixel (${y0 + ny - 1}, ${nx - 1}) lies beyond its end`,
      { hint: "leave compat_index off: coefficients are then taken at the pixel's own place" },
    );
  if (nx !== ny)
    throw new InputError(
      `linearity cannot repeat iris_readout on ${nx}×${ny} pixels — its index of the samples, x + y·ny, is right on square ` +
        "frames only: on others it leaves pixels unset or runs past their end",
      { hint: "take coefficients at the pixel's own place: -s linearity.compat_index=false" },
    );
  const c = rawF32(alloc, nz * nx * ny);
  for (let k = 0, at = 0; k < nz; k++)
    for (let y = 0; y < ny; y++)
      for (let x = 0; x < nx; x++) c[at++] = sci[k * stored + y0 + y + peerStride * x]!;
  return c;
}
