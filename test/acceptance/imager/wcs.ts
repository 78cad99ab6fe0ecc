/** Family of the sky coordinates: positions of pixels, and back. */
import {
  channelToWave,
  pixelScales,
  pixelToSky,
  readSpectralAxis,
  readWcs,
  skyToPixel,
  waveToChannel,
} from "../../../src/wcs/index.js";
import type { Keywords } from "../../../src/data/exposure.js";
import { compare, firstOf, type Case } from "./case.js";
import type { Check } from "./spine.js";

const within = (c: Case, name: string): { rtol: number; atol: number } => ({
  rtol: 0,
  atol: Number((c.tolerance as Record<string, unknown>)[name]),
});

const wcs: Check = (c) => {
  const header = c.inputs["header"] as Keywords;
  const celestial = readWcs(header);
  if ("none" in celestial) return celestial.none;
  const spectral = readSpectralAxis(header);
  const pixels = c.expected["pixel"] as number[][];
  const world = c.expected["world"] as number[][];
  const toWorld = (p: number[]): number[] => [
    ...pixelToSky(celestial, p[0]!, p[1]!),
    ...(p.length > 2 && !("none" in spectral) ? [channelToWave(spectral, p[2]!)] : []),
  ];
  const toPixel = (w: number[]): number[] => [
    ...skyToPixel(celestial, w[0]!, w[1]!),
    ...(w.length > 2 && !("none" in spectral) ? [waveToChannel(spectral, w[2]!)] : []),
  ];
  const noSip = c.expected["world_no_sip"] as number[][] | undefined;
  const scales = c.expected["pixel_scales_deg"] as number[] | undefined;
  const footprint = c.expected["footprint_128x128"] as number[][] | undefined;
  const sky = within(c, "world_deg");
  const back = within(c, celestial.sip ? "inverse_sip_pixel" : "pixel");
  const corners = [
    [0, 0],
    [0, 127],
    [127, 127],
    [127, 0],
  ];
  return firstOf(
    compare("world", pixels.flatMap(toWorld), world.flat(), sky),
    compare("pixel", world.flatMap(toPixel), (c.expected["pixel_from_world"] as number[][]).flat(), back),
    noSip &&
      compare(
        "world without SIP",
        pixels.flatMap((p) => pixelToSky({ ...celestial, sip: null }, p[0]!, p[1]!)),
        noSip.flat(),
        sky,
      ),
    scales && compare("pixel scales", pixelScales(celestial), scales, { rtol: 1e-12, atol: 0 }),
    footprint && compare("footprint", corners.flatMap(toWorld), footprint.flat(), sky),
  );
};

export const wcsFamilies: Readonly<Record<string, Check>> = { wcs };
