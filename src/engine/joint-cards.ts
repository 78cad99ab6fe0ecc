/** What the header of a product of several exposures doesn't take over from the first: it is true of that one only. */
import type { Keywords } from "../data/exposure.js";
import { differing } from "../data/blend.js";
import type { Card } from "../fits/index.js";
import { pixelToSky, readWcs } from "../wcs/index.js";
import type { PlannedProduct } from "./plan-types.js";

/** Of a window on a detector and of one pointing; an image on a grid of its own has neither. */
const OF_ONE = /^(SUB(ARRID|STRT[12]|SIZE[12])|FASTAXIS|SLOWAXIS|EXPNUM|[XY]OFFSET|(RA|DEC)(-STR)?)$/;

/** The first input's card where it is true of the product, too; RA and DEC of a target, which all have, are. */
export function isOfAll({ grid }: PlannedProduct, headers: readonly Keywords[]): (card: Card) => boolean {
  const different = new Set(differing(headers));
  return ({ keyword }) =>
    !grid || !OF_ONE.test(keyword) || (/^(RA|DEC)/.test(keyword) && !different.has(keyword));
}

/** In place of these: the centre of the image, and the time of all where its pixels are per second. */
export function gridCards(
  { grid, inputs }: PlannedProduct,
  headers: readonly Keywords[],
  unit: string,
): Card[] {
  if (!grid) return [];
  const cards: Card[] = [];
  if (headers[0]!["SUBARRAY"] !== undefined)
    cards.push({ keyword: "SUBARRAY", value: "N/A", comment: "an image of the sky, not of a detector" });
  if (unit.endsWith("/s")) {
    const total = inputs.reduce((sum, { exposure }) => sum + exposure.exptime, 0);
    cards.push({ keyword: "EXPTIME", value: total, comment: "[s] all exposures together" });
  }
  const wcs = readWcs(grid.keywords);
  if (differing(headers).includes("RA") && !("none" in wcs)) {
    const [ra, dec] = pixelToSky(wcs, (grid.nx - 1) / 2, (grid.ny - 1) / 2);
    cards.push({ keyword: "RA", value: ra, comment: "[deg] centre of the image" });
    cards.push({ keyword: "DEC", value: dec, comment: "[deg] centre of the image" });
  }
  return cards;
}
