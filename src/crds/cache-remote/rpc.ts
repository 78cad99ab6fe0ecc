/** Client side of the JSON-RPC 1.0 protocol of CRDS servers. */
import { unpackResult } from "../payload.js";
import { TransferError } from "./source.js";

let serial = 0;

const entities: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"', "#39": "'", "#x27": "'" };

/** `POST {server}/json/{method}/{id}/`; @throws TransferError when the network or the server fails, Error for its refusals */
export async function callServer(
  server: string,
  method: string,
  params: readonly unknown[],
  timeout: number,
): Promise<unknown> {
  const id = String(++serial);
  const url = `${server.replace(/\/$/, "")}/json/${method}/${id}/`;
  let reply: { result?: unknown; error?: { message?: unknown } | null };
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ jsonrpc: "1.0", method, params, id }),
      signal: AbortSignal.timeout(timeout),
    });
    if (response.status === 404) throw new NoSuchService(`${url} answers 404`);
    if (!response.ok) throw new TransferError(`${url} answers ${response.status}`);
    reply = (await response.json()) as typeof reply;
  } catch (error) {
    if (error instanceof TransferError || error instanceof NoSuchService) throw error;
    throw new TransferError(`${url}: ${causeOf(error)}`);
  }
  if (reply.error) throw new Error(unescapeHtml(String(reply.error.message ?? "refused")));
  try {
    return unpackResult(reply.result);
  } catch (error) {
    throw new TransferError(`${url}: ${causeOf(error)}`);
  }
}

/** The server has no such protocol: perhaps it gives plain files. */
export class NoSuchService extends Error {}

/** What `fetch` hides in its cause. */
export function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error && error.cause.message ? error.cause.message : error.message;
}

const unescapeHtml = (text: string): string =>
  text.replace(/&(amp|lt|gt|quot|#39|#x27);/g, (_, name: string) => entities[name]!);
