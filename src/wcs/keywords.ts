/** World coordinates as they stand in a header: FITS keywords to plain numbers (FITS 4.0 §8). */
import type { Keywords } from "../data/exposure.js";

/** SIP polynomial: u' = u + Σ c[k].value · u^c[k].i · v^c[k].j. */
export type SipTerms = readonly { i: number; j: number; value: number }[];

export interface Wcs {
  projection: "TAN" | "SIN";
  /** Reference pixel, counted from 1 as in the header. */
  crpix: readonly [number, number];
  /** Sky position of the reference pixel, degrees. */
  crval: readonly [number, number];
  /** Degrees per pixel: [∂ξ/∂x, ∂ξ/∂y, ∂η/∂x, ∂η/∂y]. */
  cd: readonly [number, number, number, number];
  /** Native longitude of the celestial pole, degrees. */
  lonpole: number;
  sip: { a: SipTerms; b: SipTerms } | null;
}

const pattern =
  /^(WCSAXES|WCSNAME|RADESYS|RADECSYS|EQUINOX|LONPOLE|LATPOLE|S_REGION|(CTYPE|CUNIT|CRPIX|CRVAL|CDELT|CROTA|CNAME)[1-9]|(PC|CD|PV)[1-9]_[0-9]+|(A|B|AP|BP)_(ORDER|DMAX|[0-9]_[0-9]))$/;

/** Keywords that belong beside the pixels they describe, in the science header. */
export const isWcsKeyword = (keyword: string): boolean => pattern.test(keyword);

/** The celestial coordinates of a header, or the reason why it has none. */
export function readWcs(header: Keywords): Wcs | { none: string } {
  const missing = ["CRPIX1", "CRPIX2", "CRVAL1", "CRVAL2"].filter((k) => typeof header[k] !== "number");
  if (missing.length > 0) return { none: `the header has no ${missing.join(", ")}` };
  const type = header["CTYPE1"];
  const code = typeof type === "string" ? type.replace(/-SIP$/, "").slice(-3) : "";
  if (code !== "TAN" && code !== "SIN")
    return { none: `CTYPE1 = ${JSON.stringify(type ?? null)}: only TAN and SIN are known` };
  const cd = readMatrix(header);
  if (!cd) return { none: "the header has neither CDELT1, CDELT2 nor CD1_1 … CD2_2" };
  if (cd[0] * cd[3] - cd[1] * cd[2] === 0) return { none: "its pixel matrix can't be inverted" };
  const crval = [number(header, "CRVAL1", 0), number(header, "CRVAL2", 0)] as const;
  const a = readSip(header, "A");
  const b = readSip(header, "B");
  return {
    projection: code,
    crpix: [number(header, "CRPIX1", 0), number(header, "CRPIX2", 0)],
    crval,
    cd,
    lonpole: number(header, "LONPOLE", crval[1] >= 90 ? 0 : 180),
    sip: a.length + b.length > 0 ? { a, b } : null,
  };
}

function number(header: Keywords, keyword: string, fallback: number): number {
  const value = header[keyword];
  return typeof value === "number" ? value : fallback;
}

/** CD as it stands, else CDELT·PC, else CDELT turned by CROTA2 (FITS 4.0 §8.1, §8.2.1). */
function readMatrix(header: Keywords): Wcs["cd"] | undefined {
  const has = (keyword: string): boolean => typeof header[keyword] === "number";
  const names = ["1_1", "1_2", "2_1", "2_2"] as const;
  if (names.some((n) => has(`CD${n}`))) {
    const [a, b, c, d] = names.map((n) => number(header, `CD${n}`, 0));
    return [a!, b!, c!, d!];
  }
  if (!has("CDELT1") || !has("CDELT2")) return undefined;
  const [s1, s2] = [number(header, "CDELT1", 1), number(header, "CDELT2", 1)];
  if (has("CROTA2") && !names.some((n) => has(`PC${n}`))) {
    const rho = (number(header, "CROTA2", 0) * Math.PI) / 180;
    return [s1 * Math.cos(rho), -s2 * Math.sin(rho), s1 * Math.sin(rho), s2 * Math.cos(rho)];
  }
  const pc = names.map((n) => number(header, `PC${n}`, n === "1_1" || n === "2_2" ? 1 : 0));
  return [s1 * pc[0]!, s1 * pc[1]!, s2 * pc[2]!, s2 * pc[3]!];
}

function readSip(header: Keywords, letter: "A" | "B"): SipTerms {
  const order = number(header, `${letter}_ORDER`, 0);
  const terms: { i: number; j: number; value: number }[] = [];
  for (let i = 0; i <= order; i++)
    for (let j = 0; i + j <= order; j++) {
      const value = number(header, `${letter}_${String(i)}_${String(j)}`, 0);
      if (value !== 0) terms.push({ i, j, value });
    }
  return terms;
}
