// In: nothing. Out: node_modules/.bin/tcpstate, so that `npx tcpstate` runs this checkout: npm links the commands of dependencies,
// not of the package itself. Where links cannot be made, `node bin/tcpstate.js` does the same.

import { mkdirSync, rmSync, symlinkSync } from 'node:fs';

const link = 'node_modules/.bin/tcpstate';
try {
  mkdirSync('node_modules/.bin', { recursive: true });
  rmSync(link, { force: true });
  symlinkSync('../../bin/tcpstate.js', link);
} catch (error) {
  process.stdout.write(`no ${link}: ${error.message}\n`);
}
