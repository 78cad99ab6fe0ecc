import test from "ava";
import { ConfigError } from "../../src/errors.js";
import { checkPlan } from "../../src/engine/check-plan.js";
import { plan, type Plan } from "../../src/engine/index.js";
import type { PlannedProduct, PlannedStep } from "../../src/engine/plan-types.js";
import { fixture, folder, layer, request } from "./helpers.js";

const readBack = (made: Plan): Plan => JSON.parse(JSON.stringify(made)) as Plan;

const ramp = plan(request(folder(), [fixture("iris_utr.fits")]));
const rate = plan(request(folder(), [fixture("iris_utr.fits")], { pipeline: "stage1" }));
const mosaic = plan(request(folder(), [fixture("iris_sci_rate.fits")], { pipeline: "image3" }));

/** Each exposure has a product of its own, as the step that would combine them is left out. */
const apart = plan(
  request(folder(), [fixture("iris_sci_rate.fits"), fixture("iris_sky_rate.fits")], {
    pipeline: "image3",
    layers: [layer({ skip: { resample: true } })],
  }),
);

const stepOf = ({ products }: Plan, name: string): PlannedStep =>
  products[0]!.steps.find((step) => step.name === name)!;

/** What was edited into the plan and then what is said of it. */
async function refusal(made: Promise<Plan>, edit: (copy: Plan) => void): Promise<string> {
  const copy = readBack(await made);
  edit(copy);
  return checkPlan(copy, "plan.json").then(
    () => "nothing",
    (error: unknown) => (error instanceof ConfigError ? error.message : String(error)),
  );
}

test("a plan that wasn't edited is the same after it was checked", async (t) => {
  for (const made of [await ramp, await mosaic, await apart])
    t.deepEqual(await checkPlan(readBack(made), "plan.json"), readBack(made));
});

const edits: [what: string, made: Promise<Plan>, edit: (copy: Plan) => void, said: RegExp][] = [
  [
    "a value that the parameter doesn't take",
    mosaic,
    (copy) => (stepOf(copy, "resample").params["pixfrac"]!.value = 7),
    /^resample\.pixfrac can't be 7 — it takes number > 0 and ≤ 1 \(in plan\.json, .*\.fits\)$/,
  ],
  [
    "a misspelt parameter",
    mosaic,
    (copy) => (stepOf(copy, "resample").params["pixfrc"] = { value: 0.5, origin: "me" }),
    /^resample has no parameter "pixfrc"; did you mean "pixfrac"\?/,
  ],
  [
    "a parameter without its origin",
    mosaic,
    (copy) => Object.assign(stepOf(copy, "resample").params, { pixfrac: 0.5 }),
    /params of resample of .*: "pixfrac" can't be 0\.5 — it takes \{ value, origin \} \(in plan\.json\)$/,
  ],
  [
    "a misspelt step",
    mosaic,
    (copy) => (stepOf(copy, "resample").name = "resampel"),
    /^there is no step "resampel"; did you mean "resample"\?/,
  ],
  [
    "steps in an order that doesn't join",
    ramp,
    ({ products }) => products[0]!.steps.reverse(),
    /^.* cannot take a ramp; it needs a image \(in plan\.json, .*\)$/,
  ],
  [
    "steps that end with another kind",
    ramp,
    ({ products }) => products[0]!.steps.splice(3),
    /^the steps end with a ramp, and the product is to be a (rate|image)/,
  ],
  [
    "a misspelt key of a step",
    ramp,
    (copy) => Object.assign(stepOf(copy, "jump"), { skp: null }),
    /^cannot use this plan: jump of .*: there is no "skp"; did you mean "skip"\?/,
  ],
  [
    "a key of nothing",
    ramp,
    (copy) => Object.assign(copy, { foo: 1 }),
    /: there is no "foo" \(in plan\.json\)$/,
  ],
  [
    "a key that is missing",
    ramp,
    ({ products }) => delete (products[0] as Partial<PlannedProduct>).output,
    /: no\. 1: "output" is missing/,
  ],
  [
    "a misspelt reference",
    ramp,
    (copy) => (stepOf(copy, "ramp_fit").refs[0]!.key = "gian"),
    /^ramp_fit has no reference "gian"; did you mean "gain"\?/,
  ],
  [
    "a reference that is taken away",
    ramp,
    (copy) => (stepOf(copy, "dark_sub").refs = []),
    /^dark_sub needs its reference "dark", and none is named/,
  ],
  [
    "a step that combines, asked for where each exposure has its own product",
    apart,
    (copy) => (stepOf(copy, "resample").skip = null),
    /^resample combines exposures, and this product is made of one/,
  ],
  [
    "exposures that nothing combines",
    mosaic,
    ({ products: [product] }) => (product!.steps = product!.steps.filter(({ name }) => name !== "resample")),
    /^no step combines its exposures/,
  ],
  [
    "other planes than were planned",
    rate,
    (copy) => (stepOf(copy, "ramp_fit").params["segments"]!.value = 2),
    /^the steps make other planes than the plan is laid out for/,
  ],
];

for (const [what, made, edit, said] of edits)
  test(`an edited plan is refused before anything is made: ${what}`, async (t) => {
    t.regex(await refusal(made, edit), said);
  });

test("an edited parameter has the plan as its origin, and the grid is laid anew", async (t) => {
  const copy = readBack(await mosaic);
  const { nx } = copy.products[0]!.grid!;
  stepOf(copy, "resample").params["pixel_scale_ratio"]!.value = 2;
  const checked = await checkPlan(copy, "plan.json");
  t.regex(stepOf(checked, "resample").params["pixel_scale_ratio"]!.origin, /^plan\.json, /);
  t.is(stepOf(checked, "resample").params["pixfrac"]!.origin, "default");
  t.is(checked.products[0]!.grid!.nx, Math.ceil(nx / 2));
});
