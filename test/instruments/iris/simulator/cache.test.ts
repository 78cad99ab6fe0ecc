import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import {
  bestrefs,
  mappingChecksum,
  openCache,
  referencePath,
  resolveContext,
} from "../../../../src/crds/index.js";
import { openFits, readImage } from "../../../../src/fits/index.js";
import { iris } from "../../../../src/instruments/iris/index.js";
import { readFacts } from "../../../../src/instruments/facts.js";
import { extendCache } from "../../../../src/instruments/iris/simulator/cache.js";
import { windowOf } from "../../../../src/instruments/iris/simulator/detector.js";
import { REFERENCE_TYPES } from "../../../../src/instruments/iris/simulator/references.js";
import { bundledCache, packageRoot } from "../../../../src/package.js";

const storedSum = (text: string): string | undefined => /'sha1sum' : '([0-9a-f]{40})'/.exec(text)?.[1];

test("every mapping of the bundled cache has its right sha1sum", (t) => {
  const folder = join(bundledCache, "mappings/tmt");
  const names = readdirSync(folder);
  // a context, an instrument, an rmap per type, and one for super skies, of which there is none yet
  t.is(names.length, 2 + REFERENCE_TYPES.length + 1);
  for (const name of names) {
    const text = readFileSync(join(folder, name), "utf8");
    t.is(storedSum(text), mappingChecksum(text), name);
  }
});

test("the bundled cache has every reference of the raw fixture, and each is the size of its window", (t) => {
  const file = openFits(join(packageRoot, "fixtures/iris_utr.fits"));
  const facts = readFacts(file);
  file.close();
  const cache = openCache({ path: bundledCache });
  const found = bestrefs(cache, resolveContext(cache), iris.crdsHeader(iris.describe(facts), facts.header));
  for (const type of REFERENCE_TYPES) {
    const best = found[type.toLowerCase()];
    if (best?.kind !== "file") return t.fail(`${type}: ${JSON.stringify(best)}`);
    const path = referencePath(cache, best.name)!;
    const reference = openFits(path);
    const { data } = readImage(reference, reference.hdus[1]!);
    reference.close();
    t.is(data.length, (type === "NONLINCOEFF" ? 4 : 1) * 256 * 256, type);
  }
  t.is(found["dflat"]?.kind, "n/a");
});

test("the bundled references are what the simulator makes now, byte for byte", (t) => {
  const path = mkdtempSync(join(tmpdir(), "iris-cache-"));
  t.teardown(() => {
    rmSync(path, { recursive: true });
  });
  const request = { window: windowOf("IMG1", 256, 256), filter: "Jbb", useAfter: "2020-01-01 00:00:00" };
  extendCache(
    path,
    REFERENCE_TYPES.map((type) => ({ ...request, type })),
  );
  for (const type of REFERENCE_TYPES) {
    const name = `references/tmt/iris/tmt_iris_${type.toLowerCase()}_0001.fits`;
    t.true(readFileSync(join(path, name)).equals(readFileSync(join(bundledCache, name))), type);
  }
});

test("a second set joins the first: both are found, in a new context derived from the old", (t) => {
  const path = mkdtempSync(join(tmpdir(), "iris-cache-"));
  t.teardown(() => {
    rmSync(path, { recursive: true });
  });
  const request = (detector: string, useAfter: string) => ({
    type: "DARK" as const,
    window: windowOf(detector, 16, 16),
    filter: "",
    useAfter,
  });
  const first = extendCache(path, [request("IMG1", "2020-01-01 00:00:00")]);
  const second = extendCache(path, [
    request("IMG2", "2020-01-01 00:00:00"),
    request("IMG1", "2027-01-01 00:00:00"),
  ]);
  t.deepEqual([first.context, second.context], ["tmt_0001.pmap", "tmt_0002.pmap"]);
  const cache = openCache({ path });
  t.is(resolveContext(cache), "tmt_0002.pmap");
  const dark = (context: string, detector: string, date: string) => {
    const header = {
      "META.INSTRUMENT.NAME": "IRIS",
      "META.INSTRUMENT.DETECTOR": detector,
      "META.SUBARRAY.NAME": "CUSTOM",
      "META.OBSERVATION.DATE": date,
      "META.OBSERVATION.TIME": "01:02:03",
    };
    const best = bestrefs(cache, context, header, ["dark"])["dark"];
    return best?.kind === "file" ? best.name : best?.kind;
  };
  t.is(dark("tmt_0002.pmap", "IMG1", "2026-03-05"), "tmt_iris_dark_0001.fits");
  t.is(dark("tmt_0002.pmap", "IMG1", "2027-03-05"), "tmt_iris_dark_0003.fits");
  t.is(dark("tmt_0002.pmap", "IMG2", "2026-03-05"), "tmt_iris_dark_0002.fits");
  t.is(dark("tmt_0001.pmap", "IMG2", "2026-03-05"), "notFound");
});
