import test from "ava";
import { readArrays } from "../../src/data/asdf.js";
import { CalibrationError } from "../../src/errors.js";
import { asdfOf } from "../helpers/asdf.js";

const gamma = { shape: [2, 3], data: [1, 0, 2, -3, 0.5, 0, 4, 0, -5, 6, 7, 0] };

test("complex arrays in blocks are read by their path, plain and packed", (t) => {
  for (const packed of [false, true]) {
    const arrays = readArrays(asdfOf({ nrca1: { gamma, zeta: gamma }, nis: { gamma } }, packed), "k.asdf");
    t.deepEqual([...arrays.keys()], ["nrca1.gamma", "nrca1.zeta", "nis.gamma"]);
    t.deepEqual(arrays.get("nis.gamma"), {
      shape: [2, 3],
      complex: true,
      data: Float64Array.from(gamma.data),
    });
  }
});

const text = (tree: string): Buffer =>
  Buffer.from(`#ASDF 1.0.0\n%YAML 1.1\n%TAG ! tag:stsci.edu:asdf/\n---\n${tree}\n...\n`);

test("arrays may stand in the tree itself", (t) => {
  const arrays = readArrays(
    text(
      "a: !core/ndarray-1.0.0 [[1, 2, 3], [4, 5, 6]]\nb: {data: [!core/complex-1.0.0 1.5-2e-1j, -1e+2+3j, 2j], datatype: complex64}\nc: [x, y]",
    ),
    "t.asdf",
  );
  t.deepEqual(arrays.get("a"), { shape: [2, 3], complex: false, data: Float64Array.of(1, 2, 3, 4, 5, 6) });
  t.deepEqual(arrays.get("b"), {
    shape: [3],
    complex: true,
    data: Float64Array.of(1.5, -0.2, -100, 3, 0, 2),
  });
  t.false(arrays.has("c"));
});

test("what can't be read is said with the file's name", (t) => {
  const whole = asdfOf({ a: { gamma } });
  const said = (bytes: Uint8Array): string =>
    t.throws(() => readArrays(bytes, "k.asdf"), { instanceOf: CalibrationError })!.message;
  t.regex(said(Buffer.from("SIMPLE  =")), /^cannot read reference k\.asdf — it isn't an ASDF file/);
  t.regex(said(whole.subarray(0, whole.length - 10)), /a block of it is too short/);
  t.regex(said(text("a: {source: 4, datatype: float32, shape: [2]}")), /it has no block 4/);
  t.regex(said(text("a: [1, 2")), /its tree isn't YAML/);
  const strange = Buffer.from(whole);
  strange.write("lz4\0", whole.indexOf(Buffer.from([0xd3, 0x42, 0x4c, 0x4b])) + 10, "latin1");
  t.regex(said(strange), /packed by lz4, which isn't read here/);
});
