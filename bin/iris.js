#!/usr/bin/env node
const { keepCompiled, program } = require("./program.js");

// Commands compile different parts; what helps is kept for each.
const word = process.argv[2] ?? "";
const { commandLine } = program(/^[a-z]{2,20}$/.test(word) ? word : "help");

void commandLine()
  .then(({ start }) => start())
  .then(() => {
    if (!process.exitCode) keepCompiled();
  });
