/** Cuts off what has seen no light, and puts the parts of several amplifiers together. */
import * as v from "valibot";
import { amplifierKeywords, amplifiersOf, trimmed, trimmedSize } from "../data/amplifiers.js";
import type { Exposure, Keywords, KeywordValue } from "../data/exposure.js";
import type { Image } from "../data/kinds.js";
import type { Amplifier } from "../data/parts.js";
import { formatSection, isWithin, parseSection } from "../data/section.js";
import { ConfigError } from "../errors.js";
import { placePieces } from "../kernels/image/pieces.js";
import { DQ } from "../data/dq.js";
import { defineStep } from "../step/define.js";
import { complete } from "../step/outcome.js";
import type { Reframe } from "../step/reframe.js";

export const trim = defineStep({
  name: "trim",
  summary: "Cut the frame down to the pixels that have seen light, amplifiers side by side.",
  equation: "d'(x − x_k, y − y_k) = d(x, y) in the data section of amplifier k",
  input: "image",
  output: "image",
  locality: "pixel",
  status: "S_TRIM",
  flags: ["NON_SCIENCE", "DO_NOT_USE"],
  params: v.object({
    section: v.pipe(
      v.optional(v.nullable(v.string()), null),
      v.description("section to keep, [x1:x2,y1:y2]; None: what the header says"),
    ),
  }),
  skip: ({ exposure, params, axes }) => {
    const [nx, ny] = axes as [number, number];
    const whole = amplifiersOf(exposure, nx, ny).every(
      ({ data, x0, y0 }) => data.x0 === x0 && data.y0 === y0,
    );
    const size = trimmedSize(amplifiersOf(exposure, nx, ny));
    return params.section === null && whole && size.nx === nx && size.ny === ny
      ? "there is nothing to cut off"
      : undefined;
  },
  reframe({ exposure, header, params, axes }): Reframe {
    const [nx, ny] = axes as [number, number];
    if (params.section === null) {
      const amplifiers = amplifiersOf(exposure, nx, ny);
      const pieces = amplifiers.map(({ data, x0, y0 }) => ({ from: data, x0, y0 }));
      const frame = { ...trimmedSize(amplifiers), pieces };
      return { ...frame, keywords: keywordsOf(header, exposure, frame, trimmed(amplifiers)) };
    }
    const from = parseSection(params.section);
    if (!from || !isWithin(from, nx, ny))
      throw new ConfigError(
        `trim.section is no section of a frame of ${String(nx)} × ${String(ny)} pixels: ${JSON.stringify(params.section)}`,
        { hint: "write it as in headers, columns first: trim.section=[1:2048,1:350]" },
      );
    const frame = { nx: from.nx, ny: from.ny, pieces: [{ from, x0: 0, y0: 0 }] };
    return { ...frame, keywords: keywordsOf(header, exposure, frame, []) };
  },
  run(image, { into, exposure, alloc }) {
    const { frame, y0, ny } = into!;
    const pixels = frame.nx * ny;
    const depth = image.nz * pixels;
    const plane = (from: Float32Array | null): Float32Array | null =>
      from && placePieces(alloc.f32(depth), from, image, { ...frame, y0, ny }, NaN);
    const product: Image = {
      ...image,
      nx: frame.nx,
      ny,
      y0,
      exposure: exposure.amplifiers ? { ...exposure, amplifiers: trimmed(exposure.amplifiers) } : exposure,
      sci: plane(image.sci)!,
      err: plane(image.err)!,
      dq: placePieces(
        alloc.u32(depth),
        image.dq,
        image,
        { ...frame, y0, ny },
        DQ.NON_SCIENCE | DQ.DO_NOT_USE,
      ),
      varPoisson: plane(image.varPoisson),
      varRnoise: plane(image.varRnoise),
    };
    return complete(product);
  },
});

/** Sections and coordinates of the header in the smaller frame. */
function keywordsOf(
  header: Keywords,
  { subarray }: Exposure,
  { nx, ny, pieces }: Omit<Reframe, "keywords">,
  amplifiers: readonly Amplifier[],
): Record<string, KeywordValue> {
  const whole = formatSection({ x0: 0, y0: 0, nx, ny });
  const { from, x0, y0 } = pieces[0]!;
  const [dx, dy] = [from.x0 - x0, from.y0 - y0];
  const stated = (values: Readonly<Record<string, KeywordValue>>): [string, KeywordValue][] =>
    Object.entries(values).filter(([keyword]) => keyword in header);
  const shifted = (keyword: string, by: number): [string, KeywordValue][] => {
    const value = header[keyword];
    return typeof value === "number" && by !== 0 ? [[keyword, value - by]] : [];
  };
  return Object.fromEntries([
    ...Object.entries(amplifierKeywords(amplifiers)),
    ...amplifiers.flatMap(({ name, data }) =>
      stated({ [`TSEC${name}`]: formatSection(data), [`BSEC${name}`]: "" }),
    ),
    ...stated({ TRIMSEC: whole, DATASEC: whole, BIASSEC: "" }),
    ["SUBSTRT1", subarray.x],
    ["SUBSTRT2", subarray.y],
    ...shifted("CRPIX1", dx),
    ...shifted("CRPIX2", dy),
    ...shifted("LTV1", dx),
    ...shifted("LTV2", dy),
  ]) as Record<string, KeywordValue>;
}
