/** The cache that comes with the program: whole, certified, and verified by the sums it carries. */
import { cpSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import { readSums } from "../../src/crds/cache-verify.js";
import {
  certify,
  mappingPath,
  openCache,
  referenceClosure,
  resolveContext,
  verifiedReference,
} from "../../src/crds/rules.js";
import { CalibrationError } from "../../src/errors.js";
import { bundledCache } from "../../src/package.js";

const cache = openCache({ path: bundledCache });
const context = resolveContext(cache);

test("the rules are right, and every reference that they name is there with the bytes of its sum", (t) => {
  t.deepEqual(certify(cache, mappingPath(cache, context)!, { exist: true }), []);
  const names = referenceClosure(cache, context);
  t.deepEqual(Object.keys(readSums(cache, "tmt")).sort(), names);
  for (const name of names) t.truthy(verifiedReference(cache, "tmt", name));
});

test("one flipped bit in a reference is found when it is first used", (t) => {
  const folder = mkdtempSync(join(tmpdir(), "crds-bundled-"));
  cpSync(bundledCache, folder, { recursive: true });
  const path = join(folder, "references", "tmt", "iris", "tmt_iris_mask_0001.fits");
  const bytes = readFileSync(path);
  bytes[bytes.length >> 1]! ^= 1;
  writeFileSync(path, bytes);
  t.throws(() => verifiedReference(openCache({ path: folder }), "tmt", "tmt_iris_mask_0001.fits"), {
    instanceOf: CalibrationError,
    message: /is damaged/,
  });
});
