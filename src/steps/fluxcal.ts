/** Turns a count rate into flux density by a zero point. */
import * as v from "valibot";
import type { Keywords } from "../data/exposure.js";
import { StepError } from "../errors.js";
import { microjansky } from "../kernels/image/magnitudes.js";
import { dividePlane } from "../kernels/image/planes.js";
import { defineStep } from "../step/define.js";
import { complete } from "../step/outcome.js";
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
  params: v.object({
    zeropoint: v.pipe(
      given,
      v.description("AB magnitude of one unit of the image per second; null: ZEROPT of the header"),
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
  skip({ header, params }) {
    const unit = header["BUNIT"];
    if (unit === "MJy/sr" || unit === "uJy") return `the image is in ${unit} already`;
    return params.zeropoint === null && typeof header["ZEROPT"] !== "number"
      ? "no zero point: neither the parameter nor ZEROPT of the header"
      : undefined;
  },
  run(image, { params, header, exposure }) {
    const zero = params.zeropoint ?? number(header, "ZEROPT")!;
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
    const area = pixelArea(header);
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
