/** A CRDS server, or plain files over HTTP in the layout of a cache. */
import { isDict, toJson } from "../literal.js";
import { parseLiteral } from "../read-literal.js";
import { callServer, causeOf, NoSuchService } from "./rpc.js";
import { TransferError, type FileInfo, type FileKind, type Reading, type Source } from "./source.js";

export interface HttpOptions {
  /** Milliseconds until an answer must have begun. */
  timeout: number;
  /** Addresses of the folders with files, in place of those that the server names. */
  addresses?: Partial<Record<FileKind | "config", string | undefined>>;
}

/** Asks the server's own protocol first; when there is none, files are taken from `{server}/mappings/{obs}/…`. */
export function httpSource(server: string, { timeout, addresses = {} }: HttpOptions): Source {
  const base = server.replace(/\/$/, "");
  let info: Record<string, unknown> = {};
  let plain = false;
  const call = async (method: string, ...params: unknown[]): Promise<unknown> =>
    callServer(base, method, params, timeout);

  const plainInfo = async (observatory: string | undefined): Promise<Record<string, unknown>> => {
    if (observatory === undefined)
      throw new Error(`${base} doesn't say which observatory it is for; set CRDS_OBSERVATORY`);
    const url = `${withSlash(addresses.config ?? `${base}/config/${observatory}`)}server_config`;
    const text = await (await get(url, 0, timeout)).text();
    const value = parseLiteral(text.replace(/\r\n?/g, "\n"), url);
    return isDict(value) ? (toJson(value) as Record<string, unknown>) : {};
  };

  return {
    name: base,
    async info(observatory) {
      try {
        info = (await call("get_server_info")) as Record<string, unknown>;
      } catch (error) {
        if (!(error instanceof NoSuchService)) throw error;
        plain = true;
        info = await plainInfo(observatory);
      }
      return info;
    },
    contexts: async (observatory) => {
      const names = plain ? info["mappings"] : await call("list_mappings", observatory, "*.pmap");
      return Array.isArray(names) ? names.map(String) : null;
    },
    mappingNames: async (context) =>
      plain ? null : ((await call("get_mapping_names", context)) as string[]),
    referenceNames: async (context) =>
      plain ? null : ((await call("get_reference_names", context)) as string[]),
    async fileInfo(observatory, names) {
      const table = plain
        ? info["download_metadata"]
        : await call("get_file_info_map", observatory, names, [
            "size",
            "sha1sum",
            "rejected",
            "blacklisted",
            "state",
          ]);
      return readInfo(table, names);
    },
    async read(observatory, kind, name, start) {
      const folder = addresses[kind] ?? folderOf(info, base, plain, kind, observatory);
      const response = await get(`${withSlash(folder)}${name}`, start, timeout);
      return toReading(response, start);
    },
  };
}

function readInfo(table: unknown, names: readonly string[]): Map<string, FileInfo> {
  const found = new Map<string, FileInfo>();
  if (typeof table !== "object" || table === null) return found;
  for (const name of names) {
    const entry = (table as Record<string, unknown>)[name];
    if (typeof entry !== "object" || entry === null) continue;
    const { size, sha1sum, rejected, blacklisted, state } = entry as Record<string, unknown>;
    const notes = [
      ...(String(rejected) === "true" ? ["rejected"] : []),
      ...(String(blacklisted) === "true" ? ["blacklisted"] : []),
      ...(typeof state === "string" && state !== "operational" ? [`its state is ${state}`] : []),
    ];
    const sum = typeof sha1sum === "string" && sha1sum !== "none" ? sha1sum.toLowerCase() : "";
    if (Number(size) >= 0) found.set(name, { size: Number(size), sha1sum: sum, notes });
  }
  return found;
}

const withSlash = (url: string): string => (url.endsWith("/") ? url : `${url}/`);

/** Address of the files of a kind: as the server names it, else as in a cache. */
function folderOf(
  info: Record<string, unknown>,
  base: string,
  plain: boolean,
  kind: FileKind,
  observatory: string,
): string {
  const urls = info[kind === "mappings" ? "mapping_url" : "reference_url"];
  const named =
    typeof urls === "object" && urls !== null ? (urls as Record<string, unknown>)[observatory] : undefined;
  return !plain && typeof named === "string" ? named : `${base}/${kind}/${observatory}`;
}

async function get(url: string, start: number, timeout: number): Promise<Response> {
  const headers: Record<string, string> = start > 0 ? { range: `bytes=${start}-` } : {};
  let response: Response;
  try {
    response = await fetch(url, { headers, signal: AbortSignal.timeout(timeout) });
  } catch (error) {
    throw new TransferError(`${url}: ${causeOf(error)}`);
  }
  if (response.status === 404) throw new Error(`${url} answers 404: no such file`);
  if (!response.ok) throw new TransferError(`${url} answers ${response.status}`);
  return response;
}

function toReading(response: Response, asked: number): Reading {
  const start = response.status === 206 ? asked : 0;
  const length = Number(response.headers.get("content-length") ?? NaN);
  const encoded = response.headers.get("content-encoding") !== null;
  return {
    start,
    size: Number.isFinite(length) && !encoded ? start + length : undefined,
    chunks: chunksOf(response),
  };
}

async function* chunksOf(response: Response): AsyncIterable<Uint8Array> {
  if (!response.body) return;
  try {
    for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) yield chunk;
  } catch (error) {
    throw new TransferError(`${response.url}: ${causeOf(error)}`);
  }
}
