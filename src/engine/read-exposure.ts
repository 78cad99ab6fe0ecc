/** Rows of an open exposure as the steps take them. */
import type { Image, Ramp } from "../data/kinds.js";
import { InputError } from "../errors.js";
import { readImage, type Hdu } from "../fits/index.js";
import type { Alloc } from "../kernels/alloc.js";
import type { Extension } from "../step/define.js";
import { readAssembled } from "./assemble.js";
import type { Band } from "./bands.js";
import { toErrors } from "./inputs.js";
import { readLayout } from "./layout.js";
import { flags, floats, readSamples, unreadSamples } from "./read-samples.js";
import type { Source } from "./source.js";

/** The rows `read` of an exposure; of these, `own` are counted into its hash. */
export function readExposure(source: Source, read: Band, own: Band, alloc: Alloc): Ramp | Image {
  const { planes, exposure, axes, layout } = source;
  const [nx, ny, ...higher] = axes as [number, number, ...number[]];
  const depth = higher.reduce((a, b) => a * b, 1);
  if (read.y0 + read.ny > ny)
    throw new InputError(`${source.file.path} has ${ny} rows, ${read.y0 + read.ny} are needed`);
  const rows = { nx, ny: read.ny, y0: read.y0, exposure };
  const pixels = nx * read.ny;
  if (source.kind === "ramp") {
    const [ngroups = 1, nints = 1] = higher;
    const pixeldq = planes.dq ? flags(source, planes.dq, read, own, alloc) : alloc.u32(pixels);
    const quantum = typeof source.header["QUANTUM"] === "number" ? { quantum: source.header["QUANTUM"] } : {};
    const zeroframe = planes.zeroframe && {
      zeroframe: finiteOrNone(floats(source, planes.zeroframe, read, own, alloc)),
    };
    if (layout) {
      const laid = readLayout(source, layout, { nx, ny, read, own }, pixeldq, alloc);
      return { ...rows, nints, ngroups, ...laid, ...quantum, ...zeroframe, pixeldq };
    }
    const groupdq = planes.groupdq && alloc.u8(pixels * depth);
    groupdq?.set(readSamples(source, planes.groupdq!, read, own, alloc));
    const { raw, finish } = unreadSamples(source, planes.sci, read, own, alloc);
    source.unread = finish;
    return {
      ...rows,
      nints,
      ngroups,
      raw,
      sci: null,
      groupdq: groupdq?.some((flag) => flag !== 0) ? groupdq : null,
      ...quantum,
      ...zeroframe,
      pixeldq,
    };
  }
  if (source.assembly)
    return {
      ...rows,
      nz: 1,
      sci: readAssembled(source, source.assembly, read, alloc),
      err: alloc.f32(pixels),
      dq: alloc.u32(pixels),
      varPoisson: null,
      varRnoise: null,
      unit: unitOf(source),
    };
  const optional = (hdu: Hdu | null) => hdu && floats(source, hdu, read, own, alloc);
  return {
    ...rows,
    nz: depth,
    sci: floats(source, planes.sci, read, own, alloc),
    err: toErrors(optional(planes.err) ?? alloc.f32(pixels * depth), planes.errIs),
    dq: planes.dq ? flags(source, planes.dq, read, own, alloc) : alloc.u32(pixels * depth),
    varPoisson: optional(planes.varPoisson),
    varRnoise: optional(planes.varRnoise),
    unit: unitOf(source),
  };
}

/** 0 says that a zero frame has no value there. */
function finiteOrNone(zeroframe: Float32Array): Float32Array {
  for (let p = 0; p < zeroframe.length; p++) if (!Number.isFinite(zeroframe[p]!)) zeroframe[p] = 0;
  return zeroframe;
}

const unitOf = ({ header }: Source): string => (typeof header["BUNIT"] === "string" ? header["BUNIT"] : "");

/** Another image of the exposure's own file, as it stands there; null when it has none of that name. */
export function readExtension({ file }: Source, name: string): Extension | null {
  const hdu = file.hdu(name);
  if (!hdu?.image) return null;
  const { data, shape } = readImage(file, hdu);
  const ny = shape.at(-2) ?? 1;
  return { nx: shape.at(-1)!, ny, data: data as unknown as ArrayLike<number> };
}
