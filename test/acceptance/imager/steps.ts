/** Our steps and pipelines run on planes in memory, with the whole frame as one band. */
import * as v from "valibot";
import { cutOf, placeOf } from "../../../src/data/subarray.js";
import type { Exposure, Keywords, KeywordValue } from "../../../src/data/exposure.js";
import type { Image, Reference } from "../../../src/data/kinds.js";
import { heap } from "../../../src/kernels/alloc.js";
import type { AnyStep, Extension, RefDecls } from "../../../src/step/define.js";
import type { Pipeline } from "../../../src/step/pipeline.js";
import type { Planes } from "./case.js";

export function exposureOf({ header, nx, ny }: Pick<Planes, "header" | "nx" | "ny">): Exposure {
  const text = (keyword: string): string => {
    const value = header[keyword];
    return typeof value === "string" ? value : "";
  };
  const exptime = header["EXPTIME"];
  return {
    instrument: text("INSTRUME"),
    telescope: text("TELESCOP"),
    detector: text("DETECTOR"),
    mode: text("INSTMODE"),
    filter: text("FILTER"),
    pupil: text("PUPIL"),
    obstype: text("IMTYPE"),
    object: text("OBJECT"),
    exptime: typeof exptime === "number" ? exptime : 0,
    dateObs: text("DATE-OBS"),
    obsid: "",
    groupid: "",
    readmode: text("READMODE"),
    subarray: placeOf(header, nx, ny),
    readout: null,
    gain: null,
    readNoise: null,
    assumed: [],
  };
}

export const imageOf = (planes: Planes, unit = "electron/s"): Image => ({
  nx: planes.nx,
  ny: planes.ny,
  nz: planes.nz,
  y0: 0,
  exposure: exposureOf(planes),
  sci: planes.sci.slice(),
  err: planes.err.slice(),
  dq: planes.dq.slice(),
  varPoisson: null,
  varRnoise: null,
  unit,
});

/** The part of `planes` that belongs to the science's subarray. */
export function cutPlanes(planes: Planes, science: Exposure, name: string): Planes {
  const { x0, y0, nx, ny } = cutOf(science.subarray, placeOf(planes.header, planes.nx, planes.ny), name);
  const cut = <T extends Float32Array | Uint32Array>(plane: T, out: T): T => {
    for (let y = 0; y < ny; y++) {
      const from = (y0 + y) * planes.nx + x0;
      out.set(plane.subarray(from, from + nx), y * nx);
    }
    return out;
  };
  return {
    ...planes,
    nx,
    ny,
    sci: cut(planes.sci, new Float32Array(nx * ny)),
    err: cut(planes.err, new Float32Array(nx * ny)),
    dq: cut(planes.dq, new Uint32Array(nx * ny)),
  };
}

export const referenceOf = (planes: Planes, name: string): Reference => ({
  name,
  nx: planes.nx,
  ny: planes.ny,
  y0: 0,
  nz: 1,
  sci: planes.sci,
  err: planes.err,
  dq: planes.dq,
  header: planes.header,
});

export interface Given {
  params?: Record<string, unknown>;
  refs?: Record<string, Planes>;
  members?: Record<string, readonly Planes[]>;
  header?: Keywords;
  extensions?: Record<string, Extension>;
}

export interface Done {
  image: Image;
  status: string;
  /** Their codes. */
  caveats: readonly string[];
  keywords: Record<string, KeywordValue>;
}

/** Runs one step as the engine does: skip, cut, parameters, run. */
export function runStep(step: AnyStep, input: Image | readonly Image[], given: Given = {}): Done {
  const first = (Array.isArray(input) ? input[0] : input) as Image;
  const params: unknown = v.parse(step.params as v.GenericSchema, given.params ?? {});
  const refs = given.refs ?? {};
  const facts = {
    exposure: first.exposure,
    header: given.header ?? {},
    axes: [first.nx, first.ny],
    params,
    refs: Object.fromEntries(
      Object.keys(step.refs as object).map((key) => [key, refs[key] ? referenceOf(refs[key], key) : null]),
    ),
    members: Object.fromEntries(
      Object.entries(given.members ?? {}).map(([role, list]) => [role, list.length]),
    ),
  };
  if (step.skip?.(facts) !== undefined)
    return { image: first, status: "SKIPPED", caveats: [], keywords: { [step.status]: "SKIPPED" } };
  const decls = step.refs as RefDecls;
  const cut = (planes: Planes, name: string): Planes => cutPlanes(planes, first.exposure, name);
  const outcome = step.run(input, {
    params,
    refs: Object.fromEntries(
      Object.entries(refs).map(([key, r]) => [key, referenceOf(decls[key]?.whole ? r : cut(r, key), key)]),
    ),
    members: Object.fromEntries(
      Object.keys(step.members as object).map((role) => [
        role,
        (given.members?.[role] ?? []).map((member) => imageOf(cut(member, role))),
      ]),
    ),
    exposure: first.exposure,
    header: given.header ?? {},
    extensions: given.extensions,
    alloc: heap,
  });
  const status = outcome.status === "skipped" ? "SKIPPED" : "COMPLETE";
  return {
    image: outcome.product as Image,
    status,
    caveats: outcome.status === "partial" ? outcome.caveats.map(({ code }) => code) : [],
    keywords: { ...outcome.keywords, [step.status]: status },
  };
}

/** Runs a pipeline on several frames: each on its own up to the group step, then what they became. */
export function runPipeline(pipeline: Pipeline, frames: readonly Planes[], given: PipelineGiven): Done {
  let images = frames.map((frame) => imageOf(frame));
  let keywords: Record<string, KeywordValue> = {};
  const caveats: string[] = [];
  for (const { step, params, off } of pipeline.entries) {
    if (off !== undefined || given.leaveOut?.includes(step.name as string)) continue;
    const wanted = { refs: given.refs ?? {}, params: { ...params, ...given.params?.[step.name as string] } };
    const done =
      step.locality === "group"
        ? [runStep(step, images, wanted)]
        : images.map((image) => runStep(step, image, wanted));
    images = done.map(({ image }) => image);
    keywords = { ...keywords, ...done[0]!.keywords };
    caveats.push(...done[0]!.caveats);
  }
  return { image: images[0]!, status: "COMPLETE", caveats, keywords: { ...keywords, ...pipeline.keywords } };
}

export interface PipelineGiven {
  params?: Record<string, Record<string, unknown>>;
  refs?: Record<string, Planes>;
  leaveOut?: readonly string[];
}
