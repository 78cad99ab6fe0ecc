/** This thread's kernel memory: a bump allocator over one WebAssembly memory, so that kernels need no copies. */
import type { Alloc } from "./alloc.js";
import { makeMemory, pageSize, type Simd } from "./simd.js";

export interface KernelMemory extends Alloc {
  /** Not zeroed: for bytes that are read into or written over entirely. */
  raw(bytes: number): Uint8Array;
  /** Forgets every array. */
  reset(): void;
  /** A place to come back to with `release`, which forgets the arrays made since. */
  mark(): number;
  release(mark: number): void;
  /** Bytes that the memory has grown to. */
  readonly size: number;
}

// the first page is left to the module's own constants
const first = pageSize;
const align = 64;

let state: { memory: ReturnType<typeof makeMemory>["memory"]; simd: Simd } | null = null;
let top = first;
/** Above this nothing was ever handed out, and the memory still holds the zeros it was born with. */
let touched = first;
/** Growing makes a new buffer object over the same bytes: views of any of them are ours. */
const buffers = new WeakSet<ArrayBufferLike>();

function take(bytes: number, zero: boolean): { buffer: SharedArrayBuffer; at: number } {
  state ??= makeMemory();
  const at = top;
  const end = at + Math.ceil(bytes / align) * align;
  const missing = Math.ceil((end - state.memory.buffer.byteLength) / pageSize);
  if (missing > 0) state.memory.grow(missing);
  const { buffer } = state.memory;
  buffers.add(buffer);
  // filling shared memory from JavaScript goes byte by byte
  if (zero && touched > at) state.simd.zero(at, Math.min(touched, end) - at);
  top = end;
  touched = Math.max(touched, end);
  return { buffer, at };
}

const memory: KernelMemory = {
  f32(length) {
    const { buffer, at } = take(4 * length, true);
    return new Float32Array(buffer, at, length);
  },
  f64(length) {
    const { buffer, at } = take(8 * length, true);
    return new Float64Array(buffer, at, length);
  },
  u32(length) {
    const { buffer, at } = take(4 * length, true);
    return new Uint32Array(buffer, at, length);
  },
  u8(length) {
    const { buffer, at } = take(length, true);
    return new Uint8Array(buffer, at, length);
  },
  raw(bytes) {
    const { buffer, at } = take(bytes, false);
    return new Uint8Array(buffer, at, bytes);
  },
  reset() {
    top = first;
  },
  mark: () => top,
  release(mark) {
    top = mark;
  },
  get size() {
    return state?.memory.buffer.byteLength ?? 0;
  },
};

/** The calling thread's memory, at most 4 GiB; RangeError beyond that. Arrays live until `release` or `reset`. */
export const kernelMemory = (): KernelMemory => memory;

/** Calls `use` with the thread's memory; what it takes there is forgotten afterwards. */
export function inMemory<T>(use: (memory: KernelMemory) => T): T {
  const mark = memory.mark();
  try {
    return use(memory);
  } finally {
    memory.release(mark);
  }
}

/** The SIMD build, when both arrays lie in its memory; a kernel with more arrays asks twice. */
export function simdFor(a: ArrayBufferView, b: ArrayBufferView): Simd | null {
  return state && buffers.has(a.buffer) && buffers.has(b.buffer) ? state.simd : null;
}
