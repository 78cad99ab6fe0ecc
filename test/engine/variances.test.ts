import { join } from "node:path";
import test from "ava";
import { UsageError } from "../../src/errors.js";
import { openFits, readImage, writeFits } from "../../src/fits/index.js";
import { loadStep, stepNames } from "../../src/step/registry.js";
import { fixture, folder, layer, reduce, request } from "./helpers.js";

const VARIANCES = ["VAR_POISSON", "VAR_RNOISE"];

/** The fixture with coordinates and with variances, as a rate that was made of a ramp has them. */
function writeRate(name: string, dx: number): string {
  const file = openFits(fixture("iris_sci_rate.fits"));
  const plane = (extname: string) => readImage(file, file.hdu(extname)!);
  const { data: sci, shape } = plane("SCI");
  const { data: err } = plane("ERR");
  const half = Float32Array.from(err as Float32Array, (e) => (e * e) / 2);
  const primary = file.hdus[0]!.header.cards.filter(
    ({ keyword }) => !/^(SIMPLE|BITPIX|NAXIS|EXTEND|CHECKSUM|DATASUM|END)/.test(keyword),
  );
  const wcs = { CRPIX1: 30 + dx, CRPIX2: 32, CRVAL1: 10, CRVAL2: 0, CDELT1: -1e-6, CDELT2: 1e-6 };
  const path = join(folder(), name);
  writeFits(path, [
    { cards: [...primary] },
    {
      name: "SCI",
      cards: Object.entries({ BUNIT: "electron/s", CTYPE1: "RA---TAN", CTYPE2: "DEC--TAN", ...wcs }).map(
        ([keyword, value]) => ({ keyword, value }),
      ),
      data: sci,
      shape,
    },
    { name: "ERR", data: err, shape },
    { name: "DQ", data: plane("DQ").data, shape },
    ...VARIANCES.map((extname) => ({ name: extname, data: half, shape })),
  ]);
  file.close();
  return path;
}

const variancesIn = (path: string): string[] => {
  const file = openFits(path);
  const found = VARIANCES.filter((name) => file.hdu(name));
  file.close();
  return found;
};

/** What these steps need, to have something to do on 64 × 64 pixels. */
const settings: Readonly<Record<string, Record<string, unknown>>> = {
  calc_bkg_imager: { box_size: 16 },
  subtract_bkg: { box_size: 16 },
  fluxcal: { zeropoint: 27 },
  gain_scale: { factor: 2 },
};

test("every image step takes an input with variances, and its product has them unless it combines or ends them", async (t) => {
  const files = [writeRate("a_rate.fits", 0), writeRate("b_rate.fits", 3), writeRate("c_rate.fits", 5)];
  const ran: string[] = [];
  const left: string[] = [];
  for (const name of stepNames) {
    const step = await loadStep(name);
    if (step.input === "ramp") continue;
    const several = step.locality === "group" || step.locality === "joint";
    const { plan, events } = await reduce(
      request(folder(), several ? files : files.slice(0, 1), {
        step: { name, module: null },
        ...(step.locality === "group" && { outputFile: "one" }),
        background: [fixture("iris_sky_rate.fits")],
        layers: [layer({ params: { [name]: settings[name] ?? {} } })],
      }),
    ).catch((error: unknown) => {
      // a parameter without a default, which these inputs don't give
      if (error instanceof UsageError) return { plan: null, events: [] };
      throw error;
    });
    const product = plan?.products[0];
    const idle = product?.steps.find(({ skip }) => skip !== null)?.skip;
    if (!product || idle !== undefined) {
      left.push(`${name}: ${idle ?? plan?.problems[0]?.message ?? "no product"}`);
      continue;
    }
    t.deepEqual(
      events.flatMap((event) => (event.type === "failure" ? [event.message] : [])),
      [],
      name,
    );
    const keeps = step.locality !== "group" && !step.endsVariances;
    t.deepEqual(variancesIn(product.output), keeps ? VARIANCES : [], name);
    ran.push(name);
  }
  t.log(`left out, they don't run on this input:\n${left.join("\n")}`);
  t.true(ran.includes("calc_bkg_imager"));
  t.true(ran.length >= 20, `only ${ran.join(", ")} ran`);
});
