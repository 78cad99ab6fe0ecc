// Medians of 3, 5, 7 or 9 equally spaced values by sorting networks, four at a time.

// @ts-ignore: decorator
@inline
function low(a: v128, b: v128): v128 {
  return f32x4.pmin(a, b);
}

// @ts-ignore: decorator
@inline
function high(a: v128, b: v128): v128 {
  return f32x4.pmax(a, b);
}

// @ts-ignore: decorator
@inline
function median3(a: v128, b: v128, c: v128): v128 {
  return high(low(a, b), low(high(a, b), c));
}

// @ts-ignore: decorator
@inline
function median5(a: v128, b: v128, c: v128, d: v128, e: v128): v128 {
  return median3(e, high(low(a, b), low(c, d)), low(high(a, b), high(c, d)));
}

// @ts-ignore: decorator
@inline
function median7(a: v128, b: v128, c: v128, d: v128, e: v128, f: v128, g: v128): v128 {
  let t: v128;
  t = low(a, f);
  f = high(a, f);
  a = t;
  t = low(a, d);
  d = high(a, d);
  a = t;
  t = low(b, g);
  g = high(b, g);
  b = t;
  t = low(c, e);
  e = high(c, e);
  c = t;
  b = high(a, b);
  t = low(d, f);
  f = high(d, f);
  d = t;
  t = low(c, g);
  g = high(c, g);
  c = t;
  d = high(c, d);
  d = low(d, g);
  e = low(e, f);
  t = low(b, e);
  e = high(b, e);
  b = t;
  d = high(b, d);
  return low(d, e);
}

// @ts-ignore: decorator
@inline
function median9(p: usize, s: usize): v128 {
  const a = v128.load(p - 4 * s);
  const b = v128.load(p - 3 * s);
  const c = v128.load(p - 2 * s);
  const d = v128.load(p - s);
  const e = v128.load(p);
  const f = v128.load(p + s);
  const g = v128.load(p + 2 * s);
  const h = v128.load(p + 3 * s);
  const i = v128.load(p + 4 * s);
  const lows = high(high(low(low(a, b), c), low(low(d, e), f)), low(low(g, h), i));
  const highs = low(low(high(high(a, b), c), high(high(d, e), f)), high(high(g, h), i));
  return median3(lows, median3(median3(a, b, c), median3(d, e, f), median3(g, h, i)), highs);
}

// @ts-ignore: decorator
@inline
function medianAt(p: usize, s: usize, taps: i32): v128 {
  if (taps === 3) return median3(v128.load(p - s), v128.load(p), v128.load(p + s));
  if (taps === 9) return median9(p, s);
  const b = v128.load(p - 2 * s);
  const c = v128.load(p - s);
  const d = v128.load(p);
  const e = v128.load(p + s);
  const f = v128.load(p + 2 * s);
  if (taps === 5) return median5(b, c, d, e, f);
  return median7(v128.load(p - 3 * s), b, c, d, e, f, v128.load(p + 3 * s));
}

/** out[i] = median of a[i + k·step], |k| ≤ taps/2; n ≥ 4. The last four overlap the ones before. */
export function medianLine(out: usize, a: usize, n: i32, step: i32, taps: i32): void {
  const s = <usize>step << 2;
  let i = 0;
  if (taps === 3) for (; i + 4 <= n; i += 4) v128.store(out + (<usize>i << 2), medianAt(a + (<usize>i << 2), s, 3));
  else if (taps === 5)
    for (; i + 4 <= n; i += 4) v128.store(out + (<usize>i << 2), medianAt(a + (<usize>i << 2), s, 5));
  else if (taps === 7)
    for (; i + 4 <= n; i += 4) v128.store(out + (<usize>i << 2), medianAt(a + (<usize>i << 2), s, 7));
  else for (; i + 4 <= n; i += 4) v128.store(out + (<usize>i << 2), medianAt(a + (<usize>i << 2), s, 9));
  if (i < n) {
    const last = <usize>(n - 4) << 2;
    v128.store(out + last, medianAt(a + last, s, taps));
  }
}
