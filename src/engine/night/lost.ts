/** What can't be made because something that it needs can't: said of each, in few words. */
import type { Problem } from "../plan-types.js";
import { firstFile, isJob, type NightFile, type NightJob } from "./types.js";

/** What a job needs and can't have; fatal when nothing is left to combine, a role is empty, or a calibration is gone. */
export function lostFor(
  job: NightJob,
  outputs: ReadonlyMap<NightJob, string | null>,
  inputs: readonly string[],
  members: Readonly<Record<string, readonly string[]>>,
): { titles: string[]; isFatal: boolean } {
  const isLost = (item: NightFile | NightJob): item is NightJob => isJob(item) && outputs.get(item) === null;
  const refs = Object.values(job.refs)
    .map((ref) => ref.job)
    .filter(isLost);
  const exposures = [...job.inputs, ...Object.values(job.members).flat()].filter(isLost);
  const isEmptied = Object.entries(members).some(
    ([role, left]) => left.length === 0 && job.members[role]!.length > 0,
  );
  return {
    titles: [...refs, ...exposures].map(({ title }) => title),
    isFatal: refs.length > 0 || inputs.length === 0 || isEmptied,
  };
}

/** Titles without the detector, so that what fails alike on all of them is said once. */
export function blockedBy(job: NightJob, titles: readonly string[]): Problem {
  const { path, exposure } = firstFile(job);
  const plain = (title: string) => (exposure.detector ? title.replace(` ${exposure.detector}`, "") : title);
  const needs = job.stage === "mosaics" ? counted(titles) : [...new Set(titles.map(plain))].join(", ");
  return {
    input: path,
    code: "E_CALIBRATION",
    message: `cannot make ${plain(job.title)} of ${path} — it needs ${needs}, which can't be made`,
    hint: null,
    exit: 3,
  };
}

/** "4 × SCI M31 IMG1, 4 × SCI M31 IMG2". */
export function counted(titles: readonly string[]): string {
  const times = new Map<string, number>();
  for (const title of titles) times.set(title, (times.get(title) ?? 0) + 1);
  return [...times].map(([title, n]) => (n === 1 ? title : `${n} × ${title}`)).join(", ");
}
