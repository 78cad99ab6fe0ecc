// Bytes turned round within words. A constant swizzle is one instruction; V8 makes three to eight of the same shuffle.

// @ts-ignore: decorator
@inline
export function swap2(v: v128): v128 {
  return i8x16.swizzle(v, i8x16(1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 13, 12, 15, 14));
}

// @ts-ignore: decorator
@inline
export function swap4(v: v128): v128 {
  return i8x16.swizzle(v, i8x16(3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12));
}

// @ts-ignore: decorator
@inline
export function swap8(v: v128): v128 {
  return i8x16.swizzle(v, i8x16(7, 6, 5, 4, 3, 2, 1, 0, 15, 14, 13, 12, 11, 10, 9, 8));
}

// @ts-ignore: decorator
@inline
export function swap16(v: v128): v128 {
  return i8x16.swizzle(v, i8x16(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0));
}
