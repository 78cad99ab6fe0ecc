/** How the detector was read, from the timing keywords of four generations of headers (READOUT §2.1–2.4). */
import type { Keywords, Readout } from "../../data/exposure.js";
import { numberOf, positiveOf } from "./keywords.js";

/** Above this a READTIME is a time stamp in µs of MJD (int64), below it the seconds that one read takes. */
const LONGEST_READ = 1e6;

/** Seconds between reads and the keyword that says so. */
function spacing(header: Keywords, readsPerGroup: number): number | undefined {
  const tframe = positiveOf(header, "TFRAME");
  if (tframe !== undefined) return tframe;
  const tgroup = positiveOf(header, "TGROUP");
  if (tgroup !== undefined) return tgroup / readsPerGroup;
  const readtime = positiveOf(header, "READTIME");
  if (readtime !== undefined && readtime < LONGEST_READ) return readtime;
  const micro = positiveOf(header, "FRM_TIME");
  if (micro !== undefined) return micro * 1e-6;
  const [ramp, reads] = [positiveOf(header, "RAMPTIME"), positiveOf(header, "NUMREADS")];
  if (ramp !== undefined && reads !== undefined) return ramp / reads;
  return undefined;
}

/**
 * Timing of a ramp of `ngroups` groups. Read k (1-based) is at k·tframe; a group's time is the mean of its reads'.
 * `assumed` says what the header didn't. NFRAMES is the number of reads averaged per group, or that of coadds where the
 * instrument says so, or the header has NREADS as that model has it.
 */
export function readoutOf(
  header: Keywords,
  ngroups: number,
  coadds = false,
): { readout: Readout; assumed: string[] } {
  const assumed: string[] = [];
  const averages = !coadds && header["NREADS"] === undefined;
  const nframes = Math.max(1, Math.round((averages ? numberOf(header, "NFRAMES") : undefined) ?? 1));
  const groupgap = Math.max(0, Math.round(numberOf(header, "GROUPGAP") ?? 0));
  const perGroup = nframes + groupgap;
  const known = spacing(header, perGroup);
  if (known === undefined) assumed.push("no TFRAME or TGROUP: read index taken as time, in seconds");
  const tframe = known ?? 1;
  const tgroup = positiveOf(header, "TGROUP") ?? perGroup * tframe;
  // DRPFRMS1: reads thrown away between the reset and the first group.
  const dropped = Math.max(0, Math.round(numberOf(header, "DRPFRMS1") ?? 0));
  const first = (dropped + (nframes + 1) / 2) * tframe;
  const times = Array.from({ length: ngroups }, (_, group) => group * tgroup + first);
  return { readout: { nframes, groupgap, tframe, tgroup, times }, assumed };
}
