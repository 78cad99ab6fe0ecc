/** When an exposure began, from whichever of its many date keywords is there. */
import type { Keywords } from "../../data/exposure.js";
import { numberOf, textOf } from "./keywords.js";

const MJD_UNIX_EPOCH = 40587;
const JD_MJD = 2400000.5;
/** READTIME and RST_TIME of raw frames count microseconds of MJD; anything this large is one. */
const MICROSECONDS_OF_MJD = 1e12;

/** ISO 8601 UTC of a modified Julian date, to the millisecond. */
export const isoOfMjd = (mjd: number): string =>
  new Date(Math.round((mjd - MJD_UNIX_EPOCH) * 86_400_000)).toISOString().slice(0, -1);

const isDate = (text: string | undefined): text is string => /^\d{4}-\d\d-\d\d(T[\d:.]+)?$/.test(text ?? "");

/** The start of the exposure as ISO 8601 UTC; `from` names the keyword, "" when none is there. */
export function startOf(header: Keywords): { iso: string; from: string } {
  const obs = textOf(header, "DATE-OBS");
  if (isDate(obs)) {
    if (obs.includes("T")) return { iso: obs, from: "DATE-OBS" };
    const time = textOf(header, "TIME-OBS", "UTC");
    if (time && /^\d\d?:\d\d(:[\d.]+)?$/.test(time)) return { iso: `${obs}T${time}`, from: "DATE-OBS" };
    return { iso: `${obs}T00:00:00`, from: "DATE-OBS" };
  }
  const begin = textOf(header, "DATE-BEG");
  if (isDate(begin)) return { iso: begin.includes("T") ? begin : `${begin}T00:00:00`, from: "DATE-BEG" };
  // EXPDTST: YYYYMMDDhhmmss, some writers put a T between (FRAMEWORK §7).
  const compact = /^(\d{4})(\d\d)(\d\d)T?(\d\d)(\d\d)(\d\d)(\.\d+)?$/.exec(textOf(header, "EXPDTST") ?? "");
  if (compact) {
    const [, year, month, day, hour, minute, second, fraction = ""] = compact;
    return { iso: `${year}-${month}-${day}T${hour}:${minute}:${second}${fraction}`, from: "EXPDTST" };
  }
  const jd = numberOf(header, "EXPJDST");
  if (jd !== undefined) return { iso: isoOfMjd(jd - JD_MJD), from: "EXPJDST" };
  const mjd = numberOf(header, "EXPSTART", "MJD-OBS");
  if (mjd !== undefined)
    return { iso: isoOfMjd(mjd), from: header["EXPSTART"] === undefined ? "MJD-OBS" : "EXPSTART" };
  const reset = numberOf(header, "RST_TIME");
  if (reset !== undefined && reset > MICROSECONDS_OF_MJD)
    return { iso: isoOfMjd(reset / 86_400e6), from: "RST_TIME" };
  const written = textOf(header, "DATE", "DATECRT");
  if (isDate(written)) return { iso: written, from: "DATE" };
  return { iso: "", from: "" };
}
