/** Flags cosmic rays in a single image, and replaces them when asked to. */
import * as v from "valibot";
import { DQ } from "../data/dq.js";
import type { Image, Reference } from "../data/kinds.js";
import { makeProfile } from "../kernels/image/convolve.js";
import { lacosmic as find, reachOf } from "../kernels/image/lacosmic.js";
import { defineStep } from "../step/define.js";
import { complete, partial } from "../step/outcome.js";

const positive = (fallback: number) => v.optional(v.pipe(v.number(), v.gtValue(0)), fallback);
const odd = v.pipe(
  v.number(),
  v.integer(),
  v.minValue(3),
  v.check((n) => n % 2 === 1, "must be odd"),
);

const params = v.object({
  sigclip: v.pipe(positive(4.5), v.description("significance of a cosmic ray's Laplacian")),
  sigfrac: v.pipe(
    v.optional(v.pipe(v.number(), v.gtValue(0), v.maxValue(1)), 0.3),
    v.description("fraction of sigclip that its neighbours need"),
  ),
  objlim: v.pipe(
    positive(5),
    v.description("contrast with what is as sharp as a star; 8 to 10 for undersampled star images"),
  ),
  noise: v.pipe(
    v.optional(v.picklist(["err", "model"]), "err"),
    v.description("err: from the ERR plane, where it isn't 0; model: √(data + readnoise²)"),
  ),
  gain: v.pipe(positive(1), v.description("electrons per unit of the image, for the noise model")),
  readnoise: v.pipe(positive(6.5), v.description("electrons, for the noise model")),
  satlevel: v.pipe(
    v.optional(v.nullable(v.pipe(v.number(), v.gtValue(0))), null),
    v.description("electrons from which a star is saturated; null: SATURATED flags tell"),
  ),
  niter: v.pipe(v.optional(v.pipe(v.number(), v.integer(), v.minValue(1)), 4), v.description("passes")),
  sepmed: v.pipe(
    v.optional(v.boolean(), true),
    v.description("separable medians of 5, 7, 9 pixels: many times faster than squares of 3, 5, 7"),
  ),
  fsmode: v.pipe(
    v.optional(v.picklist(["median", "convolve"]), "median"),
    v.description("fine structure from a median, or from a convolution with the star profile"),
  ),
  psfmodel: v.pipe(
    v.optional(v.picklist(["gauss", "gaussx", "gaussy", "moffat"]), "gauss"),
    v.description("star profile"),
  ),
  psffwhm: v.pipe(positive(2.5), v.description("its full width at half maximum, pixels")),
  psfsize: v.pipe(v.optional(odd, 7), v.description("side of its kernel, pixels, odd")),
  psfbeta: v.pipe(positive(4.765), v.description("exponent of the Moffat profile")),
  cleantype: v.pipe(
    v.optional(v.picklist(["meanmask", "medmask", "median", "idw"]), "meanmask"),
    v.description("what replaces a pixel: mean, median or 1/distance mean of the good ones around"),
  ),
  clean: v.pipe(
    v.optional(v.boolean(), false),
    v.description("replace the pixels in the product too, and flag them FLUX_ESTIMATED"),
  ),
});

export const lacosmic = defineStep({
  name: "lacosmic",
  summary: "Find cosmic rays in a single image by their sharp edges.",
  equation:
    "s = L⁺/(2σ), s' = s − med(s);  hit: s' > sigclip and s'/f > objlim, f = (med₃ − med₇)/σ;  neighbours: s' > sigfrac·sigclip",
  input: "image",
  output: "image",
  locality: "row",
  status: "S_LACOS",
  flags: ["OUTLIER", "FLUX_ESTIMATED"],
  refs: {
    inmask: {
      type: "INMASK",
      doc: "pixels not to look at: those that aren't 0",
      byName: true,
      optional: true,
    },
    bkg: { type: "BKG", doc: "sky of the image, taken away for the search", byName: true, optional: true },
    var: {
      type: "VAR",
      doc: "variance of the image, instead of ERR or a model",
      byName: true,
      optional: true,
    },
  },
  params,
  halo: ({ niter, fsmode, psfsize }) =>
    reachOf({ niter, psf: fsmode === "convolve" ? { size: psfsize, weights: new Float32Array(0) } : null }),
  version: 2,
  run(image, { params: p, refs, alloc }) {
    const { nx, ny, sci, dq } = image;
    const n = nx * ny;
    const a = alloc.f32(n);
    const variance = p.noise === "err" || refs.var ? alloc.f32(n) : null;
    const background = refs.bkg && alloc.f32(n);
    const bad = alloc.u8(n);
    const crmask = alloc.u8(n);
    const psf = p.fsmode === "convolve" ? makeProfile(p.psfmodel, p.psffwhm, p.psfsize, p.psfbeta) : null;
    const gain = p.noise === "model" ? p.gain : 1;
    const ignored = DQ.DO_NOT_USE | (p.satlevel === null ? DQ.SATURATED : 0);
    const satlevel = p.satlevel ?? Infinity;
    let known = variance === null;
    for (let z = 0; z < image.nz; z++) {
      const at = z * n;
      takeData(a, bad, image, at, gain, ignored);
      if (refs.inmask) for (let i = 0; i < n; i++) if (isMasked(refs.inmask, i)) bad[i] = 1;
      if (background) for (let i = 0; i < n; i++) background[i] = refs.bkg!.sci[i]! * gain;
      const given = refs.var?.sci;
      const errorOf = given
        ? (i: number): number => gain * Math.sqrt(given[i]!)
        : (i: number): number => image.err[at + i]!;
      if (variance && takeVariance(variance, bad, image, errorOf)) known = true;
      find(crmask, { a, variance, background, bad, nx, ny }, { ...p, satlevel, psf }, alloc);
      for (let i = 0; i < n; i++) {
        if (!crmask[i]) continue;
        dq[at + i]! |= DQ.OUTLIER;
        if (!p.clean) continue;
        sci[at + i] = a[i]! / gain;
        dq[at + i]! |= DQ.FLUX_ESTIMATED;
      }
    }
    return known ? complete(image) : partial(image, [NO_ERRORS]);
  },
});

const NO_ERRORS = {
  code: "NO_ERRORS",
  message: "rows without errors (ERR is 0) aren't searched; noise=model tells the noise from the data",
};

/** By its image, or by its flags where it has no other. */
const isMasked = ({ sci, dq }: Reference, i: number): boolean =>
  sci.length > 0 ? sci[i] !== 0 : dq![i] !== 0;

/** A hole in the data would look like an edge: it takes its neighbour's value, and isn't looked at. */
function takeData(
  a: Float32Array,
  bad: Uint8Array,
  { nx, ny, sci, dq }: Image,
  at: number,
  gain: number,
  ignored: number,
): void {
  for (let y = 0, i = 0; y < ny; y++) {
    let last = 0;
    for (const end = i + nx; i < end; i++) {
      const value = sci[at + i]! * gain;
      const finite = value - value === 0;
      if (finite) last = value;
      a[i] = last;
      bad[i] = finite && !(dq[at + i]! & ignored) ? 0 : 1;
    }
  }
}

/** As takeData: a pixel whose error isn't known, 0 or not finite, can't be judged. False: no error is known. */
function takeVariance(
  variance: Float32Array,
  bad: Uint8Array,
  { nx, ny }: Image,
  errorOf: (i: number) => number,
): boolean {
  let any = false;
  for (let y = 0, i = 0; y < ny; y++) {
    let last = 0;
    for (const end = i + nx; i < end; i++) {
      const e = errorOf(i);
      const known = e > 0 && e < Infinity;
      if (known) last = e * e;
      else bad[i] = 1;
      variance[i] = last;
      any ||= known;
    }
  }
  return any;
}
