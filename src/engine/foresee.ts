/** What a product will be, from the plan alone: so the products that are made of it can be planned before it exists. */
import type { Card } from "../fits/index.js";
import { keywordsOf } from "../fits/index.js";
import type { RefFacts } from "../step/define.js";
import { basename } from "node:path";
import { noExtremes } from "./extremes.js";
import { describeFacts, type Opened } from "./inputs.js";
import type { PlannedProduct } from "./plan-types.js";
import { productCards } from "./product-cards.js";
import { frameOf, parentOf, productPlanes, type Parent } from "./product-frame.js";
import { unknownPrint } from "./record.js";
import { closeSource, openSource } from "./source.js";

/** A product that doesn't exist yet, described as its file will be. */
export interface Foreseen {
  opened: Opened;
  /** What products that are made of it take over. */
  parent: Parent;
  /** It as a reference. */
  facts: RefFacts;
}

/**
 * The header that `make` will write but for what only the pixels tell, and what its instrument says of it. `known`
 * holds those inputs that are foreseen themselves; of the others the headers are read.
 */
export function foresee(
  product: PlannedProduct,
  context: string | null,
  known: ReadonlyMap<string, Foreseen>,
  now: Date,
): Foreseen {
  const parents = product.inputs.map((input) => {
    const foreseen = known.get(input.path);
    if (foreseen) return foreseen.parent;
    const source = openSource(input);
    try {
      return parentOf(source);
    } finally {
      closeSource(source);
    }
  });
  const frame = frameOf(product, parents[0]!);
  const { primary, science } = productCards(product, parents, context, {
    reports: [],
    unit: "",
    extremes: noExtremes,
    quantum: null,
    print: unknownPrint,
    now,
  });
  const planes = productPlanes(product, frame);
  const header = { ...keywords(primary), ...keywords(science) };
  const hdus = [
    { name: "", axes: [], bitpix: 8, header: keywords(primary) },
    ...planes.map(({ spec }) => ({ name: spec.name!, axes: spec.axes, bitpix: spec.bitpix })),
  ];
  const opened = describeFacts(
    product.output,
    { path: product.output, header, hdus, science: 1 },
    product.kind,
  );
  const [nx, ny, ...rest] = frame.axes as [number, number, ...number[]];
  return {
    opened: { ...opened, read: null },
    parent: {
      primary,
      science,
      header,
      kind: product.kind,
      axes: frame.axes,
      hasVariances: frame.hasVariances,
      hasZeroframe: frame.hasZeroframe ?? false,
    },
    facts: { name: basename(product.output), nx, ny, nz: rest.reduce((a, b) => a * b, 1), header },
  };
}

/** Whether a calibration is fit only its pixels tell. */
const keywords = (cards: Card[]) =>
  keywordsOf({ cards: cards.filter(({ keyword }) => !/^CAL(FIT|WHY)$/.test(keyword)) });
