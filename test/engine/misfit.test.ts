import { join } from "node:path";
import { cpSync } from "node:fs";
import test from "ava";
import type { Opened } from "../../src/engine/inputs.js";
import { misfitOf } from "../../src/engine/misfit.js";
import { editHeaders, makeEntry } from "../../src/fits/index.js";
import { fixture, folder, layer, reduce, request } from "./helpers.js";

const exposure = { subarray: { name: "CUSTOM", x: 1, y: 1, nx: 4, ny: 4 } };
const opened = { exposure, axes: [4, 4] } as unknown as Opened;
const misfit = (type: string, header: Record<string, string>, kin: string[] = []) =>
  misfitOf({ type, kin, doc: "" }, { name: "r.fits", nx: 4, ny: 4, nz: 1, header }, opened, {});

test("a reference serves as what its REFTYPE says, in any case and by any observatory's name; one without is believed", (t) => {
  t.is(misfit("DARK", {}), undefined);
  t.is(misfit("DARK", { REFTYPE: " " }), undefined);
  t.is(misfit("DARK", { REFTYPE: "dark" }), undefined);
  t.is(misfit("NONLINCOEFF", { REFTYPE: "LINEARITY" }), undefined);
  t.is(misfit("DARKCURRENT", { REFTYPE: "DARK" }, ["DARK"]), undefined);
  t.is(misfit("DARK", { REFTYPE: "FLAT" }), "its REFTYPE is FLAT, not DARK");
});

test("a flat isn't subtracted as a dark: the plan says so", async (t) => {
  const layers = [layer({ refs: { DARK: fixture("iris_flat.fits") } })];
  const { plan } = await reduce(request(folder(), [fixture("iris_sci_rate.fits")], { layers }));
  const [problem] = plan.problems;
  t.is(problem!.exit, 3);
  t.regex(problem!.message, /^DARK .*iris_flat\.fits doesn't fit .* its REFTYPE is FLAT, not DARK$/);
});

test("a reference that its maker calls unfit is used with a caveat", async (t) => {
  const flat = join(folder(), "flat.fits");
  cpSync(fixture("iris_flat.fits"), flat);
  const verdict = [
    { keyword: "CALFIT", value: false },
    { keyword: "CALWHY", value: "made of 2" },
  ];
  editHeaders(flat, ({ index }, entries) => (index === 0 ? [...entries, ...verdict.map(makeEntry)] : null));
  const layers = [layer({ refs: { FLAT: flat } })];
  const { plan } = await reduce(request(folder(), [fixture("iris_sci_rate.fits")], { layers }));
  t.deepEqual(
    plan.products[0]!.caveats.filter(({ code }) => code === "UNFIT_REFERENCE"),
    [{ code: "UNFIT_REFERENCE", message: "FLAT flat.fits isn't fit for use: made of 2" }],
  );
});
