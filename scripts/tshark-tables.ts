// In: captures or folders of them. Out: tshark's table beside each, NAME.tsv: the expected values of test/report/rows.test.ts.
//
//   npm run fixtures:tshark [-- PATH...]        needs tshark 4.0.17, the version whose numbers are ours

import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { COMPARED_FIELDS } from '../test/support/compare-rows.ts';
import { Tshark } from './tshark.ts';

const FOLDERS = ['fixtures/captures/wireshark', 'fixtures/captures/fuzz'];
const VERSION = 'TShark (Wireshark) 4.0.17';

const tshark = new Tshark();
const version = await tshark.version();
if (version === null || !version.startsWith(VERSION)) {
  process.stderr.write(`${VERSION} is needed; found ${version ?? 'none'}\n`);
  process.exitCode = 2;
} else {
  const paths = process.argv.length > 2 ? process.argv.slice(2) : FOLDERS.filter((folder) => existsSync(folder));
  for (const path of paths.flatMap(capturesIn)) {
    await tshark.table(path, COMPARED_FIELDS, path.replace(/\.pcap(?:ng)?$/, '.tsv'), 60);
  }
}
tshark.close();

function capturesIn(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path)
    .filter((name) => /\.pcap(?:ng)?$/.test(name))
    .map((name) => join(path, name));
}
