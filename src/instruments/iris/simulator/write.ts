/** Simulated exposures as files: reads or a count rate, and the truth beside them. */
import { cosmicsIn, type Deposit } from "../../common/simulator/cosmics.js";
import { writeBands, type BandedFile, type Progress } from "./bands.js";
import { PIXEL_AREA } from "./detector.js";
import { exposeRate, exposeRows } from "./expose.js";
import { lightOf, type Light, type SimulatedExposure } from "./exposure.js";
import { skyOf } from "./field.js";
import { primaryCards, wcsCards } from "./headers.js";
import { makeTable, type BinaryTable } from "./table.js";

/** Where an exposure goes: the file and its truth, which may be left out; `name` is the file's own name. */
export interface Destination {
  path: string;
  name: string;
  truth: { path: string; name: string } | null;
}

function starTable({ window, pointing }: SimulatedExposure, { stars }: Light): BinaryTable {
  const inside = stars.filter(({ x, y }) => x > 0.5 && y > 0.5 && x < window.nx + 0.5 && y < window.ny + 0.5);
  const sky = inside.map(({ x, y }) => skyOf(window, pointing, x, y));
  return makeTable("STARS", [
    { name: "X", type: "float64", unit: "pixel", values: inside.map(({ x }) => x) },
    { name: "Y", type: "float64", unit: "pixel", values: inside.map(({ y }) => y) },
    { name: "RA", type: "float64", unit: "deg", values: sky.map(({ ra }) => ra) },
    { name: "DEC", type: "float64", unit: "deg", values: sky.map(({ dec }) => dec) },
    { name: "FLUX", type: "float64", unit: "electron/s", values: inside.map(({ flux }) => flux) },
  ]);
}

const depositTable = (deposits: readonly Deposit[]): BinaryTable =>
  makeTable("CRHITS", [
    { name: "X", type: "int32", unit: "pixel", values: deposits.map(({ x }) => x + 1) },
    { name: "Y", type: "int32", unit: "pixel", values: deposits.map(({ y }) => y + 1) },
    { name: "INTEGRATION", type: "int32", values: deposits.map(({ integration }) => integration + 1) },
    { name: "READ", type: "int32", values: deposits.map(({ group }) => group + 1) },
    { name: "CHARGE", type: "int32", unit: "electron", values: deposits.map(({ electrons }) => electrons) },
  ]);

function truthFile(
  exposure: SimulatedExposure,
  light: Light,
  deposits: readonly Deposit[],
  { path, name }: { path: string; name: string },
  level: 0 | 1,
): BandedFile {
  const comment = (text: string) => ({ keyword: "COMMENT", comment: text });
  return {
    path,
    primary: primaryCards(exposure, { name, level })
      .filter(({ keyword }) => keyword !== "DATAMODL" && keyword !== "S_RAMPFI")
      .map((card) => (card.keyword === "IMTYPE" ? { ...card, value: "TRUTH" } : card))
      .concat([
        { keyword: "SKYRATE", value: light.level, comment: "[electron/s] sky or lamp in RATE" },
        comment("RATE: what a perfect reduction gives, sky included, dark and response taken out."),
        comment("DQ: flags that the product must show. CR: cosmic-ray deposits per pixel."),
      ]),
    planes: [
      {
        name: "RATE",
        cards: [{ keyword: "BUNIT", value: "electron/s", comment: "unit" }, ...wcsCards(exposure)],
        bitpix: -32,
      },
      { name: "DQ", cards: [], bitpix: 32 },
      { name: "CR", cards: [], bitpix: 8 },
    ],
    tables: [starTable(exposure, light), depositTable(deposits)],
  };
}

/** Writes the raw reads of an exposure, uint16 [ints][reads][ny][nx], and its truth, in bounded memory. */
export function writeRamp(exposure: SimulatedExposure, destination: Destination, progress?: Progress): void {
  const { window, ints, reads, tframe, seed, cosmics } = exposure;
  const light = lightOf(exposure);
  const deposits = cosmicsIn(window, { rate: cosmics, pixelArea: PIXEL_AREA, seed, ints, reads, tframe });
  const { truth } = destination;
  const raw: BandedFile = {
    path: destination.path,
    primary: primaryCards(exposure, { name: destination.name, level: 0 }),
    planes: [
      {
        name: "SCI",
        cards: [{ keyword: "BUNIT", value: "DN", comment: "unit" }, ...wcsCards(exposure)],
        bitpix: 16,
        higher: [reads, ints],
      },
    ],
  };
  const files = truth ? [raw, truthFile(exposure, light, deposits, truth, 0)] : [raw];
  const fill = (y0: number, rows: number) => {
    const { samples, rate, dq, hits } = exposeRows(exposure, light, deposits, y0, rows);
    return truth ? [[samples], [rate, dq, hits]] : [[samples]];
  };
  writeBands(files, window.nx, window.ny, fill, progress);
}

/** Writes a finished count rate (SCI, ERR, DQ) of an exposure and its truth; no cosmic rays strike it. */
export function writeRate(exposure: SimulatedExposure, destination: Destination, progress?: Progress): void {
  const { window } = exposure;
  const light = lightOf(exposure);
  const { truth } = destination;
  const unit = { keyword: "BUNIT", value: "electron/s", comment: "unit" };
  const rate: BandedFile = {
    path: destination.path,
    primary: primaryCards(exposure, { name: destination.name, level: 1 }),
    planes: [
      { name: "SCI", cards: [unit, ...wcsCards(exposure)], bitpix: -32 },
      { name: "ERR", cards: [unit], bitpix: -32 },
      { name: "DQ", cards: [], bitpix: 32 },
    ],
  };
  const files = truth ? [rate, truthFile(exposure, light, [], truth, 1)] : [rate];
  const fill = (y0: number, rows: number) => {
    const exposed = exposeRate(exposure, light, y0, rows);
    const planes = [exposed.sci, exposed.err, exposed.dq];
    return truth ? [planes, [exposed.rate, exposed.dq, exposed.hits]] : [planes];
  };
  writeBands(files, window.nx, window.ny, fill, progress);
}
