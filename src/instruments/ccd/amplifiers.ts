/** Which pixels of a frame belong to which amplifier, from the ways to say it. */
import type { Keywords } from "../../data/exposure.js";
import type { Amplifier, Rectangle } from "../../data/parts.js";
import { isWithin, parseSection } from "../../data/section.js";
import { numberOf, textOf } from "../common/keywords.js";
import type { Camera } from "./camera.js";
import { esoAmplifiers } from "./eso.js";
import type { Frame, Geometry } from "./geometry.js";
import { hubble } from "./hst.js";

const gainIn = (header: Keywords, suffix = ""): number | null =>
  numberOf(header, `EGAIN${suffix}`, `GTGAIN${suffix}`, `GAIN${suffix}`) ?? null;
const noiseIn = (header: Keywords, suffix = ""): number | null =>
  numberOf(
    header,
    `RDNOISE${suffix}`,
    `GTRON${suffix}`,
    `READNOIS${suffix}`,
    `ENOISE${suffix}`,
    `RON${suffix}`,
  ) ?? null;

/** The section in a keyword, when it lies in the frame; a section that doesn't is mentioned. */
function sectionIn({ header, nx, ny }: Frame, keyword: string, assumed: string[]): Rectangle | null {
  const text = textOf(header, keyword);
  if (text === undefined) return null;
  const section = parseSection(text);
  if (section && isWithin(section, nx, ny)) return section;
  assumed.push(`${keyword} ${text} isn't in the frame of ${nx} × ${ny} pixels: not used`);
  return null;
}

/** IRAF's quadformat: AMPLIST names the amplifiers, BSECn, DSECn, TSECn, CSECn their sections. */
function quadformat(frame: Frame): Geometry | null {
  const list = textOf(frame.header, "AMPLIST");
  if (list === undefined) return null;
  const assumed: string[] = [];
  const amplifiers = list.split(/[\s,]+/).flatMap((name) => {
    const section = (root: string): Rectangle | null => sectionIn(frame, `${root}${name}`, assumed);
    const whole = section("DSEC");
    const data = (frame.isTrimmed ? null : section("TSEC")) ?? whole;
    if (!data) return [];
    const ccd = parseSection(textOf(frame.header, `CSEC${name}`) ?? "");
    // CSEC is where DSEC lies on the CCD.
    const [dx, dy] = whole ? [data.x0 - whole.x0, data.y0 - whole.y0] : [0, 0];
    const place = frame.isTrimmed || !ccd ? data : { x0: ccd.x0 + dx, y0: ccd.y0 + dy };
    return [
      {
        name,
        data,
        overscan: frame.isTrimmed ? null : section("BSEC"),
        x0: place.x0,
        y0: place.y0,
        gain: gainIn(frame.header, name) ?? gainIn(frame.header),
        readNoise: noiseIn(frame.header, name) ?? noiseIn(frame.header),
      },
    ];
  });
  return amplifiers.length === 0 ? null : { amplifiers: toOrigin(amplifiers), assumed };
}

/** The places of the data with the first at (0, 0). */
function toOrigin(amplifiers: readonly Amplifier[]): Amplifier[] {
  const x = Math.min(...amplifiers.map(({ x0 }) => x0));
  const y = Math.min(...amplifiers.map(({ y0 }) => y0));
  return amplifiers.map((amplifier) => ({ ...amplifier, x0: amplifier.x0 - x, y0: amplifier.y0 - y }));
}

/** Cameras of Lick Observatory: COVER overscan columns of each of AMPSROW amplifiers stand together after the data. */
function lick(frame: Frame, camera: Camera): Geometry | null {
  const { header, nx, ny } = frame;
  const [cover, count] = [numberOf(header, "COVER"), numberOf(header, "AMPSROW")];
  if (cover === undefined || count === undefined || count < 1) return null;
  const assumed: string[] = [];
  const width = (frame.isTrimmed ? nx : nx - count * cover) / count;
  const rows = numberOf(header, "AMPSCOL") ?? 1;
  if (!Number.isInteger(width) || rows !== 1) return null;
  const edge = camera.edge ?? 0;
  const amplifiers = Array.from({ length: count }, (_, k): Amplifier => {
    const data = { x0: k * width, y0: 0, nx: width, ny };
    const first = k === 0 ? edge : 0;
    const last = k === count - 1 ? edge : 0;
    const overscan = { x0: count * width + k * cover + first, y0: 0, nx: cover - first - last, ny };
    const known = camera.amplifiers?.[k] ?? { gain: gainIn(header), readNoise: noiseIn(header) };
    return {
      name: String(k + 1),
      data,
      overscan: frame.isTrimmed || overscan.nx < 1 ? null : overscan,
      x0: data.x0,
      y0: 0,
      ...known,
    };
  });
  if (camera.amplifiers)
    assumed.push(
      `GAIN is the number of a setting: ${camera.amplifiers.map(({ gain }) => gain).join(" and ")} e-/DN taken for ${camera.detector}`,
    );
  return { amplifiers, assumed };
}

/** One amplifier: BIASSEC, and TRIMSEC or DATASEC; what is left beside the overscan where neither is said. */
export function single(frame: Frame): Geometry {
  const { header, nx, ny } = frame;
  const assumed: string[] = [];
  const known = { name: "1", gain: gainIn(header), readNoise: noiseIn(header) };
  if (frame.isTrimmed)
    return {
      amplifiers: [{ ...known, data: { x0: 0, y0: 0, nx, ny }, overscan: null, x0: 0, y0: 0 }],
      assumed,
    };
  const dark = sectionIn(frame, "BIASSEC", assumed);
  const lit = sectionIn(frame, "TRIMSEC", assumed) ?? sectionIn(frame, "DATASEC", assumed);
  const isOver = dark !== null && lit !== null && overlap(dark, lit);
  if (isOver) assumed.push(`BIASSEC ${textOf(header, "BIASSEC")!} lies in the data: the overscan is gone`);
  const overscan = isOver ? null : dark;
  const data = lit ?? beside(overscan, nx, ny);
  return { amplifiers: [{ ...known, data, overscan, x0: 0, y0: 0 }], assumed };
}

export const overlap = (a: Rectangle, b: Rectangle): boolean =>
  a.x0 < b.x0 + b.nx && b.x0 < a.x0 + a.nx && a.y0 < b.y0 + b.ny && b.y0 < a.y0 + a.ny;

/** The larger part of a frame that an overscan at its edge leaves. */
function beside(overscan: Rectangle | null, nx: number, ny: number): Rectangle {
  const whole = { x0: 0, y0: 0, nx, ny };
  if (overscan === null) return whole;
  if (overscan.ny * 2 > ny) {
    const [left, right] = [overscan.x0, nx - overscan.x0 - overscan.nx];
    return left >= right ? { ...whole, nx: left } : { ...whole, x0: overscan.x0 + overscan.nx, nx: right };
  }
  const [below, above] = [overscan.y0, ny - overscan.y0 - overscan.ny];
  return below >= above ? { ...whole, ny: below } : { ...whole, y0: overscan.y0 + overscan.ny, ny: above };
}

/** ESO's outputs. */
function eso(frame: Frame): Geometry | null {
  const amplifiers = frame.isTrimmed ? null : esoAmplifiers(frame);
  return amplifiers && { amplifiers, assumed: [] };
}

/** The first of these ways that the header speaks. */
export const geometryOf = (frame: Frame, camera: Camera): Geometry =>
  quadformat(frame) ?? lick(frame, camera) ?? eso(frame) ?? hubble(frame) ?? single(frame);
