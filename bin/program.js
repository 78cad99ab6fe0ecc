/**
 * Runs the joined program of scripts/bundle.mjs, and keeps what V8 compiled of it for the next run: compiling takes
 * longer than most commands do.
 */
const { mkdirSync, readFileSync, renameSync, writeFileSync } = require("node:fs");
const { createRequire } = require("node:module");
const { homedir } = require("node:os");
const { dirname, join } = require("node:path");
const { pathToFileURL } = require("node:url");
const vm = require("node:vm");
const { getEnvironmentData, setEnvironmentData } = require("node:worker_threads");
const { crc32 } = require("node:zlib");

const path = join(__dirname, "../build/bundle/program.cjs");
let running;

/**
 * The entries of src/program.ts. `kind` names the kind of run that the compiled code is kept for; workers take what
 * their parent has.
 */
exports.program = function program(kind = getEnvironmentData("iris kind of run")) {
  return (running ??= run(kind)).entries;
};

function run(kind) {
  const source = readFileSync(path, "latin1");
  const kept = kind === undefined ? undefined : openKept(kind, source);
  const cachedData = kept?.read();
  const script = new vm.Script(source, { filename: path, cachedData });
  const module = { exports: {} };
  const { href } = pathToFileURL(path);
  script.runInThisContext()(module.exports, createRequire(path), module, path, dirname(path), href);
  setEnvironmentData("iris kind of run", kind);
  const compiled = cachedData !== undefined && !script.cachedDataRejected;
  return { entries: module.exports, keep: () => compiled || kept?.write(script.createCachedData()) };
}

/** Keeps what was compiled in this run, unless that was done before. */
exports.keepCompiled = () => running?.keep();

/**
 * One file in the user's cache folder: a line with the build, the engine and a checksum, then the code. V8 itself compares
 * no more of the source than its length, and crashes on damaged code.
 */
function openKept(kind, source) {
  const key = (code) =>
    `${source.slice(0, source.indexOf("\n"))} ${process.version} ${process.arch} ${String(crc32(code))}\n`;
  const folder = join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "iris", "compiled");
  const file = join(folder, kind);
  return {
    read() {
      try {
        const bytes = readFileSync(file);
        const code = bytes.subarray(bytes.indexOf("\n") + 1);
        if (bytes.toString("latin1", 0, bytes.length - code.length) === key(code)) return code;
      } catch {
        // Nothing is kept yet.
      }
    },
    write(code) {
      try {
        mkdirSync(folder, { recursive: true });
        writeFileSync(`${file}.${process.pid}`, Buffer.concat([Buffer.from(key(code), "latin1"), code]));
        renameSync(`${file}.${process.pid}`, file);
      } catch {
        // A home that can't be written costs time and nothing else.
      }
    },
  };
}
