/** VersionAfter and SelectVersion: the choice by a software version. */
import { toFloat } from "../element.js";
import { textOf } from "../literal.js";
import { miss, softMiss, type Branch, type BranchNode } from "./select.js";

const versionForm = /^(\d{1,8})(?:\.(\d{1,8}))?(?:\.(\d{1,8}))?[A-Za-z0-9_+.-]*$/;

/** The leading numbers, padded to three; undefined when the text isn't a version. */
export function versionNumbers(text: string): [number, number, number] | undefined {
  const found = versionForm.exec(text);
  return found ? [Number(found[1]), Number(found[2] ?? 0), Number(found[3] ?? 0)] : undefined;
}

type Version = readonly [number, number, number];

const compareVersions = (a: Version, b: Version): number => a[0] - b[0] || a[1] - b[1] || a[2] - b[2];

/** The entry with the greatest version ≤ the header's. */
export function makeVersionAfter(parkeys: readonly string[], unsorted: readonly Branch[]): BranchNode {
  const entries = unsorted.map((branch) => ({ branch, version: versionNumbers(textOf(branch.key)) }));
  const odd = entries.find(({ version }) => !version);
  const sorted = entries
    .flatMap(({ branch, version }) => (version ? [{ branch, version }] : []))
    .sort((a, b) => compareVersions(a.version, b.version));
  return {
    kind: "VersionAfter",
    parkeys,
    branches: odd ? unsorted : sorted.map(({ branch }) => branch),
    choose(header) {
      const text = parkeys.map((key) => header[key] ?? "UNDEFINED").join(".");
      const version = versionNumbers(text);
      if (!version) return miss("version", `VersionAfter ${parkeys.join(", ")}: '${text}' isn't a version`);
      if (odd) return miss("version", `the VersionAfter key '${textOf(odd.branch.key)}' isn't a version`);
      const found = sorted.findLast((entry) => compareVersions(entry.version, version) <= 0);
      return found ? found.branch.node.choose(header) : softMiss(`No selection <= (${version.join(", ")})`);
    },
  };
}

interface Relation {
  readonly branch: Branch;
  readonly version: number;
  /** `<` sorts before `=`. */
  readonly exact: boolean;
}

function readRelation(branch: Branch): Relation | undefined {
  const text = textOf(branch.key).trim();
  if (text === "default") return { branch, version: Infinity, exact: true };
  const found = /^(<|==?)?\s*(.*)$/.exec(text)!;
  const version = toFloat(found[2]!);
  return version === undefined ? undefined : { branch, version, exact: found[1] !== "<" };
}

const compareRelations = (a: Omit<Relation, "branch">, b: Omit<Relation, "branch">): number =>
  a.version === b.version ? Number(a.exact) - Number(b.exact) : a.version - b.version;

/** The first key not less than `=header`, so `=7` also serves the versions between the key before it and 7. */
export function makeSelectVersion(parkeys: readonly string[], unsorted: readonly Branch[]): BranchNode {
  const relations = unsorted.map(readRelation);
  const sorted = relations.filter((r) => r !== undefined).sort(compareRelations);
  return {
    kind: "SelectVersion",
    parkeys,
    branches: relations.includes(undefined) ? unsorted : sorted.map(({ branch }) => branch),
    choose(header) {
      const text = header[parkeys[0] ?? ""] ?? "UNDEFINED";
      const version = toFloat(text);
      if (version === undefined)
        return miss("version", `SelectVersion needs a number: ${parkeys[0]} is '${text}'`);
      if (relations.includes(undefined)) return miss("version", "a SelectVersion key isn't a version");
      const found = sorted.find((entry) => compareRelations(entry, { version, exact: true }) >= 0);
      return found ? found.branch.node.choose(header) : softMiss(`no version for ${text}`);
    },
  };
}
