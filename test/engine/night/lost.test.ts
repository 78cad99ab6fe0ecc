import test from "ava";
import { blockedBy, counted, lostFor } from "../../../src/engine/night/lost.js";
import type { NightFile, NightJob } from "../../../src/engine/night/types.js";
import { file } from "./helpers.js";

const job = (inputs: NightJob["inputs"], title: string, more: Partial<NightJob> = {}): NightJob => ({
  stage: "images",
  title,
  pipeline: "image",
  inputs,
  members: {},
  refs: {},
  without: {},
  picture: false,
  because: [],
  caveats: [],
  ...more,
});

const science = (detector: string): NightFile => file(`sci${detector}.fits`, "SCI", 0, { detector });

test("what fails alike on two detectors is said in equal words but for the file", (t) => {
  const [a, b] = ["A", "B"].map((detector) => {
    const { message, input } = blockedBy(job([science(detector)], `SCI ${detector} 30 s`), [
      `dark ${detector} 30 s`,
      `dark ${detector} 30 s`,
    ]);
    return message.replace(input, "FILE");
  });
  t.is(a, "cannot make SCI 30 s of FILE — it needs dark 30 s, which can't be made");
  t.is(b, a);
});

test("many of one title are counted", (t) => {
  t.is(counted(["SCI A", "SCI A", "SCI B"]), "2 × SCI A, SCI B");
});

test("a mosaic goes on with the images that are left; an image without its dark doesn't", (t) => {
  const [first, second] = ["A", "B"].map((detector) => job([science(detector)], `SCI ${detector}`));
  const outputs = new Map([
    [first!, null],
    [second!, "b.fits"],
  ]);
  const mosaic = job([first!, second!], "mosaic", { stage: "mosaics" });
  t.deepEqual(lostFor(mosaic, outputs, ["b.fits"], {}), { titles: ["SCI A"], isFatal: false });
  const darkened = job([science("A")], "SCI A", { refs: { DARK: { job: first!, why: "" } } });
  t.true(lostFor(darkened, outputs, ["sciA.fits"], {}).isFatal);
});
