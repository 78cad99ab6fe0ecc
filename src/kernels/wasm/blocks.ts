// Sums of the good pixels of blocks, four columns at a time.

/** See sumBlocks in ../image/block-sums.ts; `dq` may be 0. `columns` and `counts` have room for a row, float64 and uint32. */
export function sumBlocks(
  sum: usize,
  good: usize,
  sci: usize,
  dq: usize,
  nx: i32,
  rows: i32,
  factor: i32,
  bad: u32,
  columns: usize,
  counts: usize,
): void {
  const mask = i32x4.splat(bad);
  const none = i32x4.splat(0);
  const stride = <usize>nx << 2;
  let x = 0;
  for (; x + 4 <= nx; x += 4) {
    let low = f64x2.splat(0);
    let high = low;
    let count = none;
    let p = <usize>x << 2;
    for (let y = 0; y < rows; y++, p += stride) {
      const v = v128.load(sci + p);
      const d = f32x4.sub(v, v);
      let used = f32x4.eq(d, d);
      if (dq) used = v128.and(used, i32x4.eq(v128.and(v128.load(dq + p), mask), none));
      const value = v128.and(v, used);
      low = f64x2.add(low, f64x2.promote_low_f32x4(value));
      high = f64x2.add(high, f64x2.promote_low_f32x4(v128.shuffle<f32>(value, value, 2, 3, 2, 3)));
      count = i32x4.sub(count, used);
    }
    v128.store(columns + (<usize>x << 3), low);
    v128.store(columns + (<usize>x << 3), high, 16);
    v128.store(counts + (<usize>x << 2), count);
  }
  for (; x < nx; x++) {
    let total: f64 = 0;
    let count = 0;
    let p = <usize>x << 2;
    for (let y = 0; y < rows; y++, p += stride) {
      const v = load<f32>(sci + p);
      if (v - v !== 0 || (dq && load<u32>(dq + p) & bad)) continue;
      total += <f64>v;
      count++;
    }
    store<f64>(columns + (<usize>x << 3), total);
    store<u32>(counts + (<usize>x << 2), count);
  }
  for (let from = 0, block: usize = 0; from < nx; from += factor, block++) {
    let total: f64 = 0;
    let count: u32 = 0;
    const end = min(nx, from + factor);
    for (let i = from; i < end; i++) {
      total += load<f64>(columns + (<usize>i << 3));
      count += load<u32>(counts + (<usize>i << 2));
    }
    store<f64>(sum + (block << 3), total);
    store<u32>(good + (block << 2), count);
  }
}
