/** Brings exposures onto one grid on the sky, by drizzling. */
import * as v from "valibot";
import { badBits, DQ } from "../data/dq.js";
import type { Image } from "../data/kinds.js";
import { ConfigError, InputError, StepError } from "../errors.js";
import type { Alloc } from "../kernels/alloc.js";
import { drizzle, drizzleKernels, type Drizzled } from "../kernels/image/drizzle.js";
import { defineStep } from "../step/define.js";
import { complete } from "../step/outcome.js";
import type { GridInput, GridRef, OutputGrid } from "../step/regrid.js";
import {
  coveringGrid,
  footprint,
  formatRegion,
  pixelMap,
  readWcs,
  rowsUnder,
  scaleOf,
  sipCards,
  wcsKeywordsOf,
  type Wcs,
} from "../wcs/index.js";
import { isBrightness, wcsOf as placeOf } from "./common-grid.js";

const positive = v.pipe(v.number(), v.gtValue(0));
const finite = v.pipe(v.number(), v.finite());
const pair = v.optional(v.nullable(v.tuple([finite, finite])), null);
const count = v.pipe(v.number(), v.integer(), v.minValue(1));
const ARCSEC = 1 / 3600;

const params = v.object({
  kernel: v.pipe(v.optional(v.picklist(drizzleKernels), "square"), v.description("shape of the drops")),
  pixfrac: v.pipe(
    v.optional(v.pipe(v.number(), v.gtValue(0), v.maxValue(1)), 1),
    v.description("side of a drop as a part of the pixel"),
  ),
  fillval: v.pipe(
    v.optional(v.nullable(v.number()), null),
    v.description("value where nothing falls; null: NaN"),
  ),
  weight_type: v.pipe(
    v.optional(v.picklist(["ivm", "exptime", "none"]), "ivm"),
    v.description("weight of a pixel: ivm 1/variance of the read noise, else 1/e²; exptime; none 1"),
  ),
  pixel_scale_ratio: v.pipe(
    v.optional(positive, 1),
    v.description("output scale over that of the first input"),
  ),
  pixel_scale: v.pipe(
    v.optional(v.nullable(positive), null),
    v.description("output scale in arcseconds; wins over the ratio"),
  ),
  rotation: v.pipe(
    v.optional(v.nullable(v.number()), null),
    v.description("position angle of y in degrees; null: as the first input"),
  ),
  output_shape: v.pipe(
    v.optional(v.nullable(v.tuple([count, count])), null),
    v.description("columns and rows; null: what covers all inputs"),
  ),
  crpix: v.pipe(pair, v.description("reference pixel, from 0; null: so that the inputs lie in the middle")),
  crval: v.pipe(
    pair,
    v.description("its right ascension and declination in degrees; null: the first input's"),
  ),
  flux: v.pipe(
    v.optional(v.picklist(["auto", "brightness", "counts"]), "auto"),
    v.description(
      "what stays the same when pixels change their size: surface brightness or counts; auto: by the unit",
    ),
  ),
  good_bits: v.pipe(
    v.optional(
      v.pipe(
        v.string(),
        v.check((text) => badBits(text) !== null, "must be flags by name or number: DEAD+HOT, ~DO_NOT_USE"),
      ),
      "~DO_NOT_USE",
    ),
    v.description("flags that don't keep a pixel out, as DEAD+HOT; after a ~ those that do, and no others"),
  ),
  context: v.pipe(
    v.optional(v.boolean(), false),
    v.description("say in CON, by bit, which exposures each pixel is made of"),
  ),
  propagate_dq: v.pipe(
    v.optional(v.boolean(), false),
    v.description("flags of every pixel that contributes go into the product"),
  ),
});

type Params = v.InferOutput<typeof params>;

/** Input pixels that a drop reaches at most, and two more for the corners of pixels. */
const reachOf = ({ kernel, pixfrac, pixel_scale_ratio: s }: Params): number =>
  3 +
  (kernel.startsWith("lanczos") ? 3 : kernel === "gaussian" ? Math.max(1.2, 1.1 * pixfrac) : 1) *
    Math.max(1, s);

export const resample = defineStep({
  name: "resample",
  summary: "Drizzle exposures onto one grid on the sky.",
  equation:
    "S ← (S·W + c·d)/(W + c), VAR ← (VAR·W² + c²·e²)/(W + c)², W ← W + c;  c = a·w/J for square drops;  e' = √VAR, neighbours taken as independent",
  input: "image",
  output: "image",
  locality: "group",
  status: "S_RESAMP",
  flags: ["DO_NOT_USE"],
  params,
  refs: {
    output_wcs: {
      type: "OUTPUT_WCS",
      doc: "an image whose size and coordinates the product is to have, whatever the parameters say",
      byName: true,
      optional: true,
      whole: true,
    },
  },
  extras: ({ context }, _, count) => (context ? [{ ...CONTEXT, axes: [Math.ceil(count / 32)] }] : []),
  regrid: {
    plan(inputs, p, { output_wcs: wanted }) {
      if (wanted) return gridLike(wanted);
      const frames = inputs.map((input) => ({ ...input, wcs: wcsOf(input) }));
      const { nx, ny, wcs } = coveringGrid(frames, {
        ratio: p.pixel_scale_ratio,
        scale: p.pixel_scale === null ? null : p.pixel_scale * ARCSEC,
        rotation: p.rotation,
        shape: p.output_shape,
        crpix: p.crpix,
        crval: p.crval,
      });
      if (Number.isNaN(wcs.crpix[0]))
        throw new ConfigError(
          `resample.crval can't be ${String(p.crval)} — the exposures lie more than 90° from it`,
          { hint: "its right ascension and declination in degrees: iris step describe resample" },
        );
      const keywords = { ...wcsKeywordsOf(wcs), S_REGION: formatRegion(footprint(wcs, nx, ny)) };
      return { nx, ny, keywords, weighted: true };
    },
    rows({ grid, inputs, y0, ny }, k, p) {
      const wcs = wcsOf({ ...inputs[k]!, header: grid.keywords });
      return rowsUnder({ ...grid, wcs }, { y0, ny }, wcsOf(inputs[k]!), reachOf(p));
    },
  },
  run(images, { params: p, onto, alloc }) {
    const { grid, inputs, y0, ny } = onto!;
    const to = wcsOf({ ...inputs[0]!, header: grid.keywords });
    const n = grid.nx * ny;
    const bits = alloc.u32(p.context ? n * Math.ceil(images.length / 32) : 0);
    const out: Drizzled = {
      nx: grid.nx,
      ny,
      y0,
      sci: alloc.f32(n),
      variance: alloc.f32(n),
      weight: alloc.f32(n),
      context: p.context ? new Int32Array(bits.buffer, bits.byteOffset, bits.length) : null,
      dq: alloc.u32(n),
    };
    const first = images[0]!;
    images.forEach((image, index) => {
      if (image.unit !== first.unit)
        throw new StepError(
          `resample: on ${String(images.length)} exposures — one is in ${image.unit || "no unit"}, the first in ${first.unit || "no unit"}`,
          { hint: "resample exposures of one unit: iris fits header FILE" },
        );
      const from = wcsOf(inputs[index]!);
      const ratio = scaleOf(to) / scaleOf(from);
      const counts = p.flux === "auto" ? !isBrightness(first.unit) : p.flux === "counts";
      const input = inputOf(image, p, alloc);
      pixelMap(input.x, input.y, from, to, image.nx, image);
      drizzle(out, input, {
        kernel: p.kernel,
        pixfrac: p.pixfrac,
        iscale: counts ? ratio * ratio : 1,
        scaleRatio: ratio,
        index,
      });
    });
    finish(out, p);
    const product: Image = {
      ...first,
      nx: grid.nx,
      ny,
      y0,
      nz: 1,
      sci: out.sci,
      err: out.variance,
      dq: out.dq,
      weight: out.weight,
      ...(p.context ? { extras: { CON: bits } } : {}),
      varPoisson: null,
      varRnoise: null,
    };
    return complete(product, {
      ...grid.keywords,
      NDRIZ: images.length,
      NCOMBINE: images.length,
      DRIZKERN: p.kernel,
      PIXFRAC: p.pixfrac,
      PXSCLRT: scaleOf(to) / scaleOf(wcsOf(inputs[0]!)),
      RESWHT: p.weight_type,
      TEXPTIME: inputs.reduce((sum, { exposure }) => sum + exposure.exptime, 0),
    });
  },
});

const CONTEXT = {
  name: "CON",
  type: "u32",
  unit: "",
  comment: "bit k of plane p: exposure 32 p + k contributed, from 0",
} as const;

/** The grid of an image, with its distortion. @throws InputError when it has no sky coordinates */
function gridLike({ name, nx, ny, header }: GridRef): OutputGrid {
  const wcs = readWcs(header);
  if ("none" in wcs)
    throw new InputError(`cannot resample like ${name} — ${wcs.none}`, {
      hint: `name an image with sky coordinates: iris fits header ${name}`,
    });
  const keywords = { ...wcsKeywordsOf(wcs), ...(wcs.sip && sipCards(header)) };
  return {
    nx,
    ny,
    keywords: { ...keywords, S_REGION: formatRegion(footprint(wcs, nx, ny)) },
    weighted: true,
  };
}

const wcsOf = (input: Pick<GridInput, "exposure" | "header">): Wcs => placeOf(input, "resample");

/** Weights, variances and room for the pixel map of one exposure. */
function inputOf(image: Image, p: Params, alloc: Alloc) {
  const { nx, ny, sci, err, dq, varRnoise, exposure } = image;
  const n = nx * ny;
  const weight = alloc.f32(n);
  const variance = alloc.f32(n);
  const bad = badBits(p.good_bits)!;
  const time = p.weight_type === "exptime" ? exposure.exptime : 1;
  for (let i = 0; i < n; i++) {
    const e = err[i]!;
    variance[i] = e * e;
    const value = sci[i]!;
    if (value - value !== 0 || dq[i]! & bad) continue;
    const w = p.weight_type === "ivm" ? 1 / (varRnoise ? varRnoise[i]! : e * e) : time;
    // Without errors all pixels weigh the same.
    weight[i] = w - w === 0 ? w : p.weight_type === "ivm" && e === 0 ? 1 : 0;
  }
  return { nx, ny, sci, variance, weight, dq, x: alloc.f64(n), y: alloc.f64(n) };
}

/** Errors from variances; nothing where nothing fell. */
function finish({ sci, variance, weight, dq }: Drizzled, p: Params): void {
  for (let i = 0; i < sci.length; i++) {
    if (!p.propagate_dq) dq[i] = 0;
    if (weight[i] === 0) {
      sci[i] = p.fillval ?? NaN;
      variance[i] = NaN;
      dq[i]! |= DQ.DO_NOT_USE;
    } else variance[i] = Math.sqrt(variance[i]!);
  }
}
