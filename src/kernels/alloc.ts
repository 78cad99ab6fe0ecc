/** Where band buffers come from: plain arrays here, the kernels' own memory in `memory.ts`. */
export interface Alloc {
  /** Bytes that are about to be overwritten: the only allocation that isn't zeroed. */
  raw(length: number): Uint8Array;
  f32(length: number): Float32Array;
  f64(length: number): Float64Array;
  u32(length: number): Uint32Array;
  u8(length: number): Uint8Array;
}

/** Ordinary zeroed arrays: for tests, small jobs and results that outlive a band. */
export const heap: Alloc = {
  raw: (length) => new Uint8Array(length),
  f32: (length) => new Float32Array(length),
  f64: (length) => new Float64Array(length),
  u32: (length) => new Uint32Array(length),
  u8: (length) => new Uint8Array(length),
};
