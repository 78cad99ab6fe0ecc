import { resolve } from "node:path";
import test from "ava";
import { main } from "../../src/cli/main.js";
import { knownNames } from "../../src/cli/names.js";
import { stepNamed } from "../../src/config/assign.js";
import { pixels } from "../engine/helpers.js";
import { fakeHost, folderWith } from "../helpers/host.js";

/** The ancestor's configuration of its imager pipeline, as its documentation shows it. */
const pipeline = `name = "ProcessImagerL2Pipeline"
class = "iris_pipeline.pipeline.ProcessImagerL2Pipeline"
save_results = True
    [steps]
      [[bkg_subtract]]
      [[assign_wcs]]
        skip = True
      [[flat_field]]
        config_file = flat_field.cfg
`;
const flatField = `name = "flat_field"
class = "iris_pipeline.flatfield.FlatFieldStep"
`;

const rate = resolve("fixtures/iris_sci_rate.fits");

async function run(cwd: string, ...argv: string[]) {
  const host = fakeHost({ cwd });
  const exit = await main(argv, host);
  return { exit, out: host.out, err: host.err };
}

const place = () => folderWith({ "image2_iris.cfg": pipeline, "flat_field.cfg": flatField });

test("an stpipe configuration runs as it stands, and gives what the same words on the command line give", async (t) => {
  const cwd = place();
  const given = await run(cwd, "reduce", rate, "--config", "image2_iris.cfg", "-o", "cfg", "-j", "1");
  t.is(given.exit, 0, given.err);
  const own = ["--pipeline", "imager2", "--skip", "assign_wcs", "-o", "own", "-j", "1"];
  const said = await run(cwd, "reduce", rate, ...own);
  t.is(said.exit, 0, said.err);
  t.deepEqual(pixels(`${cwd}/cfg/iris_sci_cal.fits`), pixels(`${cwd}/own/iris_sci_cal.fits`));
});

test("named first, as for strun, it is the configuration of what follows; the plan shows its steps", async (t) => {
  const { exit, out, err } = await run(place(), "plan", "image2_iris.cfg", rate, "--json");
  t.is(exit, 0, err);
  const [product] = (JSON.parse(out) as { products: { pipeline: string; steps: PlannedStep[] }[] }).products;
  t.is(product!.pipeline, "imager2");
  const skips = Object.fromEntries(product!.steps.map(({ name, skip }) => [name, skip]));
  t.regex(skips["assign_wcs"]!, /^left out by .*image2_iris\.cfg$/);
  t.is(skips["flat_field"], null);
});

test("a step's file of such a configuration that isn't there stops everything", async (t) => {
  const cwd = folderWith({ "image2_iris.cfg": pipeline });
  const { exit, err } = await run(cwd, "reduce", rate, "--config", "image2_iris.cfg", "-o", "out");
  t.is(exit, 2);
  t.regex(err, /flat_field\.cfg/);
});

interface PlannedStep {
  name: string;
  skip: string | null;
}

test("every step by the names of its peers, as sections and as classes, off or on", async (t) => {
  const sections = [
    "dq_init",
    "dark_current",
    "flat_field",
    "calc_background",
    "subtract_background",
    "parse_subarrays",
    "assign_wcs",
    "photom",
  ];
  const cwd = folderWith({
    "off.cfg": `class = "ImagerStage2Pipeline"\n[steps]\n${sections.map((name) => `[[${name}]]\nskip = True\n`).join("")}`,
    "on.cfg": `class = "ImagerStage2Pipeline"\n[steps]\n[[photom]]\nskip = False\nzeropoint = 27\nunit = uJy\n[[calc_background]]\nbox_size = 16\n`,
  });
  const off = await run(cwd, "plan", "off.cfg", rate, "--json");
  t.is(off.exit, 0, off.err);
  const stepsOf = (out: string) =>
    (JSON.parse(out) as { products: { steps: (PlannedStep & { params: Params })[] }[] }).products[0]!.steps;
  t.deepEqual(
    stepsOf(off.out).filter(({ skip }) => skip === null),
    [],
  );
  const on = await run(cwd, "plan", "on.cfg", rate, "--json");
  const running = stepsOf(on.out).filter(({ skip }) => skip === null);
  t.deepEqual(
    running.map(({ name }) => name),
    ["parse_subarray_map", "dark_sub", "flat_field", "subtract_bkg", "assign_wcs", "fluxcal"],
  );
  t.is(running[3]!.params["box_size"]!.value, 16);
});

test("classes of the peers' steps name ours", async (t) => {
  const classes = {
    PhotomStep: "fluxcal",
    FluxCalStep: "fluxcal",
    SkyMatchStep: "skymatch",
    ParseSubarraysStep: "parse_subarray_map",
    SubtractBackgroundStep: "subtract_bkg",
    CalcBackgroundStep: "calc_bkg_imager",
    BiasStep: "bias",
  };
  const names = await knownNames();
  for (const [theirs, ours] of Object.entries(classes)) t.is(stepNamed(`liger.${theirs}`, names), ours);
});

type Params = Record<string, { value: unknown }>;
