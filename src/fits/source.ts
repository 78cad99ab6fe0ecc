/** Where the bytes of a FITS file come from: positional reads on the file, or memory after unwrapping gzip. */
import { closeSync, fstatSync, openSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { FitsError } from "../errors.js";
import { readFully } from "./io.js";
import { unwrap, wrapperOf } from "./unwrap.js";

export interface Source {
  size: number;
  wrapped: boolean;
  /** Copies bytes from `position` into `into`; returns how many there were. */
  read(position: number, into: Uint8Array): number;
  close(): void;
}

export function memorySource(bytes: Uint8Array): Source {
  return {
    size: bytes.length,
    wrapped: true,
    read(position, into) {
      const part = bytes.subarray(Math.min(position, bytes.length), position + into.length);
      into.set(part);
      return part.length;
    },
    close() {
      // Nothing to give back.
    },
  };
}

const whyNot = ({ code, message }: NodeJS.ErrnoException): string =>
  code === "ENOENT" ? "no such file" : code === "EACCES" ? "permission denied" : message;

/** @throws FitsError when the file can't be opened, or a wrapper can't be undone. */
export function openSource(path: string): Source {
  let fd: number;
  try {
    fd = openSync(path, "r");
  } catch (cause) {
    throw new FitsError(`cannot open: ${path} — ${whyNot(cause as NodeJS.ErrnoException)}`, {
      hint: `iris fits ls ${dirname(path)} lists the FITS files there`,
    });
  }
  try {
    const stat = fstatSync(fd);
    if (stat.isDirectory())
      throw new FitsError(`cannot open: ${path} — it is a folder`, { hint: `iris fits ls ${path}` });
    const magic = new Uint8Array(4);
    readFully(fd, 0, magic);
    const wrapper = wrapperOf(magic);
    if (wrapper) {
      const bytes = unwrap(wrapper, readFileSync(fd), path);
      closeSync(fd);
      return memorySource(bytes);
    }
    const { size } = stat;
    return {
      size,
      wrapped: false,
      read: (position, into) => (position >= size ? 0 : readFully(fd, position, into)),
      close: () => {
        closeSync(fd);
      },
    };
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}
