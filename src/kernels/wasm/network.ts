// Ramps side by side in scratch memory, and networks of comparators over their rows.

/** Runs `count` comparators, pairs of byte offsets into `d`: afterwards the first of each is the smaller. */
export function sortPairs(d: usize, pairs: usize, count: i32): void {
  for (let k = 0, q = pairs; k < count; k++, q += 8) {
    const x = d + <usize>load<u32>(q);
    const y = d + <usize>load<u32>(q, 4);
    const x0 = v128.load(x);
    const x1 = v128.load(x, 16);
    const y0 = v128.load(y);
    const y1 = v128.load(y, 16);
    v128.store(x, f32x4.pmin(x0, y0));
    v128.store(x, f32x4.pmin(x1, y1), 16);
    v128.store(y, f32x4.pmax(x0, y0));
    v128.store(y, f32x4.pmax(x1, y1), 16);
  }
}

/** A cache line of sixteen samples of each group, `stride` bytes apart, as rows of 64 bytes. */
export function takeLines(rows: usize, samples: usize, stride: usize, ngroups: i32): void {
  const end = rows + (<usize>ngroups << 6);
  for (let p = samples; rows < end; p += stride, rows += 64) {
    v128.store(rows, v128.load(p));
    v128.store(rows, v128.load(p, 16), 16);
    v128.store(rows, v128.load(p, 32), 32);
    v128.store(rows, v128.load(p, 48), 48);
  }
}
