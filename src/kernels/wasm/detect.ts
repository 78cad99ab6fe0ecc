// Finding sources: the image smoothed, its runs above a threshold, what mustn't be looked at, light in rings.

// @ts-ignore: decorator
@inline
function goodValues(sci: usize, bad: usize, x: i32): v128 {
  const v = v128.load(sci + (<usize>x << 2));
  const d = f32x4.sub(v, v);
  const good = v128.and(v, f32x4.eq(d, d));
  return bad ? v128.andnot(good, isBad(bad, x)) : good;
}

// @ts-ignore: decorator
@inline
function isBad(bad: usize, x: i32): v128 {
  const b = i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(v128.load32_zero(bad + <usize>x)));
  return i32x4.ne(b, i32x4.splat(0));
}

/** [1, 2, 1] along a row; `line` holds a nothing, the good values, and nothings to the next four. */
function smoothLine(row: usize, line: usize, sci: usize, bad: usize, nx: i32): void {
  let x = 0;
  for (; x + 4 <= nx; x += 4) v128.store(line + 4 + (<usize>x << 2), goodValues(sci, bad, x));
  for (; x < nx; x++) {
    const v = load<f32>(sci + (<usize>x << 2));
    const good = v - v === 0 && !(bad && load<u8>(bad + <usize>x));
    store<f32>(line + 4 + (<usize>x << 2), good ? v : 0);
  }
  for (x = 0; x < nx; x += 4) {
    const p = line + (<usize>x << 2);
    const m = v128.load(p + 4);
    const sum = f32x4.add(v128.load(p), f32x4.add(m, m));
    v128.store(row + (<usize>x << 2), f32x4.add(sum, v128.load(p + 8)));
  }
}

/**
 * The plain twin is `smoothPlain`. `room` is zeroed and holds four rows, each four pixels longer than those of the image
 * and a multiple of four pixels long; `bad` may be 0.
 */
export function smooth(out: usize, sci: usize, bad: usize, nx: i32, ny: i32, room: usize): void {
  const size = <usize>((nx + 7) & ~3) << 2;
  const line = room + 3 * size;
  let a = room;
  let b = room + size;
  let c = room + 2 * size;
  smoothLine(b, line, sci, bad, nx);
  const part = f32x4.splat(0.0625);
  const none = f32x4.splat(-Infinity);
  for (let y = 0; y < ny; y++) {
    const first = <usize>y * nx;
    if (y + 1 < ny) smoothLine(c, line, sci + ((first + nx) << 2), bad ? bad + first + nx : 0, nx);
    else memory.fill(c, 0, size);
    const to = out + (first << 2);
    let x = 0;
    for (; x + 4 <= nx; x += 4) {
      const p = <usize>x << 2;
      const m = v128.load(b + p);
      let v = f32x4.add(v128.load(a + p), f32x4.add(m, m));
      v = f32x4.mul(f32x4.add(v, v128.load(c + p)), part);
      v128.store(to + p, bad ? v128.bitselect(none, v, isBad(bad + first, x)) : v);
    }
    for (; x < nx; x++) {
      const p = <usize>x << 2;
      const m = load<f32>(b + p);
      const v: f32 = (load<f32>(a + p) + (m + m) + load<f32>(c + p)) * 0.0625;
      store<f32>(to + p, bad && load<u8>(bad + first + x) ? -Infinity : v);
    }
    const other = a;
    a = b;
    b = c;
    c = other;
  }
}

/** First and last place of each run of `row` above the threshold, as pairs; returns how many runs. */
export function runsAbove(runs: usize, row: usize, n: i32, threshold: f32): i32 {
  const limit = f32x4.splat(threshold);
  let count: i32 = 0;
  let x = 0;
  while (x < n) {
    while (x + 8 <= n) {
      const p = row + (<usize>x << 2);
      const above = v128.or(f32x4.gt(v128.load(p), limit), f32x4.gt(v128.load(p, 16), limit));
      if (v128.any_true(above)) break;
      x += 8;
    }
    while (x < n && !(load<f32>(row + (<usize>x << 2)) > threshold)) {
      x++;
      if ((x & 7) === 0) break;
    }
    if (x === n || !(load<f32>(row + (<usize>x << 2)) > threshold)) continue;
    store<i32>(runs + (<usize>count << 3), x);
    while (x < n && load<f32>(row + (<usize>x << 2)) > threshold) x++;
    store<i32>(runs + (<usize>count << 3), x - 1, 4);
    count++;
  }
  return count;
}

/** Sets `bad` to 1 where a value isn't finite. */
export function markNotFinite(bad: usize, values: usize, n: i32): void {
  let i = 0;
  for (; i + 4 <= n; i += 4) {
    const v = v128.load(values + (<usize>i << 2));
    const d = f32x4.sub(v, v);
    if (v128.any_true(f32x4.ne(d, d)))
      for (let k = i; k < i + 4; k++) markOne(bad, values, k);
  }
  for (; i < n; i++) markOne(bad, values, i);
}

/** Whether every value is finite. */
export function areFinite(values: usize, n: i32): bool {
  let i = 0;
  let differences = f32x4.splat(0);
  // v − v is 0, or NaN, which no sum loses
  for (; i + 4 <= n; i += 4) {
    const v = v128.load(values + (<usize>i << 2));
    differences = f32x4.add(differences, f32x4.sub(v, v));
  }
  let all = i32x4.all_true(f32x4.eq(differences, differences));
  for (; i < n; i++) {
    const v = load<f32>(values + (<usize>i << 2));
    all = all && v - v === 0;
  }
  return all;
}

// @ts-ignore: decorator
@inline
function markOne(bad: usize, values: usize, i: i32): void {
  const v = load<f32>(values + (<usize>i << 2));
  if (v - v !== 0) store<u8>(bad + <usize>i, 1);
}

/** All bits that are set in any of `n` words. */
export function anyBits(words: usize, n: i32): u32 {
  let bits = i32x4.splat(0);
  let i = 0;
  for (; i + 4 <= n; i += 4) bits = v128.or(bits, v128.load(words + (<usize>i << 2)));
  let all: u32 =
    i32x4.extract_lane(bits, 0) |
    i32x4.extract_lane(bits, 1) |
    i32x4.extract_lane(bits, 2) |
    i32x4.extract_lane(bits, 3);
  for (; i < n; i++) all |= load<u32>(words + (<usize>i << 2));
  return all;
}
