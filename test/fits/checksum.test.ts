import { execFileSync } from "node:child_process";
import test from "ava";
import fc from "fast-check";
import { addDatasum, datasum, encodeChecksum, formatHeader } from "../../src/fits/index.js";

test("2 + 3 words: 0x00000001 + 0xFFFFFFFF = 1, the carry comes around", (t) => {
  t.is(datasum(Uint8Array.of(0, 0, 0, 1, 255, 255, 255, 255)), 1);
});

test("0x01020304 + 0x05000000: missing bytes count as zero", (t) => {
  t.is(datasum(Uint8Array.of(1, 2, 3, 4, 5)), 0x06020304);
});

test("no data: 0; only ones: 0xFFFFFFFF, not 0", (t) => {
  t.is(datasum(new Uint8Array(2880)), 0);
  t.is(datasum(new Uint8Array(2880).fill(255)), 0xffffffff);
});

test("the standard's example: the sum 868229149 is encoded as hcHjjc9ghcEghc9g (FITS 4.0, Appendix J)", (t) => {
  t.is(encodeChecksum(868229149), "hcHjjc9ghcEghc9g");
});

test("partial sums add up wherever the data are cut at 4 bytes", (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), fc.nat(100), (bytes, cut) => {
      const at = Math.min(4 * cut, bytes.length & ~3);
      t.is(addDatasum(datasum(bytes.subarray(0, at)), datasum(bytes.subarray(at))), datasum(bytes));
      t.is(datasum(bytes.subarray(at), datasum(bytes.subarray(0, at))), datasum(bytes));
    }),
  );
});

test("with its CHECKSUM in place an HDU adds up to all ones", (t) => {
  fc.assert(
    fc.property(fc.integer(), fc.string({ maxLength: 20 }), (value, text) => {
      const cards = (checksum: string) => [
        { keyword: "SIMPLE", value: true },
        { keyword: "V", value },
        { keyword: "T", value: text },
        { keyword: "CHECKSUM", value: checksum },
      ];
      const checksum = encodeChecksum(datasum(formatHeader(cards("0".repeat(16)))));
      t.regex(checksum, /^[0-9A-Za-z]{16}$/);
      t.is(datasum(formatHeader(cards(checksum))), 0xffffffff);
    }),
  );
});

test("sums are those of a plain loop over 32-bit words", (t) => {
  const bytes = Uint8Array.from({ length: 1 << 20 }, (_, i) => (i * 2654435761) >>> 24);
  const view = new DataView(bytes.buffer);
  let sum = 0n;
  for (let i = 0; i < bytes.length; i += 4) sum += BigInt(view.getUint32(i));
  while (sum >> 32n) sum = (sum & 0xffffffffn) + (sum >> 32n);
  t.is(datasum(bytes), Number(sum));
});

test("astropy computes the same sums, where it is installed", (t) => {
  const script = `
import numpy as np
from astropy.io import fits
d = (np.arange(7200, dtype=np.uint64) * 2654435761 >> 8).astype(np.uint8)
print(fits.ImageHDU()._compute_checksum(d))`;
  let expected: string;
  try {
    expected = execFileSync("/usr/bin/python3", ["-c", script], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
  } catch {
    t.log("left out: python3 with astropy is absent");
    t.pass();
    return;
  }
  const bytes = Uint8Array.from({ length: 7200 }, (_, i) => Number((BigInt(i) * 2654435761n) >> 8n) & 255);
  t.is(datasum(bytes), Number(expected));
});
