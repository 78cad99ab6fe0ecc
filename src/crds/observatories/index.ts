/** The observatories whose rules are known; rules of any other are applied with the plain defaults. */
import { createRequire } from "node:module";
import { defineObservatory, keywordPaths, type Observatory } from "./define.js";
import type * as Jwst from "./jwst-keywords.js";
import type * as Ligeriri from "./ligeriri-keywords.js";
import type * as Tmt from "./tmt-keywords.js";

/** A lookup needs one of the tables of keywords, and not all are read for it. */
const load = createRequire(import.meta.url);

export const observatories: readonly Observatory[] = [
  defineObservatory({
    name: "tmt",
    keywords: () => (load("./tmt-keywords.js") as typeof Tmt).tmtKeywords,
    equalWeights: "error",
  }),
  defineObservatory({
    name: "ligeriri",
    keywords: () => (load("./ligeriri-keywords.js") as typeof Ligeriri).ligeririKeywords,
    ignoreChecksums: true,
  }),
  defineObservatory({
    name: "jwst",
    keywords: () => (load("./jwst-keywords.js") as typeof Jwst).jwstKeywords,
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
