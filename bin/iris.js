#!/usr/bin/env node
import { keepCompiled, program } from "./program.js";

// Commands compile different parts; what helps is kept for each.
const word = process.argv[2] ?? "";
const { commandLine } = program(/^[a-z]{2,20}$/.test(word) ? word : "help");

const { start } = await commandLine();
await start();
if (!process.exitCode) keepCompiled();
