/** Says how good an image is: seeing, sky, depth, bad pixels, in keywords. The image itself stays as it is. */
import * as v from "valibot";
import { DQ } from "../data/dq.js";
import type { KeywordValue, Keywords } from "../data/exposure.js";
import type { Image } from "../data/kinds.js";
import { apertureSum } from "../kernels/image/apertures.js";
import { detect } from "../kernels/image/detect.js";
import { medianOf } from "../kernels/image/select.js";
import type { Source } from "../kernels/image/source.js";
import { starBackground } from "../kernels/image/star-background.js";
import { fitStar, type StarFit } from "../kernels/image/star-fit.js";
import { TRUNCATED } from "../kernels/image/source.js";
import { defineStep } from "../step/define.js";
import { complete, partial } from "../step/outcome.js";

const positive = (fallback: number) => v.optional(v.pipe(v.number(), v.gtValue(0)), fallback);
const whole = (fallback: number) => v.optional(v.pipe(v.number(), v.integer(), v.minValue(1)), fallback);

export const qa = defineStep({
  name: "qa",
  summary: "Measure the quality of an image: sources, seeing, sky, depth, bad pixels.",
  equation:
    "sources: smoothed image > nsigma·rms;  FWHM: median of Gaussian fits;  limit: 5·rms·√(π·FWHM²) in an aperture of diameter 2·FWHM",
  input: "image",
  output: "image",
  locality: "frame",
  status: "S_QA",
  params: v.object({
    box: v.pipe(whole(64), v.description("side of the boxes that the background is estimated in, pixels")),
    nsigma: v.pipe(
      positive(4),
      v.description("threshold of detection, in units of the background's scatter"),
    ),
    minarea: v.pipe(whole(5), v.description("fewest pixels of a source")),
    star_snr: v.pipe(positive(50), v.description("signal to noise of the stars that tell the seeing")),
    stars: v.pipe(whole(100), v.description("most stars to fit, brightest first")),
  }),
  run(image, { params: p, header, alloc }) {
    const { nx, ny, sci, dq } = image;
    const n = nx * ny;
    const bad = alloc.u8(n);
    for (let i = 0; i < n; i++) bad[i] = dq[i]! & DQ.DO_NOT_USE || sci[i]! - sci[i]! !== 0 ? 1 : 0;
    const flat = alloc.f32(n);
    const background = starBackground(flat, null, sci, bad, nx, ny, p.box, 3);
    const fractions = flagFractions(image);
    if (!background)
      return partial(image, [{ code: "NO_BACKGROUND", message: "no box has enough good pixels" }], fractions);
    const [low, high] = extremes(flat);
    for (let i = 0; i < n; i++) flat[i] = sci[i]! - flat[i]!;
    const sources = detect(
      { nx, ny, sci: flat, bad },
      { threshold: p.nsigma * background.rms, minarea: p.minarea, levels: 32, contrast: 0.005, clean: 1 },
    );
    const fits = fitStars({ nx, ny, sci: flat, bad }, dq, sources, background.rms, p);
    const keywords = {
      QABKG: background.level,
      QARMS: background.rms,
      QAGRAD: high - low,
      QANSRC: sources.length,
      ...fractions,
    };
    if (fits.length === 0)
      return partial(
        image,
        [{ code: "NO_STARS", message: `no star with a signal to noise of ${String(p.star_snr)}: no seeing` }],
        keywords,
      );
    const median = (of: (fit: StarFit) => number): number =>
      medianOf(Float64Array.from(fits, of), fits.length);
    const fwhm = median(({ major, minor }) => Math.sqrt(major * minor));
    const noise = background.rms * Math.sqrt(Math.PI) * fwhm;
    const brightest = Math.max(
      ...sources
        .slice(0, p.stars)
        .map(({ x, y }) => apertureSum({ nx, ny, sci: flat, err: null, bad }, x, y, fwhm).sum),
    );
    return complete(image, {
      ...keywords,
      QAFWHM: fwhm,
      QAELL: median(({ major, minor }) => 1 - minor / major),
      QANSTAR: fits.length,
      QASNR: brightest / Math.sqrt(noise * noise + Math.max(0, brightest) / gainOf(header)),
      QALIM5: 5 * noise,
      ...scaled(header, fwhm, 5 * noise),
    });
  },
});

/** Milliarcseconds where the header has a pixel scale, magnitudes where it has a zero point. */
function scaled(header: Keywords, fwhm: number, limit: number): Record<string, KeywordValue> {
  const { SCALE: scale, ZEROPT: zero } = header;
  return {
    ...(typeof scale === "number" ? { QAFWMAS: fwhm * scale * 1000 } : {}),
    ...(typeof zero === "number" ? { QAMAG5: zero - 2.5 * Math.log10(limit) } : {}),
  };
}

/** Electrons per unit of a count rate: the exposure time, when it is one in electrons. */
function gainOf(header: Keywords): number {
  const { EXPTIME: exptime, BUNIT: unit } = header;
  return typeof exptime === "number" && exptime > 0 && typeof unit === "string" && unit.endsWith("/s")
    ? exptime
    : 1;
}

function extremes(plane: Float32Array): [number, number] {
  let [low, high] = [Infinity, -Infinity];
  for (let i = 0; i < plane.length; i++) {
    const value = plane[i]!;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return [low, high];
}

/** Parts of the frame that are bad, saturated, hit by cosmic rays. */
function flagFractions({ dq }: Image): Record<string, number> {
  let [bad, saturated, hit] = [0, 0, 0];
  for (let i = 0; i < dq.length; i++) {
    const flags = dq[i]!;
    if (flags === 0) continue;
    if (flags & DQ.DO_NOT_USE) bad++;
    if (flags & DQ.SATURATED) saturated++;
    if (flags & (DQ.OUTLIER | DQ.JUMP_DET)) hit++;
  }
  return { QABAD: bad / dq.length, QASAT: saturated / dq.length, QACR: hit / dq.length };
}

/** Gaussian fits of the stars that are alone, whole, unsaturated and bright enough. */
function fitStars(
  frame: { nx: number; ny: number; sci: Float32Array; bad: Uint8Array },
  dq: Uint32Array,
  sources: readonly Source[],
  rms: number,
  { star_snr, stars }: { star_snr: number; stars: number },
): StarFit[] {
  const bright = sources
    .filter(({ flags, flux, npix, pixels }) => {
      const clean = (flags & TRUNCATED) === 0 && pixels.every((p) => !(dq[p]! & DQ.SATURATED));
      return clean && flux / (rms * Math.sqrt(npix)) > star_snr;
    })
    .sort((p, q) => q.flux - p.flux)
    .slice(0, stars);
  return bright.flatMap(({ x, y, a, b }) => {
    const sigma = Math.max(0.7, Math.sqrt(a * b));
    const fit = fitStar(frame, x, y, Math.max(4, Math.ceil(4 * sigma)), sigma);
    return fit ? [fit] : [];
  });
}
