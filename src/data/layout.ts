/** Where the samples of an exposure lie, when they aren't one array [ramp][group][y][x] in one HDU. Plain data. */

/** One group of one ramp: a plane of an HDU of a file. */
export interface Place {
  /** Index into the layout's files. */
  file: number;
  hdu: number;
  /** Plane over all higher axes; with order "pixels" the sample's index among those of a pixel. */
  plane: number;
  /** Factor from the file's numbers to counts, where the file holds rates (value × time of the read). */
  scale?: number;
  /** HDU of the flags of this group, laid out alike. */
  dq?: number;
}

export interface Layout {
  /** "pixels": all samples of a pixel lie together, x and y are the slow axes. */
  order: "planes" | "pixels";
  /** Every file of the exposure; the first gives the header and the name. */
  files: readonly string[];
  nints: number;
  ngroups: number;
  /** [nints][ngroups]; null: this ramp has no such read, its samples are NaN and flagged DO_NOT_USE. */
  places: readonly (Place | null)[];
  /** [ngroups]: the number by which each group is known: READ_NO, or counted from 1. */
  numbers: readonly number[];
  /** Foreign flags → ours: bits of the file, of the read (low 8) and of the pixel. Without it they are ours already. */
  flags?: readonly FlagMeaning[];
}

export interface FlagMeaning {
  mask: number;
  group: number;
  pixel: number;
}

/** The layout of an array [nints][ngroups][y][x] in one HDU, with the flags of its reads in another. */
export function plainLayout(
  path: string,
  { hdu, dq, nints, ngroups }: { hdu: number; dq: number | null; nints: number; ngroups: number },
): Layout {
  return {
    order: "planes",
    files: [path],
    nints,
    ngroups,
    places: Array.from({ length: nints * ngroups }, (_, plane) => ({
      file: 0,
      hdu,
      plane,
      ...(dq === null ? {} : { dq }),
    })),
    numbers: Array.from({ length: ngroups }, (_, group) => group + 1),
  };
}

/** The layout with only the groups `kept` (indices, ascending); a kept group of some ramps only has null in the others. */
export function keepGroups(layout: Layout, kept: readonly number[]): Layout {
  const { nints, ngroups, places, numbers } = layout;
  return {
    ...layout,
    ngroups: kept.length,
    places: Array.from({ length: nints }, (_, i) => kept.map((g) => places[i * ngroups + g]!)).flat(),
    numbers: kept.map((g) => numbers[g]!),
  };
}
