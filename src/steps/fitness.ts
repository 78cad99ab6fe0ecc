/** What the steps that judge calibrations have in common. */
import type { Image } from "../data/kinds.js";
import type { Alloc } from "../kernels/alloc.js";

/** Pixels without a value or with one of the flags, and their part of the frame. */
export function badPixels(
  { sci, dq }: Pick<Image, "sci" | "dq">,
  flags: number,
  alloc: Alloc,
): { mask: Uint8Array; share: number } {
  const mask = alloc.u8(sci.length);
  let n = 0;
  for (let i = 0; i < sci.length; i++)
    if ((dq[i]! & flags) !== 0 || sci[i]! - sci[i]! !== 0) n += mask[i] = 1;
  return { mask, share: n / sci.length };
}

/** 0.0123 → "1.2 %". */
export const percent = (share: number): string => `${String(Number((100 * share).toPrecision(2)))} %`;

/** A level with as many decimals as its scatter deserves; in ASCII, for headers. */
export function levelText(level: number, scatter: number, unit: string): string {
  const decimals = scatter > 0 ? Math.min(20, Math.max(0, 1 - Math.floor(Math.log10(scatter)))) : 3;
  const number = (Math.abs(level) < scatter * 1e-3 ? 0 : level).toFixed(decimals);
  return `level ${number}, scatter ${scatter.toPrecision(2)} ${unit}`.trim();
}
