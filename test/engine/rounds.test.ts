import { spawn, spawnSync } from "node:child_process";
import { existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import test from "ava";
import { readAssociation } from "../../src/data/association.js";
import { collect, fixture, folder, layer, pixels, reduce, request, testHost } from "./helpers.js";
import { execute, plan, type Event, type Plan } from "../../src/engine/index.js";
import { readyPlan } from "../../src/engine/given-plan.js";
import { getValue, keywordsOf, openFits } from "../../src/fits/index.js";
import { packageRoot } from "../../src/package.js";
import { makeField, writeField, writeSkies } from "../helpers/sky-field.js";

const field = makeField();
const raw = folder();
const inputs = writeField(raw, field).slice(0, 5);

const header = (path: string) => {
  const file = openFits(path);
  try {
    return file.hdus[0]!.header;
  } finally {
    file.close();
  }
};

/** `growth` so large that the first mosaic settles the sky, so small that none does. */
const wanted = (out: string, loops: number, growth: number) =>
  request(out, inputs, {
    pipeline: "imager_sky",
    layers: [layer({ params: { sky_iterative: { max_loops: loops }, mosaic_objects: { growth } } })],
  });

const names = (events: readonly Event[], type: "product" | "spared" | "fresh"): string[] =>
  events.flatMap((event) => (event.type === type ? [basename(event.path)] : [])).sort();

const finals = ({ products }: Plan): string[] =>
  products.filter(({ pipeline }) => pipeline === "imager_sky").map(({ output }) => output);

test("the plan has all rounds; those after a mosaic without new objects aren't made, now and later", async (t) => {
  const out = folder();
  const first = await reduce(wanted(out, 4, 1));
  // three rounds of five images and a mosaic, and the five products
  t.is(first.plan.products.length, 23);
  t.deepEqual(names(first.events, "spared"), [
    ...["GENERIC_FIELD_objects2.fits", "GENERIC_FIELD_objects3.fits"],
    ...[0, 1, 2, 3, 4].flatMap((k) => [`f${k}_sky2.fits`, `f${k}_sky3.fits`]),
  ]);
  t.is(names(first.events, "product").length, 11);
  t.false(existsSync(join(out, "f0_sky2.fits")));
  const second = await reduce(wanted(out, 4, 1));
  t.deepEqual(names(second.events, "product"), []);
  t.deepEqual(
    second.plan.products.map(({ reasons, spared }) => [reasons.length, spared && basename(spared)]),
    [
      ...Array.from({ length: 6 }, () => [0, undefined]),
      ...[0, 1, 2, 3, 4].map((k) => [0, `f${k}_sky1.fits`]),
      [0, "GENERIC_FIELD_objects1.fits"],
      ...[0, 1, 2, 3, 4].map((k) => [0, `f${k}_sky1.fits`]),
      [0, "GENERIC_FIELD_objects1.fits"],
      ...Array.from({ length: 5 }, () => [0, undefined]),
    ],
  );
  const { SKYLOOP, R_MOSAIC, NMASKED } = keywordsOf(header(join(out, "f2_bsub.fits")));
  t.deepEqual([SKYLOOP, R_MOSAIC], [2, "GENERIC_FIELD_objects1.fits"]);
  t.true(Number(NMASKED) > 1000);
  // a threshold that the mosaic no longer meets: the other rounds are wanted after all
  const third = await reduce(wanted(out, 4, 0));
  t.is(names(third.events, "spared").length, 0);
  t.is(names(third.events, "product").length, 18);
  t.is(keywordsOf(header(join(out, "f2_bsub.fits")))["SKYLOOP"], 4);
});

test("HISTORY says which loop it was, how many pixels are masked, and each level B", async (t) => {
  const { plan: made } = await reduce(wanted(folder(), 2, 0));
  const { cards } = header(finals(made)[2]!);
  const history = cards
    .filter(({ keyword }) => keyword === "HISTORY")
    .map(({ comment }) => comment)
    .join(" ");
  t.regex(history, /sky loop 2: \d+ pixels masked, \d+ of them by the mosaic/);
  const own = Number(/ B = (\S+) electron\/s/.exec(history)![1]);
  t.true(Math.abs(own - Number(getValue({ cards }, "BKGLEVEL"))) < 1e-4);
  for (const k of [0, 1, 3, 4])
    t.regex(
      history,
      new RegExp(
        `repeat f${k}_cal.fits; sky loop 2: .*? masked, \\d+ of them by the mosaic; B = 1?\\d\\d\\.\\d+`,
      ),
    );
});

test("bands and threads don't change a bit of any round", async (t) => {
  const [few, whole] = [folder(), folder()];
  await reduce(wanted(few, 3, 0), { mem: 1, jobs: 2 });
  await reduce(wanted(whole, 3, 0), { mem: 1e9, jobs: 1 });
  const made = readdirSync(whole).filter((name) => name.endsWith(".fits"));
  t.is(made.length, 17);
  for (const name of made) t.deepEqual(pixels(join(few, name)), pixels(join(whole, name)), name);
});

test("killed in the middle of the rounds, the same command finishes with the same bytes", async (t) => {
  t.timeout(120_000);
  const env = {
    ...process.env,
    XDG_CACHE_HOME: folder(),
    SOURCE_DATE_EPOCH: "1700000000",
    CRDS_PATH: undefined,
  };
  const words = (out: string) => [
    join(packageRoot, "bin", "iris.js"),
    ...["reduce", ...inputs, "--pipeline", "imager_sky", "-o", out, "--no-quicklook"],
  ];
  const out = folder();
  const bytes = (): Map<string, Buffer> =>
    new Map(
      readdirSync(out)
        .filter((name) => name.endsWith(".fits"))
        .map((name) => [name, readFileSync(join(out, name))]),
    );
  t.is(spawnSync(process.execPath, words(out), { env }).status, 0);
  const quiet = bytes();
  t.is(quiet.size, 17);
  // the same folder: products name the files that they are made of
  for (const name of readdirSync(out)) rmSync(join(out, name), { recursive: true });
  for (const enough of [2, 7, 12]) {
    const child = spawn(process.execPath, words(out), { env, stdio: "ignore" });
    const closed = new Promise((resolve) => child.on("close", resolve));
    const isDone = () => readdirSync(out).filter((name) => name.endsWith(".fits")).length >= enough;
    while (child.exitCode === null && !isDone()) await new Promise((resolve) => setTimeout(resolve, 2));
    child.kill("SIGKILL");
    await closed;
  }
  t.is(spawnSync(process.execPath, words(out), { env }).status, 0);
  const again = bytes();
  t.deepEqual([...again.keys()].sort(), [...quiet.keys()].sort());
  for (const [name, content] of quiet) t.true(again.get(name)!.equals(content), name);
});

test("a plan with rounds that was saved runs in another folder", async (t) => {
  const made = await plan(wanted(folder(), 3, 1));
  const out = folder();
  const host = testHost();
  const ready = await readyPlan(JSON.parse(JSON.stringify(made)), host, {
    origin: "plan.json",
    command: "iris reduce plan.json",
    out,
    force: false,
  });
  const events = await collect(execute(ready, { host, jobs: 1, mem: 1e9, force: false }));
  t.is(names(events, "product").length, 11);
  t.is(names(events, "spared").length, 6);
  t.is(keywordsOf(header(join(out, "f2_bsub.fits")))["SKYLOOP"], 2);
});

test("science of one association: a product of each, the sky of its background exposures", async (t) => {
  const skies = writeSkies(raw, 4);
  const member = (exptype: string) => (path: string) => ({ expname: basename(path), exptype });
  const table = join(raw, "field_asn.json");
  writeFileSync(
    table,
    JSON.stringify({
      asn_type: "image2",
      products: [
        {
          name: "field",
          members: [...inputs.map(member("science")), ...skies.map(member("background"))],
        },
      ],
    }),
  );
  const association = readAssociation(table, raw);
  const { plan: made, events } = await reduce(request(folder(), [], { pipeline: "imager_sky", association }));
  t.deepEqual(
    events.filter(({ type }) => type === "failure" || type === "caveat"),
    [],
  );
  t.deepEqual(
    made.products.map(({ output, members }) => [basename(output), Object.keys(members)]),
    [0, 1, 2, 3, 4].map((k) => [`f${k}_bsub.fits`, ["background"]]),
  );
});

test("given a mosaic, or an end, there is one round", async (t) => {
  const mosaic = fixture("iris_sci_rate.fits");
  for (const more of [{ layers: [layer({ refs: { MOSAIC: mosaic } })] }, { until: "sky_level" }]) {
    const { products } = await plan(request(folder(), inputs, { pipeline: "imager_sky", ...more }));
    t.is(products.length, 5);
  }
});
