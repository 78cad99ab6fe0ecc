/** `iris crds newcontext`: a new context with other rmaps in it. */
import { basename } from "node:path";
import {
  changeOf,
  changing,
  deriveContext,
  observatoryOf,
  readMapping,
  resolveContext,
  storeMappings,
  type Change,
} from "../../../crds/rules.js";
import type { Cli } from "../../cli.js";
import { locateMapping } from "./mapping-file.js";
import { openCacheOf } from "./open.js";

/** Rmaps that aren't in the cache yet are put there; `INSTR_TYPE_N/A` says that nothing applies. */
export function runNewcontext(cli: Cli, old: string, rmaps: readonly string[]): void {
  const cache = openCacheOf(cli);
  const read = rmaps.map((name) => {
    const na = /^([a-z0-9]+)_(.+)_N\/A$/i.exec(name);
    if (na)
      return {
        mapping: null,
        change: { instrument: na[1]!.toLowerCase(), type: na[2]!.toLowerCase(), value: "N/A" },
      };
    const { mapping } = readMapping(locateMapping(cache, name));
    return { mapping, change: changeOf(mapping) };
  });
  const changes: Change[] = read.map(({ change }) => change);
  const pmap = resolveContext(cache, old);
  const fresh = read.flatMap(({ mapping }) => (mapping ? [mapping] : []));
  const above = changing(cache, observatoryOf(pmap), () => {
    const made = deriveContext(cache, pmap, changes);
    storeMappings(cache, [...fresh, ...made]);
    return made;
  });
  const context = above.at(-1)!.name;
  if (cli.json)
    return cli.out(
      JSON.stringify({
        v: 1,
        context,
        mappings: above.map(({ name }) => name),
        rmaps: rmaps.map((r) => basename(r)),
      }),
    );
  cli.out(
    above
      .map(({ name }) => name)
      .reverse()
      .join("\n"),
  );
}
