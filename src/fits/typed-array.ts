/** The arrays that samples of a file come in: one for each BITPIX, signed or not (FITS 4.0 §4.4.1.1, §5). */

export type TypedArray =
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array
  | Float32Array
  | Float64Array;
