/** Measures the zero point of an image by the stars of a catalogue in it. */
import * as v from "valibot";
import { StepError } from "../errors.js";
import { cellsOf, near } from "../kernels/image/cells.js";
import { bestAperture, growthCurve, starSum, type Growth } from "../kernels/image/growth.js";
import { medianZeroPoint, zeroPoint as zeroPointOf } from "../kernels/image/magnitudes.js";
import { MERGED, TRUNCATED, type Source } from "../kernels/image/source.js";
import { DQ } from "../data/dq.js";
import { defineStep } from "../step/define.js";
import { complete, partial, skipped } from "../step/outcome.js";
import { readWcs, skyToPixel } from "../wcs/index.js";
import { measureQuality, type Frame, type Quality } from "./qa/measure.js";
import { electronsPerUnit } from "./qa/units.js";
import { starsOf, type CatalogStars } from "./zero_point/star-columns.js";

const positive = (fallback: number) => v.optional(v.pipe(v.number(), v.gtValue(0)), fallback);
const given = v.optional(v.nullable(v.number()), null);

/** Radii of the growth curve, and the ring that the sky is taken from, in units of the full width at half maximum. */
const STEP = 0.25;
const RING = [1.25, 1.75] as const;
const MAX_PASSES = 20;

export const zeroPoint = defineStep({
  name: "zero_point",
  summary: "Measure the zero point by catalogue stars in the image.",
  equation:
    "ZP_i = m_cat + 2.5·log10(F_i/t) − c + k·X;  ZP = median of what 3σ clipping leaves;  error = √((1.4826·MAD)²/n + σ_c²)",
  input: "image",
  output: "image",
  locality: "frame",
  status: "S_ZEROPT",
  refs: {
    stars: {
      type: "STARCAT",
      doc: "stars with ra, dec and magnitudes (degrees): CSV, ECSV or FITS table, columns as of SDSS, Pan-STARRS, 2MASS, UKIDSS",
      whole: true,
      table: true,
    },
  },
  params: v.object({
    column: v.pipe(
      v.optional(v.nullable(v.string()), null),
      v.description("column of the magnitudes, its errors in e_NAME; null: by the filter's first letter"),
    ),
    ab_offset: v.pipe(
      given,
      v.description(
        "AB − catalogue magnitude; null: that of 2MASS and UKIDSS where their columns are found, else 0",
      ),
    ),
    extinction: v.pipe(
      given,
      v.description(
        "magnitudes per airmass, for a zero point outside the atmosphere; null: EXTCOEF, or none",
      ),
    ),
    match: v.pipe(positive(1), v.description("how far a star may be from its place, in units of the FWHM")),
    min_snr: v.pipe(positive(10), v.description("least signal to noise of a star that counts")),
    total: v.pipe(
      positive(4),
      v.description("radius that holds all of a star's light, in units of the FWHM"),
    ),
    nsigma: v.pipe(
      positive(3),
      v.description("stars further from the median are left out, in units of the scatter"),
    ),
    min_stars: v.pipe(
      v.optional(v.pipe(v.number(), v.integer(), v.minValue(1)), 3),
      v.description("fewer stars give no zero point"),
    ),
  }),
  beside: ["zp.json"],
  skip({ header }) {
    const unit = header["BUNIT"];
    if (unit === "MJy/sr" || unit === "uJy") return `the image is in ${unit} already`;
    const wcs = readWcs(header);
    return "none" in wcs ? wcs.none : undefined;
  },
  run(image, { params: p, refs, header, exposure, alloc }) {
    const frame: Frame = { ...image, header, exposure };
    const band = exposure.filter.slice(0, 1).toLowerCase();
    const stars = starsOf(refs.stars.table!, band, p.column);
    if (typeof stars === "string")
      throw new StepError(`zero_point: on the catalogue ${refs.stars.name} — ${stars}`, {
        hint: "name the column: -s zero_point.column=NAME",
      });
    const quality = measureQuality(
      frame,
      { box: 64, nsigma: 4, minarea: 5, star_snr: 50, stars: 100, diffraction_fwhm: null },
      alloc,
    );
    const { seeing, background } = quality.report;
    if (!seeing || !background) return skipped(image, "no star bright enough to tell the seeing");
    const fwhm = seeing.fwhm.px;
    const matched = matchStars(stars, quality, frame, p.match * fwhm);
    const outer = p.total * fwhm;
    const ring = [RING[0] * outer, RING[1] * outer] as const;
    const radii = Array.from({ length: Math.round(p.total / STEP) }, (_, k) => (k + 1) * STEP * fwhm);
    const alone = standAlone(quality.sources, frame, outer);
    const growth = growthCurve(quality.flat, alone, radii, ring);
    if (!growth) return skipped(image, "no star stands alone: no growth curve");
    const gain = electronsPerUnit(frame);
    const fluxes = matched.map(({ source }) => source.flux).sort((a, b) => a - b);
    const best = bestAperture(growth, fluxes[fluxes.length >> 1] ?? 0, background.rms, gain);
    const correction = correctionOf(growth, best);
    const airmass = Number(header["AIRMASS"] ?? header["AIRMAMID"] ?? NaN);
    const coefficient = p.extinction ?? Number(header["EXTCOEF"] ?? 0);
    if (coefficient !== 0 && Number.isNaN(airmass))
      throw new StepError(
        `zero_point: on an exposure of ${exposure.detector} — extinction needs AIRMASS or AIRMAMID in the header`,
        { hint: "leave it out: -s zero_point.extinction=0" },
      );
    const seconds = image.unit.endsWith("/s") ? 1 : exposure.exptime;
    const toAb = p.ab_offset ?? stars.toAb;
    const measured = matched.flatMap(({ source, star }) => {
      const found = starSum(quality.flat, source.x, source.y, radii[best]!, ring);
      const error = Math.sqrt(
        found.err ** 2 + (typeof quality.flat.err === "number" ? Math.max(0, found.sum) / gain : 0),
      );
      if (found.truncated || found.badArea > 0 || !(found.sum > p.min_snr * error)) return [];
      const values = { counts: found.sum, exptime: seconds, magnitude: stars.mag[star]! + toAb, airmass };
      const zp =
        zeroPointOf(coefficient === 0 ? { ...values, airmass: 0 } : values, coefficient) - correction.value;
      return [{ star, x: source.x, y: source.y, mag: values.magnitude, snr: found.sum / error, zp }];
    });
    const kept = clipped(measured, p.nsigma);
    if (kept.length < p.min_stars)
      return skipped(
        image,
        `${String(kept.length)} of ${String(stars.ra.length)} catalogue stars found in the image, ${String(p.min_stars)} are needed`,
      );
    const zero = medianZeroPoint(kept.map(({ zp }) => zp));
    const error = Math.hypot(zero.error, correction.error);
    const keywords = {
      ZEROPT: zero.value,
      ZPERR: error,
      ZPSCAT: zero.scatter,
      NZPSTAR: zero.n,
      ZPCOL: stars.column,
      EXTCOEF: coefficient,
      APRADIUS: radii[best]!,
      APCORR: correction.value,
      APCERR: correction.error,
    };
    const json = {
      type: "zero_point",
      zeropoint: { value: zero.value, error, scatter: zero.scatter, stars: zero.n },
      catalog: { file: refs.stars.name, column: stars.column, abOffset: toAb },
      extinction: { coefficient, airmass: Number.isNaN(airmass) ? null : airmass },
      aperture: { radius: radii[best]!, correction: correction.value, error: correction.error },
      growth,
      stars: measured.map((star) => ({ ...star, used: kept.includes(star) })),
    };
    const beside = [{ ending: "zp.json", json }];
    return growth.stars < 3
      ? partial(
          image,
          [
            {
              code: "FEW_STARS",
              message: `the aperture correction is that of ${String(growth.stars)} star${growth.stars > 1 ? "s" : ""}`,
            },
          ],
          keywords,
          beside,
        )
      : complete(image, keywords, beside);
  },
});

interface Match {
  source: Source;
  /** Row of the catalogue. */
  star: number;
}

/** Each catalogue star with the nearest source within `reach`; sources that two stars want, or that are spoilt, are left out. */
function matchStars(stars: CatalogStars, { sources }: Quality, frame: Frame, reach: number): Match[] {
  const wcs = readWcs(frame.header);
  if ("none" in wcs) return [];
  const cells = cellsOf(sources, Math.max(16, reach));
  const wanted = new Map<number, number>();
  for (let star = 0; star < stars.ra.length; star++) {
    if (!Number.isFinite(stars.mag[star]!)) continue;
    const [x, y] = skyToPixel(wcs, stars.ra[star]!, stars.dec[star]!);
    if (!(x > -reach && y > -reach && x < frame.nx + reach && y < frame.ny + reach)) continue;
    let [nearest, least] = [-1, reach];
    for (const k of near(cells, x, y, reach)) {
      const distance = Math.hypot(sources[k]!.x - x, sources[k]!.y - y);
      if (distance <= least) [nearest, least] = [k, distance];
    }
    if (nearest >= 0) wanted.set(nearest, wanted.has(nearest) ? -1 : star);
  }
  return [...wanted]
    .map(([k, star]) => ({ source: sources[k]!, star }))
    .filter(({ source, star }) => star >= 0 && !isSpoilt(source, frame));
}

function isSpoilt({ flags, pixels }: Source, { dq }: Frame): boolean {
  if (flags & TRUNCATED) return true;
  return dq !== null && pixels.some((p) => (dq[p]! & (DQ.SATURATED | DQ.DO_NOT_USE)) !== 0);
}

/** The growth curve is that of so many stars at most. */
const GROWTH_STARS = 30;
/** Light of a neighbour that doesn't count. */
const FAINT = 0.01;

/** The brightest whole stars that have no neighbour of weight within twice the radius. */
function standAlone(sources: readonly Source[], frame: Frame, radius: number): Source[] {
  const { nx, ny } = frame;
  const cells = cellsOf(sources, Math.max(16, 2 * radius));
  const isAlone = (star: Source): boolean =>
    !(star.flags & MERGED) &&
    !isSpoilt(star, frame) &&
    Math.min(star.x, star.y, nx - 1 - star.x, ny - 1 - star.y) > radius &&
    near(cells, star.x, star.y, 2 * radius).every((k) => {
      const other = sources[k]!;
      return (
        other === star ||
        other.flux < FAINT * star.flux ||
        Math.hypot(other.x - star.x, other.y - star.y) > 2 * radius
      );
    });
  const chosen: Source[] = [];
  for (const star of sources) {
    if (isAlone(star)) chosen.push(star);
    if (chosen.length === GROWTH_STARS) break;
  }
  return chosen;
}

/** Magnitudes that the light beyond the aperture adds: m_total = m_aperture + value, value ≤ 0. */
function correctionOf({ part, error }: Growth, best: number): { value: number; error: number } {
  return { value: 2.5 * Math.log10(part[best]!), error: (1.0857362 * error[best]!) / part[best]! };
}

function clipped<T extends { zp: number }>(stars: readonly T[], nsigma: number): readonly T[] {
  let kept = stars;
  for (let pass = 0; pass < MAX_PASSES && kept.length > 2; pass++) {
    const { value, scatter } = medianZeroPoint(kept.map(({ zp }) => zp));
    const next = stars.filter(({ zp }) => Math.abs(zp - value) <= nsigma * scatter);
    if (scatter === 0 || next.length < 2 || next.length === kept.length) break;
    kept = next;
  }
  return kept;
}
