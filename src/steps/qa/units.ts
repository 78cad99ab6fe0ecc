/** What a pixel value counts: electrons, seconds, and magnitudes where the header knows them. */
import type { Exposure, Keywords } from "../../data/exposure.js";

interface Unit {
  unit: string;
  header: Keywords;
  exposure: Exposure;
}

/** Electrons per unit of the image, 1 where nobody knows: the gain for DN, the exposure time for rates. */
export function electronsPerUnit({ unit, exposure }: Unit): number {
  const gain = /^(DN|ADU)/i.test(unit) ? (exposure.gain ?? 1) : 1;
  const seconds = unit.endsWith("/s") && exposure.exptime > 0 ? exposure.exptime : 1;
  return gain * seconds;
}

/**
 * Magnitude of a source whose pixels add up to one: of a calibrated image from its unit, else from ZEROPT, which is that
 * of one unit per second, and the extinction. null where there is none.
 */
export function magnitudeOfOne({ unit, header, exposure }: Unit): number | null {
  if (unit === "uJy") return 23.9;
  const { ZEROPT: zero, PIXAR_SR: area, EXTCOEF: coefficient } = header;
  if (unit === "MJy/sr") return typeof area === "number" ? 23.9 - 2.5 * Math.log10(area * 1e12) : null;
  if (typeof zero !== "number") return null;
  const seconds = unit.endsWith("/s") || !(exposure.exptime > 0) ? 1 : exposure.exptime;
  const airmass = header["AIRMASS"] ?? header["AIRMAMID"];
  const dimmed = typeof coefficient === "number" && typeof airmass === "number" ? coefficient * airmass : 0;
  return zero - dimmed + 2.5 * Math.log10(seconds);
}
