// A mesh expanded along x, and weighted sums of four rows of what comes out.

// @ts-ignore: decorator
@inline
function blend(p: usize, r0: usize, r1: usize, r2: usize, r3: usize, w: v128, x: v128, y: v128, z: v128): v128 {
  const a = f64x2.mul(w, v128.load(r0 + p));
  const b = f64x2.add(a, f64x2.mul(x, v128.load(r1 + p)));
  const c = f64x2.add(b, f64x2.mul(y, v128.load(r2 + p)));
  return f64x2.add(c, f64x2.mul(z, v128.load(r3 + p)));
}

/** The plain twin is `blendRowsPlain`; `from` may be 0. */
export function blendRows(
  out: usize,
  from: usize,
  r0: usize,
  r1: usize,
  r2: usize,
  r3: usize,
  w0: f64,
  w1: f64,
  w2: f64,
  w3: f64,
  low: f64,
  high: f64,
  n: i32,
): void {
  const w = f64x2.splat(w0);
  const x = f64x2.splat(w1);
  const y = f64x2.splat(w2);
  const z = f64x2.splat(w3);
  const least = f64x2.splat(low);
  const most = f64x2.splat(high);
  let i = 0;
  for (; i + 4 <= n; i += 4) {
    const p = <usize>i << 3;
    const a = f64x2.pmin(f64x2.pmax(blend(p, r0, r1, r2, r3, w, x, y, z), least), most);
    const b = f64x2.pmin(f64x2.pmax(blend(p + 16, r0, r1, r2, r3, w, x, y, z), least), most);
    const v = v128.shuffle<f32>(f32x4.demote_f64x2_zero(a), f32x4.demote_f64x2_zero(b), 0, 1, 4, 5);
    const q = <usize>i << 2;
    v128.store(out + q, from ? f32x4.sub(v128.load(from + q), v) : v);
  }
  for (; i < n; i++) {
    const p = <usize>i << 3;
    let v = w0 * load<f64>(r0 + p) + w1 * load<f64>(r1 + p) + w2 * load<f64>(r2 + p) + w3 * load<f64>(r3 + p);
    v = v < low ? low : v > high ? high : v;
    const q = <usize>i << 2;
    store<f32>(out + q, from ? load<f32>(from + q) - <f32>v : <f32>v);
  }
}

/** Rows of a mesh at every column: the plain twin is `splineRowPlain`. */
export function splineRow(out: usize, cells: usize, weights: usize, values: usize, bends: usize, n: i32): void {
  for (let i = 0; i < n; i++) {
    const p = <usize>load<u32>(cells + (<usize>i << 2)) << 3;
    const w = weights + (<usize>i << 5);
    store<f64>(
      out + (<usize>i << 3),
      load<f64>(w) * load<f64>(values + p) +
        load<f64>(w, 8) * load<f64>(values + p, 8) +
        load<f64>(w, 16) * load<f64>(bends + p) +
        load<f64>(w, 24) * load<f64>(bends + p, 8),
    );
  }
}
