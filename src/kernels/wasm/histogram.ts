// Values of a box of pixels, and their histogram.

/** Finite values of pixels that aren't bad, in row order; returns how many. `bad` may be 0. */
export function gatherGood(out: usize, sci: usize, bad: usize, nx: i32, width: i32, height: i32): i32 {
  let n = 0;
  for (let y = 0; y < height; y++) {
    const row = <usize>y * nx;
    let x = 0;
    for (; x + 4 <= width; x += 4) {
      const p = row + <usize>x;
      const v = v128.load(sci + (p << 2));
      const d = f32x4.sub(v, v);
      if (!v128.any_true(f32x4.ne(d, d)) && !(bad && load<u32>(bad + p))) {
        v128.store(out + (<usize>n << 2), v);
        n += 4;
      } else for (let k: usize = 0; k < 4; k++) n = gatherOne(out, sci, bad, p + k, n);
    }
    for (; x < width; x++) n = gatherOne(out, sci, bad, row + <usize>x, n);
  }
  return n;
}

// @ts-ignore: decorator
@inline
function gatherOne(out: usize, sci: usize, bad: usize, p: usize, n: i32): i32 {
  const v = load<f32>(sci + (p << 2));
  if (v - v !== 0 || (bad && load<u8>(bad + p))) return n;
  store<f32>(out + (<usize>n << 2), v);
  return n + 1;
}

/** Adds the values to `bins` counts (float64) of the width 1/scale from `low` on; those beyond are left out. */
export function countBins(counts: usize, bins: i32, values: usize, n: i32, low: f64, scale: f64): void {
  for (let i = 0; i < n; i++) {
    const bin = (<f64>load<f32>(values + (<usize>i << 2)) - low) * scale;
    if (!(bin >= 0 && bin < <f64>bins)) continue;
    const at = counts + (<usize>(<i32>bin) << 3);
    store<f64>(at, load<f64>(at) + 1);
  }
}
