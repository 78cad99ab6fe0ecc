// The search for cosmic rays: sharpness in units of the noise, what stands out of it, and masks grown by a pixel.

// @ts-ignore: decorator
@inline
const LEAST: f32 = 1e-5;

// @ts-ignore: decorator
@inline
function highHalf(a: v128): v128 {
  return v128.shuffle<f32>(a, a, 2, 3, 2, 3);
}

/** Sum of the four quarter pixels, negative ones cut; two at a time. */
// @ts-ignore: decorator
@inline
function quarters(p: v128, left: v128, right: v128, down: v128, up: v128): v128 {
  const zero = f64x2.splat(0);
  const centre = f64x2.promote_low_f32x4(p);
  const twice = f64x2.add(centre, centre);
  const l = f64x2.sub(twice, f64x2.promote_low_f32x4(left));
  const r = f64x2.sub(twice, f64x2.promote_low_f32x4(right));
  const d = f64x2.promote_low_f32x4(down);
  const u = f64x2.promote_low_f32x4(up);
  return f64x2.add(
    f64x2.add(
      f64x2.add(f64x2.pmax(zero, f64x2.sub(l, d)), f64x2.pmax(zero, f64x2.sub(r, d))),
      f64x2.pmax(zero, f64x2.sub(l, u)),
    ),
    f64x2.pmax(zero, f64x2.sub(r, u)),
  );
}

// @ts-ignore: decorator
@inline
function sharp4(a: usize, v: usize, row: usize): v128 {
  const p = v128.load(a);
  const left = v128.load(a - 4);
  const right = v128.load(a + 4);
  const down = v128.load(a - row);
  const up = v128.load(a + row);
  const quarter = f64x2.splat(0.25);
  const low = f64x2.mul(quarters(p, left, right, down, up), quarter);
  const high = f64x2.mul(
    quarters(highHalf(p), highHalf(left), highHalf(right), highHalf(down), highHalf(up)),
    quarter,
  );
  const l = v128.shuffle<f32>(f32x4.demote_f64x2_zero(low), f32x4.demote_f64x2_zero(high), 0, 1, 4, 5);
  const variance = v128.load(v);
  const noise = v128.bitselect(
    f32x4.sqrt(variance),
    f32x4.splat(<f32>Math.sqrt(1e-5)),
    f32x4.gt(variance, f32x4.splat(LEAST)),
  );
  return f32x4.div(l, f32x4.add(noise, noise));
}

// @ts-ignore: decorator
@inline
function cut(quarter: f64): f64 {
  return quarter > 0 ? quarter : 0;
}

/** As sharp4, for a pixel that lies on an edge of the frame. */
function sharpAtEdge(s: usize, a: usize, v: usize, x: i32, y: i32, nx: i32, ny: i32): void {
  const row = <usize>nx << 2;
  const at = (<usize>y * <usize>nx + <usize>x) << 2;
  const q = a + at;
  const p = 2 * <f64>load<f32>(q);
  const l = p - (x > 0 ? <f64>load<f32>(q - 4) : 0);
  const r = p - (x < nx - 1 ? <f64>load<f32>(q + 4) : 0);
  const d = y > 0 ? <f64>load<f32>(q - row) : 0;
  const u = y < ny - 1 ? <f64>load<f32>(q + row) : 0;
  const sum = cut(l - d) + cut(r - d) + cut(l - u) + cut(r - u);
  const variance = load<f32>(v + at);
  const noise: f32 = variance > LEAST ? Mathf.sqrt(variance) : <f32>Math.sqrt(1e-5);
  store<f32>(s + at, <f32>(sum / 4) / (2 * noise));
}

/** See sharpness in ../image/sharpness.ts; nx ≥ 6. */
export function sharpness(s: usize, a: usize, v: usize, nx: i32, ny: i32): void {
  const row = <usize>nx << 2;
  for (let y = 0; y < ny; y++) {
    if (y === 0 || y === ny - 1) {
      for (let x = 0; x < nx; x++) sharpAtEdge(s, a, v, x, y, nx, ny);
      continue;
    }
    sharpAtEdge(s, a, v, 0, y, nx, ny);
    sharpAtEdge(s, a, v, nx - 1, y, nx, ny);
    const first = <usize>y * row;
    let at = first + 4;
    const last = first + row - 20;
    for (; at <= last; at += 16) v128.store(s + at, sharp4(a + at, v + at, row));
    // the last four overlap the ones before
    v128.store(s + last, sharp4(a + last, v + last, row));
  }
}

/** See above in ../image/sharpness.ts. */
export function above(list: usize, s: usize, t: usize, n: i32, limit: f64): i32 {
  const near = f32x4.splat(<f32>limit);
  let p = list;
  let i = 0;
  for (; i + 4 <= n; i += 4) {
    const at = <usize>i << 2;
    const d = f32x4.sub(v128.load(s + at), v128.load(t + at));
    if (!v128.any_true(f32x4.ge(d, near))) continue;
    for (let k = i; k < i + 4; k++) {
      const bytes = <usize>k << 2;
      if (!(<f64>(load<f32>(s + bytes) - load<f32>(t + bytes)) > limit)) continue;
      store<u32>(p, k);
      p += 4;
    }
  }
  for (; i < n; i++) {
    const at = <usize>i << 2;
    if (!(<f64>(load<f32>(s + at) - load<f32>(t + at)) > limit)) continue;
    store<u32>(p, i);
    p += 4;
  }
  return <i32>((p - list) >> 2);
}

// @ts-ignore: decorator
@inline
function or3(m: usize, row: usize): v128 {
  return v128.or(v128.or(v128.load(m - row), v128.load(m)), v128.load(m + row));
}

/** See dilate3 in ../image/morphology.ts; nx ≥ 18. */
export function dilate3(out: usize, mask: usize, nx: i32, ny: i32): void {
  const row = <usize>nx;
  memory.copy(out, mask, row * <usize>ny);
  for (let y = 1; y < ny - 1; y++) {
    const first = <usize>y * row;
    const last = first + row - 17;
    for (let at = first + 1; ; at += 16) {
      if (at > last) at = last;
      const m = mask + at;
      v128.store(out + at, v128.or(v128.or(or3(m - 1, row), or3(m, row)), or3(m + 1, row)));
      if (at === last) break;
    }
  }
}
