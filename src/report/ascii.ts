// In: a line of a report. Out: the same line for terminals that know ASCII only, as wide as before.

const REPLACEMENTS: Readonly<Record<string, string>> = {
  '─': '-',
  '▶': '>',
  '◀': '<',
  '│': '|',
  '├': '|',
  '┤': '|',
  '┊': ':',
  '⋮': ':',
  '→': '>',
  '↔': '-',
  '·': '-',
  '…': '.',
  µ: 'u',
};

/** Drawings, arrows and units are replaced by what looks like them, any other character by a question mark. */
export function asciiLine(line: string): string {
  return line.replace(/[^\x00-\x7f]/gu, (character) => REPLACEMENTS[character] ?? '?');
}
