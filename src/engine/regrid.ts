/** Products on a grid of their own: which one, and what of each exposure a band of it needs. */
import { basename } from "node:path";
import { ConfigError } from "../errors.js";
import type { RefDecls } from "../step/define.js";
import type { GridInput, GridRef, OutputGrid } from "../step/regrid.js";
import type { PlannedEntry } from "./chain.js";
import type { Opened } from "./inputs.js";
import { readFacts } from "./calibrations.js";
import { readTableReference } from "./reference-source.js";
import type { Source } from "./source.js";
import { valuesOf } from "./values.js";

/**
 * The grid of a chain whose group step makes one; null for a product that is a frame like its inputs.
 * @throws ConfigError when a step after it wants maps of the detector, or one of the exposures' own makes another frame.
 */
export function planGrid(
  science: readonly Opened[],
  own: readonly PlannedEntry[],
  chain: readonly PlannedEntry[],
): OutputGrid | null {
  const at = chain.findIndex(({ step, planned }) => step.regrid !== undefined && planned.skip === null);
  if (at < 0) return null;
  const { step, planned } = chain[at]!;
  const moved = own.find(({ planned: { reframe } }) => reframe !== undefined);
  if (moved)
    throw new ConfigError(
      `${step.name} can't follow ${moved.step.name} in one pass: the coordinates are those of the frame before it`,
      { hint: `reduce up to ${moved.step.name} first, then its products` },
    );
  for (const later of chain.slice(at + 1)) {
    const map = Object.values(later.step.refs as RefDecls).find(({ whole }) => !whole);
    const uses = [
      map?.type,
      ...Object.keys(later.step.members as object),
      later.step.prepare && "look at the whole frame",
    ].find((name) => name !== undefined);
    if (uses !== undefined && later.planned.skip === null)
      throw new ConfigError(
        `${later.step.name} can't follow ${step.name}: its ${uses} lies on the detector, the product doesn't`,
        { hint: `put ${later.step.name} before ${step.name}` },
      );
  }
  const inputs = science.map(({ path, exposure, header, axes }) => ({
    name: basename(path),
    exposure,
    header,
    nx: axes[0]!,
    ny: axes[1]!,
  }));
  return step.regrid!.plan(inputs, valuesOf(planned), gridRefs(chain[at]!));
}

function gridRefs({ step, planned }: PlannedEntry): Record<string, GridRef | null> {
  const declared = step.refs as RefDecls;
  const read = (key: string, path: string): GridRef =>
    declared[key]!.table ? readTableReference(path) : readFacts(path);
  return Object.fromEntries(
    planned.refs.map(({ key, path }) => [key, path === null ? null : read(key, path)]),
  );
}

/** SCI, ERR, DQ and WHT, and as much again for what a step makes of them: its own planes lie in 4 GB of memory. */
const BYTES_HELD = 32;

/** Bytes that a step which needs the whole of a grid keeps in memory. */
export const heldBytes = ({ nx, ny }: Pick<OutputGrid, "nx" | "ny">): number => nx * ny * BYTES_HELD;

/** Most that is held at once of a grid: 11 180 × 11 180 pixels. */
const LARGEST_HELD = 4e9;

/**
 * Leaves out steps that only measure where the grid is too large to be held whole.
 * @throws ConfigError for one that can't be left out
 */
export function checkRoom(grid: OutputGrid, chain: readonly PlannedEntry[]): void {
  if (heldBytes(grid) <= LARGEST_HELD) return;
  for (const { step, planned } of chain) {
    if (step.locality !== "frame" || planned.skip !== null) continue;
    const why = `${grid.nx} × ${grid.ny} pixels would take ${Math.ceil(heldBytes(grid) / 1e9)} GB at once`;
    if (!step.measures)
      throw new ConfigError(`${step.name} can't follow on this grid: ${why}`, {
        hint: "reduce less of the field, or with larger pixels: -s resample.pixel_scale_ratio=2",
      });
    planned.skip = why;
  }
}

export const gridInput = ({ file, exposure, header, axes }: Source): GridInput => ({
  name: basename(file.path),
  exposure,
  header,
  nx: axes[0]!,
  ny: axes[1]!,
});
