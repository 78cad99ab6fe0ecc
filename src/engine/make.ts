/** Makes one product of a plan: lays its file out, has it filled, completes header, picture and ledger. */
import { basename, dirname } from "node:path";
import { InputError, OutputError } from "../errors.js";
import { createFits, type FitsWriter, type HduSpec } from "../fits/index.js";
import type { Host } from "../host.js";
import { version } from "../package.js";
import { openQuicklook } from "../report/quicklook.js";
import type { Caveat } from "../step/outcome.js";
import type { StepReport } from "./step-report.js";
import { noExtremes } from "./extremes.js";
import { fill, type FillContext, type Filled } from "./fill.js";
import { exposuresOf, filesOf, fingerprint, identity, type Fingerprint } from "./fingerprint.js";
import { contentHash, type HashMemory } from "./hashes.js";
import { appendLedger } from "./ledger.js";
import { removeLeftovers } from "./leftovers.js";
import { makeFolder } from "./outputs.js";
import type { PlannedProduct } from "./plan-types.js";
import { axesAfter } from "./reframe.js";
import { productTables } from "./product-tables.js";
import { caveatsOf, productCards } from "./product-cards.js";
import { frameOf, parentOf, productPlanes, type Parent } from "./product-frame.js";
import { provenanceRecord, provenanceSpec, recordText, unknownHash, unknownPrint } from "./record.js";
import { isReadByRead } from "./read-samples.js";
import { closeSource, openSource, withFile, type Source } from "./source.js";
import { valuesOf } from "./values.js";
import { verdictOf, type Verdict } from "./verdict.js";
import { writeBeside } from "./write-beside.js";
import { writeQuicklook } from "./write-quicklook.js";

export interface MakeContext extends FillContext {
  host: Host;
  memory: HashMemory;
  /** CRDS context. */
  context: string | null;
  /** Folder of the calibration cache. */
  cache: string | null;
  command: string;
  /** Called when the pool isn't needed for this product any more. */
  filled?(): void;
}

export interface Made {
  caveats: Caveat[];
  verdict: Verdict | null;
  seconds: number;
}

/** Cards kept for what the steps will say, and for each exposure that is used beside its own. */
const SPARE = 72;
const LINES = 2;

/** Throws tagged errors; then nothing of the product is left behind. */
export async function makeProduct(product: PlannedProduct, context: MakeContext): Promise<Made> {
  const started = performance.now();
  const { host } = context;
  makeFolder(dirname(product.output));
  removeLeftovers(product);
  const sources = openAll(product);
  try {
    const science = sources.slice(0, product.inputs.length);
    const parents = science.map(parentOf);
    const frame = frameOf(product, parents[0]!);
    const planes = productPlanes(product, frame);
    const blank = {
      reports: [],
      unit: "",
      extremes: noExtremes,
      quantum: product.kind === "ramp" ? 1 : null,
      print: unknownPrint,
      now: host.now(),
    };
    const draft = productCards(product, parents, context.context, blank);
    const unknown = Object.fromEntries(filesOf(product).map((path) => [path, unknownHash]));
    const draftRecord = recordText(
      provenanceRecord(product, context.context, context.command, unknownPrint, unknown),
    );
    const tables = productTables(
      product,
      parents.map(({ header }) => header),
    );
    const specs: HduSpec[] = [
      {
        bitpix: 8,
        axes: [],
        cards: draft.primary,
        spare: SPARE + LINES * Object.values(product.members).flat().length,
      },
      ...planes.map(({ spec }, i) => ({
        ...spec,
        cards: i === 0 ? draft.science : spec.cards,
        spare: i === 0 ? 24 : 4,
      })),
      ...tables.map(({ spec }) => spec),
      provenanceSpec(draftRecord),
    ];
    const look = product.quicklook === null ? null : openQuicklook({ nx: frame.nx, ny: frame.ny });
    const writer = createFits(product.output, specs);
    try {
      tables.forEach(({ bytes }, i) => {
        writer.write(writer.layout.hdus[1 + planes.length + i]!.dataStart, bytes);
      });
      const places = planes.map(({ plane }, i) => ({
        plane,
        hdu: i + 1,
        dataStart: writer.layout.hdus[i + 1]!.dataStart,
      }));
      const axes = axesAfter(science[0]!.axes, product.inputs[0]!.steps);
      const [nx, ny, ...depth] = axes as [number, number, ...number[]];
      const input = {
        ...{ nx, ny, planes: depth.reduce((a, b) => a * b, 1) },
        isReadByRead: sources.every(isReadByRead),
      };
      const done = await fill(product, frame, input, places, writer, look, context);
      context.filled?.();
      if (done.extremes.values === 0)
        throw new InputError(
          `no usable pixel in ${product.inputs[0]!.path} — every value of the product is NaN`,
          {
            hint: `look at its values: iris fits stats ${product.inputs[0]!.path}`,
          },
        );
      const hashes = hashInputs(sources, done.hashes, context.memory);
      const print = fingerprint(
        product,
        filesOf(product).map((path) => hashes[path]!),
      );
      await finish(writer, product, parents, specs, draftRecord.length, done, print, hashes, context);
      if (look) writeQuicklook(look, product.quicklook!);
      writeBeside(product, done.reports, print);
      const seconds = (performance.now() - started) / 1000;
      record(product, print, hashes, done.reports, seconds, context);
      const caveats = caveatsOf(product, done.reports);
      return { caveats, verdict: verdictOf(product, done.reports, caveats), seconds };
    } catch (error) {
      writer.abort();
      throw error;
    }
  } finally {
    sources.forEach(closeSource);
  }
}

const openAll = (product: PlannedProduct): Source[] => {
  const sources: Source[] = [];
  try {
    for (const input of exposuresOf(product)) sources.push(openSource(input));
    return sources;
  } catch (error) {
    sources.forEach(closeSource);
    throw error;
  }
};

/** Content hash of every file, from the leaves that the bands gave; remembered for the next plan. */
function hashInputs(
  sources: readonly Source[],
  leaves: Filled["hashes"],
  memory: HashMemory,
): Record<string, string> {
  const hashes: Record<string, string> = {};
  for (const source of sources)
    for (const path of source.files) {
      hashes[path] ??= withFile(source, path, (file) => contentHash(file, leaves.get(path)));
      memory.set(path, "content", hashes[path]);
    }
  return hashes;
}

async function finish(
  writer: FitsWriter,
  product: PlannedProduct,
  parents: readonly Parent[],
  specs: readonly HduSpec[],
  recordLength: number,
  done: Filled,
  print: Fingerprint,
  hashes: Record<string, string>,
  { context, command, host }: MakeContext,
): Promise<void> {
  const cards = productCards(product, parents, context, { ...done, print, now: host.now() });
  const text = recordText(provenanceRecord(product, context, command, print, hashes));
  if (text.length !== recordLength)
    throw new OutputError(`the record of ${product.output} changed its length`);
  writer.write(writer.layout.hdus.at(-1)!.dataStart, Buffer.from(text));
  await writer.finishAside({
    cards: specs.map((spec, i) =>
      i === 0 ? cards.primary : i === 1 ? cards.science : unitCards(done.unit, spec),
    ),
    datasums: specs.map((_, i) => (i === 0 ? 0 : (done.datasums[i - 1] ?? null))),
  });
}

/** A table, or a plane with cards of its own, keeps them. ERR has the unit of SCI, the variances its square; flags and weights have none. */
const unitCards = (unit: string, { type, name, cards }: HduSpec) => {
  if (type === "bintable" || cards.length > 0) return cards;
  if (unit === "" || name === undefined || /DQ$|^WHT$/.test(name)) return [];
  return [{ keyword: "BUNIT", value: name.startsWith("VAR_") ? `(${unit})**2` : unit }];
};

function record(
  product: PlannedProduct,
  print: Fingerprint,
  hashes: Record<string, string>,
  reports: readonly StepReport[],
  seconds: number,
  { context, cache, command, host }: MakeContext,
): void {
  const running = product.steps.filter(({ skip }) => skip === null);
  appendLedger(product.output, {
    v: 1,
    time: host.now().toISOString(),
    output: basename(product.output),
    pipeline: product.pipeline,
    fingerprint: identity(print),
    parts: print,
    inputs: Object.entries(hashes).map(([path, hash]) => ({ path, hash })),
    refs: running.flatMap(({ refs }) =>
      refs.flatMap(({ type, path, sha256 }) => (path === null ? [] : [{ type, path, sha256: sha256! }])),
    ),
    params: Object.fromEntries(
      product.steps.flatMap((step) =>
        Object.entries(valuesOf(step)).map(([name, value]) => [`${step.name}.${name}`, value]),
      ),
    ),
    steps: product.steps.map(({ name, version: v, skip }) =>
      skip === null ? `${name}@${v}` : `${name} skipped: ${skip}`,
    ),
    context,
    cache,
    cwd: host.cwd,
    command,
    caveats: caveatsOf(product, reports),
    iris: version,
    seconds: Math.round(seconds * 1000) / 1000,
    peakMB: Math.round(process.resourceUsage().maxRSS / 1024),
  });
}
