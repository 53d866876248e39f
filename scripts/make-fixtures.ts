// In: fixtures/scripts/*.md. Out: fixtures/captures/*.pcap, the same bytes on every machine.

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
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
