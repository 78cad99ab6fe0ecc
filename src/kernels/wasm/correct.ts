// Corrections of the samples of one read: saturation test, polynomial, subtraction.

/**
 * run |= s ≥ threshold; flags |= SATURATED (2) where run, AD_FLOOR|DO_NOT_USE (65) where s ≤ 0.
 * Tells whether any pixel carries SATURATED afterwards.
 */
export function markSaturated(flags: usize, run: usize, s: usize, threshold: usize, n: i32): bool {
  const zero = f32x4.splat(0);
  const sat = i8x16.splat(2);
  const floor = i8x16.splat(65);
  let any = i8x16.splat(0);
  let i = 0;
  for (; i + 16 <= n; i += 16) {
    const p = s + (<usize>i << 2);
    const t = threshold + (<usize>i << 2);
    const s0 = v128.load(p);
    const s1 = v128.load(p, 16);
    const s2 = v128.load(p, 32);
    const s3 = v128.load(p, 48);
    const full = i8x16.narrow_i16x8_s(
      i16x8.narrow_i32x4_s(f32x4.ge(s0, v128.load(t)), f32x4.ge(s1, v128.load(t, 16))),
      i16x8.narrow_i32x4_s(f32x4.ge(s2, v128.load(t, 32)), f32x4.ge(s3, v128.load(t, 48))),
    );
    const low = i8x16.narrow_i16x8_s(
      i16x8.narrow_i32x4_s(f32x4.le(s0, zero), f32x4.le(s1, zero)),
      i16x8.narrow_i32x4_s(f32x4.le(s2, zero), f32x4.le(s3, zero)),
    );
    const r = v128.or(v128.load(run + <usize>i), full);
    v128.store(run + <usize>i, r);
    const f = v128.or(
      v128.load(flags + <usize>i),
      v128.or(v128.and(r, sat), v128.and(low, floor)),
    );
    any = v128.or(any, f);
    v128.store(flags + <usize>i, f);
  }
  let found = v128.any_true(v128.and(any, sat));
  for (; i < n; i++) {
    const v = load<f32>(s + (<usize>i << 2));
    let r = load<u8>(run + <usize>i);
    if (v >= load<f32>(threshold + (<usize>i << 2))) r = 255;
    store<u8>(run + <usize>i, r);
    let f = load<u8>(flags + <usize>i) | (r & 2);
    if (v <= 0) f |= 65;
    store<u8>(flags + <usize>i, f);
    found = found || (f & 2) !== 0;
  }
  return found;
}

/** See pixelsWith in ../ramp/grow.ts: few pixels have any of the bits. */
export function pixelsWith(list: usize, flags: usize, n: i32, bits: i32): i32 {
  const wanted = i8x16.splat(<i8>bits);
  let to = list;
  let i = 0;
  for (; i + 16 <= n; i += 16) {
    const found = v128.and(v128.load(flags + <usize>i), wanted);
    if (!v128.any_true(found)) continue;
    for (let left = i8x16.bitmask(i8x16.ne(found, i8x16.splat(0))); left !== 0; left &= left - 1, to += 4)
      store<u32>(to, i + ctz(left));
  }
  for (; i < n; i++)
    if ((load<u8>(flags + <usize>i) & bits) !== 0) {
      store<u32>(to, i);
      to += 4;
    }
  return <i32>((to - list) >> 2);
}

/** See flagCoefficients in ../ramp/correct.ts. */
export function flagCoefficients(dq: usize, c: usize, n: i32, planes: i32, bit: u32): bool {
  const zero = f32x4.splat(0);
  const one = i32x4.splat(<i32>bit);
  const stride = <usize>n << 2;
  let any = i32x4.splat(0);
  let i = 0;
  for (; i + 4 <= n; i += 4) {
    let p = c + (<usize>i << 2);
    let bad = f32x4.eq(v128.load(p + stride), zero);
    for (let k = 0; k < planes; k++, p += stride) {
      const value = v128.load(p);
      bad = v128.or(bad, f32x4.ne(value, value));
    }
    const flag = v128.or(v128.load(dq + (<usize>i << 2)), v128.and(bad, one));
    v128.store(dq + (<usize>i << 2), flag);
    any = v128.or(any, flag);
  }
  let rest: u32 = 0;
  for (; i < n; i++) {
    let p = c + (<usize>i << 2);
    let bad = load<f32>(p + stride) === 0;
    for (let k = 0; k < planes; k++, p += stride) {
      const value = load<f32>(p);
      bad = bad || value !== value;
    }
    const flag = load<u32>(dq + (<usize>i << 2)) | (bad ? bit : 0);
    store<u32>(dq + (<usize>i << 2), flag);
    rest |= flag;
  }
  return v128.any_true(v128.and(any, one)) || (rest & bit) !== 0;
}

/** See polynomial in ../ramp/correct.ts: planes of coefficients are `stride` bytes apart. */
export function polynomial(
  s: usize,
  c: usize,
  flags: usize,
  keep: u32,
  n: i32,
  planes: i32,
  stride: usize,
): void {
  const last = c + <usize>(planes - 1) * stride;
  const mask = i32x4.splat(<i32>keep);
  const zero = i32x4.splat(0);
  let i = 0;
  for (; i + 8 <= n; i += 8) {
    const o = <usize>i << 2;
    const x = v128.load(s + o);
    const z = v128.load(s + o, 16);
    let r = f32x4.mul(v128.load(last + o), x);
    let t = f32x4.mul(v128.load(last + o, 16), z);
    for (let p = last + o - stride; p > c + o; p -= stride) {
      r = f32x4.mul(f32x4.add(r, v128.load(p)), x);
      t = f32x4.mul(f32x4.add(t, v128.load(p, 16)), z);
    }
    r = f32x4.add(r, v128.load(c + o));
    t = f32x4.add(t, v128.load(c + o, 16));
    if (flags) {
      const f = i16x8.extend_low_i8x16_u(v128.load64_zero(flags + <usize>i));
      r = v128.bitselect(r, x, i32x4.eq(v128.and(i32x4.extend_low_i16x8_u(f), mask), zero));
      t = v128.bitselect(t, z, i32x4.eq(v128.and(i32x4.extend_high_i16x8_u(f), mask), zero));
    }
    v128.store(s + o, r);
    v128.store(s + o, t, 16);
  }
  for (; i < n; i++) {
    if (flags && (load<u8>(flags + <usize>i) & keep) !== 0) continue;
    const o = <usize>i << 2;
    const x = load<f32>(s + o);
    let r = load<f32>(last + o) * x;
    for (let p = last + o - stride; p > c + o; p -= stride) r = (r + load<f32>(p)) * x;
    store<f32>(s + o, r + load<f32>(c + o));
  }
}

/** s −= d where d is a number. */
export function subtractFinite(s: usize, d: usize, n: i32): void {
  let i = 0;
  for (; i + 4 <= n; i += 4) {
    const o = <usize>i << 2;
    const v = v128.load(d + o);
    v128.store(s + o, f32x4.sub(v128.load(s + o), v128.and(v, f32x4.eq(v, v))));
  }
  for (; i < n; i++) {
    const o = <usize>i << 2;
    const v = load<f32>(d + o);
    store<f32>(s + o, load<f32>(s + o) - (v === v ? v : 0));
  }
}

/** frame −= columns[x], then −= rows[y]; the rows first where `rowsFirst`. */
export function subtractLevels(
  frame: usize,
  columns: usize,
  rows: usize,
  nx: i32,
  ny: i32,
  rowsFirst: i32,
): void {
  for (let y = 0; y < ny; y++) {
    const level = load<f32>(rows + (<usize>y << 2));
    const row = f32x4.splat(level);
    let at = frame + (<usize>(y * nx) << 2);
    let x = 0;
    for (; x + 4 <= nx; x += 4, at += 16) {
      const column = v128.load(columns + (<usize>x << 2));
      const first = rowsFirst ? row : column;
      const second = rowsFirst ? column : row;
      v128.store(at, f32x4.sub(f32x4.sub(v128.load(at), first), second));
    }
    for (; x < nx; x++, at += 4) {
      const column = load<f32>(columns + (<usize>x << 2));
      const first = rowsFirst ? level : column;
      const second = rowsFirst ? column : level;
      store<f32>(at, load<f32>(at) - first - second);
    }
  }
}
