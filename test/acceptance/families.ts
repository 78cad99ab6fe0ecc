/** What the runners over families of cases share. */
import { readdirSync } from "node:fs";
import { basename, join } from "node:path";

export interface Tally {
  passed: number;
  failed: number;
}

export const folders = (directory: string): string[] =>
  readdirSync(directory, { withFileTypes: true })
    .filter((item) => item.isDirectory())
    .map(({ name }) => join(directory, name))
    .sort();

/** One family ("readout/dark", "dark") of a `group`, or all that lie in `directory` when the group itself is named. */
export async function runFamilies(
  group: string,
  directory: string,
  family: string,
  runOne: (directory: string, family: string) => Tally | Promise<Tally>,
): Promise<Tally> {
  const name = family.startsWith(`${group}/`) ? family.slice(group.length + 1) : family;
  if (name !== group) return runOne(directory, name);
  const tally = { passed: 0, failed: 0 };
  for (const folder of folders(directory)) {
    const { passed, failed } = await runOne(folder, basename(folder));
    tally.passed += passed;
    tally.failed += failed;
  }
  return tally;
}
