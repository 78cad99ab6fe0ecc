/** Checksums of mappings, and their canonical text. */
import { existsSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { bytesChecksum, checkMapping } from "../../../src/crds/checksum.js";
import { decodeText, formatMapping, mappingChecksum, parseMapping } from "../../../src/crds/rules.js";
import { isIrisError } from "../../../src/errors.js";
import { readLines, type Tally } from "./tally.js";

interface Case {
  file: string;
  bytes: number;
  file_sha1: string;
  stored: string | null;
  computed?: string;
  valid?: boolean;
  rewritten_sha1sum?: string;
  rewritten_file_sha1?: string;
  rewrite_is_identity?: boolean;
  rewritten_text?: string;
}

export function checkChecksums(file: string, root: string, tally: Tally): void {
  for (const c of readLines<Case>(file)) {
    const path = [join(root, "mappings", c.file), join(root, "mappings_edge", "tobs", c.file)].find(
      existsSync,
    );
    if (!path) {
      tally.fail(c.file, "no such mapping");
      continue;
    }
    const difference = compare(readFileSync(path), c);
    if (difference === undefined) tally.pass();
    else tally.fail(c.file, difference);
  }
}

function compare(bytes: Uint8Array, c: Case): string | undefined {
  if (bytes.length !== c.bytes || bytesChecksum(bytes) !== c.file_sha1) return "another file than recorded";
  const text = decodeText(bytes, c.file);
  if (c.computed !== undefined && mappingChecksum(text) !== c.computed)
    return `computed ${mappingChecksum(text)}`;
  const rewrites = c.rewritten_file_sha1 !== undefined;
  try {
    const mapping = parseMapping(text, basename(c.file));
    if (!rewrites) return "expected an error on rewriting";
    if ((checkMapping(mapping, text).state === "valid") !== c.valid) return `expected valid ${c.valid}`;
    const written = formatMapping(mapping);
    if (c.rewritten_text !== undefined && written !== c.rewritten_text) return `rewritten as ${written}`;
    if (bytesChecksum(Buffer.from(written)) !== c.rewritten_file_sha1) return "the canonical text differs";
    if (mappingChecksum(written) !== c.rewritten_sha1sum) return "the sum of the canonical text differs";
    return (written === text) === c.rewrite_is_identity ? undefined : "identity of the rewrite differs";
  } catch (error) {
    if (!isIrisError(error)) throw error;
    return rewrites ? error.message : undefined;
  }
}
