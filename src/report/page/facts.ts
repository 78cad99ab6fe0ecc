/** What a page says of a run: its products, each with its record, its header and the ledger's word on it. */
import { existsSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { Exposure, Keywords } from "../../data/exposure.js";
import { describeInput } from "../../engine/inputs.js";
import { readLedger, type LedgerEntry } from "../../engine/ledger.js";
import { readProvenance } from "../../engine/provenance.js";
import type { ProvenanceRecord } from "../../engine/record.js";
import { keywordsOf, openFits } from "../../fits/index.js";
import type { Caveat } from "../../step/outcome.js";
import { qualityOf, type Measure } from "./quality.js";

export interface ProductFacts {
  path: string;
  name: string;
  record: ProvenanceRecord;
  keywords: Keywords;
  /** What it is of, by its own header: a mosaic is of several detectors. */
  exposure: Exposure;
  /** null where the ledger has no word on just this file. */
  entry: LedgerEntry | null;
  caveats: Caveat[];
  quality: Measure[];
}

/** An exposure of which no product was made. */
export interface Failure {
  input: string;
  message: string;
  hint: string | null;
}

export interface RunFacts {
  products: ProductFacts[];
  failures: Failure[];
  /** Products that the ledger knows and that aren't there any more. */
  gone: string[];
}

/** Products in the order in which they were observed, then by name. @throws InputError for a file of other software */
export function readFacts(
  paths: readonly string[],
  failures: readonly Failure[],
  gone: readonly string[],
): RunFacts {
  const ledgers = new Map<string, ReturnType<typeof readLedger>>();
  const ledgerOf = (folder: string): ReturnType<typeof readLedger> => {
    let ledger = ledgers.get(folder);
    if (!ledger) ledgers.set(folder, (ledger = readLedger(folder)));
    return ledger;
  };
  const products = paths.map((path) =>
    readProduct(path, ledgerOf(dirname(path)).get(basename(path)) ?? null),
  );
  const orderOf = ({ exposure, name }: ProductFacts): string => `${exposure.dateObs} ${name}`;
  return {
    products: products.sort((a, b) => (orderOf(a) < orderOf(b) ? -1 : 1)),
    failures: [...failures],
    gone: [...gone],
  };
}

function readProduct(path: string, known: LedgerEntry | null): ProductFacts {
  const record = readProvenance(path);
  const keywords = headerOf(path);
  const entry = known?.fingerprint === keywords["IRISFP"] ? known : null;
  return {
    path,
    name: basename(path),
    record,
    keywords,
    exposure: describeInput(path).exposure,
    entry,
    caveats: entry?.caveats ?? caveatsIn(keywords),
    quality: qualityOf(keywords, readBeside(path)),
  };
}

function headerOf(path: string): Keywords {
  const file = openFits(path);
  try {
    const [primary, science] = file.hdus;
    return { ...keywordsOf(primary!.header), ...(science ? keywordsOf(science.header) : {}) };
  } finally {
    file.close();
  }
}

/** `CAVEAT1 = 'CODE: message'`. */
const caveatsIn = (keywords: Keywords): Caveat[] =>
  Object.entries(keywords)
    .filter(([keyword]) => /^CAVEAT\d$/.test(keyword))
    .map(([, text]) => {
      const [, code = "", message = ""] = /^(\w+): ([^]*)$/.exec(String(text)) ?? ["", "", String(text)];
      return { code, message };
    });

/** The measurements that stand beside a product as `NAME_qa.json`; null where there are none that can be read. */
function readBeside(path: string): unknown {
  const beside = join(dirname(path), `${basename(path, ".fits")}_qa.json`);
  if (!existsSync(beside)) return null;
  try {
    return JSON.parse(readFileSync(beside, "utf8")) as unknown;
  } catch {
    return null;
  }
}
