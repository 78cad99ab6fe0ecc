import test from "ava";
import { correct, groupFlags, samples } from "../../src/data/ramp.js";
import { heap } from "../../src/kernels/alloc.js";
import { exposureOf, rampOf, rawRampOf, readoutOf } from "../helpers/ramps.js";

const shape = { nx: 1, ny: 3, ngroups: 2, nints: 2 };
const exposure = exposureOf(readoutOf(2), {});
const counts = Array.from({ length: 12 }, (_, i) => i);

test("corrections wait until samples are asked for, and are made in turn", (t) => {
  for (const ramp of [rampOf(shape, counts, exposure, heap), rawRampOf(shape, counts, exposure, heap)]) {
    const seen: string[] = [];
    correct(ramp, (part, { integration, group, from, at }) => {
      part.forEach((value, i) => (part[i] = value + 1));
      seen.push(`${integration} ${group} ${from} ${at}`);
    });
    correct(ramp, (part) => {
      part.forEach((value, i) => (part[i] = value * 2));
    });
    t.deepEqual([ramp.raw, ramp.sci, seen.length], [null, null, 0]);
    t.deepEqual(
      [...samples(ramp, heap)],
      counts.map((value) => (value + 1) * 2),
    );
    // the groups of all ramps in turn
    t.deepEqual(seen, ["0 0 0 0", "1 0 0 6", "0 1 0 3", "1 1 0 9"]);
    t.true(samples(ramp, heap) === ramp.sci);
  }
});

test("only rows that are needed are corrected", (t) => {
  const ramp = rampOf(shape, counts, exposure, heap);
  ramp.needed = { from: 1, to: 2 };
  correct(ramp, (part, { from }) => part.fill(100 + from));
  t.deepEqual([...samples(ramp, heap)], [0, 101, 2, 3, 101, 5, 6, 101, 8, 9, 101, 11]);
});

test("flags that corrections look at don't change before they are made", (t) => {
  const ramp = rampOf(shape, counts, exposure, heap);
  correct(ramp, (part) => part.fill(ramp.groupdq === null ? 1 : 2));
  groupFlags(ramp, heap).fill(1);
  t.true(samples(ramp, heap).every((value) => value === 1));
});

test("the step of digitisation outlives the raw samples", (t) => {
  const ramp = rawRampOf(shape, counts, exposure, heap);
  correct(ramp, () => undefined);
  t.is(ramp.quantum, 1);
});
