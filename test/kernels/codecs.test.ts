import test from "ava";
import fc from "fast-check";
import {
  decodeFloat32,
  decodeFloat32Plain,
  decodeUint32,
  decodeUint32Plain,
} from "../../src/kernels/decode.js";
import {
  encodeFloat32,
  encodeUint32,
  encodeUint8,
  encodeUint8Plain,
  encodeWordsPlain,
} from "../../src/kernels/encode.js";
import { hashRow, hashRowPlain } from "../../src/kernels/hash.js";
import { kernelMemory } from "../../src/kernels/memory.js";

const memory = kernelMemory();

/** The same bytes in the kernels' memory. */
function inside(bytes: Uint8Array): Uint8Array {
  const copy = memory.raw(bytes.length);
  copy.set(bytes);
  return copy;
}

const bits = (values: Float32Array): number[] => [
  ...new Uint32Array(values.buffer, values.byteOffset, values.length),
];

test.beforeEach(() => memory.reset());

test("arrays start zeroed, also where the memory was used before, and views survive growth", (t) => {
  const old = memory.f32(100);
  old.fill(7);
  const mark = memory.mark();
  memory.u8(1000).fill(255);
  memory.release(mark);
  t.true(memory.u32(300).every((value) => value === 0));
  memory.f64(1 << 20);
  t.true(memory.size >= 8 << 20);
  t.true(old.every((value) => value === 7));
  t.is(old.byteOffset % 64, 0);
});

test("big-endian uint16 with BZERO 32768: 00 00 → 32768, 80 00 → 0, 7F FF → 65535", (t) => {
  const bytes = inside(Uint8Array.of(0, 0, 0x80, 0, 0x7f, 0xff));
  const out = memory.f32(3);
  decodeFloat32(out, bytes, 16, 1, 32768, null);
  t.deepEqual([...out], [32768, 0, 65535]);
});

test("BLANK becomes NaN and BSCALE is applied in float64: 100 + 0.1·3 = 100.3", (t) => {
  const bytes = inside(Uint8Array.of(0, 0, 0, 3, 0xff, 0xff, 0xff, 0xff));
  const out = memory.f32(2);
  decodeFloat32(out, bytes, 32, 0.1, 100, -1);
  t.deepEqual([...out], [Math.fround(100 + 0.1 * 3), NaN]);
});

test("decodeFloat32 ≡ its plain twin for every BITPIX, scale, zero, blank and length", (t) => {
  const scales = fc.constantFrom(1, 0.25, 1.7e-3, -2);
  const zeros = fc.constantFrom(0, 32768, -128, 0.5, 2147483648, 1e-9);
  const blanks = fc.constantFrom(null, 0, -1, 255, -32768);
  const run = fc.property(
    fc.uint8Array({ minLength: 0, maxLength: 600 }),
    fc.constantFrom<(8 | 16 | 32 | -32 | -64)[]>(8, 16, 32, -32, -64),
    ...([scales, zeros, blanks] as const),
    (bytes, bitpix, bscale, bzero, blank) => {
      memory.reset();
      const n = Math.floor((8 * bytes.length) / Math.abs(bitpix));
      const [fast, plain] = [memory.f32(n), new Float32Array(n)];
      decodeFloat32(fast, inside(bytes), bitpix, bscale, bzero, blank);
      decodeFloat32Plain(plain, bytes, bitpix, bscale, bzero, blank);
      for (let i = 0; i < n; i++) if (!Object.is(fast[i], plain[i])) return false;
      return true;
    },
  );
  t.notThrows(() => fc.assert(run, { numRuns: 600 }));
});

test("float32 samples without scale keep their bits, signalling NaN and −0 too", (t) => {
  const words = [0x7fa00001, 0x80000000, 0xffc12345, 0x00000001];
  const bytes = new Uint8Array(16);
  words.forEach((word, i) => new DataView(bytes.buffer).setUint32(4 * i, word));
  const [fast, plain] = [memory.f32(4), new Float32Array(4)];
  decodeFloat32(fast, inside(bytes), -32, 1, 0, null);
  decodeFloat32Plain(plain, bytes, -32, 1, 0, null);
  t.deepEqual(bits(fast), words);
  t.deepEqual(bits(plain), words);
});

test("decodeUint32 ≡ its plain twin, signed and unsigned", (t) => {
  const run = fc.property(
    fc.uint8Array({ maxLength: 200 }),
    fc.constantFrom<[8 | 16 | 32, number][]>([8, 0], [16, 0], [16, 32768], [32, 0], [32, 2147483648]),
    (bytes, [bitpix, bzero]) => {
      memory.reset();
      const n = Math.floor((8 * bytes.length) / bitpix);
      const [fast, plain] = [memory.u32(n), new Uint32Array(n)];
      decodeUint32(fast, inside(bytes), bitpix, bzero);
      decodeUint32Plain(plain, bytes, bitpix, bzero);
      return fast.every((value, i) => value === plain[i]);
    },
  );
  t.notThrows(() => fc.assert(run, { numRuns: 300 }));
});

test("encode ∘ decode = id, and DATASUM is the ones' complement sum: FFFFFFFF + 00000002 → 00000002", (t) => {
  const values = memory.u32(2);
  values.set([0x7fffffff, 0x80000002]); // stored with the top bit inverted
  const bytes = memory.u8(8);
  t.is(encodeUint32(bytes, values), 2);
  t.deepEqual([...bytes], [255, 255, 255, 255, 0, 0, 0, 2]);
  const back = memory.u32(2);
  decodeUint32(back, bytes, 32, 2147483648);
  t.deepEqual([...back], [...values]);
});

test("encodeFloat32, encodeUint32 and encodeUint8 ≡ their plain twins, bytes and sum", (t) => {
  const run = fc.property(fc.uint8Array({ maxLength: 300 }), (input) => {
    memory.reset();
    const n = input.length >> 2;
    const source = inside(input);
    const [fast, plain] = [memory.u8(4 * n), new Uint8Array(4 * n)];
    const words = new Uint32Array(source.buffer, source.byteOffset, n);
    const floats = new Float32Array(source.buffer, source.byteOffset, n);
    const same = () => fast.every((value, i) => value === plain[i]);
    const one = encodeFloat32(fast, floats) === encodeWordsPlain(plain, floats, 0) && same();
    const two = encodeUint32(fast, words) === encodeWordsPlain(plain, words, 0x80000000) && same();
    const [fast8, plain8] = [memory.u8(input.length), new Uint8Array(input.length)];
    const three = encodeUint8(fast8, source) === encodeUint8Plain(plain8, input);
    return one && two && three && fast8.every((value, i) => value === input[i]);
  });
  t.notThrows(() => fc.assert(run, { numRuns: 300 }));
});

test("hashRow ≡ its plain twin at every length around its stripes", (t) => {
  const source = Uint8Array.from({ length: 3000 }, (_, i) => (i * 2654435761) >>> 13);
  for (const n of [0, 1, 7, 8, 9, 63, 64, 65, 127, 1023, 1024, 1025, 1096, 2048, 2999, 3000]) {
    memory.reset();
    t.is(hashRow(inside(source.subarray(0, n))), hashRowPlain(source.subarray(0, n)), `${n} bytes`);
  }
  const run = fc.property(fc.uint8Array({ maxLength: 2500 }), (bytes) => {
    memory.reset();
    return hashRow(inside(bytes)) === hashRowPlain(bytes);
  });
  t.notThrows(() => fc.assert(run, { numRuns: 100 }));
});

test("a changed bit, a swapped pair of words and an appended zero all change the hash", (t) => {
  const bytes = inside(Uint8Array.from({ length: 4096 }, (_, i) => i * 37));
  const before = hashRow(bytes);
  for (let i = 0; i < 4096; i += 61) {
    bytes[i]! ^= 1 << (i & 7);
    t.not(hashRow(bytes), before);
    bytes[i]! ^= 1 << (i & 7);
  }
  const words = new Uint32Array(bytes.buffer, bytes.byteOffset, 1024);
  [words[3], words[700]] = [words[700]!, words[3]!];
  t.not(hashRow(bytes), before);
  t.not(hashRowPlain(new Uint8Array(8)), hashRowPlain(new Uint8Array(9)));
});
