import { copyFileSync, existsSync } from "node:fs";
import { basename, join } from "node:path";
import test from "ava";
import { ConfigError, UsageError } from "../../../src/errors.js";
import { execute, plan, readyPlan, type Plan } from "../../../src/engine/index.js";
import { fixture, folder, layer, reduce, request } from "../helpers.js";

const darks = [1, 2, 3].map((i) => fixture(`iris_dark_${String(i)}_rate.fits`));
const others = ["iris_sci_rate.fits", "iris_sky_rate.fits", "iris_sci_truth.fits"].map(fixture);
const inputs = [...darks, ...others];

const night = (out: string, only: string[], given = inputs) =>
  request(out, given, { found: new Set(given), night: { only, own: [] } });

test("a folder uses its sky and passes over the truth; the second time nothing is to be done", async (t) => {
  const out = folder();
  const { plan: made, events } = await reduce(night(out, []));
  t.deepEqual(
    made.passed.find(({ input }) => basename(input) === "iris_sci_truth.fits")?.why,
    "the truth of a simulation",
  );
  t.is(events.filter(({ type }) => type === "product").length, 2);
  t.is(made.products.at(-1)!.members["background"]![0]!.path, made.products[0]!.output);
  const again = await plan(night(out, []));
  t.true(again.products.every(({ reasons }) => reasons.length === 0));
});

test("until a step before its sky is used, a folder makes no sky, and takes none from the field", async (t) => {
  const until = { until: "dark_sub" };
  const { products, passed } = await plan({ ...night(folder(), []), ...until });
  t.deepEqual(
    products.map((product) => basename(product.inputs[0]!.path)),
    ["iris_sci_rate.fits"],
  );
  t.regex(
    passed.find(({ input }) => basename(input) === "iris_sky_rate.fits")!.why,
    /nothing to be made needs/,
  );
  const own = { ...night(folder(), []), ...until };
  await t.throwsAsync(plan({ ...own, night: { ...own.night!, sky: "field" } }), {
    instanceOf: UsageError,
    message: "--sky field takes the sky from whole images, and --until dark_sub ends before them",
  });
});

test("a copy of an exposure in the folder doesn't count twice", async (t) => {
  const copy = join(folder(), "zcopy_rate.fits");
  copyFileSync(darks[0]!, copy);
  const made = await plan(night(folder(), ["dark"], [...inputs, copy]));
  t.is(made.products[0]!.inputs.length, 3);
  t.is(made.passed.find(({ input }) => input === copy)?.why, "a copy of iris_dark_1_rate.fits");
});

test("a new dark makes the dark anew", async (t) => {
  const out = folder();
  await reduce(night(out, ["dark"]));
  const more = await plan(night(out, ["dark"], [...inputs, fixture("iris_dark_4_rate.fits")]));
  t.deepEqual(
    more.products.map(({ reasons }) => reasons),
    [["inputChanged"]],
  );
});

test("a plan that was saved runs elsewhere", async (t) => {
  const [first, second] = [folder(), folder()];
  const wanted = night(first, []);
  const saved = JSON.parse(JSON.stringify(await plan(wanted))) as Plan;
  const moved = await readyPlan(saved, wanted.host, {
    origin: "plan.json",
    command: "iris reduce plan.json",
    out: second,
    force: false,
  });
  t.true(moved.products.every(({ output }) => output.startsWith(second)));
  for await (const event of execute(moved, { host: wanted.host, jobs: 1, mem: 1e9, force: false }))
    t.not(event.type, "failure");
  t.true(moved.products.every(({ output }) => existsSync(output)));
});

test("a reference of the wrong shape that may be missing is a caveat of the product", async (t) => {
  const refs = layer({ refs: { FLAT: fixture("iris_dark_1_rate.fits") } });
  const more = { layers: [refs], allowMissing: ["flat"] };
  const { products } = await plan(request(folder(), [fixture("iris_sci_rate.fits")], more));
  t.true(
    products[0]!.caveats.some(({ message }) => message.startsWith("flat_field skipped, no flat reference")),
  );
});

test("a plan without a product that another needs is refused by name", async (t) => {
  const wanted = night(folder(), []);
  const made = await plan(wanted);
  const fewer = { ...made, products: made.products.slice(1) };
  const refused = readyPlan(fewer, wanted.host, {
    origin: "plan.json",
    command: "iris reduce plan.json",
    force: false,
  });
  const error = await t.throwsAsync(refused, { instanceOf: ConfigError });
  t.regex(error.message, /needs .* — no product of the plan makes it/);
});
