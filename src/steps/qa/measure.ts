/** What can be said of the quality of an image: its sources, the seeing, the sky, the depth, the bad pixels. */
import { DQ } from "../../data/dq.js";
import type { Exposure, Keywords, KeywordValue } from "../../data/exposure.js";
import type { Alloc } from "../../kernels/alloc.js";
import { apertureSum, type ApertureImage } from "../../kernels/image/apertures.js";
import { detect } from "../../kernels/image/detect.js";
import { anyBits, markNotFinite } from "../../kernels/image/marks.js";
import { medianOf } from "../../kernels/image/select.js";
import { MERGED, TRUNCATED, type Source } from "../../kernels/image/source.js";
import { subtractStarBackground } from "../../kernels/image/star-background.js";
import { fitStar, type StarFit } from "../../kernels/image/star-fit.js";
import type { Caveat } from "../../step/outcome.js";
import { pixelScales, readWcs } from "../../wcs/index.js";
import { electronsPerUnit, magnitudeOfOne } from "./units.js";

export interface Frame {
  nx: number;
  ny: number;
  sci: Float32Array;
  /** 1σ per pixel; null, or nothing but zeros, where it isn't known. */
  err: Float32Array | null;
  dq: Uint32Array | null;
  /** BUNIT. */
  unit: string;
  header: Keywords;
  exposure: Exposure;
}

export interface QualityPolicy {
  box: number;
  nsigma: number;
  minarea: number;
  star_snr: number;
  stars: number;
  diffraction_fwhm: number | null;
}

/** A width, in pixels and, where the header has a pixel scale, on the sky. */
export interface Seeing {
  stars: number;
  fwhm: { px: number; mas: number | null };
  ellipticity: number;
  /** Part of a star's light that falls into its brightest pixel, were it centred there. */
  sharpness: number;
  /** That over what the telescope's diffraction alone would leave; null where its width wasn't said. */
  strehl: number | null;
}

export interface QualityReport {
  unit: string;
  sources: number;
  background: { level: number; rms: number; range: number } | null;
  seeing: Seeing | null;
  /** 5σ of the background in an aperture two FWHM wide. */
  limit5: { flux: number; mag: number | null } | null;
  /** Signal to noise of the brightest source. */
  snr: number | null;
  fractions: { bad: number; saturated: number; cosmic: number };
}

export interface Quality {
  report: QualityReport;
  keywords: Record<string, KeywordValue>;
  caveats: Caveat[];
  /** The brightest first. */
  sources: readonly Source[];
  /** Background subtracted, with the noise and the bad pixels of the frame. */
  flat: ApertureImage;
}

/** Peak of a diffraction-limited image over its flux, times the square of its full width at half maximum: π/4·1.029². */
const AIRY_PEAK = 0.8316;

export function measureQuality(frame: Frame, policy: QualityPolicy, alloc: Alloc): Quality {
  const { nx, ny, sci } = frame;
  const bad = alloc.u8(nx * ny);
  const fractions = markBad(bad, frame);
  const flat = alloc.f32(nx * ny);
  const background = subtractStarBackground(flat, sci, bad, nx, ny, policy.box, 3);
  const empty: QualityReport = {
    unit: frame.unit,
    sources: 0,
    background,
    seeing: null,
    limit5: null,
    snr: null,
    fractions,
  };
  if (!background) {
    const caveats = [{ code: "NO_BACKGROUND", message: "no box has enough good pixels" }];
    const image = { nx, ny, sci: flat, err: null, bad };
    return { report: empty, keywords: keywordsOf(empty), caveats, sources: [], flat: image };
  }
  const { rms } = background;
  const sources = detect(
    { nx, ny, sci: flat, bad },
    { threshold: policy.nsigma * rms, minarea: policy.minarea, levels: 32, contrast: 0.005, clean: 1 },
  ).sort((p, q) => q.flux - p.flux);
  const image = { nx, ny, sci: flat, err: noiseOf(frame, rms), bad };
  const seeing = seeingOf(
    fitStars({ nx, ny, sci: flat, bad }, frame.dq, sources, rms, policy),
    frame,
    policy,
  );
  const report = { ...empty, sources: sources.length, seeing };
  if (seeing === null) {
    const message = `no star with a signal to noise of ${String(policy.star_snr)}: no seeing`;
    return {
      report,
      keywords: keywordsOf(report),
      caveats: [{ code: "NO_STARS", message }],
      sources,
      flat: image,
    };
  }
  const { px: fwhm } = seeing.fwhm;
  const noise = rms * Math.sqrt(Math.PI) * fwhm;
  const one = magnitudeOfOne(frame);
  const full = {
    ...report,
    limit5: { flux: 5 * noise, mag: one === null ? null : one - 2.5 * Math.log10(5 * noise) },
    snr: brightestSnr(image, sources, fwhm, noise, electronsPerUnit(frame)),
  };
  return { report: full, keywords: keywordsOf(full), caveats: [], sources, flat: image };
}

/** Marks what must not be measured; parts of the frame that are bad, saturated, hit by cosmic rays. */
function markBad(bad: Uint8Array, { sci, dq }: Frame): QualityReport["fractions"] {
  const n = bad.length;
  let [count, saturated, cosmic] = [0, 0, 0];
  markNotFinite(bad, sci);
  if (dq !== null && anyBits(dq) & (DQ.DO_NOT_USE | DQ.SATURATED | DQ.OUTLIER | DQ.JUMP_DET))
    for (let i = 0; i < n; i++) {
      const flags = dq[i]!;
      if (flags === 0) continue;
      if (flags & DQ.DO_NOT_USE) {
        bad[i] = 1;
        count++;
      }
      if (flags & DQ.SATURATED) saturated++;
      if (flags & (DQ.OUTLIER | DQ.JUMP_DET)) cosmic++;
    }
  return { bad: count / n, saturated: saturated / n, cosmic: cosmic / n };
}

/** The frame's own errors, or the scatter of its background. */
function noiseOf({ err }: Frame, rms: number): Float32Array | number {
  return err !== null && anyBits(new Uint32Array(err.buffer, err.byteOffset, err.length)) !== 0 ? err : rms;
}

/** Gaussian fits of the stars that are whole, unsaturated and bright enough, those that stand alone first. */
function fitStars(
  image: { nx: number; ny: number; sci: Float32Array; bad: Uint8Array },
  dq: Uint32Array | null,
  sources: readonly Source[],
  rms: number,
  { star_snr, stars }: QualityPolicy,
): StarFit[] {
  const bright = sources
    .filter(({ flags, flux, npix }) => !(flags & TRUNCATED) && flux / (rms * Math.sqrt(npix)) > star_snr)
    .sort((p, q) => (p.flags & MERGED) - (q.flags & MERGED));
  const fits: StarFit[] = [];
  let taken = 0;
  for (const { x, y, a, b, pixels } of bright) {
    if (taken === stars) break;
    if (dq !== null && pixels.some((p) => dq[p]! & DQ.SATURATED)) continue;
    taken++;
    const sigma = Math.max(0.7, Math.sqrt(a * b));
    const fit = fitStar(image, x, y, Math.max(4, Math.ceil(4 * sigma)), sigma);
    if (fit) fits.push(fit);
  }
  return fits;
}

function seeingOf(fits: readonly StarFit[], { header }: Frame, { diffraction_fwhm }: QualityPolicy) {
  if (fits.length === 0) return null;
  const median = (of: (fit: StarFit) => number): number => medianOf(Float64Array.from(fits, of), fits.length);
  const fwhm = median(({ major, minor }) => Math.sqrt(major * minor));
  // A Gaussian's peak over its flux.
  const sharpness = median(({ major, minor }) => (4 * Math.LN2) / (Math.PI * major * minor));
  const scale = arcsecPerPixel(header);
  return {
    stars: fits.length,
    fwhm: { px: fwhm, mas: scale === null ? null : fwhm * scale * 1000 },
    ellipticity: median(({ major, minor }) => 1 - minor / major),
    sharpness,
    strehl: diffraction_fwhm === null ? null : (sharpness * diffraction_fwhm * diffraction_fwhm) / AIRY_PEAK,
  };
}

/** From SCALE, else from the coordinates. */
function arcsecPerPixel(header: Keywords): number | null {
  if (typeof header["SCALE"] === "number") return header["SCALE"];
  const wcs = readWcs(header);
  if ("none" in wcs) return null;
  const [sx, sy] = pixelScales(wcs);
  return 3600 * Math.sqrt(sx * sy);
}

/** Sources by isophotal flux that the brightest in an aperture is looked for among. */
const CANDIDATES = 100;

function brightestSnr(
  image: ApertureImage,
  sources: readonly Source[],
  radius: number,
  noise: number,
  gain: number,
): number {
  const brightest = sources
    .slice(0, CANDIDATES)
    .reduce((most, { x, y }) => Math.max(most, apertureSum({ ...image, err: null }, x, y, radius).sum), 0);
  return brightest / Math.sqrt(noise * noise + brightest / gain);
}

function keywordsOf(report: QualityReport): Record<string, KeywordValue> {
  const { background, seeing, limit5, snr, fractions, sources } = report;
  const entries: [string, number | null | undefined][] = [
    ["QABKG", background?.level],
    ["QARMS", background?.rms],
    ["QAGRAD", background?.range],
    ["QANSRC", background ? sources : null],
    ["QABAD", fractions.bad],
    ["QASAT", fractions.saturated],
    ["QACR", fractions.cosmic],
    ["QAFWHM", seeing?.fwhm.px],
    ["QAFWMAS", seeing?.fwhm.mas],
    ["QAELL", seeing?.ellipticity],
    ["QANSTAR", seeing?.stars],
    ["QASHARP", seeing?.sharpness],
    ["QASTREHL", seeing?.strehl],
    ["QASNR", snr],
    ["QALIM5", limit5?.flux],
    ["QAMAG5", limit5?.mag],
  ];
  return Object.fromEntries(
    entries.filter((entry): entry is [string, number] => typeof entry[1] === "number"),
  );
}
