/** A cache in a temporary folder, made from a few lines of rules. */
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { formatMapping } from "../../src/crds/format.js";
import { openCache, type Cache } from "../../src/crds/rules.js";
import { parseMapping } from "../../src/crds/mapping.js";

const kinds = { pmap: "PIPELINE", imap: "INSTRUMENT", rmap: "REFERENCE" } as const;

/** Canonical text of a mapping; `extra` are header lines such as `'comment_parkeys' : ('P3',),`. */
export function mappingText(name: string, selector: string, extra = ""): string {
  const kind = name.slice(-4) as keyof typeof kinds;
  const [observatory, instrument = "x", filekind = "x"] = name
    .replace(/(_\d{4})?\..map$/, "")
    .split("_") as string[];
  const own = kind === "pmap" ? "" : `'instrument' : '${instrument.toUpperCase()}',`;
  const type = kind === "rmap" ? `'filekind' : '${filekind.toUpperCase()}',` : "";
  const parkey = extra.includes("'parkey'")
    ? ""
    : kind === "pmap"
      ? "'parkey' : ('INSTRUME',),"
      : "'parkey' : ('REFTYPE',),";
  const text = `header = { 'derived_from' : 'made for a test', 'mapping' : '${kinds[kind]}', 'name' : '${name}',
    'observatory' : '${observatory!.toUpperCase()}', ${own} ${type} ${parkey} ${extra} }
selector = ${selector}\n`;
  return formatMapping(parseMapping(text, name));
}

/** Writes mappings into a new cache; gives its folder. */
export function makeCacheFolder(mappings: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(join(tmpdir(), "crds-"));
  for (const [name, text] of Object.entries(mappings)) {
    const folder = join(root, "mappings", name.split("_")[0]!.split(".")[0]!);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return root;
}

/** One rmap `flat` of the instrument CAM of the observatory tobs, below tobs_0001.pmap. */
export function makeRules(rmap: string, extra: string): Record<string, string> {
  return {
    "tobs_0001.pmap": mappingText("tobs_0001.pmap", "{ 'CAM' : 'tobs_cam_0001.imap' }"),
    "tobs_cam_0001.imap": mappingText(
      "tobs_cam_0001.imap",
      "{ 'FLAT' : 'tobs_cam_flat_0001.rmap', 'DARK' : 'N/A', 'MASK' : 'OMIT' }",
    ),
    "tobs_cam_flat_0001.rmap": mappingText("tobs_cam_flat_0001.rmap", rmap, extra),
  };
}

export const cacheOf = (rmap: string, extra: string, env: Record<string, string> = {}): Cache =>
  openCache({ path: makeCacheFolder(makeRules(rmap, extra)), env });
