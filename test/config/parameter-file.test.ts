import { join } from "node:path";
import test from "ava";
import type { KnownNames } from "../../src/config/assign.js";
import { readParameterFile } from "../../src/config/parameter-file.js";
import { ConfigError } from "../../src/errors.js";
import { folderWith } from "../helpers/host.js";

const names: KnownNames = {
  steps: ["background", "assign_wcs", "dark_sub", "flat_field", "ramp_fit"],
  pipelines: ["image2", "imager2", "stage1"],
  aliases: {
    ProcessImagerL2Pipeline: "imager2",
    Image2Pipeline: "image2",
    FlatFieldStep: "flat_field",
    bkg_subtract: "background",
    dark_current: "dark_sub",
  },
};

const read = (files: Record<string, string>, known?: string) => {
  const folder = folderWith(files);
  return { folder, ...readParameterFile(join(folder, Object.keys(files)[0]!), names, known) };
};

test("the ancestor's pipeline file: sections, skips, a step's own file with its reference beside it", (t) => {
  const { folder, target, layers, notes } = read({
    "image2_iris.cfg": `name = "ProcessImagerL2Pipeline"
class = "iris_pipeline.pipeline.ProcessImagerL2Pipeline"
save_results = True

    [steps]
      [[bkg_subtract]]
      [[assign_wcs]]
        skip = True
      [[flat_field]]
        config_file = flat_field.cfg
      [[photom]]
        skip = True
`,
    "flat_field.cfg": `name = "flat_field"\nclass = "jwst.flatfield.FlatFieldStep"\noverride_flat = 'flat.fits'\n`,
  });
  t.deepEqual(target, { kind: "pipeline", name: "imager2" });
  t.deepEqual(layers, [
    {
      origin: join(folder, "flat_field.cfg"),
      params: {},
      skip: {},
      refs: { FLAT: join(folder, "flat.fits") },
    },
    { origin: join(folder, "image2_iris.cfg"), params: {}, skip: { assign_wcs: true }, refs: {} },
  ]);
  t.deepEqual(notes, []);
});

test("a section's own words win over those of its config_file", (t) => {
  const { layers } = read({
    "a/p.cfg": `class = Image2Pipeline\n[steps]\n[[flat_field]]\nconfig_file = ../b/f.cfg\ninverse = no\n`,
    "b/f.cfg": "class = FlatFieldStep\ninverse = yes\nfloor = 0.1\n",
  });
  t.deepEqual(
    layers.map(({ params }) => params),
    [{ flat_field: { inverse: "yes", floor: "0.1" } }, { flat_field: { inverse: "no" } }],
  );
});

const asdf = `#ASDF 1.0.0
#ASDF_STANDARD 1.3.0
%YAML 1.1
%TAG ! tag:stsci.edu:asdf/
--- !core/asdf-1.1.0
`;

test("the same tree as ASDF, YAML and JSON gives the same layer", (t) => {
  const body = `class: toyiris.Image2Pipeline
name: image2
meta: {reftype: pars-image2pipeline}
parameters: {save_results: true}
steps:
- class: toyiris.FlatFieldStep
  name: flat_field
  parameters: {inverse: true, override_flat: N/A}
- {class: x.Dark, name: dark_current, parameters: {skip: true}}
`;
  const json = JSON.stringify({
    class: "toyiris.Image2Pipeline",
    steps: [
      { name: "flat_field", parameters: { inverse: true, override_flat: "N/A" } },
      { name: "dark_current", parameters: { skip: true } },
    ],
  });
  for (const [file, text] of [
    ["p.asdf", `${asdf}${body}...\n\x00binary block`],
    ["p.yaml", body],
    ["p.json", json],
  ] as const) {
    const { target, layers } = read({ [file]: text });
    t.deepEqual(target, { kind: "pipeline", name: "image2" }, file);
    t.like(layers[0], {
      params: { flat_field: { inverse: true } },
      skip: { dark_sub: true },
      refs: { FLAT: "N/A" },
    });
  }
});

test("a step's file, also in the old form with everything inside parameters", (t) => {
  const plain = read({
    "s.asdf": `${asdf}class: jwst.FlatFieldStep\nname: f\nparameters:\n  inverse: true\n...\n`,
  });
  const old = read({ "s.asdf": `${asdf}parameters:\n  class: jwst.FlatFieldStep\n  inverse: true\n...\n` });
  for (const { target, layers } of [plain, old]) {
    t.deepEqual(target, { kind: "step", name: "flat_field" });
    t.deepEqual(layers[0]!.params, { flat_field: { inverse: true } });
  }
});

test("what all steps share: output names are taken, hooks refused, the rest noted", (t) => {
  const { outputFile, outputDir, notes, folder } = read({
    "p.cfg": `class = Image2Pipeline
output_file = obs.fits
output_dir = red
pre_hooks = ,
suffix = xyz
[steps]
[[flat_field]]
save_results = yes
`,
  });
  t.is(outputFile, "obs.fits");
  t.is(outputDir, join(folder, "red"));
  t.deepEqual(notes, [
    "p.cfg: suffix of image2 is not used",
    "p.cfg: save_results of flat_field is not used; only the last product is written",
  ]);
  t.throws(() => read({ "h.cfg": `class = Image2Pipeline\npost_hooks = "echo {0}",\n` }), {
    instanceOf: ConfigError,
    message: "cannot use h.cfg: image2 has post_hooks, and hooks are not run",
  });
});

test("without a class the user's word says what the file is for", (t) => {
  t.deepEqual(read({ "x.cfg": "[steps]\n[[flat_field]]\nskip = 1\n" }, "image2").target, {
    kind: "pipeline",
    name: "image2",
  });
  t.throws(() => read({ "x.cfg": "[steps]\n[[flat_field]]\n" }), { message: /x\.cfg: it has no class/ });
});

for (const [why, text, message] of [
  [
    "a class that nobody knows",
    'class = "a.b.Imge2Pipeline"',
    /"a\.b\.Imge2Pipeline" is no pipeline or step; did you mean "Image2Pipeline"\?/,
  ],
  [
    "a misspelt step",
    "class = image2\n[steps]\n[[flat_feild]]\nskip = True",
    /there is no step "flat_feild"; did you mean "flat_field"\?/,
  ],
  [
    "a misspelt step of a peer's without settings",
    "class = image2\n[steps]\n[[bkg_subtrct]]",
    /there is no step "bkg_subtrct"; did you mean "bkg_subtract"\?/,
  ],
  [
    "an unknown step with settings",
    "class = image2\n[steps]\n[[photom]]\nx = 1",
    /there is no step "photom"$/,
  ],
  [
    "a parameter that a pipeline hasn't",
    "class = image2\nsave_bsub = True",
    /pipeline image2 has no parameter "save_bsub"/,
  ],
  [
    "a section beside steps",
    "class = image2\n[stepps]\n[[flat_field]]",
    /"stepps" in it is no place for a step/,
  ],
  [
    "a skip that is no yes or no",
    "class = image2\n[steps]\n[[flat_field]]\nskip = perhaps",
    /flat_field\.skip can't be "perhaps"/,
  ],
] as const)
  test(`refused: ${why}`, (t) => {
    t.throws(() => read({ "p.cfg": text }), { instanceOf: ConfigError, message });
  });
