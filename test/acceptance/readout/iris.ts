/** The instrument library's own functions: recorded answers as JSON, flat arrays in the order read, row, column. */
import { readFileSync } from "node:fs";
import type { Image, Ramp } from "../../../src/data/kinds.js";
import { linearity } from "../../../src/steps/linearity.js";
import { rampFit } from "../../../src/steps/ramp_fit.js";
import { exposureOf, rampOf, readoutOf, referenceOf } from "../../helpers/ramps.js";
import { alloc, runStep } from "./spine.js";

type Json = Record<string, unknown>;

/** What describes a case and isn't an answer. */
const descriptions = new Set([
  ...["source", "shape", "sha256_fits", "input", "times", "seed", "order", "notes"],
  ...["nonlin_const_coeffs", "nonlin_varying", "nonlin_index_rule"],
]);

const numbers = (value: unknown): number[] => value as number[];

function ramp(json: Json, times: number[], samples = numbers(json["input"])): Ramp {
  const [ngroups, ny, nx] = numbers(json["shape"]) as [number, number, number];
  const readout = readoutOf(ngroups, { times, tframe: 1 });
  return rampOf({ nx, ny, ngroups, nints: 1 }, samples, exposureOf(readout), alloc);
}

function sample(input: Ramp, params: Record<string, unknown>): ArrayLike<number> {
  const all = { unit: "DN", coadd: "sum", overlap: true, ...params };
  return (runStep(rampFit, input, { gain: null, readnoise: null }, all).product as Image).sci;
}

/** The samples after the library's polynomial with coefficients c_k, a number or one for each stored index. */
function linear(
  json: Json,
  c: (k: number, m: number) => number,
  params: Record<string, unknown>,
): Float32Array {
  const input = ramp(json, indices(json));
  const stored = 2048 * input.nx;
  const coefficients = Float32Array.from({ length: 5 * stored }, (_, i) =>
    c(Math.floor(i / stored), i % stored),
  );
  const reference = referenceOf(2048, input.nx, coefficients);
  const all = { convention: "iris_readout", compat_index: true, ...params };
  runStep(linearity, input, { linearity: reference, inverse: null, saturation: null }, all);
  return input.sci!;
}

const indices = (json: Json): number[] => Array.from({ length: numbers(json["shape"])[0]! }, (_, k) => k);

/** The answer to one key of a case; undefined for a key that means nothing here. */
function answer(json: Json, key: string): ArrayLike<number> | undefined {
  const times = (json["times"] as number[] | undefined) ?? indices(json);
  const c = (json["nonlin_const_coeffs"] as number[] | undefined)?.map(Math.fround) ?? [];
  const constant = (k: number): number => c[k]!;
  const varying = (k: number, m: number): number => c[k]! * (1 + 0.001 * (m % 97));
  const whole = { compat_int32: true };
  if (key === "utr") return sample(ramp(json, times), { mode: "utr" });
  if (/^utr_times_/.test(key))
    return sample(ramp(json, key.slice(10).split("_").map(Number)), { mode: "utr" });
  const mcds = /^mcds_(?:num_coadd_)?(\d+)$/.exec(key);
  if (mcds) return sample(ramp(json, indices(json)), { mode: "mcds", nreads: Number(mcds[1]) });
  if (key === "nonlin_const") return linear(json, constant, {});
  if (key === "nonlin_const_as_int32") return linear(json, constant, whole);
  if (key === "nonlin_varying_result") return linear(json, varying, {});
  const chain = /^pipeline_chain_(utr|mcds(\d+))$/.exec(key);
  if (!chain) return undefined;
  const corrected = ramp(json, indices(json), [...linear(json, constant, whole)]);
  return sample(corrected, chain[2] ? { mode: "mcds", nreads: Number(chain[2]) } : { mode: "utr" });
}

/** Answers agree to one unit in the last place of float32: the library rounds once more on the way. */
const close = (a: number, b: number): boolean => Math.abs(a - b) <= 2 ** -23 * Math.abs(b);

export function checkIris(path: string): string[] {
  const json = JSON.parse(readFileSync(path, "utf8")) as Json;
  const keys = Object.keys(json).filter((key) => !descriptions.has(key));
  if (keys.length === 0) return ["no answers in the case"];
  return keys.flatMap((key) => {
    const got = answer(json, key);
    if (!got) return [`${key}: not known here`];
    const expected = numbers(json[key]);
    const wrong = expected.filter((value, i) => !close(got[i]!, value));
    if (got.length === expected.length && wrong.length === 0) return [];
    const i = expected.findIndex((value, at) => !close(got[at]!, value));
    return [
      `${key}: ${wrong.length} of ${expected.length} differ, the first [${i}] ${got[i]} for ${expected[i]}`,
    ];
  });
}
