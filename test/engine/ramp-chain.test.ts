import { join } from "node:path";
import test from "ava";
import { writeFits } from "../../src/fits/index.js";
import { uniform } from "../helpers/images.js";
import { fixture, folder, layer, pixels, reduce, request } from "./helpers.js";

const steps = ["saturation", "superbias", "refpix", "linearity", "dark", "jump", "ramp_fit"];
const [side, reads] = [256, 11];

/** Bias, and a dark of as many reads as the exposure, with a few pixels of NaN. */
function references(): Record<string, string> {
  const dir = folder();
  const random = uniform(3);
  const write = (name: string, planes: number, level: (z: number) => number): string => {
    const path = join(dir, `${name}.fits`);
    const data = Float32Array.from({ length: planes * side * side }, (_, i) =>
      random() < 1e-3 ? NaN : level(Math.floor(i / (side * side))) + random(),
    );
    const dq = Int32Array.from({ length: side * side }, () => (random() < 1e-3 ? 1 : 0));
    writeFits(path, [
      { cards: [] },
      { name: "SCI", data, shape: planes > 1 ? [planes, side, side] : [side, side] },
      { name: "DQ", data: dq, shape: [side, side] },
    ]);
    return path;
  };
  return { SUPERBIAS: write("superbias", 1, () => 900), DARK: write("dark", reads, (z) => 3 * z) };
}

for (const mode of ["utr", "ols", "likelihood"])
  test(`a chain with halos, ${mode}: low bands ≡ the frame ≡ its steps one by one through files`, async (t) => {
    const settings = layer({
      params: {
        refpix: { border: 4, channels: 4 },
        saturation: { n_pix_grow_sat: 2 },
        ramp_fit: { mode },
      },
      skip: Object.fromEntries(["superbias", "refpix", "dark"].map((name) => [name, false])),
      refs: references(),
    });
    const run = async (mem: number): Promise<string> => {
      const wanted = request(folder(), [fixture("iris_utr.fits")], {
        ...{ pipeline: "stage1", from: "saturation", layers: [settings] },
      });
      const { plan, events } = await reduce(wanted, { mem });
      t.deepEqual(
        events.filter(({ type }) => type === "failure"),
        [],
      );
      const [product] = plan.products;
      const ran = product!.inputs.flatMap((input) => input.steps).concat(product!.steps);
      t.deepEqual(
        ran.filter(({ skip }) => skip === null).map(({ name }) => name),
        steps,
      );
      return product!.output;
    };
    let path = fixture("iris_utr.fits");
    for (const name of steps) {
      const step = { name, module: null };
      const { plan } = await reduce(request(folder(), [path], { step, layers: [settings] }));
      path = plan.products[0]!.output;
    }
    const [few, whole] = [await run(1), await run(1e9)];
    t.deepEqual(pixels(few), pixels(whole));
    t.deepEqual(pixels(path), pixels(whole));
  });
