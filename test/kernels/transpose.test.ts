import test from "ava";
import fc from "fast-check";
import { scatterSamples } from "../../src/kernels/transpose.js";

/** Row `y` only; the rest of the planes stays as it was. */
function scattered(
  width: number,
  nx: number,
  ny: number,
  y: number,
  depth: number,
  slots: number[],
  shift: number,
) {
  const row = Uint8Array.from({ length: nx * depth * width }, (_, i) => (i * 7 + 3) & 255);
  const into = new Uint8Array(slots.length * ny * nx * width + shift).subarray(shift);
  scatterSamples(into, row, { width, nx, ny, y, depth, slots: Int32Array.from(slots) });
  return { row, into };
}

test("plane n of pixel x is its sample slots[n], byte by byte, at any alignment", (t) => {
  fc.assert(
    fc.property(
      fc.constantFrom(1, 2, 4, 8),
      fc.integer({ min: 1, max: 150 }),
      fc.integer({ min: 1, max: 3 }),
      fc.integer({ min: 1, max: 6 }),
      fc.integer({ min: 0, max: 3 }),
      (width, nx, ny, depth, shift) => {
        const slots = Array.from({ length: depth }, (_, n) => depth - 1 - n);
        const y = ny - 1;
        const { row, into } = scattered(width, nx, ny, y, depth, slots, shift);
        for (let n = 0; n < depth; n++)
          for (let x = 0; x < nx; x++)
            for (let b = 0; b < width; b++)
              if (into[((n * ny + y) * nx + x) * width + b] !== row[(x * depth + slots[n]!) * width + b])
                return false;
        return true;
      },
    ),
  );
  t.pass();
});

test("rows that aren't given stay as they are", (t) => {
  const { into } = scattered(2, 3, 2, 1, 2, [0, 1], 0);
  // plane 0: row 0 untouched, row 1 filled
  t.deepEqual([...into.subarray(0, 6)], [0, 0, 0, 0, 0, 0]);
  t.true(into.subarray(6, 12).some((byte) => byte !== 0));
});
