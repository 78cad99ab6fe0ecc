/** The entries of the joined program, each begun only when it is wanted; see scripts/bundle.mjs. */
export const commandLine = () => import("./cli/main.js");
export const library = () => import("./index.js");
export const bandWorker = () => import("./engine/worker.js");
export const tileWorker = () => import("./fits/tiles/crew-worker.js");
