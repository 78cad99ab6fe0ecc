/** The cache that comes with the program: whole, certified, and verified by the sums it carries. */
import { copyFileSync, cpSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
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

/** A copy of the cache with one bit of a reference flipped. */
function damagedCopy(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), "crds-bundled-"));
  cpSync(bundledCache, folder, { recursive: true });
  const path = join(folder, "references", "tmt", "iris", name);
  const bytes = readFileSync(path);
  bytes[bytes.length >> 1]! ^= 1;
  writeFileSync(path, bytes);
  return folder;
}

const mask = "tmt_iris_mask_0001.fits";
const use = (folder: string): string | undefined =>
  verifiedReference(openCache({ path: folder }), "tmt", mask);

test("one flipped bit in a reference is found when it is first used", (t) => {
  t.throws(() => use(damagedCopy(mask)), { instanceOf: CalibrationError, message: /is damaged.*SHA-1/ });
});

test("without a record the sums inside the file count, or those of the server's table", (t) => {
  const folder = damagedCopy(mask);
  const config = join(folder, "config", "tmt");
  rmSync(join(config, "reference_sums.json"));
  t.throws(() => use(folder), { instanceOf: CalibrationError, message: /DATASUM of HDU/ });
  const whole = join(bundledCache, "references", "tmt", "iris", mask);
  copyFileSync(whole, join(folder, "references", "tmt", "iris", mask));
  t.truthy(use(folder));
  const table = { [mask]: { size: statSync(whole).size, sha1sum: "0".repeat(40) } };
  const payload = gzipSync(JSON.stringify(table)).toString("base64");
  const metadata = `{'crds_encoded': '1.0', 'crds_payload': '${payload}'}`;
  writeFileSync(join(config, "server_config"), `{'download_metadata': ${metadata}}`);
  t.throws(() => use(folder), { instanceOf: CalibrationError, message: /instead of 0{40}/ });
});
