// In: src/, as rolldown.config.js has it. Out: dist/, without the list of its files that rolldown's own command prints whatever it is told.

import { rolldown } from 'rolldown';
import config from '../rolldown.config.js';

const { output, ...input } = config;
const bundle = await rolldown(input);
await bundle.write(output);
await bundle.close();
