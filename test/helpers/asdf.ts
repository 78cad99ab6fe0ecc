/** A small ASDF file of complex64 arrays, as calibration services deliver their weights. */
import { deflateSync } from "node:zlib";

export interface ComplexArray {
  shape: readonly number[];
  /** Real, imaginary, … */
  data: readonly number[];
}

/** `tree`: key → name → array. */
export function asdfOf(
  tree: Readonly<Record<string, Readonly<Record<string, ComplexArray>>>>,
  packed = false,
): Buffer {
  const blocks: Buffer[] = [];
  const lines = ["#ASDF 1.0.0", "#ASDF_STANDARD 1.5.0", "%YAML 1.1", "%TAG ! tag:stsci.edu:asdf/"];
  lines.push("--- !core/asdf-1.1.0", "meta: {reftype: sirskernel, telescope: JWST}");
  for (const [key, arrays] of Object.entries(tree)) {
    lines.push(`${key}:`);
    for (const [name, { shape, data }] of Object.entries(arrays)) {
      const at = `{source: ${blocks.length}, datatype: complex64, byteorder: little, shape: [${shape.join(", ")}]}`;
      lines.push(`  ${name}: !core/ndarray-1.0.0 ${at}`);
      blocks.push(blockOf(Buffer.from(Float32Array.from(data).buffer), packed));
    }
  }
  return Buffer.concat([Buffer.from(`${lines.join("\n")}\n...\n`), ...blocks]);
}

/** Magic, length of the head, flags, compression, sizes, an MD5 sum that nobody asks for, data. */
function blockOf(data: Buffer, packed: boolean): Buffer {
  const used = packed ? deflateSync(data) : data;
  const head = Buffer.alloc(54);
  head.writeUInt32BE(0xd3424c4b, 0);
  head.writeUInt16BE(48, 4);
  if (packed) head.write("zlib", 10, "latin1");
  head.writeBigUInt64BE(BigInt(used.length), 14);
  head.writeBigUInt64BE(BigInt(used.length), 22);
  head.writeBigUInt64BE(BigInt(data.length), 30);
  return Buffer.concat([head, used]);
}
