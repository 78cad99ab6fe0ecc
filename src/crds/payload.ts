/** Large results of CRDS servers, and of the configurations which they hand out: base64 of gzip of JSON. */
import { gunzipSync } from "node:zlib";

/** Anything that isn't packed is given back as it is; @throws Error for a packed value that can't be unpacked */
export function unpackResult(result: unknown): unknown {
  if (typeof result !== "object" || result === null || !("crds_encoded" in result)) return result;
  const payload = (result as { crds_payload?: unknown }).crds_payload;
  if (typeof payload !== "string") throw new Error("an encoded result without payload");
  return JSON.parse(gunzipSync(Buffer.from(payload, "base64")).toString("utf8"));
}
