/** Turns a count rate into flux density by a zero point. */
import * as v from "valibot";
import type { Exposure, Keywords } from "../data/exposure.js";
import type { Reference } from "../data/kinds.js";
import { StepError } from "../errors.js";
import { microjansky } from "../kernels/image/magnitudes.js";
import { dividePlane } from "../kernels/image/planes.js";
import { defineStep } from "../step/define.js";
import { complete, skipped } from "../step/outcome.js";
import { pixelScales, readWcs } from "../wcs/index.js";

const STERADIAN_PER_SQUARE_DEGREE = (Math.PI / 180) ** 2;
const ARCSEC2_PER_STERADIAN = 206264.80624709636 ** 2;
/** MJy sr⁻¹ → µJy arcsec⁻². */
const MICROJANSKY_PER_ARCSEC2 = 1e12 / ARCSEC2_PER_STERADIAN;

const given = v.optional(v.nullable(v.number()), null);

export const fluxcal = defineStep({
  name: "fluxcal",
  summary: "Turn a count rate into flux density by a zero point.",
  equation:
    "µJy per pixel = d·10^((23.9 − ZP + k·X)/2.5);  MJy/sr = µJy·10⁻¹²/Ω;  e alike, VAR by the square of the factor",
  input: "image",
  output: "image",
  locality: "pixel",
  status: "S_FLUXCL",
  refs: {
    photom: {
      type: "PHOTOM",
      doc: "table of photmjsr, MJy/sr of one unit per second, by filter, pupil, detector; where there is no zero point",
      optional: true,
      whole: true,
      table: true,
    },
  },
  params: v.object({
    zeropoint: v.pipe(
      given,
      v.description(
        "AB magnitude of one unit of the image per second; null: ZEROPT of the header, as zero_point measures it, else PHOTOM",
      ),
    ),
    extinction: v.pipe(
      given,
      v.description(
        "magnitudes per airmass, for a zero point outside the atmosphere; null: EXTCOEF of the header, or none",
      ),
    ),
    unit: v.pipe(
      v.optional(v.picklist(["uJy", "MJy/sr"]), "MJy/sr"),
      v.description("uJy: per pixel; MJy/sr: surface brightness"),
    ),
  }),
  skip({ header }) {
    const unit = header["BUNIT"];
    return unit === "MJy/sr" || unit === "uJy" ? `the image is in ${unit} already` : undefined;
  },
  run(image, { params, header, exposure, refs }) {
    const area = pixelArea(header);
    const zero =
      params.zeropoint ??
      number(header, "ZEROPT") ??
      (refs.photom ? zeroPointIn(refs.photom, exposure, area) : null);
    if (zero === null)
      return skipped(image, "no zero point: neither the parameter, nor ZEROPT of the header, nor PHOTOM");
    const coefficient = params.extinction ?? number(header, "EXTCOEF") ?? 0;
    const airmass = number(header, "AIRMASS") ?? number(header, "AIRMAMID");
    if (coefficient !== 0 && airmass === undefined)
      throw new StepError(
        `fluxcal: on an exposure of ${exposure.detector} — extinction needs AIRMASS or AIRMAMID in the header`,
        { hint: "leave it out: -s fluxcal.extinction=0" },
      );
    const counts = image.unit.endsWith("/s") ? 1 : exposure.exptime;
    if (!(counts > 0))
      throw new StepError(
        `fluxcal: on an exposure of ${exposure.detector} — the image is in ${image.unit || "no unit"} and has no exposure time`,
        { hint: "make a count rate first: iris reduce FILE --pipeline stage1" },
      );
    const perPixel = microjansky(zero - coefficient * (airmass ?? 0)) / counts;
    if (params.unit === "MJy/sr" && area === null)
      throw new StepError(
        `fluxcal: on an exposure of ${exposure.detector} — surface brightness needs a pixel scale, the header has neither WCS nor SCALE`,
        { hint: "take flux per pixel: -s fluxcal.unit=uJy" },
      );
    const factor = params.unit === "uJy" ? perPixel : (perPixel * 1e-12) / area!;
    for (const plane of [image.sci, image.err]) dividePlane(plane, 1 / factor);
    for (const plane of [image.varPoisson, image.varRnoise])
      if (plane) dividePlane(plane, 1 / (factor * factor));
    const surface =
      area === null
        ? {}
        : {
            PHOTMJSR: (perPixel * 1e-12) / area,
            PHOTUJA2: ((perPixel * 1e-12) / area) * MICROJANSKY_PER_ARCSEC2,
            PIXAR_SR: area,
            PIXAR_A2: area * ARCSEC2_PER_STERADIAN,
          };
    return complete({ ...image, unit: params.unit }, { ZEROPT: zero, EXTCOEF: coefficient, ...surface });
  },
});

/** The zero point that has the conversion of the exposure's row. @throws StepError */
function zeroPointIn({ name, table }: Reference, exposure: Exposure, area: number | null): number {
  const refuse = (why: string): StepError =>
    new StepError(`fluxcal: on the reference ${name} — ${why}`, {
      hint: "give the zero point: -s fluxcal.zeropoint=MAGNITUDE",
    });
  const values = table?.get("photmjsr");
  if (!(values instanceof Float64Array)) throw refuse("it has no column photmjsr of numbers");
  const row = values.findIndex((_, k) =>
    (["detector", "filter", "pupil"] as const).every((key) => {
      const cell = String(table?.get(key)?.[k] ?? "ANY").toUpperCase();
      return ["", "ANY", "N/A", exposure[key].toUpperCase()].includes(cell);
    }),
  );
  if (row < 0)
    throw refuse(
      `no row for ${[exposure.detector, exposure.filter, exposure.pupil].filter(Boolean).join(", ")}`,
    );
  if (area === null) throw refuse("it has surface brightness, and the header has no pixel scale");
  return 23.9 - 2.5 * Math.log10(values[row]! * area * 1e12);
}

function number(header: Keywords, keyword: string): number | undefined {
  const value = header[keyword];
  return typeof value === "number" ? value : undefined;
}

/** Steradian, from the coordinates, else from SCALE in arcseconds. */
function pixelArea(header: Keywords): number | null {
  const wcs = readWcs(header);
  if (!("none" in wcs)) {
    const [sx, sy] = pixelScales(wcs);
    return sx * sy * STERADIAN_PER_SQUARE_DEGREE;
  }
  const scale = number(header, "SCALE");
  return scale === undefined ? null : (scale * scale) / ARCSEC2_PER_STERADIAN;
}
