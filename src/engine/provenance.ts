/** A product's own record: read it, check it against the files, make the product again. */
import { join } from "node:path";
import { InputError } from "../errors.js";
import { getValue } from "../fits/index.js";
import type { Host } from "../host.js";
import { quicklookPath } from "./naming.js";
import { execute } from "./execute.js";
import type { Event } from "./events.js";
import { openHashMemory } from "./hashes.js";
import { openFile } from "./inputs.js";
import type { Plan, PlannedStep } from "./plan-types.js";
import type { ProvenanceRecord } from "./record.js";
import type { RunOptions } from "./request.js";
import { hashOf } from "./status.js";

/** Throws InputError for a file that iris didn't make. */
export function readProvenance(path: string): ProvenanceRecord {
  const file = openFile(path);
  try {
    const hdu = file.hdu("IRIS_PROV");
    if (!hdu)
      throw new InputError(`${path} has no record of its making — it isn't a product of iris`, {
        hint: `see what it holds: iris fits info ${path}`,
      });
    const bytes = new Uint8Array(hdu.dataSize);
    file.readBytes(hdu.dataStart, bytes);
    return JSON.parse(Buffer.from(bytes).toString("utf8")) as ProvenanceRecord;
  } finally {
    file.close();
  }
}

export interface CheckedFile {
  role: string;
  path: string;
  recorded: string;
  /** null: the file is gone. */
  found: string | null;
  ok: boolean;
}

/** Every input and reference against the hash that the record has of it. */
export function verifyProvenance({ product, hashes }: ProvenanceRecord, host: Host): CheckedFile[] {
  const memory = openHashMemory(host);
  const check = (role: string, path: string, recorded: string, kind: "content" | "sha256"): CheckedFile => {
    const found = hashOf(path, kind, memory);
    return { role, path, recorded, found, ok: found === recorded };
  };
  const roles = new Map<string, string>();
  for (const { path } of product.inputs) roles.set(path, "input");
  for (const [role, members] of Object.entries(product.members))
    for (const { path } of members) roles.set(path, role);
  const steps: PlannedStep[] = [...product.inputs.flatMap((input) => input.steps), ...product.steps];
  const refs = new Map(
    steps.flatMap(({ refs }) => refs.flatMap((ref) => (ref.path === null ? [] : [[ref.path, ref] as const]))),
  );
  return [
    ...Object.entries(hashes).map(([path, hash]) => check(roles.get(path) ?? "input", path, hash, "content")),
    ...[...refs].map(([path, { type, sha256 }]) => check(type, path, sha256!, "sha256")),
  ];
}

/** Makes the product of a record again, into `folder`: the same bytes in the data units. */
export function rerun(record: ProvenanceRecord, folder: string, options: RunOptions): AsyncGenerator<Event> {
  const output = join(folder, record.product.output);
  const plan: Plan = {
    v: 1,
    type: "plan",
    context: record.context,
    observatory: null,
    cache: null,
    command: record.command,
    products: [
      {
        ...record.product,
        output,
        quicklook: record.product.quicklook === null ? null : quicklookPath(output),
        reasons: ["forced"],
      },
    ],
    problems: [],
    passed: [],
  };
  return execute(plan, options);
}

/** HDU names whose data units differ between two products, by DATASUM. */
export function differingData(a: string, b: string): string[] {
  const sums = (path: string): Map<string, unknown> => {
    const file = openFile(path);
    try {
      return new Map(
        file.hdus
          .filter(({ name }) => name !== "IRIS_PROV")
          .map(({ name, header }) => [name, getValue(header, "DATASUM")]),
      );
    } finally {
      file.close();
    }
  };
  const [left, right] = [sums(a), sums(b)];
  return [...new Set([...left.keys(), ...right.keys()])].filter((name) => left.get(name) !== right.get(name));
}
