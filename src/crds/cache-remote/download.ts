/** One file from a source: resumed where it broke off, verified by size and checksum, renamed into place. */
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { CalibrationError } from "../../errors.js";
import { faultOf } from "../cache-verify.js";
import { TransferError, type FileInfo, type FileKind, type Source } from "./source.js";

export interface DownloadOptions {
  retries: number;
  /** Milliseconds before the second try; doubled for each one after it. */
  delay: number;
  onBytes?: ((bytes: number) => void) | undefined;
}

/**
 * Gets a file to `target`; what has come stays in `target.part` when it fails, and the next try goes on from there.
 *
 * @throws CalibrationError when every try failed
 */
export async function download(
  source: Source,
  observatory: string,
  kind: FileKind,
  name: string,
  target: string,
  info: FileInfo | undefined,
  { retries, delay, onBytes }: DownloadOptions,
): Promise<void> {
  const part = `${target}.part`;
  mkdirSync(dirname(target), { recursive: true });
  for (let attempt = 0; ; attempt++) {
    try {
      await transfer(source, observatory, kind, name, part, info, onBytes);
      renameSync(part, target);
      return;
    } catch (error) {
      if (!(error instanceof TransferError) || attempt >= retries) {
        throw new CalibrationError(`can't fetch ${name} from ${source.name} — ${(error as Error).message}`, {
          hint: "run the same command again: it goes on where it stopped",
        });
      }
      await sleep(Math.min(delay * 2 ** attempt, 30_000));
    }
  }
}

async function transfer(
  source: Source,
  observatory: string,
  kind: FileKind,
  name: string,
  part: string,
  info: FileInfo | undefined,
  onBytes: ((bytes: number) => void) | undefined,
): Promise<void> {
  const had = existsSync(part) ? statSync(part).size : 0;
  // a whole part may wait for its verification only
  if (!(info && had === info.size && had > 0)) {
    const resume = info && had > info.size ? 0 : had;
    const reading = await source.read(observatory, kind, name, resume);
    if (existsSync(part)) truncateSync(part, reading.start);
    const size = await append(part, reading.chunks, onBytes);
    const expected = info?.size ?? reading.size;
    if (expected !== undefined && size < expected) {
      throw new TransferError(`${name} broke off after ${size} of ${expected} bytes`);
    }
  }
  const wrong = info && faultOf(part, info);
  if (wrong === undefined) return;
  rmSync(part, { force: true });
  throw new TransferError(`${name}: ${wrong}`);
}

async function append(
  part: string,
  chunks: AsyncIterable<Uint8Array>,
  onBytes: ((bytes: number) => void) | undefined,
): Promise<number> {
  const file = openSync(part, "a");
  try {
    for await (const chunk of chunks) {
      for (let at = 0; at < chunk.length;) at += writeSync(file, chunk, at);
      onBytes?.(chunk.length);
    }
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  return statSync(part).size;
}
