// In: nothing. Out: the names of the reporters. Each is a file of its own, loaded when asked for (index.ts).

export const REPORTER_NAMES = ['text', 'junit', 'sarif', 'github', 'json', 'tap'] as const;
export type ReporterName = (typeof REPORTER_NAMES)[number];

export function isReporterName(name: string): name is ReporterName {
  return (REPORTER_NAMES as readonly string[]).includes(name);
}
