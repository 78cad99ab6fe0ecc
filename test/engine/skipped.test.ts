/** A step that was asked for and can't do anything, and a reference that doesn't fit: neither is a silent success. */
import { join } from "node:path";
import test from "ava";
import type { Plan } from "../../src/engine/index.js";
import { writeFits } from "../../src/fits/index.js";
import { cards, cube, shape, writeCube } from "../helpers/ramp-files.js";
import { folder, layer, reduce, request } from "./helpers.js";

const { nints, ngroups, ny, nx } = shape;
const plane = nx * ny;

/** One ramp of the first `groups` reads. */
function ramp(groups: number = ngroups): string {
  const path = join(folder(), "a.fits");
  writeFits(path, [
    { cards: cards({ TFRAME: 2, GAIN: 2, READNOIS: 10 }) },
    { name: "SCI", data: cube().subarray(0, groups * plane), shape: [1, groups, ny, nx] },
  ]);
  return path;
}

function reference(planes: number, keywords: Record<string, number> = {}): string {
  const path = join(folder(), "reference.fits");
  const data = new Float32Array(planes * plane).fill(1);
  writeFits(path, [{ cards: cards(keywords) }, { name: "SCI", data, shape: [planes, ny, nx] }]);
  return path;
}

async function run(
  name: string,
  input: string,
  refs: Record<string, string> = {},
  allowMissing: string[] = [],
) {
  const step = { name, module: null };
  const { plan, events } = await reduce(
    request(folder(), [input], { step, layers: [layer({ refs })], allowMissing }),
  );
  const said = events.flatMap((event) =>
    event.type === "caveat" ? [`${event.code}: ${event.message}`] : [],
  );
  return { plan, said };
}

const problems = ({ problems }: Plan): [number, string][] =>
  problems.map(({ exit, message }) => [exit, message]);

test("step run: what it can't do is a caveat, known before the run or not", async (t) => {
  const why: Record<string, string> = {
    jump: "fewer than three groups",
    charge_migration: "fewer than three groups",
    refpix: "the frame isn't known to have reference pixels",
    persistence: "persistence_time is 0",
    group_scale: "no reads were averaged",
  };
  for (const [name, reason] of Object.entries(why)) {
    const { plan, said } = await run(name, ramp(2));
    t.deepEqual(problems(plan), [], name);
    t.true(said.includes(`SKIPPED: ${name} skipped, ${reason}`), `${name}: ${said.join("; ")}`);
  }
  const image = join(folder(), "rate.fits");
  const data = new Float32Array(plane).fill(1);
  writeFits(image, [{ cards: cards({ BUNIT: "DN/s" }) }, { name: "SCI", data, shape: [ny, nx] }]);
  const { said } = await run("parse_subarray_map", image);
  t.true(
    said.includes("SKIPPED: parse_subarray_map skipped, the exposure has no SUBARR_MAP"),
    said.join("; "),
  );
});

test("in a pipeline: a caveat of the steps that it leaves out and the user switched on, of no other", async (t) => {
  const settings = layer({
    skip: { charge_migration: false },
    refs: { MASK: "N/A", SATURATION: "N/A", NONLINCOEFF: "N/A", GAIN: "N/A", READNOISE: "N/A" },
  });
  const { plan } = await reduce(
    request(folder(), [ramp(2)], { pipeline: "stage1", layers: [settings], from: "refpix" }),
  );
  const { caveats, steps } = plan.products[0]!;
  const skipped = steps.filter(({ skip }) => skip !== null).map(({ name }) => name);
  t.true(
    ["refpix", "ipc", "charge_migration", "jump"].every((name) => name === "ipc" || skipped.includes(name)),
  );
  t.deepEqual(
    caveats.filter(({ code }) => code === "SKIPPED").map(({ message }) => message),
    ["charge_migration skipped, fewer than three groups"],
  );
});

test("a dark that can't serve stops the exposure, or is left out by --allow-missing with a caveat", async (t) => {
  const darks: [string, RegExp][] = [
    [reference(1), /DARK .* doesn't fit .* — reference.fits is an image, not a ramp/],
    [reference(6, { NFRAMES: 4 }), /averages 4 reads with gaps of 0, the exposure 1 with gaps of 0/],
  ];
  for (const [DARK, why] of darks) {
    const { plan } = await run("dark", ramp(), { DARK });
    t.is(plan.products.length, 0);
    t.is(plan.problems[0]?.exit, 3);
    t.regex(plan.problems[0]!.message, why);
    t.regex(plan.problems[0]!.hint!, /--allow-missing dark/);
    const { plan: without, said } = await run("dark", ramp(), { DARK }, ["dark"]);
    t.deepEqual(problems(without), []);
    t.true(
      said.some((sentence) => /^NO_REFERENCE: dark skipped, no dark reference/.test(sentence)),
      said.join("; "),
    );
  }
});

test("a map of the detector has one plane: a stack, coefficients or a ramp in its place are refused", async (t) => {
  const given: [string, string, string][] = [
    ["superbias", "SUPERBIAS", reference(3)],
    ["saturation", "SATURATION", reference(5)],
    ["saturation", "SATURATION", writeCube(join(folder(), "ramp.fits"))],
    ["dq_init", "MASK", reference(2)],
    ["ramp_fit", "GAIN", reference(2)],
  ];
  for (const [name, type, path] of given) {
    const refs = { SUPERBIAS: "N/A", READNOISE: "N/A", DARKCURRENT: "N/A", GAIN: "N/A", [type]: path };
    const { plan } = await run(name, ramp(), refs);
    t.is(plan.problems[0]?.exit, 3, name);
    t.regex(plan.problems[0]!.message, /it has (2|3|5|12) planes, one is wanted/);
  }
  const { plan } = await run("linearity", ramp(), { NONLINCOEFF: reference(3) });
  t.deepEqual(problems(plan), []);
  t.is(nints * ngroups, 12);
});
