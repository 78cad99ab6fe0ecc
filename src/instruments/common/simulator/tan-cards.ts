/** Gnomonic world coordinates of simulated exposures: north up, east left. */
import type { Card, Value } from "../../../fits/index.js";

const card = (keyword: string, value: Value, comment: string): Card => ({ keyword, value, comment });

/** The first two axes; `x`, `y`: tangent point, 1-based pixels; `scale`: arcseconds per pixel. */
export function tanCards(
  { x, y }: { x: number; y: number },
  { ra, dec }: { ra: number; dec: number },
  scale: number,
): Card[] {
  const step = scale / 3600;
  return [
    card("WCSAXES", 2, "number of world axes"),
    card("CTYPE1", "RA---TAN", "gnomonic projection"),
    card("CTYPE2", "DEC--TAN", "gnomonic projection"),
    card("CUNIT1", "deg", "unit of CRVAL1, CDELT1"),
    card("CUNIT2", "deg", "unit of CRVAL2, CDELT2"),
    card("CRPIX1", x, "tangent point, column"),
    card("CRPIX2", y, "tangent point, row"),
    card("CRVAL1", ra, "[deg] right ascension there"),
    card("CRVAL2", dec, "[deg] declination there"),
    card("CDELT1", -step, "[deg] per column"),
    card("CDELT2", step, "[deg] per row"),
    card("PC1_1", 1, "rotation"),
    card("PC1_2", 0, "rotation"),
    card("PC2_1", 0, "rotation"),
    card("PC2_2", 1, "rotation"),
    card("RADESYS", "ICRS", "reference frame"),
  ];
}
