/** Ramps and references of literal planes, and their bands, for tests and acceptance runners. */
import type { Exposure, Readout } from "../../src/data/exposure.js";
import type { Ramp, Reference } from "../../src/data/kinds.js";
import type { Alloc } from "../../src/kernels/alloc.js";

export interface RampShape {
  nx: number;
  ny: number;
  ngroups: number;
  nints: number;
}

/** Single reads one second apart, the first one second after the reset, unless told otherwise. */
export function readoutOf(ngroups: number, given: Partial<Readout> = {}): Readout {
  const { nframes = 1, groupgap = 0, tframe = 1 } = given;
  const tgroup = given.tgroup ?? (nframes + groupgap) * tframe;
  const times =
    given.times ?? Array.from({ length: ngroups }, (_, g) => g * tgroup + ((nframes + 1) / 2) * tframe);
  return { nframes, groupgap, tframe, tgroup, times, ...(given.pattern ? { pattern: given.pattern } : {}) };
}

export const exposureOf = (readout: Readout | null, noise: Partial<Exposure> = {}): Exposure => ({
  instrument: "TEST",
  telescope: "TEST",
  detector: "T1",
  mode: "IMG",
  filter: "",
  pupil: "",
  obstype: "SCI",
  object: "",
  exptime: readout?.times.at(-1) ?? 0,
  dateObs: "2026-01-01T00:00:00",
  obsid: "",
  groupid: "",
  readmode: "UTR",
  subarray: { name: "FULL", x: 1, y: 1, nx: 1, ny: 1 },
  readout,
  gain: null,
  readNoise: null,
  assumed: [],
  ...noise,
});

/** A decoded ramp; planes that aren't given are zero. */
export function rampOf(
  { nx, ny, ngroups, nints }: RampShape,
  sci: ArrayLike<number>,
  exposure: Exposure,
  alloc: Alloc,
  flags: { groupdq?: ArrayLike<number> | null; pixeldq?: ArrayLike<number> | null } = {},
): Ramp {
  const samples = alloc.f32(nints * ngroups * ny * nx);
  samples.set(sci);
  const pixeldq = alloc.u32(nx * ny);
  if (flags.pixeldq) pixeldq.set(flags.pixeldq);
  const groupdq = flags.groupdq ? alloc.u8(samples.length) : null;
  groupdq?.set(flags.groupdq!);
  return { nx, ny, y0: 0, ngroups, nints, exposure, raw: null, sci: samples, groupdq, pixeldq };
}

/** The same ramp as it stands in a file: big-endian uint16 with BZERO 32768. */
export function rawRampOf(
  { nx, ny, ngroups, nints }: RampShape,
  sci: ArrayLike<number>,
  exposure: Exposure,
  alloc: Alloc,
): Ramp {
  const bytes = alloc.u8(2 * sci.length);
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  for (let i = 0; i < sci.length; i++) view.setInt16(2 * i, sci[i]! - 32768);
  const raw = { bytes, bitpix: 16, bscale: 1, bzero: 32768, blank: null } as const;
  const pixeldq = alloc.u32(nx * ny);
  return { nx, ny, y0: 0, ngroups, nints, exposure, raw, sci: null, groupdq: null, pixeldq };
}

export function referenceOf(
  nx: number,
  ny: number,
  sci: ArrayLike<number>,
  {
    dq = null,
    header = {},
    name = "reference.fits",
  }: { dq?: ArrayLike<number> | null; header?: Reference["header"]; name?: string } = {},
): Reference {
  const flags = dq === null ? null : Uint32Array.from(dq);
  const nz = sci.length / (nx * ny);
  return { name, nx, ny, y0: 0, nz, sci: Float32Array.from(sci), err: null, dq: flags, header };
}

/** Rows [y0, y0 + ny) of every plane of a stack of `planes`. */
export function rowsOf<T extends Float32Array | Uint8Array | Uint32Array>(
  stack: T,
  shape: { nx: number; ny: number },
  y0: number,
  ny: number,
): T {
  const plane = shape.nx * shape.ny;
  const out = new (stack.constructor as new (length: number) => T)((stack.length / shape.ny) * ny);
  for (let at = 0, to = 0; at < stack.length; at += plane, to += ny * shape.nx)
    out.set(stack.subarray(at + y0 * shape.nx, at + (y0 + ny) * shape.nx), to);
  return out;
}

/** A band of a ramp or a reference. */
export function bandOf<T extends Ramp | Reference>(whole: T, y0: number, ny: number): T {
  const band: Record<string, unknown> = { ...whole, y0: whole.y0 + y0, ny };
  for (const [key, value] of Object.entries(whole))
    if (value instanceof Float32Array || value instanceof Uint8Array || value instanceof Uint32Array)
      band[key] = rowsOf(value, whole, y0, ny);
  if ("raw" in whole && whole.raw) {
    const wide = { nx: 2 * whole.nx, ny: whole.ny };
    band["raw"] = { ...whole.raw, bytes: rowsOf(whole.raw.bytes, wide, y0, ny) };
  }
  return band as unknown as T;
}
