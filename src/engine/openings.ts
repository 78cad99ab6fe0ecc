/** What the inputs are, each file described once: reads of one exposure joined, rejected reads left out. */
import { basename } from "node:path";
import { isIrisError, type IrisError } from "../errors.js";
import { exptimeOf } from "../instruments/common/descriptors.js";
import { joinReads } from "../instruments/common/single-read.js";
import { describeInput, type Opened } from "./inputs.js";
import { stemOf } from "./naming.js";
import { isExposureError } from "./problems.js";
import { rejectReads, type RejectRule } from "./reject.js";

export interface Openings {
  /** Throws what is wrong with the file, for every product that wants it. */
  open(path: string): Opened;
  /** From now on `open` gives this for a file that is still to be made. */
  foresee(opened: Opened): void;
  /** The paths with the reads of one exposure replaced by the first of them, which stands for all from then on. */
  join(paths: readonly string[]): string[];
}

/** `given`: single reads that are described already. */
export function makeOpenings(
  reject: RejectRule | null,
  given: ReadonlyMap<string, Opened> = new Map(),
): Openings {
  const known = new Map<string, Opened | IrisError>(given);
  const remember = (path: string, make: () => Opened): Opened | IrisError => {
    let opened = known.get(path);
    if (opened === undefined) {
      try {
        opened = make();
      } catch (error) {
        if (!isExposureError(error)) throw error;
        opened = error;
      }
      known.set(path, opened);
    }
    return opened;
  };
  const describe = (path: string): Opened => {
    const opened = describeInput(path);
    return reject && opened.kind === "ramp" && opened.read === null ? rejectReads(opened, reject) : opened;
  };
  return {
    open(path) {
      const opened = remember(path, () => describe(path));
      if (opened instanceof Error) throw opened;
      return opened;
    },
    foresee: (opened) => void known.set(opened.path, opened),
    join(paths) {
      const exposures = new Map<string, { path: string; reads: Opened[] }>();
      for (const path of paths) {
        const opened = remember(path, () => describe(path));
        const read = isIrisError(opened) ? null : opened.read;
        if (isIrisError(opened) || read === null) {
          exposures.set(path, { path, reads: [] });
          continue;
        }
        const key = `${opened.instrument.name}: ${read.exposure}`;
        const together = exposures.get(key);
        if (together) together.reads.push(opened);
        else exposures.set(key, { path, reads: [opened] });
      }
      return [...exposures.values()].map(({ path, reads }) => {
        if (reads.length === 0) return path;
        known.delete(path);
        const joined = remember(path, () => {
          const exposure = exposureOf(reads);
          return reject ? rejectReads(exposure, reject) : exposure;
        });
        if (isIrisError(joined)) return path;
        known.set(joined.path, joined);
        return joined.path;
      });
    },
  };
}

/** The reads of one exposure, each in a file of its own, as one ramp per RAMP_NO. */
function exposureOf(reads: readonly Opened[]): Opened {
  const { layout, readout, assumed } = joinReads(
    reads.map(({ path, science, read }) => ({ path, hdu: science, read: read! })),
  );
  const first = reads.find(({ path }) => path === layout.files[0])!;
  const { exptime, assumed: assumedTime } = exptimeOf(first.header, readout.times);
  const headers = new Map(reads.map(({ path, header }) => [path, header]));
  return {
    ...first,
    axes: [first.axes[0]!, first.axes[1]!, layout.ngroups, layout.nints],
    layout,
    read: null,
    stem: commonStem(layout.files),
    exposure: {
      ...first.exposure,
      exptime,
      readout,
      assumed: [
        ...assumed,
        ...first.exposure.assumed.filter((sentence) => !sentence.startsWith("no EXPTIME")),
        ...assumedTime,
      ],
    },
    telemetry: (of) =>
      of.places.map((place) => (place === null ? null : headers.get(of.files[place.file]!)!)),
  };
}

/** "e5_r0_0000", "e5_r0_0001" → "e5_r0": what the names share before the number of the read. */
function commonStem(files: readonly string[]): string {
  const stems = files.map((file) => stemOf(basename(file)));
  let shared = stems[0]!;
  for (const stem of stems) while (!stem.startsWith(shared)) shared = shared.slice(0, -1);
  if (shared === stems[0]) return shared;
  return shared.replace(/\d*$/, "").replace(/[-_. ]+([a-z]{1,4}[-_]?)?$/i, "") || stems[0]!;
}
