/** What a pixel weighs in the median: by its read noise, which knows no source, so that stars count like sky. */
import { DQ } from "../../data/dq.js";
import type { Image } from "../../data/kinds.js";

/** 0 for what isn't a number or mustn't be used; 1 where the read noise isn't known apart. */
export function weightOf({ sci, dq, varRnoise }: Image, i: number): number {
  const value = sci[i]!;
  if (value - value !== 0 || dq[i]! & DQ.DO_NOT_USE) return 0;
  if (!varRnoise) return 1;
  const weight = 1 / varRnoise[i]!;
  return weight - weight === 0 ? weight : 0;
}
