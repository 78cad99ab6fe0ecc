/** Positions and magnitudes in the catalogues of the surveys, by the names that they give their columns. */
import type { Columns } from "../../data/columns.js";

export interface CatalogStars {
  ra: Float64Array;
  dec: Float64Array;
  mag: Float64Array;
  /** NaN where the catalogue doesn't say. */
  error: Float64Array;
  /** Column of the magnitude, as found. */
  column: string;
  /** AB − catalogue. */
  toAb: number;
}

const RA = ["ra", "raj2000", "_raj2000", "ra_icrs", "ramean", "rastack", "alpha_j2000", "ra_deg"];
const DEC = [
  "dec",
  "dej2000",
  "_dej2000",
  "de_icrs",
  "decmean",
  "decstack",
  "delta_j2000",
  "dec_deg",
  "decj2000",
];

interface System {
  /** Band → magnitude and error columns. */
  columns(band: string): readonly (readonly [string, string])[];
  toAb: Readonly<Record<string, number>>;
}

/**
 * 2MASS and UKIDSS are in Vega magnitudes (Blanton & Roweis 2007, table 1; Hewett et al. 2006, table 7), SDSS and
 * Pan-STARRS in AB. The names are those of IRSA, WSA, CasJobs, MAST and VizieR.
 */
const systems: readonly System[] = [
  {
    columns: (b) => [
      [`${b}_m`, `${b}_cmsig`],
      [`${b}_m`, `${b}_msigcom`],
    ],
    toAb: { j: 0.91, h: 1.39, k: 1.85 },
  },
  {
    columns: (b) => [
      [`${b}apermag3`, `${b}apermag3err`],
      [`${b}pmag`, `e_${b}pmag`],
      [`${b}mag1`, `e_${b}mag1`],
    ],
    toAb: { z: 0.528, y: 0.634, j: 0.938, h: 1.379, k: 1.9 },
  },
  {
    columns: (b) => [
      [`${b}meanpsfmag`, `${b}meanpsfmagerr`],
      [`psfmag_${b}`, `psfmagerr_${b}`],
      [`modelmag_${b}`, `modelmagerr_${b}`],
    ],
    toAb: {},
  },
];

/** Columns that say nothing of their system: taken as AB. */
const plain = (b: string): readonly (readonly [string, string])[] => [
  [`${b}mag`, `e_${b}mag`],
  [`mag_${b}`, `e_mag_${b}`],
  [`mag_${b}`, `magerr_${b}`],
  [`${b}_mag`, `e_${b}_mag`],
  [b, `err_${b}`],
  [b, `e_${b}`],
  ["mag", "e_mag"],
  ["mag", "mag_err"],
  ["mag", "magerr"],
];

/** The stars with magnitudes in `band` ("k"), from the column `wanted` if that isn't null; or why there are none. */
export function starsOf(table: Columns, band: string, wanted: string | null): CatalogStars | string {
  const numbers = (name: string): Float64Array | undefined => {
    const column = table.get(name);
    return column instanceof Float64Array ? column : undefined;
  };
  const [ra, dec] = [RA, DEC].map((names) => names.map(numbers).find((column) => column !== undefined));
  if (!ra || !dec) return `it has no columns ra and dec (it has ${[...table.keys()].join(", ")})`;
  const found = (
    wanted === null
      ? [
          ...systems.flatMap(({ columns, toAb }) =>
            columns(band).map((pair) => ({ pair, toAb: toAb[band] ?? 0 })),
          ),
          ...plain(band).map((pair) => ({ pair, toAb: 0 })),
          // 2MASS calls its K band Ks.
          ...(band === "k" ? plain("ks").map((pair) => ({ pair, toAb: 0 })) : []),
        ]
      : [{ pair: [wanted.toLowerCase(), `e_${wanted.toLowerCase()}`] as const, toAb: 0 }]
  ).filter(({ pair: [name] }) => numbers(name) !== undefined);
  const best = found.find(({ pair: [, error] }) => numbers(error) !== undefined) ?? found[0];
  if (!best)
    return `it has no magnitudes ${wanted ?? `in ${band.toUpperCase()}`} (it has ${[...table.keys()].join(", ")})`;
  const mag = numbers(best.pair[0])!;
  const error = numbers(best.pair[1]) ?? new Float64Array(mag.length).fill(NaN);
  return { ra, dec, mag, error, column: best.pair[0], toAb: best.toAb };
}
