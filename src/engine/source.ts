/** An open exposure: its files, opened once per thread and read by position, and the hashes of what was read. */
import type { Assembly } from "../data/assembly.js";
import type { Exposure, Keywords } from "../data/exposure.js";
import type { Layout } from "../data/layout.js";
import { keywordsOf, type FitsFile, type Hdu } from "../fits/index.js";
import { addHashes } from "./hashes.js";
import { axesOf, openFile, planeHdus, type PlaneHdus } from "./inputs.js";
import type { PlannedInput } from "./plan-types.js";

/** An open exposure, with the hashes of what was read of it so far. */
export interface Source {
  /** The exposure's first file: it gives the header. */
  file: FitsFile;
  files: readonly string[];
  /** Those of the other files that are kept open. */
  others: Map<string, FitsFile>;
  planes: PlaneHdus;
  header: Keywords;
  exposure: Exposure;
  kind: PlannedInput["kind"];
  /** NAXISn of the data: x, y, and for a ramp reads and ramps. */
  axes: readonly number[];
  layout: Layout | null;
  /** The HDUs that make the frame of an image; null: the science HDU. */
  assembly: Assembly | null;
  /** File → HDU index → sum of its leaf hashes. */
  hashes: Map<string, Map<number, bigint>>;
  /** Reads what is to be hashed of the last band and no step has asked for. */
  unread: () => void;
}

export function openSource({
  path,
  kind,
  exposure,
  layout = undefined,
  assembly = undefined,
}: Pick<PlannedInput, "path" | "kind" | "exposure" | "layout" | "assembly">): Source {
  const file = openFile(path);
  try {
    const planes = planeHdus(file, kind);
    const { axes } = planes.sci.image!;
    return {
      file,
      files: layout?.files ?? [path],
      others: new Map(),
      planes,
      header: { ...keywordsOf(file.hdus[0]!.header), ...keywordsOf(planes.sci.header) },
      exposure,
      kind,
      axes: assembly ? [assembly.nx, assembly.ny] : layout ? axesOf(layout, axes) : axes,
      layout: layout ?? null,
      assembly: assembly ?? null,
      hashes: new Map(),
      unread: nothing,
    };
  } catch (error) {
    file.close();
    throw error;
  }
}

const nothing = (): void => undefined;

/** Files of one exposure that a thread keeps open; those beyond are opened for every band. */
const MOST_OPEN = 256;
/** Bytes of unwrapped gzip files that a thread keeps. */
const MOST_UNWRAPPED = 256_000_000;

/** One file of an exposure, open for as long as `use` runs at least. */
export function withFile<T>({ file, others }: Source, path: string, use: (file: FitsFile) => T): T {
  if (path === file.path) return use(file);
  const known = others.get(path);
  if (known) return use(known);
  const opened = openFile(path);
  const unwrapped = [...others.values(), opened].reduce(
    (sum, { wrapped, size }) => sum + (wrapped ? size : 0),
    0,
  );
  const kept = others.size < MOST_OPEN && unwrapped <= MOST_UNWRAPPED;
  if (kept) others.set(path, opened);
  try {
    return use(opened);
  } finally {
    if (!kept) opened.close();
  }
}

export function closeSource({ file, others }: Source): void {
  for (const each of [file, ...others.values()]) each.close();
}

/** Adds the leaf hashes of some rows of a plane to what is known of its file. */
export function countHash(source: Source, path: string, hdu: Hdu, sum: bigint): void {
  let byHdu = source.hashes.get(path);
  if (!byHdu) source.hashes.set(path, (byHdu = new Map<number, bigint>()));
  byHdu.set(hdu.index, addHashes(byHdu.get(hdu.index) ?? 0n, sum));
}

/** File, HDU and hash of what was read since the last call; what is missing of the last band is read now. */
export function takeHashes(source: Source): [string, number, bigint][] {
  source.unread();
  source.unread = nothing;
  const { hashes } = source;
  const taken = [...hashes].flatMap(([path, byHdu]) =>
    [...byHdu].map(([hdu, sum]): [string, number, bigint] => [path, hdu, sum]),
  );
  hashes.clear();
  return taken;
}
