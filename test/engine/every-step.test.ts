import test from "ava";
import type { Request } from "../../src/engine/index.js";
import { UsageError } from "../../src/errors.js";
import { loadStep, stepNames } from "../../src/step/registry.js";
import { fixture, folder, layer, pixels, reduce, request, testHost } from "./helpers.js";

const image = fixture("iris_sci_rate.fits");
const inputs: Readonly<Record<string, readonly string[]>> = {
  ramp: [fixture("iris_utr.fits")],
  rate: [image],
  image: [image],
  exposure: [fixture("iris_utr.fits")],
  group: [1, 2, 3, 4, 5].map((i) => fixture(`iris_dark_${i}_rate.fits`)),
};

/** With these, steps that would leave the fixture alone have something to do. */
const settings: Readonly<Record<string, Record<string, unknown>>> = {
  refpix: { border: 4, channels: 4 },
  gain_scale: { factor: 2 },
  persistence: { persistence_time: 8, dn_threshold: 20000 },
  charge_migration: { signal_threshold: 20000 },
};

/** Reduced in bands as low as they can be, and in the highest. */
const both = async (wanted: (out: string) => Request) =>
  [await reduce(wanted(folder()), { mem: 1 }), await reduce(wanted(folder()), { mem: 1e9 })] as const;

test("every step alone: bands of a few rows = the whole frame, bit for bit", async (t) => {
  t.timeout(120_000);
  const left: string[] = [];
  for (const name of stepNames) {
    const step = await loadStep(name);
    const files = [...inputs[step.locality === "group" ? "group" : (step.input as string)]!];
    const wanted = (out: string) =>
      request(out, files, {
        host: testHost(),
        step: { name, module: null },
        background: [fixture("iris_sky_rate.fits")],
        outputFile: "one",
        layers: [layer({ params: { [name]: settings[name] ?? {} } })],
      });
    const ran = await both(wanted).catch((error: unknown) => {
      // a parameter without a default, which these inputs don't give
      if (error instanceof UsageError) return error;
      throw error;
    });
    if (ran instanceof UsageError) {
      left.push(`${name}: ${ran.message}`);
      continue;
    }
    const [few, whole] = ran;
    const product = few.plan.products[0];
    const idle = few.plan.problems[0]?.message ?? product?.steps.find(({ skip }) => skip !== null)?.skip;
    if (!product || idle !== undefined) {
      left.push(`${name}: ${idle ?? "no product"}`);
      continue;
    }
    t.deepEqual(
      few.events.filter(({ type }) => type === "failure"),
      [],
      name,
    );
    t.deepEqual(pixels(product.output), pixels(whole.plan.products[0]!.output), name);
  }
  t.log(`left out, they don't run on the fixtures:\n${left.join("\n")}`);
  t.true(stepNames.length - left.length >= 12, `only ${stepNames.length - left.length} steps ran`);
});
