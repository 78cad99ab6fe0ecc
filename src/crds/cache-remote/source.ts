/** Where a cache is filled from: a server with the RPC protocol, plain files over HTTP, or a folder. */

export interface FileInfo {
  size: number;
  /** Empty when the source doesn't know it. */
  sha1sum: string;
  /** Words of the source about the file: rejected, blacklisted, a state that isn't operational. */
  notes?: readonly string[];
}

export type FileKind = "mappings" | "references";

export interface Source {
  readonly name: string;
  /** The server's configuration, as it is kept in `server_config`. */
  info(observatory: string | undefined): Promise<Record<string, unknown>>;
  /** All contexts of an observatory; null when the source can't tell. */
  contexts(observatory: string): Promise<string[] | null>;
  /** Mappings below a context; null when the source can't tell and the mappings themselves must be asked. */
  mappingNames(context: string): Promise<string[] | null>;
  referenceNames(context: string): Promise<string[] | null>;
  fileInfo(observatory: string, names: readonly string[]): Promise<Map<string, FileInfo>>;
  /** Bytes of a file from `start` on. `start` of the answer is 0 when the source begins anew. */
  read(observatory: string, kind: FileKind, name: string, start: number): Promise<Reading>;
}

export interface Reading {
  start: number;
  /** Whole size, when the source tells it. */
  size: number | undefined;
  chunks: AsyncIterable<Uint8Array>;
}

/** A transfer failed in a way that another try may cure. */
export class TransferError extends Error {}

/** Names come from elsewhere: they must not lead out of a folder. */
export const isSafeName = (name: string): boolean => /^[A-Za-z0-9_+-][A-Za-z0-9._+-]*$/.test(name);
