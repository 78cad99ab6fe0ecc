import test from "ava";
import { DQ } from "../../src/data/dq.js";
import type { Image } from "../../src/data/kinds.js";
import { StepError } from "../../src/errors.js";
import { isLampFlat } from "../../src/steps/flat-kind.js";
import { flatLevel } from "../../src/steps/flat_level.js";
import { maskObjectsStep } from "../../src/steps/mask_objects.js";
import { image, normal } from "../helpers/images.js";
import { runOn } from "../helpers/run-step.js";

const flat = (level: number, object: string): Image =>
  image(
    Array.from({ length: 64 }, (_, i) => level * (1 + 0.01 * ((i % 5) - 2))),
    {
      nx: 8,
      err: Array.from({ length: 64 }, () => level / 100),
      header: { IMTYPE: "FLAT", OBJECT: object, EXPTIME: 10 },
    },
  );

test("a lamp's flat is left alone; twilight is divided by its level", (t) => {
  const lamp = runOn<Image>(flatLevel, flat(1500, "lamp"));
  t.is(lamp.status, "complete");
  t.is(lamp.product.sci[2], 1500);
  const dusk = runOn<Image>(flatLevel, flat(1500, "twilight"));
  t.is(dusk.product.sci[2], 1);
  t.true(Math.abs(dusk.product.err[2]! - 0.01) < 1e-6);
  t.is(dusk.product.unit, "");
});

test("levels are counts of the whole exposure: 1500/s in 10 s are 15 000; 2500/s are too many, 500/s few", (t) => {
  const codes = (level: number): string[] => {
    const outcome = runOn<Image>(flatLevel, flat(level, "lamp"));
    return outcome.status === "partial" ? outcome.caveats.map(({ code }) => code) : [];
  };
  t.deepEqual([codes(1500), codes(2500), codes(500)], [[], ["UNFIT"], ["FAINT_FLAT"]]);
});

test("a flat without light is an error", (t) => {
  t.throws(() => runOn(flatLevel, flat(0, "lamp")), { instanceOf: StepError });
});

test("what a flat is shows in its type and object, unless the user says", (t) => {
  const kind = (obstype: string, object: string, sky: "auto" | "yes" | "no" = "auto"): boolean => {
    const { exposure } = flat(1, "");
    return isLampFlat({ exposure: { ...exposure, obstype, object }, params: { sky } });
  };
  t.true(kind("FLAT", "dome lamp"));
  t.false(kind("FLAT", "evening twilight"));
  t.false(kind("SKYFLAT", ""));
  t.false(kind("SKY", "blank field"));
  t.false(kind("FLAT", "", "yes"));
  t.true(kind("SKY", "", "no"));
});

test("objects of a sky are flagged, those of a lamp aren't looked for", (t) => {
  const n = 64;
  const random = normal(5);
  const sky = image(
    Array.from({ length: n * n }, (_, i) => {
      const [x, y] = [i % n, Math.floor(i / n)];
      return 50 + random() + 400 * Math.exp(-((x - 20) ** 2 + (y - 30) ** 2) / 6);
    }),
    { nx: n, header: { IMTYPE: "SKY" } },
  );
  const { product, keywords } = runOn<Image>(maskObjectsStep, sky, {}, { object_box: 32 });
  t.is(keywords["NOBJECTS"], 1);
  t.is(product.dq[30 * n + 20], DQ.NON_SCIENCE);
  t.is(product.dq[50 * n + 50], 0);
});
