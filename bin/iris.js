#!/usr/bin/env node
import module from "node:module";

// Compiled code is kept between runs where Node can do that (22 and newer).
module.enableCompileCache?.();

const { start } = await import("../build/bundle/main.js");
await start();
