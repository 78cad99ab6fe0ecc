#!/usr/bin/env node
import { start } from "../build/src/cli/main.js";

await start();
