/** Verification: what FITS 4.0 demands of a file, found and named by HDU and card. */
import { isIrisError } from "../errors.js";
import { parseRecords, type Deviation } from "./cards.js";
import { addDatasum, datasum } from "./checksum.js";
import { readHeader, sumOfData } from "./edit.js";
import type { FitsFile, Hdu } from "./file.js";
import type { Finding, Report } from "./finding.js";
import { blockLength, getValue, isEnd, padded, recordsOf, type Header } from "./header.js";
import { checkTable } from "./verify-table.js";

/** Keywords that must come first, in this order (§4.4.1). */
function mandatory(hdu: Hdu, primary: boolean): string[] {
  const naxis = Number(getValue(hdu.stored, "NAXIS"));
  const axes = Array.from({ length: naxis }, (_, i) => `NAXIS${i + 1}`);
  const first = [primary ? "SIMPLE" : "XTENSION", "BITPIX", "NAXIS", ...axes];
  if (primary) return first;
  const table = hdu.table !== null;
  return [...first, "PCOUNT", "GCOUNT", ...(table ? ["TFIELDS"] : [])];
}

function checkOrder(records: readonly string[], hdu: Hdu, report: Report): void {
  mandatory(hdu, hdu.index === 0).forEach((keyword, i) => {
    const found = (records[i] ?? "").slice(0, 8).trimEnd();
    if (found !== keyword)
      report(
        "error",
        `card ${i + 1} is ${found === "" ? "blank" : found}, ${keyword} has to stand there`,
        i + 1,
        keyword,
      );
  });
}

const fixedInteger = /^= {1,20}[+-]?\d+ *(?:\/.*)?$/;

function checkCard(record: string, n: number, report: Report): void {
  const keyword = record.slice(0, 8).trimEnd();
  const odd = /[^\x20-\x7e]/.exec(record);
  if (odd)
    report(
      "error",
      `character ${odd[0].charCodeAt(0)} in column ${odd.index + 1}: only ASCII text may stand there`,
      n,
      keyword,
    );
  if (!/^[A-Z0-9_-]*$/.test(keyword))
    report("error", `keyword ${JSON.stringify(keyword)}: only A–Z, 0–9, - and _ may stand there`, n, keyword);
  if (/^(COMMENT|HISTORY|CONTINUE|HIERARCH)?$/.test(keyword) || record.slice(8, 10) !== "= ") return;
  const deviations: Deviation[] = [];
  const [card] = parseRecords([record], deviations);
  for (const { message } of deviations) report("error", message, n, keyword);
  if (card?.value === null) report("warning", "the value is undefined", n, keyword);
  if (/^(BITPIX|NAXIS\d*|PCOUNT|GCOUNT|TFIELDS)$/.test(keyword) && !fixedInteger.test(record.slice(8))) {
    report("error", "the integer has to end in column 30 at most (fixed format)", n, keyword);
  }
  if (typeof card?.value === "number" && /[a-z]/.test(record.slice(10).split("/")[0]!)) {
    report("error", "an exponent has to be E or D, in upper case", n, keyword);
  }
  if (/^DATE(-|$)/.test(keyword) && typeof card?.value === "string" && !isDate(card.value)) {
    report(
      "error",
      `the date ${JSON.stringify(card.value)} isn't YYYY-MM-DD[Thh:mm:ss[.s]] (§4.4.2.1)`,
      n,
      keyword,
    );
  }
}

/** ISO 8601 as §9.1 wants it, or the DD/MM/YY of the last century. */
function isDate(text: string): boolean {
  return (
    /^[+-]?\d{4,5}-\d\d-\d\d(T\d\d:\d\d:\d\d(\.\d*)?Z?)?$/.test(text) ||
    /^\d\d\/\d\d\/\d\d$/.test(text) ||
    text === ""
  );
}

/** Keywords whose place decides what they mean: on the wrong kind of HDU they are errors. */
function checkReserved(hdu: Hdu, keywords: ReadonlyMap<string, number>, report: Report): void {
  const table = hdu.table !== null && !hdu.tiles;
  const forbid = (test: RegExp, why: string): void => {
    for (const [keyword, n] of keywords) if (test.test(keyword)) report("error", why, n, keyword);
  };
  if (hdu.index > 0) forbid(/^(SIMPLE|EXTEND|BLOCKED)$/, "not allowed in an extension");
  else if (hdu.type === "image") forbid(/^(XTENSION|PCOUNT|GCOUNT)$/, "not allowed in a primary array");
  if (table) forbid(/^(BSCALE|BZERO|BLANK|BUNIT|DATAMAX|DATAMIN)$/, "not allowed in a table");
  if (hdu.type === "image" && !hdu.tiles)
    forbid(/^(TFIELDS|THEAP|T(TYPE|FORM|BCOL|DISP)\d+)$/, "only allowed in a table");
  const bitpix = Number(getValue(hdu.header, "BITPIX"));
  const blank = keywords.get("BLANK");
  if (hdu.image && bitpix < 0 && blank !== undefined)
    report("error", "not allowed with floating-point data", blank, "BLANK");
}

const wcsKeyword = /^(CTYPE|CUNIT|CRVAL|CRPIX|CDELT|CROTA|CRDER|CSYER|PC|CD|PV|PS)(\d+)(?:_(\d+))?([A-Z]?)$/;

/** WCSAXES comes before what it counts (§8.2), and PCi_j and CDi_j exclude each other (§8.1.2). */
function checkWcs(keywords: ReadonlyMap<string, number>, header: Header, report: Report): void {
  const firstOf = new Map<string, number>();
  for (const [keyword, n] of keywords) {
    const match = wcsKeyword.exec(keyword);
    if (!match) continue;
    const [, kind, index, , version = ""] = match;
    const axes = getValue(header, `WCSAXES${version}`);
    if (typeof axes === "number" && Number(index) > axes)
      report("error", `axis ${index} of WCSAXES${version} = ${axes}`, n, keyword);
    const place = keywords.get(`WCSAXES${version}`);
    if (place !== undefined && place > n && !firstOf.has(version)) {
      report("error", `it stands before WCSAXES${version} (card ${place})`, n, keyword);
    }
    if (!firstOf.has(version)) firstOf.set(version, n);
    if (
      kind === "PC" &&
      [...keywords.keys()].some(
        (other) =>
          /^CD\d+_\d+/.test(other) && other.endsWith(version) && /[A-Z]$/.test(other) === (version !== ""),
      )
    ) {
      report("error", "PCi_j and CDi_j exclude each other", n, keyword);
      break;
    }
  }
}

function checkSums(file: FitsFile, hdu: Hdu, header: Uint8Array, report: Report): void {
  const declared = getValue(hdu.stored, "DATASUM");
  const checksum = getValue(hdu.stored, "CHECKSUM");
  if (declared === undefined && checksum === undefined) return;
  const sum = sumOfData(file, hdu);
  if (typeof declared === "string" && declared.trim() !== "" && Number(declared) !== sum) {
    report("warning", `DATASUM is ${declared}, the data add up to ${sum}`, null, "DATASUM");
  }
  const whole = addDatasum(datasum(header), sum);
  if (typeof checksum === "string" && checksum.trim() !== "" && whole !== 0xffffffff && whole !== 0) {
    report("warning", "CHECKSUM doesn't fit the HDU", null, "CHECKSUM");
  }
}

function checkFill(file: FitsFile, hdu: Hdu, header: Uint8Array, report: Report): void {
  for (let at = 0; at < header.length; at += 80) {
    if (!isEnd(header, at)) continue;
    if (header.subarray(at + 3).some((byte) => byte !== 32))
      report("error", "the header's fill after END isn't blank");
    break;
  }
  const end = hdu.dataStart + padded(hdu.dataSize);
  if (hdu.dataStart + hdu.dataSize > file.size) {
    report("error", `the data end at byte ${hdu.dataStart + hdu.dataSize}, the file at byte ${file.size}`);
    return;
  }
  if (end > file.size) {
    report("error", `the last block is cut: ${file.size % blockLength} of ${blockLength} bytes`);
    return;
  }
  const fill = new Uint8Array(end - hdu.dataStart - hdu.dataSize);
  file.readBytes(hdu.dataStart + hdu.dataSize, fill);
  const wanted = hdu.type === "table" ? 32 : 0;
  if (fill.some((byte) => byte !== wanted)) {
    report("error", `the fill after the data isn't ${wanted === 0 ? "zeros" : "blanks"}`);
  }
}

function verifyHdu(file: FitsFile, hdu: Hdu, add: (finding: Finding) => void): void {
  const report: Report = (severity, message, card = null, keyword = null) => {
    add({ severity, hdu: hdu.index, card, keyword, message });
  };
  const header = readHeader(file, hdu);
  const records = recordsOf(header);
  checkOrder(records, hdu, report);
  const keywords = new Map<string, number>();
  let continued = false;
  records.forEach((record, i) => {
    checkCard(record, i + 1, report);
    const keyword = record.slice(0, 8).trimEnd();
    if (keyword === "CONTINUE") continued = true;
    if (/^(COMMENT|HISTORY|CONTINUE|HIERARCH)?$/.test(keyword)) return;
    const before = keywords.get(keyword);
    if (before === undefined) keywords.set(keyword, i + 1);
    else report("warning", `the same keyword stands in card ${before}`, i + 1, keyword);
  });
  if (continued && !keywords.has("LONGSTRN"))
    report("warning", "strings are continued, LONGSTRN doesn't say so");
  checkReserved(hdu, keywords, report);
  checkWcs(keywords, hdu.stored, report);
  try {
    checkFill(file, hdu, header, report);
    if (hdu.dataStart + hdu.dataSize <= file.size) {
      checkSums(file, hdu, header, report);
      if (hdu.type === "bintable" || hdu.type === "table") checkTable(file, hdu, report);
    }
  } catch (error) {
    if (!isIrisError(error)) throw error;
    report("error", error.message);
  }
}

/** Everything that is wrong with an open file, HDU by HDU. */
export function verifyFits(file: FitsFile): Finding[] {
  const findings: Finding[] = [];
  for (const hdu of file.hdus) verifyHdu(file, hdu, (finding) => findings.push(finding));
  for (const { message } of file.deviations) {
    findings.push({ severity: "error", hdu: null, card: null, keyword: null, message });
  }
  return findings;
}
