/** How many pixels of the chip make one of the file. */
import type { Keywords } from "../../data/exposure.js";
import { numberOf, textOf } from "../common/keywords.js";

/** Along x and y. */
export function binningOf(header: Keywords): [number, number] {
  const sum = /^\s*(\d+)[\s,x]+(\d+)\s*$/i.exec(textOf(header, "CCDSUM", "BINNING") ?? "");
  if (sum) return [Number(sum[1]), Number(sum[2])];
  return [
    numberOf(header, "XBINNING", "BINX", "ESO DET WIN1 BINX") ?? 1,
    numberOf(header, "YBINNING", "BINY", "ESO DET WIN1 BINY") ?? 1,
  ];
}
