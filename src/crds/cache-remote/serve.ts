/** Serves a cache over the protocol of CRDS servers: JSON-RPC for questions, plain GET with ranges for files. */
import { createReadStream, statSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { join } from "node:path";
import { isIrisError } from "../../errors.js";
import { bestrefs } from "../bestrefs.js";
import { partFolder } from "../cache-paths.js";
import {
  cachedReferences,
  mappingNames,
  mappingPath,
  readServerConfig,
  referencePath,
  type Cache,
} from "../cache.js";
import { sha1OfFile } from "../cache-verify.js";
import { mappingClosure, referenceClosure } from "../closure.js";
import type { CrdsHeader } from "../header.js";
import { isMappingName } from "../mapping.js";
import { requiredKeywords } from "../required.js";
import { resolveContext } from "../resolve-context.js";

/** `base` is the address by which the client knows this server. */
type Method = (params: readonly unknown[], base: string) => unknown;

/** A server that isn't listening yet. */
export function makeCrdsServer(cache: Cache, observatory: string): Server {
  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => {
      if (!response.headersSent) response.writeHead(500);
      response.end(String(error));
    });
  });

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = new URL(request.url ?? "/", "http://localhost").pathname;
    const rpc = /^\/json\/([a-z_]+)\/([^/]*)\/?$/.exec(path);
    if (rpc && request.method === "POST") return answer(request, response, rpc[1]!);
    const file = /^\/(mappings|references|config)\/([a-z]+)\/(?:[a-z0-9]+\/)?([A-Za-z0-9._+-]+)$/.exec(path);
    const found =
      file && (request.method === "GET" || request.method === "HEAD")
        ? locate(file[1]!, file[3]!)
        : undefined;
    if (!found) {
      response.writeHead(404).end("no such file\n");
      return;
    }
    sendFile(request, response, found);
  }

  function locate(kind: string, name: string): string | undefined {
    if (name.startsWith(".")) return undefined;
    if (kind === "mappings") return isMappingName(name) ? mappingPath(cache, name) : undefined;
    if (kind === "references") return referencePath(cache, name);
    return name === "server_config"
      ? join(partFolder(cache.path, cache.env, "config", observatory), name)
      : undefined;
  }

  async function answer(request: IncomingMessage, response: ServerResponse, name: string): Promise<void> {
    const body = await readBody(request);
    let reply: Record<string, unknown>;
    try {
      const { params = [], id = null } = JSON.parse(body) as { params?: unknown[]; id?: unknown };
      const method = methods[name];
      if (!method) throw new Error(`no such method: ${name}`);
      reply = {
        jsonrpc: "1.0",
        result: method(params, `http://${request.headers.host ?? "localhost"}`),
        error: null,
        id,
      };
    } catch (error) {
      const message = isIrisError(error) || error instanceof Error ? error.message : String(error);
      reply = { jsonrpc: "1.0", result: null, error: { message: escapeHtml(message) } };
    }
    const text = JSON.stringify(reply);
    response
      .writeHead(200, { "content-type": "application/json", "content-length": Buffer.byteLength(text) })
      .end(text);
  }

  const text = (value: unknown): string => String(value);
  const context = (value: unknown): string =>
    resolveContext(cache, value === null || value === undefined ? undefined : text(value));

  const methods: Readonly<Record<string, Method>> = {
    get_server_info: (_, base) => {
      const config = readServerConfig(cache, observatory);
      const now = resolveContext(cache);
      return {
        bad_files_list: [],
        context_history: [],
        edit_context: now,
        operational_context: now,
        latest_context: now,
        ...config,
        observatory,
        connected: true,
        status: "server",
        server: base,
        mappings: mappingNames(cache, observatory),
        mapping_url: { [observatory]: `${base}/mappings/${observatory}/` },
        reference_url: { [observatory]: `${base}/references/${observatory}/` },
      };
    },
    get_mapping_names: ([name]) => mappingClosure(cache, context(name)),
    get_reference_names: ([name]) => referenceClosure(cache, context(name)),
    list_mappings: ([, glob]) => mappingNames(cache, observatory).filter(globFilter(glob)),
    list_references: ([, glob]) => cachedReferences(cache, observatory).filter(globFilter(glob)),
    get_file_info_map: ([, names]) => {
      const asked = Array.isArray(names)
        ? names.map(text)
        : [...mappingNames(cache, observatory), ...cachedReferences(cache, observatory)];
      return Object.fromEntries(asked.map((name) => [name, fileInfo(name)]));
    },
    get_file_info: ([, name]) => fileInfo(text(name)),
    get_default_context: ([, state]) =>
      resolveContext(cache, typeof state === "string" ? `${observatory}-${state}` : undefined),
    get_context_by_date: ([date]) =>
      resolveContext(cache, /^\d/.test(text(date)) ? `${observatory}-${text(date)}` : text(date)),
    get_context_history: () => readServerConfig(cache, observatory)["context_history"] ?? [],
    get_required_parkeys: ([name]) => requiredKeywords(cache, context(name)),
    get_best_references: ([name, header, types]) =>
      bestReferences(cache, context(name), header as CrdsHeader, types as string[] | null),
  };

  function fileInfo(name: string): unknown {
    const path = isMappingName(name) ? mappingPath(cache, name) : referencePath(cache, name);
    if (!path) return "NOT FOUND";
    return {
      size: statSync(path).size,
      sha1sum: remember(path),
      rejected: "false",
      blacklisted: "false",
      state: "operational",
    };
  }

  /** Sums by path, size and time: files are asked for more often than they change. */
  const sums = new Map<string, string>();
  function remember(path: string): string {
    const { size, mtimeMs } = statSync(path);
    const key = `${path} ${size} ${mtimeMs}`;
    let sum = sums.get(key);
    if (sum === undefined) sums.set(key, (sum = sha1OfFile(path)));
    return sum;
  }

  return server;
}

function bestReferences(
  cache: Cache,
  context: string,
  header: CrdsHeader,
  types: string[] | null,
): Record<string, unknown> {
  const results = bestrefs(cache, context, header, types ?? undefined);
  return Object.fromEntries(
    Object.entries(results).map(([type, result]) => {
      if (result.kind === "file") return [type, [true, result.name]];
      const why =
        result.kind === "n/a"
          ? "NOT FOUND n/a"
          : result.kind === "notFound"
            ? `NOT FOUND ${result.message}`
            : "";
      return [type, why === "" ? [true, result] : [false, why]];
    }),
  );
}

function globFilter(glob: unknown): (name: string) => boolean {
  const source = String(glob ?? "*")
    .replace(/[.+^${}()|[\]\\]/g, "\\$&")
    .replaceAll("*", ".*")
    .replaceAll("?", ".");
  const form = new RegExp(`^${source}$`);
  return (name) => form.test(name);
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    if ((size += chunk.length) > 16e6) throw new Error("the question is too long");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function sendFile(request: IncomingMessage, response: ServerResponse, path: string): void {
  const { size } = statSync(path);
  const range = /^bytes=(\d+)-$/.exec(request.headers.range ?? "");
  const start = range ? Number(range[1]) : 0;
  if (start > size) {
    response.writeHead(416, { "content-range": `bytes */${size}` }).end();
    return;
  }
  response.writeHead(range ? 206 : 200, {
    "content-type": "application/octet-stream",
    "content-length": size - start,
    "accept-ranges": "bytes",
    ...(range ? { "content-range": `bytes ${start}-${size - 1}/${size}` } : {}),
  });
  if (request.method === "HEAD" || start === size) response.end();
  else
    createReadStream(path, { start })
      .on("error", () => response.destroy())
      .pipe(response);
}

const escapeHtml = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
