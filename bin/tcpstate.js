#!/usr/bin/env node
// CommonJS, so that this comes before Node's pool of threads is started: of modules the files are read by it.

const { availableParallelism } = require('node:os');

// One thread reads ahead. A second one would take turns with it, or with the analysis, where there are no more than two cores.
if (availableParallelism() <= 2) process.env.UV_THREADPOOL_SIZE ??= '1';

require('../dist/program/main.cjs');
