// In: src/, as rolldown.config.js has it. Out: dist/, without the list of its files that rolldown's own command prints whatever it is told.

import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { rolldown } from 'rolldown';
import config from '../rolldown.config.js';

/** Writes all that the package has of JavaScript into `folder`/dist. */
export async function bundle(folder = '.') {
  for (const { output, ...input } of config) {
    const built = await rolldown(input);
    await built.write({ ...output, dir: join(folder, output.dir) });
    await built.close();
  }
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) await bundle();
