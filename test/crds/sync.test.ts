import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { folderSource } from "../../src/crds/cache-remote/folder-source.js";
import { httpSource } from "../../src/crds/cache-remote/http-source.js";
import { takeLock } from "../../src/crds/cache-remote/lock.js";
import { callServer } from "../../src/crds/cache-remote/rpc.js";
import { makeCrdsServer } from "../../src/crds/cache-remote/serve.js";
import type { Source } from "../../src/crds/cache-remote/source.js";
import {
  openNewCache,
  syncCache,
  type SyncOptions,
  type SyncReport,
} from "../../src/crds/cache-remote/sync.js";
import { bestrefs, mappingNames, openCache, referencePath, resolveContext } from "../../src/crds/rules.js";
import { CalibrationError, isIrisError, OutputError } from "../../src/errors.js";
import { makeCacheFolder, makeRules, mappingText } from "./helpers.js";

const parkey = "'parkey' : (('P1',), ('DATE-OBS',)),";
const oldRules = "Match({ ('A',) : UseAfter({ '2000-01-01 00:00:00' : 'tobs_cam_flat_0001.fits' }) })";
const newRules = `Match({ ('A',) : UseAfter({
  '2000-01-01 00:00:00' : 'tobs_cam_flat_0001.fits', '2020-01-01 00:00:00' : 'tobs_cam_flat_0002.fits' }) })`;
const header = { INSTRUME: "CAM", P1: "A", "DATE-OBS": "2021-01-01" };

const bytesOf = (name: string, size = 30_000): Buffer => Buffer.alloc(size, `${name} `);

/** A cache with tobs_0001.pmap and tobs_0002.pmap, and the two references. */
function makeSource(): string {
  const root = makeCacheFolder({
    ...makeRules(oldRules, parkey),
    "tobs_0002.pmap": mappingText("tobs_0002.pmap", "{ 'CAM' : 'tobs_cam_0002.imap' }"),
    "tobs_cam_0002.imap": mappingText("tobs_cam_0002.imap", "{ 'FLAT' : 'tobs_cam_flat_0002.rmap' }"),
    "tobs_cam_flat_0002.rmap": mappingText("tobs_cam_flat_0002.rmap", newRules, parkey),
  });
  const folder = join(root, "references", "tobs", "cam");
  mkdirSync(folder, { recursive: true });
  for (const name of ["tobs_cam_flat_0001.fits", "tobs_cam_flat_0002.fits"])
    writeFileSync(join(folder, name), bytesOf(name));
  return root;
}

const options = (more: Partial<SyncOptions> = {}): SyncOptions => ({
  contexts: [],
  references: true,
  check: false,
  jobs: 3,
  retries: 2,
  delay: 1,
  dryRun: false,
  now: new Date(0),
  ...more,
});

const emptyFolder = (): string => mkdtempSync(join(tmpdir(), "crds-mirror-"));

const syncTo = (folder: string, source: Source, more?: Partial<SyncOptions>): Promise<SyncReport> =>
  syncCache(openNewCache(folder, "tobs", {}), source, options(more));

async function listen(t: ExecutionContext, server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

type Fault = "none" | "cut" | "drop" | "garbage" | "error" | "slow";

/** A server between, which does to every answer what it is told to. */
function faultyServer(target: string, next: () => Fault): Server {
  return createServer((request, response) => {
    const run = async (): Promise<void> => {
      const fault = next();
      if (fault === "drop") return void request.socket.destroy();
      if (fault === "error") return void response.writeHead(500).end("out of order");
      const chunks: Buffer[] = [];
      for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
      const range = request.headers.range;
      const answer = await fetch(`${target}${request.url ?? ""}`, {
        method: request.method ?? "GET",
        headers: range ? { range } : {},
        ...(chunks.length > 0 ? { body: Buffer.concat(chunks) } : {}),
      });
      const plain = Buffer.from(await answer.arrayBuffer());
      // files must come through here too, not from the server behind
      const own = `http://${request.headers.host ?? ""}`;
      const body = request.method === "POST" ? Buffer.from(plain.toString().replaceAll(target, own)) : plain;
      if (fault === "slow") await new Promise((resolve) => setTimeout(resolve, 20));
      if (fault === "garbage" && body.length > 0) body[body.length >> 1]! ^= 0x55;
      response.writeHead(answer.status, { "content-length": body.length });
      if (fault !== "cut") return void response.end(body);
      // time for what was sent to arrive: a reset connection throws it away
      response.write(body.subarray(0, body.length >> 1), () => setTimeout(() => response.destroy(), 15));
    };
    run().catch(() => response.destroy());
  });
}

/** Every context that is there answers, and rightly; what it names is there, byte by byte. */
function checkCache(t: ExecutionContext, folder: string): string[] {
  const cache = openCache({ path: folder });
  const contexts = mappingNames(cache, "tobs").filter((name) => name.endsWith(".pmap"));
  for (const context of contexts) {
    const result = bestrefs(cache, context, header)["flat"]!;
    const expected = context === "tobs_0001.pmap" ? "tobs_cam_flat_0001.fits" : "tobs_cam_flat_0002.fits";
    t.like(result, { kind: "file", name: expected });
    const path = referencePath(cache, expected);
    t.truthy(path, `${context} names ${expected}, which isn't there`);
    t.deepEqual(readFileSync(path!), bytesOf(expected));
  }
  return contexts;
}

test("a mirror is made over a socket, and is right", async (t) => {
  const source = makeSource();
  const url = await listen(t, makeCrdsServer(openCache({ path: source }), "tobs"));
  const folder = emptyFolder();
  const report = await syncTo(folder, httpSource(url, { timeout: 5000 }));
  t.deepEqual(report.contexts, ["tobs_0002.pmap"]);
  t.deepEqual([...report.fetched].sort(), [
    "tobs_0002.pmap",
    "tobs_cam_0002.imap",
    "tobs_cam_flat_0001.fits",
    "tobs_cam_flat_0002.fits",
    "tobs_cam_flat_0002.rmap",
  ]);
  t.deepEqual(checkCache(t, folder), ["tobs_0002.pmap"]);
  t.is(resolveContext(openCache({ path: folder })), "tobs_0002.pmap");
  const again = await syncTo(folder, httpSource(url, { timeout: 5000 }));
  t.deepEqual([again.fetched, again.kept], [[], 5]);
});

test("a dry run tells the same and writes nothing", async (t) => {
  const folder = emptyFolder();
  const report = await syncTo(folder, folderSource(makeSource()), { dryRun: true });
  t.is(report.fetched.length, 5);
  t.deepEqual(readdirSync(folder), []);
});

test("damaged files are found and fetched again", async (t) => {
  const source = makeSource();
  const folder = emptyFolder();
  await syncTo(folder, folderSource(source));
  writeFileSync(join(folder, "mappings", "tobs", "tobs_cam_flat_0002.rmap"), "nonsense");
  const reference = join(folder, "references", "tobs", "cam", "tobs_cam_flat_0001.fits");
  const wrong = bytesOf("tobs_cam_flat_0001.fits");
  wrong[7]! ^= 1;
  writeFileSync(reference, wrong);
  const report = await syncTo(folder, folderSource(source), { check: true });
  t.deepEqual([...report.repaired].sort(), ["tobs_cam_flat_0001.fits", "tobs_cam_flat_0002.rmap"]);
  checkCache(t, folder);
});

test("a broken download goes on where it stopped", async (t) => {
  const source = makeSource();
  const target = await listen(t, makeCrdsServer(openCache({ path: source }), "tobs"));
  const ranges: string[] = [];
  const faults: Fault[] = [];
  const server = faultyServer(target, () => faults.shift() ?? "none");
  server.prependListener(
    "request",
    (request) => void (request.headers.range && ranges.push(request.headers.range)),
  );
  const url = await listen(t, server);
  const folder = emptyFolder();
  await syncTo(folder, httpSource(url, { timeout: 5000 }), { references: false });
  // a question for the configuration, one for the sizes, then the first file, cut in the middle
  faults.push("none", "none", "cut");
  await syncTo(folder, httpSource(url, { timeout: 5000 }), { jobs: 1, retries: 3 });
  t.deepEqual(ranges, [`bytes=${30_000 / 2}-`]);
  checkCache(t, folder);
});

/** CRDS_SYNC_RUNS=200 for the long form. */
const runs = Number(process.env["CRDS_SYNC_RUNS"] ?? 30);

test("of many runs with random faults none leaves a cache that answers wrongly, and the next one finishes", async (t) => {
  const source = makeSource();
  const target = await listen(t, makeCrdsServer(openCache({ path: source }), "tobs"));
  // a plain generator, so that a failure can be repeated
  let seed = 12345;
  const random = (): number => (seed = (seed * 1103515245 + 12345) % 2 ** 31) / 2 ** 31;
  let rate = 0;
  const kinds: Fault[] = ["cut", "drop", "garbage", "error", "slow"];
  const url = await listen(
    t,
    faultyServer(target, () => (random() < rate ? kinds[Math.floor(random() * kinds.length)]! : "none")),
  );
  let failed = 0;
  for (let run = 0; run < runs; run++) {
    const folder = emptyFolder();
    await syncTo(folder, folderSource(source), { contexts: ["tobs_0001.pmap"] });
    rate = 0.15 + 0.5 * random();
    const sync = (): Promise<SyncReport> =>
      syncTo(folder, httpSource(url, { timeout: 2000 }), {
        contexts: ["tobs_0002.pmap"],
        retries: run % 3,
        delay: 0,
      });
    try {
      await sync();
      t.deepEqual(checkCache(t, folder), ["tobs_0001.pmap", "tobs_0002.pmap"]);
    } catch (error) {
      if (!isIrisError(error)) throw error;
      failed++;
      t.true(checkCache(t, folder).includes("tobs_0001.pmap"));
    }
    if (run % 10 === 0) {
      rate = 0;
      await sync();
      t.deepEqual(checkCache(t, folder), ["tobs_0001.pmap", "tobs_0002.pmap"]);
      t.false(existsSync(join(folder, "locks", "staged-tobs")));
    }
    rmSync(folder, { recursive: true, force: true });
  }
  t.true(failed > runs / 10 && failed < runs, `${failed} of ${runs} runs failed`);
});

test("a server that can't be reached is an error with a hint; one that names odd files is refused", async (t) => {
  const error = await t.throwsAsync(
    syncTo(emptyFolder(), httpSource("http://127.0.0.1:9", { timeout: 500 }), { retries: 0 }),
    {
      instanceOf: CalibrationError,
    },
  );
  t.regex(error.hint ?? "", /--from FOLDER/);
  const odd: Source = {
    ...folderSource(makeSource()),
    info: () => Promise.resolve({ operational_context: "tobs_0001.pmap" }),
  };
  await t.throwsAsync(syncTo(emptyFolder(), odd, { contexts: ["../tobs_0001.pmap"] }), {
    message: /can't be one/,
  });
});

test("the server answers questions, refuses odd ones, and gives nothing but files of the cache", async (t) => {
  const url = await listen(t, makeCrdsServer(openCache({ path: makeSource() }), "tobs"));
  const ask = (method: string, ...params: unknown[]): Promise<unknown> =>
    callServer(url, method, params, 5000);
  t.is(await ask("get_default_context", "tobs", null), "tobs_0002.pmap");
  t.deepEqual(await ask("list_mappings", "tobs", "*.pmap"), ["tobs_0001.pmap", "tobs_0002.pmap"]);
  t.deepEqual(await ask("get_best_references", "tobs_0001.pmap", header, ["flat", "dark"]), {
    flat: [true, "tobs_cam_flat_0001.fits"],
    dark: [false, "NOT FOUND n/a"],
  });
  t.is(await ask("get_file_info", "tobs_0001.pmap", "nosuch.fits"), "NOT FOUND");
  await t.throwsAsync(ask("get_best_references", "tobs_0001.pmap", {}, null), {
    message: /no 'INSTRUME' keyword/,
  });
  await t.throwsAsync(ask("no_such_method"), { message: /no such method/ });
  for (const path of [
    "/references/tobs/..%2f..%2fetc%2fpasswd",
    "/mappings/tobs/.hidden",
    "/etc/passwd",
    "/references/tobs/nosuch.fits",
  ]) {
    t.is((await fetch(`${url}${path}`)).status, 404, path);
  }
});

test("plain files over HTTP are a source too", async (t) => {
  const source = makeSource();
  mkdirSync(join(source, "config", "tobs"), { recursive: true });
  writeFileSync(join(source, "config", "tobs", "server_config"), "{'operational_context': 'tobs_0002.pmap'}");
  const backend = makeCrdsServer(openCache({ path: source }), "tobs");
  const plain = createServer((request, response) => {
    if (request.url?.startsWith("/json/")) response.writeHead(404).end();
    else backend.emit("request", request, response);
  });
  const url = await listen(t, plain);
  const folder = emptyFolder();
  await syncTo(folder, httpSource(url, { timeout: 5000 }));
  t.deepEqual(checkCache(t, folder), ["tobs_0002.pmap"]);
});

test("files come from other addresses than the server's own when they are given", async (t) => {
  const backend = makeCrdsServer(openCache({ path: makeSource() }), "tobs");
  const url = await listen(t, backend);
  const asked: string[] = [];
  const files = createServer((request, response) => {
    asked.push(request.url ?? "");
    backend.emit("request", request, response);
  });
  const other = await listen(t, files);
  const addresses = { mappings: `${other}/mappings/tobs`, references: `${other}/references/tobs/` };
  const folder = emptyFolder();
  await syncTo(folder, httpSource(url, { timeout: 5000, addresses }));
  t.deepEqual(checkCache(t, folder), ["tobs_0002.pmap"]);
  t.is(asked.length, 5);
});

test("a lock is held by the living and freed from the dead", (t) => {
  const path = join(emptyFolder(), "lock");
  const free = takeLock(path);
  t.throws(() => takeLock(path), { instanceOf: OutputError });
  free();
  // process 2^22 + 1 can't exist: pids end at 2^22
  const holder = JSON.parse(JSON.stringify({ pid: 4194305, host: readHost(path) })) as object;
  writeFileSync(path, JSON.stringify(holder));
  t.notThrows(() => takeLock(path)());
});

/** The host as the lock writes it. */
function readHost(path: string): string {
  const free = takeLock(path);
  const { host } = JSON.parse(readFileSync(path, "utf8")) as { host: string };
  free();
  return host;
}
