// In: what the program knows. Out: the pages of docs/ that are written from it.

import { writeFileSync } from 'node:fs';
import { findingsPage } from '../src/anomaly/reference.ts';

writeFileSync('docs/findings.md', findingsPage());
process.stdout.write('docs/findings.md\n');
