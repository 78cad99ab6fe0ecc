import test from "ava";
import fc from "fast-check";
import { sortFloats } from "../../../src/kernels/image/sort.js";

test("sortFloats = sort, for any finite or infinite values", (t) => {
  fc.assert(
    fc.property(fc.array(fc.float({ noNaN: true })), (list) => {
      const values = Float32Array.from(list);
      const sorted = new Float64Array(values.length);
      sortFloats(sorted, values, values.length);
      t.deepEqual([...sorted], [...values.sort()]);
    }),
  );
});
