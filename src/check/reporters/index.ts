// In: the name of a reporter. Out: the reporter, loaded only then.

import type { ReporterName } from './names.ts';
import type { Reporter } from './reporter.ts';

const LOADERS: Readonly<Record<ReporterName, () => Promise<{ report: Reporter }>>> = {
  text: () => import('./text.ts'),
  junit: () => import('./junit.ts'),
  sarif: () => import('./sarif.ts'),
  github: () => import('./github.ts'),
  json: () => import('./json.ts'),
  tap: () => import('./tap.ts'),
};

export async function loadReporter(name: ReporterName): Promise<Reporter> {
  return (await LOADERS[name]()).report;
}
