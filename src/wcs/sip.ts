/** SIP polynomials as keywords, moved to another reference pixel. */
import type { Keywords, KeywordValue } from "../data/exposure.js";

/** The polynomials as they stand in a header, and the axes named for them. */
export const sipCards = (header: Keywords): Record<string, KeywordValue> => ({
  ...Object.fromEntries(Object.entries(header).filter(([keyword]) => /^[AB]P?_(\d_\d|ORDER)$/.test(keyword))),
  ...sipAxes(header),
});

/** CTYPE of axes with a distortion. */
export function sipAxes(header: Keywords): Record<string, KeywordValue> {
  const named = (keyword: string): string => `${String(header[keyword]).replace(/-SIP$/, "")}-SIP`;
  return { CTYPE1: named("CTYPE1"), CTYPE2: named("CTYPE2") };
}

const NAMES = ["A", "B", "AP", "BP"] as const;

/**
 * The polynomials of a header for a reference pixel that lies (a, b) pixels further: Σ c·(u + a)^i·(v + b)^j by powers
 * of u and v. Empty when it has none.
 */
export function moveSip(header: Keywords, a: number, b: number): Record<string, KeywordValue> {
  const moved: Record<string, KeywordValue> = {};
  for (const name of NAMES) {
    const order = header[`${name}_ORDER`];
    if (typeof order !== "number") continue;
    moved[`${name}_ORDER`] = order;
    for (let i = 0; i <= order; i++)
      for (let j = 0; i + j <= order; j++) {
        const c = header[`${name}_${String(i)}_${String(j)}`];
        if (typeof c !== "number" || c === 0) continue;
        for (let k = 0; k <= i; k++)
          for (let l = 0; l <= j; l++) {
            const keyword = `${name}_${String(k)}_${String(l)}`;
            const part = c * binomial(i, k) * binomial(j, l) * a ** (i - k) * b ** (j - l);
            if (part !== 0) moved[keyword] = ((moved[keyword] as number | undefined) ?? 0) + part;
          }
      }
  }
  return moved;
}

function binomial(n: number, k: number): number {
  let value = 1;
  for (let i = 1; i <= k; i++) value = (value * (n - k + i)) / i;
  return value;
}
