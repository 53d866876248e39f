// In: the pages of fixtures/scripts. Out: proof that the captures beside them are what `npm run fixtures` makes of them.

import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { framesOfScript } from '../scripts/segment-script.ts';
import { writePcap } from './support/pcap-writer.ts';

const pages = readdirSync('fixtures/scripts').sort();
/** Those in folders have an origin of their own, told in fixtures/README.md. */
const captures = readdirSync('fixtures/captures')
  .filter((name) => name.endsWith('.pcap'))
  .sort();

test('every page has its capture, and every capture its page', () => {
  expect(captures).toEqual(pages.map((name) => name.replace(/\.md$/, '.pcap')));
});

test.each(pages)('%s makes its capture byte for byte', (name) => {
  const made = writePcap(framesOfScript(readFileSync(`fixtures/scripts/${name}`, 'utf8')));
  const kept = readFileSync(`fixtures/captures/${name.replace(/\.md$/, '.pcap')}`);
  expect(Buffer.compare(Buffer.from(made), kept), 'run npm run fixtures').toBe(0);
});

test('a line that cannot be read is named', () => {
  const page = (line: string): string => `\`\`\`segments\nA 10.0.0.1:1\nB 10.0.0.2:2\n${line}\n\`\`\`\n`;
  expect(() => framesOfScript(page('A> S 0:1(5)'))).toThrow('sequence numbers and length differ in: A> S 0:1(5)');
  expect(() => framesOfScript(page('A> S'))).toThrow('cannot read the segment in: A> S');
  expect(() => framesOfScript(page('A> S 0:0(0) <foo 1>'))).toThrow('unknown TCP option "foo 1"');
});
