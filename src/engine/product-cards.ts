/** The header of a product, which says what was done with what. */
import { basename } from "node:path";
import { blendKeywords } from "../data/blend.js";
import type { KeywordValue, Keywords } from "../data/exposure.js";
import type { Card } from "../fits/index.js";
import { instrumentNamed } from "../instruments/index.js";
import { version } from "../package.js";
import type { Caveat } from "../step/outcome.js";
import type { StepReport } from "./step-report.js";
import type { Extremes } from "./extremes.js";
import type { Fingerprint } from "./fingerprint.js";
import type { PlannedProduct, PlannedStep } from "./plan-types.js";
import { historyCards } from "./history.js";
import { gridCards, isOfAll } from "./joint-cards.js";
import { referenceKeywords } from "./reference-keywords.js";
import { stampCards } from "./stamp.js";
import { verdictOf } from "./verdict.js";
import type { Parent } from "./product-frame.js";

/** Everything that is known only when the pixels are done. */
export interface Done {
  reports: readonly StepReport[];
  unit: string;
  extremes: Extremes;
  /** Step of a ramp's digitised samples, DN: the noise of rounding is part of a read's. */
  quantum: number | null;
  print: Fingerprint;
  now: Date;
}

/** Caveats that fit the header; the ledger has all of them. */
const MAX_CAVEATS = 8;

/** Celestial and spectral coordinates belong beside the pixels that they describe. */
const WCS =
  /^(WCSAXES|WCSNAME|C(TYPE|UNIT|RPIX|RVAL|DELT|ROTA)\d|CD\d_\d|PC\d_\d|PV\d_\d+|[AB]P?_(\d_\d|ORDER)|LONPOLE|LATPOLE|RADESYS|RADECSYS|EQUINOX|S_REGION)$/;

/** Said anew for every product, never carried from an input. */
const OWN =
  /^(SIMPLE|XTENSION|BITPIX|NAXIS\d*|EXTEND|PCOUNT|GCOUNT|GROUPS|BSCALE|BZERO|BLANK|CHECKSUM|DATASUM|EXTNAME|EXTVER|EXTLEVEL|INHERIT|END|DATE|DATECRT|FILENAME|DATAMODL|DATALVL|BUNIT|CAL_VER|CRDS_CTX|ORIGIN|IRISFP[ICPR]?|IRISPIPE|PARENT\d+|CAVEAT\d|NCOMBINE|DATAMIN|DATAMAX|NOVALUE)$/;

export const isOwnKeyword = (keyword: string): boolean => OWN.test(keyword);

const carried = (cards: readonly Card[]): Card[] => cards.filter(({ keyword }) => !OWN.test(keyword));

export interface ProductCards {
  primary: Card[];
  science: Card[];
}

/** Cards of the primary and the science header. With `done` unknown, as many as there will be at most. */
export function productCards(
  product: PlannedProduct,
  parents: readonly Parent[],
  context: string | null,
  done: Done,
): ProductCards {
  const first = parents[0]!;
  const headers = parents.map(({ header }) => header);
  const primaryIn = carried(first.primary).filter(isOfAll(product, headers));
  const scienceIn = carried(first.science);
  // On a grid of its own a product has other coordinates than its inputs.
  const wcs = product.grid ? [] : [...primaryIn.filter(isWcs), ...scienceIn.filter(isWcs)];
  const science = replaced(
    wcs,
    scienceIn.filter((card) => !isWcs(card)),
  );

  const settings = new Map<string, KeywordValue>();
  const put = (keywords: Readonly<Record<string, KeywordValue>>) => {
    for (const [keyword, value] of Object.entries(keywords)) settings.set(keyword, value);
  };
  const steps = [...product.inputs[0]!.steps, ...product.steps];
  if (product.inputs.length > 1) put(blendKeywords(headers));
  put(product.keywords);
  put(referenceKeywords(product));
  put(product.grid?.keywords ?? {});
  for (const step of steps) {
    put(statusOf(step, first.header, done.reports));
    if (step.skip === null && step.reframe) put(step.reframe.keywords);
  }
  for (const { keywords } of done.reports) put(keywords);
  const verdict = verdictOf(product, done.reports, caveatsOf(product, done.reports));
  if (verdict) put({ CALFIT: verdict.fit, CALWHY: verdict.why });
  if (done.quantum !== null) put({ QUANTUM: done.quantum });
  // What describes the pixels stands beside them, and so do sections and places on the chip that did in the input.
  const isBeside = (keyword: string): boolean =>
    WCS.test(keyword) ||
    (/^([A-Z]+SEC|LTV[12])$/.test(keyword) && scienceIn.some((card) => card.keyword === keyword));
  const scienceSettings = [...settings].filter(([keyword]) => isBeside(keyword));
  const primarySettings = [...settings].filter(([keyword]) => !isBeside(keyword));

  const primary = replaced(
    primaryIn.filter((card) => !isWcs(card)),
    [
      ...identityCards(product, context, done),
      ...gridCards(product, headers, done.unit),
      ...primarySettings.map(([keyword, value]) => ({ keyword, value })),
      ...referenceCards(product),
    ],
  );
  const { min, max, values, none } = done.extremes;
  const extremes: Card[] =
    values === 0
      ? []
      : [
          { keyword: "DATAMIN", value: min, comment: "least value" },
          { keyword: "DATAMAX", value: max, comment: "greatest value" },
          { keyword: "NOVALUE", value: none, comment: "pixels without a value (NaN)" },
        ];
  const bunit: Card[] = done.unit === "" ? [] : [{ keyword: "BUNIT", value: done.unit }];
  return {
    primary: [
      ...primary,
      ...caveatCards(product, done.reports),
      ...firstOf(product, primaryIn),
      ...historyCards(product, steps, done),
    ],
    science: replaced(science, [
      ...bunit,
      ...extremes,
      ...scienceSettings.map(([keyword, value]) => ({ keyword, value })),
    ]),
  };
}

/** Whose the history is that was taken over. */
const firstOf = ({ inputs }: PlannedProduct, carriedIn: readonly Card[]): Card[] =>
  inputs.length > 1 && carriedIn.some(({ keyword }) => keyword === "HISTORY")
    ? [{ keyword: "HISTORY", comment: `above: PARENT1 alone, of ${inputs.length} inputs` }]
    : [];

const isWcs = ({ keyword }: Card): boolean => WCS.test(keyword);

/** `cards` with the later value of each keyword in the earlier one's place; commentary is kept as it is. */
function replaced(cards: readonly Card[], by: readonly Card[]): Card[] {
  const out = [...cards];
  for (const card of by) {
    const at =
      card.value === undefined
        ? -1
        : out.findIndex(({ keyword, value }) => value !== undefined && keyword === card.keyword);
    if (at < 0) out.push(card);
    else out[at] = { ...card, comment: card.comment ?? out[at]!.comment ?? "" };
  }
  return out;
}

function identityCards(product: PlannedProduct, context: string | null, { now, print }: Done): Card[] {
  const date = now.toISOString().slice(0, 19);
  const { instrument } = product.inputs[0]!.exposure;
  const models = instrumentNamed(instrument)?.models ?? {};
  const model =
    (product.keywords["REFTYPE"] !== undefined && models[product.keywords["REFTYPE"] as "dark"]) ||
    models[product.kind];
  return [
    { keyword: "DATE", value: date, comment: "UTC, when this file was made" },
    { keyword: "DATECRT", value: date, comment: "UTC, when this file was made" },
    { keyword: "FILENAME", value: basename(product.output), comment: "name of this file" },
    ...(model ? [{ keyword: "DATAMODL", value: model, comment: "type of data model" }] : []),
    { keyword: "DATALVL", value: product.level, comment: "processing level" },
    { keyword: "CAL_VER", value: `iris ${version}`, comment: "software that made this file" },
    { keyword: "IRISPIPE", value: product.pipeline, comment: "pipeline or step" },
    ...(context === null ? [] : [{ keyword: "CRDS_CTX", value: context, comment: "calibration rules" }]),
    ...parentsOf(product).map((path, i) => ({
      keyword: `PARENT${i + 1}`,
      value: basename(path),
      comment: "input",
    })),
    ...stampCards(print),
  ];
}

/** As many as have a keyword of eight letters; the record has all. */
const parentsOf = ({ inputs }: PlannedProduct): string[] =>
  inputs.flatMap(({ path, layout }) => layout?.files ?? [path]).slice(0, 99);

/** S_… = COMPLETE or SKIPPED; a step that was done before keeps its word. */
function statusOf(
  step: PlannedStep,
  header: Keywords,
  reports: readonly StepReport[],
): Record<string, KeywordValue> {
  if (step.skip !== null)
    return {
      [step.status]:
        header[step.status] === "COMPLETE" || step.skip.startsWith("already done") ? "COMPLETE" : "SKIPPED",
    };
  const report = reports.find(({ name }) => name === step.name);
  return { [step.status]: report?.status === "skipped" ? "SKIPPED" : "COMPLETE" };
}

/** R_<TYPE>, cut to eight characters as the ancestors' schema does; MULTIPLE where the inputs don't share one. */
function referenceCards({ inputs, steps }: PlannedProduct): Card[] {
  const each = inputs.map((input) => referencesOf([...input.steps, ...steps]));
  return [...each[0]!.values()].map((card) => {
    const isCommon = each.every((cards) => cards.get(card.keyword)?.value === card.value);
    return isCommon ? card : { ...card, value: "MULTIPLE" };
  });
}

function referencesOf(steps: readonly PlannedStep[]): Map<string, Card> {
  const cards = new Map<string, Card>();
  for (const { refs } of steps)
    for (const ref of refs) {
      const keyword = `R_${ref.type.slice(0, 6)}`;
      const name =
        ref.path === null ? "N/A" : ref.from === "crds" ? `crds://${basename(ref.path)}` : basename(ref.path);
      if (ref.path !== null || !cards.has(keyword))
        cards.set(keyword, { keyword, value: name, comment: `${ref.type.toLowerCase()} reference` });
    }
  return cards;
}

/** What the user should know of this product: what the plan assumed, then what the steps said, by step. */
export function caveatsOf(product: PlannedProduct, reports: readonly StepReport[]): Caveat[] {
  const asked = [...product.inputs.flatMap(({ steps }) => steps), ...product.steps].filter(
    (step) => step.asked,
  );
  return [
    ...product.caveats,
    ...reports.flatMap(({ name, reason, caveats }) => [
      ...caveats.map(({ code, message }) => ({ code, message: `${name}: ${message}` })),
      ...(reason !== null && asked.some((step) => step.name === name)
        ? [{ code: "SKIPPED", message: `${name} skipped, ${reason}` }]
        : []),
    ]),
  ];
}

const caveatCards = (product: PlannedProduct, reports: readonly StepReport[]): Card[] =>
  caveatsOf(product, reports)
    .slice(0, MAX_CAVEATS)
    .map(({ code, message }, i) => ({ keyword: `CAVEAT${i + 1}`, value: `${code}: ${message}` }));
