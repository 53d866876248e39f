// In: fixtures/scripts/*.md and fixtures/findings/*.md. Out: fixtures/captures/**/*.pcap, the same bytes on every machine.

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pageNames, readPage } from '../test/anomaly/support.ts';
import { writePcap } from '../test/support/pcap-writer.ts';
import { framesOfScript } from './segment-script.ts';

const SCRIPTS = 'fixtures/scripts';
const CAPTURES = 'fixtures/captures';

for (const name of readdirSync(SCRIPTS).sort()) {
  const frames = framesOfScript(readFileSync(join(SCRIPTS, name), 'utf8'));
  const path = join(CAPTURES, name.replace(/\.md$/, '.pcap'));
  writeFileSync(path, writePcap(frames));
  process.stdout.write(`${path}: ${frames.length} frames\n`);
}

for (const name of pageNames()) {
  const page = readPage(name);
  if (!page.isKept) continue;
  const path = join(CAPTURES, 'findings', page.code);
  writeFileSync(`${path}.pcap`, page.raises);
  writeFileSync(`${path}.near-miss.pcap`, page.nearMiss);
}
process.stdout.write(`${CAPTURES}/findings: two captures for each finding\n`);
