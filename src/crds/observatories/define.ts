/** What differs between observatories when rules are applied. */

export interface Observatory {
  readonly name: string;
  /** FITS keywords by data-model path; null when headers are taken as they are. */
  readonly keywords: (() => Readonly<Record<string, string>>) | null;
  /** Keywords which every lookup asks for. */
  readonly extraKeys: readonly string[];
  /** What becomes of several rules of one weight when the rmap doesn't say. */
  readonly equalWeights: "merge" | "error";
  /** Mappings are used although their checksum is wrong, because all published ones are. */
  readonly ignoreChecksums: boolean;
  /** Exposures which are never reprocessed: a failed choice means that no reference applies. */
  readonly noReprocess: readonly { readonly instrument: string; readonly when: string }[];
  /** Environment variables which name the folder of an instrument's references in the legacy layout. */
  readonly legacyFolders: Readonly<Record<string, string>>;
  /** Name part of servers and folders that mean this observatory. */
  readonly server: string | null;
}

const defaults: Observatory = {
  name: "",
  keywords: null,
  extraKeys: [],
  equalWeights: "merge",
  ignoreChecksums: false,
  noReprocess: [],
  legacyFolders: {},
  server: null,
};

export const defineObservatory = (parts: Partial<Observatory> & { name: string }): Observatory =>
  Object.freeze({ ...defaults, ...parts });

/** Upper-case keyword → data-model path. */
export function keywordPaths(groups: Readonly<Record<string, string>>): ReadonlyMap<string, string> {
  const paths = new Map<string, string>();
  for (const [prefix, words] of Object.entries(groups)) {
    for (const word of words.trim().split(/\s+/)) {
      const [keyword, name] = word.split("=") as [string, string | undefined];
      paths.set(keyword, `${prefix}.${name ?? keyword}`);
    }
  }
  return paths;
}
