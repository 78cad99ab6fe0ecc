/** Header keywords that observatories share → descriptors in the field's vocabulary. */
import type { Exposure, Keywords, Readout } from "../../data/exposure.js";
import type { RawFacts } from "../define.js";
import { numberOf, textOf } from "./keywords.js";
import { startOf } from "./dates.js";
import { isReadFastest, readFastestReadout } from "./read-fastest.js";
import { readoutOf } from "./readout.js";
import { readOf } from "./single-read.js";
import { subarrayOf } from "./subarray.js";

/** Words inside EXP_TYPE (IRIS_DARK …), OBSNAME (IMG1-NFF …) or DATAMODL that give the type of exposure. */
const TYPES: readonly [RegExp, string][] = [
  [/TRUTH/, "TRUTH"],
  [/DARK|DRK/, "DARK"],
  [/FLAT|NFF/, "FLAT"],
  [/SKY|BACKGROUND/, "SKY"],
  [/BIAS/, "BIAS"],
  [/ARC|SPX/, "ARC"],
  [/TEL\b/, "TEL"],
];

/** Calibration references are no exposures: REFERENCE, whatever they were made of. */
function obstypeOf(header: Keywords): { obstype: string; assumed: string[] } {
  if (textOf(header, "REFTYPE") !== undefined) return { obstype: "REFERENCE", assumed: [] };
  const stated = textOf(header, "IMTYPE", "EXP_TYPE", "OBSTYPE");
  const words = (stated ?? textOf(header, "OBSNAME", "DATAMODL") ?? "").toUpperCase();
  const type = TYPES.find(([pattern]) => pattern.test(words))?.[1];
  if (type) return { obstype: type, assumed: [] };
  return { obstype: "SCI", assumed: stated ? [] : ["no IMTYPE or EXP_TYPE: taken as science"] };
}

function obsidOf(header: Keywords): string {
  const stated = textOf(header, "OBS_ID", "OBSID");
  if (stated) return stated;
  const parts = [
    textOf(header, "SEMID"),
    textOf(header, "PROGNUM", "PROGRAM"),
    textOf(header, "OBSNUM", "OBSERVTN"),
  ];
  return parts.filter((part) => part !== undefined).join("-");
}

/** Seconds per exposure; a ramp without a statement lasts until its last group. */
export function exptimeOf(
  header: Keywords,
  times: readonly number[] | undefined,
): { exptime: number; assumed: string[] } {
  const stated = numberOf(header, "EXPTIME", "EFFEXPTM", "EFFINTTM", "DURATION");
  if (stated !== undefined) return { exptime: stated, assumed: [] };
  const last = times?.at(-1);
  if (last !== undefined)
    return {
      exptime: last,
      assumed: [`no EXPTIME: time of the last read taken, ${Number(last.toFixed(6))} s`],
    };
  return { exptime: 0, assumed: ["no EXPTIME: unknown, 0 s written"] };
}

/** What belongs together when calibrations are made: equal detector, type, optics, timing and window. */
function groupOf(exposure: Omit<Exposure, "groupid">): string {
  const { obstype, detector, filter, exptime, readmode, subarray, obsid } = exposure;
  if (obstype === "SCI" || obstype === "SKY") return obsid;
  const optics = obstype === "DARK" || obstype === "BIAS" ? [] : [filter];
  const { name, x, y, nx, ny } = subarray;
  return [detector, obstype, ...optics, `${exptime}s`, readmode, `${name}-${x}-${y}-${nx}x${ny}`]
    .filter((part) => part !== "")
    .join("_");
}

/** What an instrument adds to the keywords that all share. */
export interface Conventions {
  instrument: string;
  /** Where TELESCOP is absent. */
  telescope: string;
  mode(header: Keywords, detector: string): string;
  /** NFRAMES counts coadds, and not the reads that are averaged into a group. */
  coadds?: true;
  /** Calibration rules ask for detector, filter, type and date: what is missing there is said. */
  calibrated: boolean;
}

/** The descriptors of an exposure; keywords that are missing are named in `assumed`, with what was taken instead. */
export function describeBy(conventions: Conventions, facts: RawFacts): Exposure {
  const { header } = facts;
  const axes = planeAxes(facts);
  const { subarray, assumed } = subarrayOf(header, axes);
  const timing = timingOf(facts, conventions);
  const { obstype, assumed: assumedType } = obstypeOf(header);
  const { exptime, assumed: assumedTime } = exptimeOf(header, timing?.readout.times);
  const start = startOf(header);
  const assumedDate =
    start.from === ""
      ? ["no DATE-OBS, EXPDTST or EXPJDST: date unknown"]
      : start.from === "DATE"
        ? [`no DATE-OBS, EXPDTST or EXPJDST: the file's own date taken, ${start.iso}`]
        : [];
  const detector = (textOf(header, "DETECTOR", "DET_ID") ?? "").toUpperCase();
  const filter = textOf(header, "FILTER");
  const exposure = {
    instrument: conventions.instrument,
    telescope: textOf(header, "TELESCOP") ?? conventions.telescope,
    detector,
    mode: conventions.mode(header, detector),
    filter: filter ?? "",
    pupil: textOf(header, "PUPIL") ?? "",
    obstype,
    object: textOf(header, "OBJECT", "TARGNAME", "TARGPROP") ?? "",
    exptime,
    dateObs: start.iso,
    obsid: obsidOf(header),
    readmode: (textOf(header, "READMODE", "SAMPMODE", "READPATT") ?? "").toUpperCase(),
    subarray,
    readout: timing?.readout ?? null,
    gain: numberOf(header, "GAIN") ?? null,
    readNoise: numberOf(header, "READNOIS") ?? null,
    assumed: [
      ...(timing?.assumed ?? []),
      ...(conventions.calibrated
        ? [
            ...assumedTime,
            ...(detector === "" ? ["no DETECTOR or DET_ID: detector unknown"] : []),
            ...(filter === undefined && obstype !== "DARK" && obstype !== "BIAS"
              ? ["no FILTER: filter unknown"]
              : []),
            ...assumedType,
            ...assumed,
            ...assumedDate,
          ]
        : []),
    ],
  };
  return { ...exposure, groupid: groupOf(exposure) };
}

/** NAXISn of the science array with x and y first. */
function planeAxes(facts: RawFacts): readonly number[] {
  const axes = facts.hdus[facts.science]?.axes ?? [];
  return isReadFastest(facts) ? [axes[2]!, axes[3]!, axes[0]!, axes[1]!] : axes;
}

/** When the reads were taken; null for data that aren't reads. One read of a ramp knows its own time only. */
function timingOf(facts: RawFacts, { coadds }: Conventions): { readout: Readout; assumed: string[] } | null {
  const axes = facts.hdus[facts.science]?.axes ?? [];
  if (isReadFastest(facts)) return { readout: readFastestReadout(facts), assumed: [] };
  const read = readOf(facts);
  if (read !== null) {
    const { time, tframe } = read;
    const spacing = tframe ?? (time > 0 ? time : 1);
    return {
      readout: { nframes: 1, groupgap: 0, tframe: spacing, tgroup: spacing, times: [time] },
      assumed: [],
    };
  }
  return axes.length > 2 ? readoutOf(facts.header, axes[2]!, coadds) : null;
}
