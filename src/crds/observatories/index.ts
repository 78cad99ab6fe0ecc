/** The observatories whose rules are known; rules of any other are applied with the plain defaults. */
import { defineObservatory, keywordPaths, type Observatory } from "./define.js";
import { jwstKeywords } from "./jwst-keywords.js";
import { ligeririKeywords } from "./ligeriri-keywords.js";
import { tmtKeywords } from "./tmt-keywords.js";

export const observatories: readonly Observatory[] = [
  defineObservatory({
    name: "tmt",
    keywords: () => tmtKeywords,
    equalWeights: "error",
  }),
  defineObservatory({
    name: "ligeriri",
    keywords: () => ligeririKeywords,
    ignoreChecksums: true,
  }),
  defineObservatory({
    name: "jwst",
    keywords: () => jwstKeywords,
    extraKeys: ["META.VISIT.TSOVISIT", "META.INSTRUMENT.LAMP_STATE"],
    server: "https://jwst-crds.stsci.edu",
  }),
  defineObservatory({
    name: "hst",
    noReprocess: [{ instrument: "acs", when: '(DETECTOR == "WFC" and CCDGAIN in ("0.5", "1.4"))' }],
    legacyFolders: {
      acs: "jref",
      cos: "lref",
      fos: "yref",
      hrs: "zref",
      nicmos: "nref",
      stis: "oref",
      wfc3: "iref",
      wfpc2: "uref",
    },
    server: "https://hst-crds.stsci.edu",
  }),
  defineObservatory({ name: "roman", server: "https://roman-crds.stsci.edu" }),
  defineObservatory({ name: "tobs" }),
];

export const getObservatory = (name: string): Observatory =>
  observatories.find((o) => o.name === name) ?? defineObservatory({ name });

const tables = new Map<Observatory["keywords"], ReadonlyMap<string, string>>();

/** Keyword table of an observatory, made on first use. */
export function pathsOf({ keywords }: Observatory): ReadonlyMap<string, string> | null {
  if (!keywords) return null;
  let table = tables.get(keywords);
  if (!table) tables.set(keywords, (table = keywordPaths(keywords())));
  return table;
}
