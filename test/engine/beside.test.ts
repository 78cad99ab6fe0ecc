import { existsSync, readFileSync, unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "ava";
import { plan } from "../../src/engine/index.js";
import { besidePath } from "../../src/engine/naming.js";
import { OutputError } from "../../src/errors.js";
import { getValue, openFits, readTable } from "../../src/fits/index.js";
import { fixture, folder, reduce, request, testHost } from "./helpers.js";

const wanted = (out: string) =>
  request(out, [fixture("iris_sci_rate.fits")], { host: testHost(), step: { name: "qa", module: null } });

test("a step's table and report stand beside its product, and belong to it by its fingerprint", async (t) => {
  const out = folder();
  const { events } = await reduce(wanted(out));
  t.is(events.at(-1)?.type, "summary");
  const report = JSON.parse(readFileSync(join(out, "iris_sci_qa.json"), "utf8")) as Record<string, unknown>;
  const product = openFits(join(out, "iris_sci_qa.fits"));
  const catalog = openFits(join(out, "iris_sci_qa_cat.fits"));
  const print = getValue(product.hdus[0]!.header, "IRISFP");
  t.is(report["fingerprint"], print);
  t.is(getValue(catalog.hdus[0]!.header, "IRISFP"), print);
  t.is(getValue(catalog.hdus[0]!.header, "PARENT1"), "iris_sci_qa.fits");
  t.is(readTable(catalog, catalog.hdu("SOURCES")!).rows, report["sources"] as number);
  t.is(getValue(product.hdus[0]!.header, "QANSRC"), report["sources"] as number);
  product.close();
  catalog.close();
});

test("without one of them the product is made again", async (t) => {
  const out = folder();
  await reduce(wanted(out));
  t.deepEqual((await plan(wanted(out))).products[0]!.reasons, []);
  unlinkSync(join(out, "iris_sci_qa.json"));
  t.deepEqual((await plan(wanted(out))).products[0]!.reasons, ["missing"]);
});

test("a file of the user's is not overwritten", async (t) => {
  const out = folder();
  const path = join(out, "iris_sci_qa.json");
  writeFileSync(path, '{"mine": true}');
  await t.throwsAsync(plan(wanted(out)), { instanceOf: OutputError, message: /iris_sci_qa\.json/ });
  const forced = await plan({ ...wanted(out), force: true });
  t.deepEqual(forced.products[0]!.reasons, ["missing"]);
  t.true(existsSync(path));
});

test("x_cal.fits + cat.fits = x_cal_cat.fits, x_qa.fits + qa.json = x_qa.json", (t) => {
  t.is(besidePath("o/x_cal.fits", "cat.fits"), "o/x_cal_cat.fits");
  t.is(besidePath("o/x_qa.fits", "qa.json"), "o/x_qa.json");
});
