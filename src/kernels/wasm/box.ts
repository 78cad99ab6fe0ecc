// The sky in a box of pixels: gathered, sorted, clipped, its biweight location and the scatter of what is kept.

let sum: f64 = 0;
let squares: f64 = 0;
let lowest: u32 = 0;
let highest: u32 = 0;

// Bit patterns of floats order like integers once negative ones are inverted and positive ones get the top bit.
// @ts-ignore: decorator
@inline
function keyOf(bits: u32): u32 {
  return bits ^ (<u32>(<i32>bits >> 31) | 0x80000000);
}

/** Keys of the values that are finite and without flags, and the range of these keys. */
function gather(keys: usize, sci: usize, dq: usize, nx: i32, width: i32, height: i32): i32 {
  const zero = i32x4.splat(0);
  const top = i32x4.splat(0x80000000);
  const exponent = i32x4.splat(0x7f800000);
  let least = i32x4.splat(-1);
  let most = zero;
  lowest = 0xffffffff;
  highest = 0;
  let n = 0;
  for (let y = 0; y < height; y++) {
    const row = (<usize>y * nx) << 2;
    let x = 0;
    for (; x + 4 <= width; x += 4) {
      const p = row + (<usize>x << 2);
      const bits = v128.load(sci + p);
      const infinite = i32x4.eq(v128.and(bits, exponent), exponent);
      const bad = v128.or(infinite, v128.load(dq + p));
      if (!v128.any_true(bad)) {
        const key = v128.xor(bits, v128.or(i32x4.shr_s(bits, 31), top));
        least = i32x4.min_u(least, key);
        most = i32x4.max_u(most, key);
        v128.store(keys + (<usize>n << 2), key);
        n += 4;
      } else for (let k: usize = 0; k < 16; k += 4) n = gatherOne(keys, sci + p + k, dq + p + k, n);
    }
    for (; x < width; x++) {
      const p = row + (<usize>x << 2);
      n = gatherOne(keys, sci + p, dq + p, n);
    }
  }
  for (let k = 0; k < 4; k++) {
    const at = keys + (<usize>n << 2);
    // Behind the keys there is room for these.
    v128.store(at, least);
    lowest = min(lowest, load<u32>(at + (<usize>k << 2)));
    v128.store(at, most);
    highest = max(highest, load<u32>(at + (<usize>k << 2)));
  }
  return n;
}

// @ts-ignore: decorator
@inline
function gatherOne(keys: usize, sci: usize, dq: usize, n: i32): i32 {
  const bits = load<u32>(sci);
  if (load<u32>(dq) !== 0 || (bits & 0x7f800000) === 0x7f800000) return n;
  const key = keyOf(bits);
  lowest = min(lowest, key);
  highest = max(highest, key);
  store<u32>(keys + (<usize>n << 2), key);
  return n + 1;
}

/** Sorts keys by counting digits of their distance from the lowest; returns where they are then as floats. */
function sort(keys: usize, spare: usize, counts: usize, n: i32): usize {
  const bits = 32 - clz(highest - lowest);
  const passes = bits <= 26 ? 2 : 3;
  const width = max((bits + passes - 1) / passes, 1);
  const buckets = 1 << width;
  const mask: u32 = buckets - 1;
  memory.fill(counts, 0, (<usize>passes * buckets) << 2);
  const second = counts + (<usize>buckets << 2);
  const third = second + (<usize>buckets << 2);
  const end = keys + (<usize>n << 2);
  for (let p = keys; p < end; p += 4) {
    const key = load<u32>(p) - lowest;
    const a = counts + ((key & mask) << 2);
    store<u32>(a, load<u32>(a) + 1);
    const b = second + (((key >> width) & mask) << 2);
    store<u32>(b, load<u32>(b) + 1);
    if (passes === 3) {
      const c = third + ((key >> (2 * width)) << 2);
      store<u32>(c, load<u32>(c) + 1);
    }
  }
  let from = keys;
  let to = spare;
  for (let pass = 0; pass < passes; pass++) {
    const base = counts + ((<usize>pass * buckets) << 2);
    let start: u32 = 0;
    for (let k = 0; k < buckets; k++) {
      const at = base + (<usize>k << 2);
      const count = load<u32>(at);
      store<u32>(at, start);
      start += count;
    }
    const shift = pass * width;
    const last = from + (<usize>n << 2);
    for (let p = from; p < last; p += 4) {
      const key = load<u32>(p);
      const at = base + ((((key - lowest) >> shift) & mask) << 2);
      const place = load<u32>(at);
      store<u32>(at, place + 1);
      store<u32>(to + (<usize>place << 2), key);
    }
    const other = from;
    from = to;
    to = other;
  }
  for (let i = 0; i < n; i++) {
    const p = from + (<usize>i << 2);
    const key = load<u32>(p);
    store<u32>(p, key >> 31 ? key ^ 0x80000000 : ~key);
  }
  return from;
}

// @ts-ignore: decorator
@inline
function at(sorted: usize, i: i32): f64 {
  return <f64>load<f32>(sorted + (<usize>i << 2));
}

// @ts-ignore: decorator
@inline
function median(sorted: usize, from: i32, to: i32): f64 {
  const n = to - from;
  const half = from + (n >> 1);
  return n & 1 ? at(sorted, half) : (at(sorted, half - 1) + at(sorted, half)) / 2;
}

/** Population standard deviation, from sums of the distances from `m` in four lanes. */
function scatter(sorted: usize, from: i32, to: i32, m: f64): f64 {
  const n = to - from;
  const center = f64x2.splat(m);
  let s = f64x2.splat(0);
  let t = s;
  let q = s;
  let r = s;
  let i = from;
  for (; i + 4 <= to; i += 4) {
    const v = v128.load(sorted + (<usize>i << 2));
    const a = f64x2.sub(f64x2.promote_low_f32x4(v), center);
    const b = f64x2.sub(f64x2.promote_low_f32x4(v128.shuffle<u32>(v, v, 2, 3, 2, 3)), center);
    s = f64x2.add(s, a);
    t = f64x2.add(t, b);
    q = f64x2.add(q, f64x2.mul(a, a));
    r = f64x2.add(r, f64x2.mul(b, b));
  }
  sum = total(s, t);
  squares = total(q, r);
  for (; i < to; i++) {
    const d = at(sorted, i) - m;
    sum += d;
    squares += d * d;
  }
  const mean = sum / <f64>n;
  const variance = squares / <f64>n - mean * mean;
  return variance > 0 ? Math.sqrt(variance) : 0;
}

// @ts-ignore: decorator
@inline
function total(a: v128, b: v128): f64 {
  const c = f64x2.add(a, b);
  return f64x2.extract_lane(c, 0) + f64x2.extract_lane(c, 1);
}

/** Median of the distances from `m`, the median: merges those on either side. */
function mad(sorted: usize, from: i32, to: i32, m: f64): f64 {
  const n = to - from;
  let high = from + (n >> 1);
  while (high > from && at(sorted, high - 1) >= m) high--;
  while (high < to && at(sorted, high) < m) high++;
  let low = high - 1;
  let before: f64 = 0;
  let current: f64 = 0;
  for (let k = 0; k <= n >> 1; k++) {
    before = current;
    const down = low >= from ? m - at(sorted, low) : Infinity;
    const up = high < to ? at(sorted, high) - m : Infinity;
    const isDown = down <= up;
    current = isDown ? down : up;
    low -= i32(isDown);
    high += i32(!isDown);
  }
  return n & 1 ? current : (before + current) / 2;
}

function biweight(sorted: usize, from: i32, to: i32, m: f64): f64 {
  const spread = mad(sorted, from, to, m);
  if (spread === 0) return m;
  const scale = 1 / (6 * spread);
  const center = f64x2.splat(m);
  const scales = f64x2.splat(scale);
  const one = f64x2.splat(1);
  const none = f64x2.splat(0);
  let s = none;
  let t = none;
  let q = none;
  let r = none;
  let i = from;
  for (; i + 4 <= to; i += 4) {
    const v = v128.load(sorted + (<usize>i << 2));
    const a = f64x2.sub(f64x2.promote_low_f32x4(v), center);
    const b = f64x2.sub(f64x2.promote_low_f32x4(v128.shuffle<u32>(v, v, 2, 3, 2, 3)), center);
    const u = f64x2.mul(a, scales);
    const w = f64x2.mul(b, scales);
    // Beyond the reach the weight is 0, not negative.
    const f = f64x2.pmax(f64x2.sub(one, f64x2.mul(u, u)), none);
    const g = f64x2.pmax(f64x2.sub(one, f64x2.mul(w, w)), none);
    const ff = f64x2.mul(f, f);
    const gg = f64x2.mul(g, g);
    s = f64x2.add(s, f64x2.mul(a, ff));
    t = f64x2.add(t, f64x2.mul(b, gg));
    q = f64x2.add(q, ff);
    r = f64x2.add(r, gg);
  }
  let top = total(s, t);
  let bottom = total(q, r);
  for (; i < to; i++) {
    const d = at(sorted, i) - m;
    const u = d * scale;
    const f = 1 - u * u;
    const ff = f > 0 ? f * f : 0;
    top += d * ff;
    bottom += ff;
  }
  return m + top / bottom;
}

/**
 * Value and scatter as two float64 at `out`; returns the pixels kept, 0 where fewer than `enough` are. The plain twin is
 * `boxSkyPlain`. `keys` and `spare` have room for the pixels of the box and four more, `counts` for 16384 integers.
 */
export function boxSky(
  out: usize,
  sci: usize,
  dq: usize,
  nx: i32,
  width: i32,
  height: i32,
  enough: f64,
  sigmaLow: f64,
  sigmaHigh: f64,
  iterations: f64,
  keys: usize,
  spare: usize,
  counts: usize,
): i32 {
  const n = gather(keys, sci, dq, nx, width, height);
  if (<f64>n < enough) return 0;
  const sorted = sort(keys, spare, counts, n);
  let from = 0;
  let to = n;
  let low = -Infinity;
  let high = Infinity;
  for (let pass: f64 = 0; pass < iterations && to - from > 1; pass++) {
    const m = median(sorted, from, to);
    const s = scatter(sorted, from, to, m);
    low = m - sigmaLow * s;
    high = m + sigmaHigh * s;
    const before = to - from;
    while (from < to && at(sorted, from) < low) from++;
    while (to > from && at(sorted, to - 1) > high) to--;
    if (to - from === before) break;
  }
  while (from > 0 && at(sorted, from - 1) >= low) from--;
  while (to < n && at(sorted, to) <= high) to++;
  if (<f64>(to - from) < enough) return 0;
  const m = median(sorted, from, to);
  store<f64>(out, biweight(sorted, from, to, m));
  store<f64>(out + 8, scatter(sorted, from, to, m));
  return to - from;
}
