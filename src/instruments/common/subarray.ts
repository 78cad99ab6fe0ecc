/** Which rectangle of the detector was read. */
import type { Keywords, Subarray } from "../../data/exposure.js";
import { numberOf, textOf } from "./keywords.js";

/** Sides of the detectors: H4RG of IRIS, H2RG of the prototypes. */
const FULL_SIDES = [4096, 2048];

/** SARRMODE of raw frames → SUBARRAY of the data model. */
const MODES: Readonly<Record<string, string>> = { FULL_FRAME: "FULL", SUB_ARRAY: "CUSTOM", ODGW: "CUSTOM" };

/**
 * SUBARRAY with SUBSTRT1/2 (1-based), or SARRMODE with XSTART, YSTART of raw frames. The size is the array's own;
 * a header that says otherwise is mentioned.
 */
export function subarrayOf(
  header: Keywords,
  [nx = 0, ny = 0]: readonly number[],
): { subarray: Subarray; assumed: string[] } {
  const assumed: string[] = [];
  const x = Math.max(1, numberOf(header, "SUBSTRT1", "XSTART") ?? 1);
  const y = Math.max(1, numberOf(header, "SUBSTRT2", "YSTART") ?? 1);
  const width = numberOf(header, "SUBSIZE1", "XSIZE");
  const height = numberOf(header, "SUBSIZE2", "YSIZE");
  if ((width ?? nx) !== nx || (height ?? ny) !== ny)
    assumed.push(`SUBSIZE says ${width ?? nx} × ${height ?? ny}: the array's ${nx} × ${ny} taken`);
  const stated = textOf(header, "SUBARRAY");
  const mode = MODES[textOf(header, "SARRMODE") ?? ""];
  let name = stated?.toUpperCase() ?? mode;
  if (name === undefined) {
    name = nx === ny && FULL_SIDES.includes(nx) ? "FULL" : "CUSTOM";
    assumed.push(`no SUBARRAY: ${nx} × ${ny} taken as ${name} at (${x}, ${y})`);
  }
  return { subarray: { name, x, y, nx, ny }, assumed };
}
