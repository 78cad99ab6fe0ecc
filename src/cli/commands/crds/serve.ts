/** `iris crds serve`: give the cache to others over the protocol of CRDS servers. */
import { chooseObservatory } from "../../../crds/rules.js";
import { makeCrdsServer } from "../../../crds/cache-remote/serve.js";
import { UsageError } from "../../../errors.js";
import type { Cli } from "../../cli.js";
import { openCacheOf } from "./open.js";

export interface ServeOptions {
  port: string;
  host: string;
}

/** Runs until it is interrupted. */
export async function runServe(cli: Cli, { port, host }: ServeOptions): Promise<void> {
  if (!/^\d{1,5}$/.test(port)) throw new UsageError(`can't read --port "${port}" — expected a number`);
  const cache = openCacheOf(cli);
  const observatory = chooseObservatory(cache);
  const server = makeCrdsServer(cache, observatory);
  await new Promise<void>((resolve, reject) => {
    server.once("error", (cause: NodeJS.ErrnoException) =>
      reject(new UsageError(`can't serve at ${host}:${port} — ${cause.message}`, { cause })),
    );
    server.listen(Number(port), host, resolve);
  });
  const address = server.address();
  const url = `http://${host}:${typeof address === "object" && address ? address.port : port}`;
  if (cli.json) cli.out(JSON.stringify({ v: 1, url, observatory, cache: cache.path }));
  else cli.out(url);
  if (!cli.quiet && !cli.json)
    cli.err(
      `serving ${observatory} of ${cache.path}; a mirror: iris crds sync --from ${url} --fetch-references`,
    );
  await new Promise<void>((resolve) => {
    const stop = (): void => {
      server.close(() => resolve());
      server.closeAllConnections();
    };
    process.once("SIGINT", stop);
    process.once("SIGTERM", stop);
  });
}
