/** Simulated CCD frames as files, and the truth of science frames and of the camera beside them. */
import { writeFits, type Card, type HduContent } from "../../../fits/index.js";
import { pixelToSky, type Wcs } from "../../../wcs/index.js";
import { PIXEL_SCALE, strideOf, type Chip, type Pixels } from "./camera.js";
import { expose, type Exposed, type SimulatedFrame } from "./expose.js";
import { tangentPixel } from "./field.js";
import { commonCards, frameCards, truthCards } from "./headers.js";

/** Where a frame goes: the file and its truth, which may be left out; `name` is the file's own name. */
export interface Destination {
  path: string;
  name: string;
  truth: { path: string; name: string } | null;
}

const unit = (value: string): Card => ({ keyword: "BUNIT", value, comment: "unit" });
const comment = (text: string): Card => ({ keyword: "COMMENT", comment: text });

const column = (name: string, of: string, values: readonly number[]) => ({
  name,
  unit: of,
  data: Float64Array.from(values),
});

function starTable({ chip, pointing }: SimulatedFrame, { stars }: Exposed): HduContent {
  const centre = tangentPixel(chip, pointing);
  const step = PIXEL_SCALE / 3600;
  const wcs: Wcs = {
    projection: "TAN",
    crpix: [centre.x, centre.y],
    crval: [pointing.ra, pointing.dec],
    cd: [-step, 0, 0, step],
    lonpole: 180,
    sip: null,
  };
  const inside = stars.filter(({ x, y }) => x > 0.5 && y > 0.5 && x < chip.nx + 0.5 && y < chip.ny + 0.5);
  const sky = inside.map(({ x, y }) => pixelToSky(wcs, x - 1, y - 1));
  const of = (key: "x" | "y" | "flux"): number[] => inside.map((star) => star[key]);
  return {
    type: "bintable",
    name: "STARS",
    columns: [
      column("X", "pixel", of("x")),
      column("Y", "pixel", of("y")),
      ...["RA", "DEC"].map((name, k) =>
        column(
          name,
          "deg",
          sky.map((place) => place[k]!),
        ),
      ),
      column("FLUX", "electron/s", of("flux")),
    ],
  };
}

const depositTable = ({ deposits }: Exposed): HduContent => ({
  type: "bintable",
  name: "CRHITS",
  columns: [
    { name: "X", unit: "pixel", data: Int32Array.from(deposits, ({ x }) => x + 1) },
    { name: "Y", unit: "pixel", data: Int32Array.from(deposits, ({ y }) => y + 1) },
    { name: "CHARGE", unit: "electron", data: Int32Array.from(deposits, ({ electrons }) => electrons) },
  ],
});

/** Writes a raw frame, uint16 in the primary HDU, and its truth: LIGHT, DQ, CR, STARS, CRHITS. */
export function writeFrame(frame: SimulatedFrame, pixels: Pixels, { path, name, truth }: Destination): void {
  const { nx, ny, outputs } = frame.chip;
  const exposed = expose(frame, pixels);
  writeFits(path, [
    {
      data: exposed.samples,
      shape: [ny, outputs.length * strideOf(frame.chip)],
      cards: frameCards(frame, name),
    },
  ]);
  if (!truth) return;
  const shape = [ny, nx];
  writeFits(truth.path, [
    {
      cards: [
        ...commonCards(truth.name, frame.seed),
        comment("LIGHT: what a perfect reduction gives, sky included, dark and response taken out."),
        comment("DQ: flags that the product must show. CR: cosmic-ray deposits per pixel."),
      ],
    },
    { name: "LIGHT", data: exposed.light, shape, cards: [unit("electron"), ...truthCards(frame)] },
    { name: "DQ", data: exposed.dq, shape },
    { name: "CR", data: exposed.hits, shape },
    starTable(frame, exposed),
    depositTable(exposed),
  ]);
}

/** Writes what the master calibrations are measurements of. */
export function writeCamera(
  { nx, ny }: Chip,
  { bias, dark, response }: Pixels,
  { path, name, seed }: { path: string; name: string; seed: number },
): void {
  const shape = [ny, nx];
  writeFits(path, [
    {
      cards: [
        ...commonCards(name, seed),
        comment("BIAS above the overscan, DARK current, RESPONSE of median 1: of the trimmed frame."),
      ],
    },
    { name: "BIAS", data: bias, shape, cards: [unit("DN")] },
    { name: "DARK", data: dark, shape, cards: [unit("electron/s")] },
    { name: "RESPONSE", data: response, shape },
  ]);
}
